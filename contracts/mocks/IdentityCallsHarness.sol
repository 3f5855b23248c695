// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { IdentityCalls } from "../libraries/IdentityCalls.sol";

/// @notice Makes IdentityCalls callable, beside its plain twin. It can stand in for the registry too: it has no objection to
/// one signer, and refuses every other with what it was called with. For tests only.
contract IdentityCallsHarness {
    /// @dev Who may speak for anybody.
    address private constant ALLOWED = address(1);

    error IdentityCallsHarnessRefused(bytes data);

    fallback(bytes calldata data) external returns (bytes memory) {
        if (abi.decode(data[68:100], (address)) != ALLOWED) revert IdentityCallsHarnessRefused(data);
        return "";
    }

    function short(IIdentityRegistry identities, address participant, bytes32 kind, address signer) external view {
        IdentityCalls.checkActor(identities, participant, kind, signer);
    }

    function plain(IIdentityRegistry identities, address participant, bytes32 kind, address signer) external view {
        identities.checkActor(participant, kind, signer);
    }
}
