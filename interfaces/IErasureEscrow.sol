// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeState } from "../contracts/types/Exchanges.sol";

/// @notice What ErasureRegister asks of every escrow that ConsentToken lists, and of the contract that brings it batches.
interface IErasureEscrow {
    /// @notice Where the exchange that is the `use`-th use of a consent stands, and when it ended (Unix seconds; zero
    /// where it is open or settled). An escrow that has no record of a use that was taken says Settled.
    function stateOf(bytes32 consentId, uint32 use) external view returns (ExchangeState state, uint48 endedAt);

    /// @notice Its token and contracts; the last one is that which brings it batches.
    function wiring()
        external
        view
        returns (
            address token,
            address identities,
            address consents,
            address schedule,
            address hostRewards,
            address disputes,
            address batches
        );

    /// @notice By the contract that brings batches: root of the Merkle tree over the ids of the consents that a batch settled; zero where there is none.
    function batchRootOf(bytes32 batchId) external view returns (bytes32);
}
