// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice EIP-712 typehashes of what is signed when a network is founded and when somebody joins it.
library CharterTypes {
    bytes32 internal constant CHARTER_TYPEHASH =
        keccak256("Charter(bytes32 document,uint8 phase,uint8 seats,uint32 version,address signer)");
    bytes32 internal constant AGREEMENT_TYPEHASH = keccak256(
        "Agreement(bytes32 document,address participant,uint8 roles,bytes2 jurisdiction,bytes32 legalId,address inviter,uint256 nonce,address signer)"
    );
    bytes32 internal constant INVITATION_TYPEHASH = keccak256(
        "Invitation(address invitee,uint8 roles,bytes2 jurisdiction,address inviter,uint48 expiresAt,uint256 nonce,address signer)"
    );
}
