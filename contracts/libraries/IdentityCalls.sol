// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";

/// @notice The escrow's question to the identity registry, without what the compiler does for a contract that it does not
/// know.
library IdentityCalls {
    /// @notice Reverts as IIdentityRegistry.checkActor.
    /// @dev Plain form: identities.checkActor(participant, kind, signer). `identities` must be the identity registry: that
    /// there is code was checked once, when its address was taken. What it reverts with comes through.
    function checkActor(IIdentityRegistry identities, address participant, bytes32 kind, address signer)
        internal
        view
    {
        bytes32 selector = IIdentityRegistry.checkActor.selector;
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, selector)
            mstore(add(words, 0x04), participant)
            mstore(add(words, 0x24), kind)
            mstore(add(words, 0x44), signer)
            if iszero(staticcall(gas(), identities, words, 0x64, 0, 0)) {
                returndatacopy(words, 0, returndatasize())
                revert(words, returndatasize())
            }
        }
    }
}
