// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ECDSA } from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import { MerkleProof } from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import { ConsentDigests } from "../libraries/ConsentDigests.sol";
import { ExchangeDigests } from "../libraries/ExchangeDigests.sol";
import { IdentityTypes } from "../libraries/IdentityTypes.sol";
import { MerkleRoots } from "../libraries/MerkleRoots.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { WordHashes } from "../libraries/WordHashes.sol";
import { Batch, BatchItem } from "../types/Batches.sol";
import { Assurance, Consent, OpenedConsent } from "../types/Consents.sol";
import { Exchange, ExchangeState, Order } from "../types/Exchanges.sol";

/// @notice Makes ConsentDigests, ExchangeDigests, IdentityTypes, MerkleRoots, Signatures and WordHashes callable, as the
/// network's contracts use them. For tests only.
contract DigestsHarness {
    /// @notice Hashes of the first three, the first four and all of six words, in short and plainly.
    function wordHashes(bytes32[6] calldata w) external pure returns (bytes32[3] memory short, bytes32[3] memory plain) {
        short = [
            WordHashes.hash(w[0], w[1], w[2]),
            WordHashes.hash(w[0], w[1], w[2], w[3]),
            WordHashes.hash(w[0], w[1], w[2], w[3], w[4], w[5])
        ];
        plain = [
            keccak256(abi.encode(w[0], w[1], w[2])),
            keccak256(abi.encode(w[0], w[1], w[2], w[3])),
            keccak256(abi.encode(w[0], w[1], w[2], w[3], w[4], w[5]))
        ];
    }

    function wordOf(address account) external pure returns (bytes32) {
        return WordHashes.wordOf(account);
    }

    /// @notice Whether a signature is a signer's plain one, in short and plainly.
    function isValidPlain(address signer, bytes32 digest, bytes calldata signature)
        external
        pure
        returns (bool short, bool plain)
    {
        short = Signatures.isValidPlain(signer, digest, signature);
        (address recovered, ECDSA.RecoverError fault,) = ECDSA.tryRecover(digest, signature);
        plain = fault == ECDSA.RecoverError.NoError && recovered == signer && signer != address(0);
    }

    /// @notice The same of a signature in its three parts.
    function isValidPlainInParts(address signer, bytes32 digest, uint8 v, bytes32 r, bytes32 s)
        external
        pure
        returns (bool short, bool plain)
    {
        short = Signatures.isValidPlain(signer, digest, v, r, s);
        (address recovered, ECDSA.RecoverError fault,) = ECDSA.tryRecover(digest, abi.encodePacked(r, s, v));
        plain = fault == ECDSA.RecoverError.NoError && recovered == signer && signer != address(0);
    }

    /// @notice Struct hashes of many consents as signed.
    function consentStructHashes(Consent[] calldata consents) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](consents.length);
        for (uint256 i; i < consents.length; ++i) {
            hashes[i] = ConsentDigests.structHash(consents[i]);
        }
    }

    /// @notice Struct hashes of many consents whose commitments are opened.
    function openedStructHashes(OpenedConsent[] calldata opened) external pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](opened.length);
        for (uint256 i; i < opened.length; ++i) {
            hashes[i] = ConsentDigests.structHash(opened[i]);
        }
    }

    /// @notice Struct hashes of the consents that a batch brings.
    function batchedStructHashes(Batch calldata batch, BatchItem[] calldata items)
        external
        pure
        returns (bytes32[] memory hashes)
    {
        hashes = new bytes32[](items.length);
        for (uint256 i; i < items.length; ++i) {
            hashes[i] = ConsentDigests.structHash(batch, items[i]);
        }
    }

    function saltOf(bytes32 seed, uint256 index) external pure returns (bytes32) {
        return ConsentDigests.saltOf(seed, index);
    }

    function partyCommitment(address party, bytes32 salt) external pure returns (bytes32) {
        return ConsentDigests.partyCommitment(party, salt);
    }

    function scopeCommitment(bytes32 schema, bytes32 purpose, Assurance assurance, bytes32 salt)
        external
        pure
        returns (bytes32)
    {
        return ConsentDigests.scopeCommitment(schema, purpose, assurance, salt);
    }

    function exchangeIdOf(bytes32 consentId, uint32 use) external pure returns (bytes32) {
        return ConsentDigests.exchangeIdOf(consentId, use);
    }

    function withdrawalStructHash(bytes32 consentId, address subject) external pure returns (bytes32) {
        return ConsentDigests.withdrawalStructHash(consentId, subject);
    }

    function orderStructHash(bytes32 consentId, uint32 use, Order calldata order, address signer)
        external
        pure
        returns (bytes32)
    {
        return ExchangeDigests.orderStructHash(consentId, use, order, signer);
    }

    function deliveryStructHash(
        bytes32 exchangeId,
        bytes32 ciphertextHash,
        bytes32 recipientKeyHash,
        address coordinator,
        address signer
    ) external pure returns (bytes32) {
        return ExchangeDigests.deliveryStructHash(exchangeId, ciphertextHash, recipientKeyHash, coordinator, signer);
    }

    function declineStructHash(bytes32 exchangeId, bytes32 reason, address signer) external pure returns (bytes32) {
        return ExchangeDigests.declineStructHash(exchangeId, reason, signer);
    }

    function acceptanceStructHash(bytes32 exchangeId, bytes32 ciphertextHash, address signer)
        external
        pure
        returns (bytes32)
    {
        return ExchangeDigests.acceptanceStructHash(exchangeId, ciphertextHash, signer);
    }

    function disputeStructHash(bytes32 exchangeId, bytes32 ciphertextHash, bytes32 reason, address signer)
        external
        pure
        returns (bytes32)
    {
        return ExchangeDigests.disputeStructHash(exchangeId, ciphertextHash, reason, signer);
    }

    /// @notice Hash of an exchange's description where it is brought along and where it is made, and plainly.
    function hashesOf(Exchange calldata exchange) external pure returns (bytes32 brought, bytes32 made, bytes32 plain) {
        return (
            ExchangeDigests.hashOf(exchange), ExchangeDigests.hashOfNew(exchange), keccak256(abi.encode(exchange))
        );
    }

    /// @notice Hash of an exchange once it is delivered, likewise.
    function deliveredHashesOf(Exchange calldata exchange, bytes32 ciphertextHash, uint48 deliveredAt)
        external
        pure
        returns (bytes32 brought, bytes32 made, bytes32 plain)
    {
        brought = ExchangeDigests.deliveredHash(exchange, ciphertextHash, deliveredAt);
        made = ExchangeDigests.deliveredHashOfNew(exchange, ciphertextHash, deliveredAt);
        plain = keccak256(
            abi.encode(
                exchange.id,
                exchange.consumer,
                exchange.provider,
                exchange.coordinator,
                exchange.terms,
                ciphertextHash,
                deliveredAt
            )
        );
    }

    /// @notice Hash of an exchange once it is disputed, in short and plainly.
    function disputedHashesOf(bytes32 delivered, uint256 bond, uint48 disputedAt)
        external
        pure
        returns (bytes32 short, bytes32 plain)
    {
        return (
            ExchangeDigests.disputedHash(delivered, bond, disputedAt), keccak256(abi.encode(delivered, bond, disputedAt))
        );
    }

    /// @notice The slots of an exchange, open and ended, and the state that is read out of each.
    function slotsOf(ExchangeState state, bytes32 hash, uint48 endedAt)
        external
        pure
        returns (uint256 open, uint256 ended, ExchangeState inOpen, ExchangeState inEnded)
    {
        open = ExchangeDigests.openSlot(state, hash);
        ended = ExchangeDigests.endedSlot(state, endedAt);
        (inOpen, inEnded) = (ExchangeDigests.stateIn(open), ExchangeDigests.stateIn(ended));
    }

    /// @notice Hash of a batch's items, in short and plainly.
    function itemsHashes(BatchItem[] calldata items) external pure returns (bytes32 short, bytes32 plain) {
        short = ExchangeDigests.itemsHash(items);
        bytes memory words;
        for (uint256 i; i < items.length; ++i) {
            words = bytes.concat(words, abi.encode(items[i]));
        }
        plain = keccak256(words);
    }

    function batchStructHash(Batch calldata batch, bytes32 items, address signer) external pure returns (bytes32) {
        return ExchangeDigests.batchStructHash(batch, items, signer);
    }

    /// @notice Root of a Merkle tree over the first `count` leaves.
    function rootOf(bytes32[] calldata leaves, uint256 count) external pure returns (bytes32) {
        return MerkleRoots.rootOf(leaves, count);
    }

    /// @notice Whether a leaf is under a root, by OpenZeppelin's word.
    function isUnder(bytes32 root, bytes32 leaf, bytes32[] calldata proof) external pure returns (bool) {
        return MerkleProof.verify(proof, root, leaf);
    }

    /// @notice Typehashes of the changes to an identity, in the order in which the library has them.
    function identityTypehashes() external pure returns (bytes32[7] memory) {
        return [
            IdentityTypes.CHANGE_OWNER_TYPEHASH,
            IdentityTypes.ADD_DELEGATE_TYPEHASH,
            IdentityTypes.REVOKE_DELEGATE_TYPEHASH,
            IdentityTypes.SET_ATTRIBUTE_TYPEHASH,
            IdentityTypes.REVOKE_ATTRIBUTE_TYPEHASH,
            IdentityTypes.SET_PAYOUT_ADDRESS_TYPEHASH,
            IdentityTypes.DEACTIVATE_TYPEHASH
        ];
    }
}
