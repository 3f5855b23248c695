// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { Assurance, Consent, OpenedConsent } from "../types/Consents.sol";

/// @notice EIP-712 struct hashes of what subjects sign, the commitments in a consent, and the ids that follow.
library ConsentDigests {
    bytes32 internal constant CONSENT_TYPEHASH = keccak256(
        "Consent(address subject,bytes32 consumer,bytes32 provider,bytes32 scope,bytes32 terms,uint48 validFrom,uint48 validUntil,uint48 eraseBy,uint32 maxUses,uint256 nonce)"
    );
    bytes32 internal constant WITHDRAWAL_TYPEHASH = keccak256("Withdrawal(bytes32 consent,address subject)");

    /// @notice Struct hash of a consent as signed.
    /// @dev Plain form: keccak256(abi.encode(CONSENT_TYPEHASH, consent)). A field with stray bits hashes to what nobody
    /// signed.
    function structHash(Consent calldata consent) internal pure returns (bytes32 hash) {
        bytes32 typehash = CONSENT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, typehash)
            calldatacopy(add(words, 0x20), consent, 0x140) // 10 words
            hash := keccak256(words, 0x160)
        }
    }

    /// @notice Struct hash of a consent whose commitments are opened.
    /// @dev Plain form: the struct hash of the Consent whose commitments are made by partyCommitment and scopeCommitment.
    /// Subject comes first and terms to nonce last in both structs, so those words are hashed as they came.
    function structHash(OpenedConsent calldata opened) internal pure returns (bytes32 hash) {
        bytes32 typehash = CONSENT_TYPEHASH;
        bytes32 seed = opened.seed;
        bytes32 consumer = partyCommitment(opened.consumer, saltOf(seed, 0));
        bytes32 provider = partyCommitment(opened.provider, saltOf(seed, 1));
        bytes32 scope = scopeCommitment(opened.schema, opened.purpose, opened.assurance, saltOf(seed, 2));
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, typehash)
            mstore(add(words, 0x20), calldataload(opened))
            mstore(add(words, 0x40), consumer)
            mstore(add(words, 0x60), provider)
            mstore(add(words, 0x80), scope)
            calldatacopy(add(words, 0xa0), add(opened, 0xe0), 0xc0) // 6 words from `terms` on
            hash := keccak256(words, 0x160)
        }
    }

    /// @notice Struct hash of a subject's withdrawal of a consent.
    function withdrawalStructHash(bytes32 consentId, address subject) internal pure returns (bytes32) {
        return keccak256(abi.encode(WITHDRAWAL_TYPEHASH, consentId, subject));
    }

    /// @notice Salt `index` (0 consumer, 1 provider, 2 scope) of a consent's seed, so that one can be told and not the others.
    function saltOf(bytes32 seed, uint256 index) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(seed, bytes32(index));
    }

    /// @notice Commitment to a consumer or a provider.
    function partyCommitment(address party, bytes32 salt) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(bytes32(uint256(uint160(party))), salt);
    }

    /// @notice Commitment to what is shared and why.
    function scopeCommitment(bytes32 schema, bytes32 purpose, Assurance assurance, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(schema, purpose, assurance, salt));
    }

    /// @notice Id of the exchange that is the `use`-th use (1 for the first) of a consent.
    function exchangeIdOf(bytes32 consentId, uint32 use) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(consentId, bytes32(uint256(use)));
    }
}
