// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import { Batch, BatchItem } from "../types/Batches.sol";
import { Assurance, Consent, OpenedConsent } from "../types/Consents.sol";
import { WordHashes } from "./WordHashes.sol";

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
    /// Subject comes first and terms to nonce last in both structs; every word is hashed as it came, and a field with stray
    /// bits hashes to what nobody signed.
    function structHash(OpenedConsent calldata opened) internal pure returns (bytes32 hash) {
        bytes32 typehash = CONSENT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            // The salts, then what they hide.
            mstore(0x00, calldataload(add(opened, 0xc0))) // seed
            mstore(0x20, 0)
            let consumerSalt := keccak256(0x00, 0x40)
            mstore(0x20, 1)
            let providerSalt := keccak256(0x00, 0x40)
            mstore(0x20, 2)
            calldatacopy(words, add(opened, 0x20), 0x40) // schema and purpose
            mstore(add(words, 0x40), calldataload(add(opened, 0xa0))) // assurance
            mstore(add(words, 0x60), keccak256(0x00, 0x40))
            mstore(add(words, 0x80), keccak256(words, 0x80)) // scope
            mstore(0x00, calldataload(add(opened, 0x60))) // consumer
            mstore(0x20, consumerSalt)
            mstore(add(words, 0x40), keccak256(0x00, 0x40))
            mstore(0x00, calldataload(add(opened, 0x80))) // provider
            mstore(0x20, providerSalt)
            mstore(add(words, 0x60), keccak256(0x00, 0x40))
            mstore(words, typehash)
            mstore(add(words, 0x20), calldataload(opened)) // subject
            calldatacopy(add(words, 0xa0), add(opened, 0xe0), 0xc0) // 6 words from `terms` on
            hash := keccak256(words, 0x160)
        }
    }

    /// @notice Struct hash of a consent that a batch brings.
    /// @dev Plain form: the struct hash of the OpenedConsent with the batch's parties, schema, purpose and level, the item's
    /// fields, and one use.
    function structHash(Batch calldata batch, BatchItem calldata item) internal pure returns (bytes32 hash) {
        bytes32 typehash = CONSENT_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(0x00, calldataload(add(item, 0x20))) // seed
            mstore(0x20, 0)
            let consumerSalt := keccak256(0x00, 0x40)
            mstore(0x20, 1)
            let providerSalt := keccak256(0x00, 0x40)
            mstore(0x20, 2)
            calldatacopy(words, add(batch, 0x60), 0x60) // schema, purpose and assurance
            mstore(add(words, 0x60), keccak256(0x00, 0x40))
            mstore(add(words, 0x80), keccak256(words, 0x80)) // scope
            mstore(0x00, calldataload(batch)) // consumer
            mstore(0x20, consumerSalt)
            mstore(add(words, 0x40), keccak256(0x00, 0x40))
            mstore(0x00, calldataload(add(batch, 0x20))) // provider
            mstore(0x20, providerSalt)
            mstore(add(words, 0x60), keccak256(0x00, 0x40))
            mstore(words, typehash)
            mstore(add(words, 0x20), calldataload(item)) // subject
            mstore(add(words, 0xa0), calldataload(add(item, 0x40))) // terms
            let window := calldataload(add(item, 0x60))
            mstore(add(words, 0xc0), and(shr(168, window), 0xffffffffffff)) // validFrom
            mstore(add(words, 0xe0), and(shr(120, window), 0xffffffffffff)) // validUntil
            mstore(add(words, 0x100), and(shr(72, window), 0xffffffffffff)) // eraseBy
            mstore(add(words, 0x120), 1) // maxUses
            mstore(add(words, 0x140), and(shr(8, window), 0xffffffffffffffff)) // nonce
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
        return Hashes.efficientKeccak256(WordHashes.wordOf(party), salt);
    }

    /// @notice Commitment to what is shared and why.
    function scopeCommitment(bytes32 schema, bytes32 purpose, Assurance assurance, bytes32 salt)
        internal
        pure
        returns (bytes32)
    {
        return WordHashes.hash(schema, purpose, bytes32(uint256(assurance)), salt);
    }

    /// @notice Id of the exchange that is the `use`-th use (1 for the first) of a consent.
    function exchangeIdOf(bytes32 consentId, uint32 use) internal pure returns (bytes32) {
        return Hashes.efficientKeccak256(consentId, bytes32(uint256(use)));
    }
}
