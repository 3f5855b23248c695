// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice EIP-712 typehashes of the changes to an identity that its owner signs.
library IdentityTypes {
    bytes32 internal constant CHANGE_OWNER_TYPEHASH =
        keccak256("ChangeOwner(address identity,address newOwner,uint256 nonce,uint48 deadline,address signer)");
    bytes32 internal constant ADD_DELEGATE_TYPEHASH = keccak256(
        "AddDelegate(address identity,bytes32 delegateType,address delegate,uint256 validity,uint256 nonce,uint48 deadline,address signer)"
    );
    bytes32 internal constant REVOKE_DELEGATE_TYPEHASH = keccak256(
        "RevokeDelegate(address identity,bytes32 delegateType,address delegate,uint256 nonce,uint48 deadline,address signer)"
    );
    bytes32 internal constant SET_ATTRIBUTE_TYPEHASH = keccak256(
        "SetAttribute(address identity,bytes32 name,bytes value,uint256 validity,uint256 nonce,uint48 deadline,address signer)"
    );
    bytes32 internal constant REVOKE_ATTRIBUTE_TYPEHASH = keccak256(
        "RevokeAttribute(address identity,bytes32 name,bytes value,uint256 nonce,uint48 deadline,address signer)"
    );
    bytes32 internal constant SET_PAYOUT_ADDRESS_TYPEHASH = keccak256(
        "SetPayoutAddress(address identity,address payoutAddress,uint256 nonce,uint48 deadline,address signer)"
    );
    bytes32 internal constant DEACTIVATE_TYPEHASH =
        keccak256("Deactivate(address identity,uint256 nonce,uint48 deadline,address signer)");
}
