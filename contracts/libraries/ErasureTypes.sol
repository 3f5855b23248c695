// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice EIP-712 struct hash of what a consumer signs about duties to erase.
library ErasureTypes {
    bytes32 internal constant CONFIRMATION_TYPEHASH =
        keccak256("Confirmation(address consumer,bytes32[] exchanges,bytes32 statement,address signer)");

    /// @notice Struct hash of a confirmation.
    function confirmationStructHash(
        address consumer,
        bytes32[] calldata exchanges,
        bytes32 statement,
        address signer
    ) internal pure returns (bytes32) {
        bytes32 exchangesHash = keccak256(abi.encodePacked(exchanges));
        return keccak256(abi.encode(CONFIRMATION_TYPEHASH, consumer, exchangesHash, statement, signer));
    }
}
