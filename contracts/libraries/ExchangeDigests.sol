// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Batch, BatchItem } from "../types/Batches.sol";
import { Exchange, ExchangeState, Order } from "../types/Exchanges.sol";
import { WordHashes } from "./WordHashes.sol";

/// @notice EIP-712 struct hashes of what institutions sign about an exchange, and the one slot that is kept of it.
///
/// The slot of an open exchange holds 31 bytes of a hash of everything that is fixed about it, and its state in the
/// last byte; the slot of a refunded or resolved one holds the instant of its end (Unix seconds) and the state; a settled
/// one leaves none. A 248-bit hash takes 2^124 tries for two descriptions that share it.
library ExchangeDigests {
    bytes32 internal constant ORDER_TYPEHASH = keccak256(
        "Order(bytes32 consent,uint32 use,bytes32 recipientKeyHash,address coordinator,uint32 scheduleVersion,uint256 fee,uint48 fundBy,uint48 deliverBy,uint32 challengeSeconds,address signer)"
    );
    bytes32 internal constant DELIVERY_TYPEHASH = keccak256(
        "Delivery(bytes32 exchange,bytes32 ciphertextHash,bytes32 recipientKeyHash,address coordinator,address signer)"
    );
    bytes32 internal constant DECLINE_TYPEHASH =
        keccak256("Decline(bytes32 exchange,bytes32 reason,address signer)");
    bytes32 internal constant ACCEPTANCE_TYPEHASH =
        keccak256("Acceptance(bytes32 exchange,bytes32 ciphertextHash,address signer)");
    bytes32 internal constant DISPUTE_TYPEHASH =
        keccak256("Dispute(bytes32 exchange,bytes32 ciphertextHash,bytes32 reason,address signer)");
    bytes32 internal constant BATCH_TYPEHASH = keccak256(
        "Batch(address consumer,address provider,address coordinator,bytes32 schema,bytes32 purpose,uint8 assurance,uint32 scheduleVersion,uint256 fee,bytes32 items,address relayer,uint48 deadline,uint256 nonce,address signer)"
    );

    /// @notice Hash of a batch's items: of every word of each, as it came.
    function itemsHash(BatchItem[] calldata items) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            let length := shl(8, items.length) // 8 words each
            calldatacopy(words, items.offset, length)
            hash := keccak256(words, length)
        }
    }

    /// @notice Struct hash of a batch, which both institutions sign.
    /// @dev Plain form: keccak256(abi.encode(BATCH_TYPEHASH, batch)) with `items` before its relayer and `signer` behind. A
    /// field with stray bits hashes to what nobody signed.
    function batchStructHash(Batch calldata batch, bytes32 items, address signer)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 typehash = BATCH_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typehash)
            calldatacopy(add(words, 0x20), batch, 0x100) // 8 words, to the fee
            mstore(add(words, 0x120), items)
            calldatacopy(add(words, 0x140), add(batch, 0x100), 0x60) // 3 words
            mstore(add(words, 0x1a0), signer)
            hash := keccak256(words, 0x1c0)
        }
    }

    /// @notice Struct hash of an order for the `use`-th use of a consent.
    /// @dev Plain form: keccak256(abi.encode(ORDER_TYPEHASH, consentId, use, order)) with `signer` in the order's place for
    /// it. Hashing the order as it came saves checking each field twice: a field with stray bits hashes to what nobody signed.
    function orderStructHash(bytes32 consentId, uint32 use, Order calldata order, address signer)
        internal
        pure
        returns (bytes32 hash)
    {
        bytes32 typehash = ORDER_TYPEHASH;
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, typehash)
            mstore(add(words, 0x20), consentId)
            mstore(add(words, 0x40), use)
            calldatacopy(add(words, 0x60), order, 0xe0) // 7 words
            mstore(add(words, 0x140), signer)
            hash := keccak256(words, 0x160)
        }
    }

    /// @notice Struct hash of a provider's commitment to a ciphertext.
    function deliveryStructHash(
        bytes32 exchangeId,
        bytes32 ciphertextHash,
        bytes32 recipientKeyHash,
        address coordinator,
        address signer
    ) internal pure returns (bytes32) {
        return WordHashes.hash(
            DELIVERY_TYPEHASH,
            exchangeId,
            ciphertextHash,
            recipientKeyHash,
            WordHashes.wordOf(coordinator),
            WordHashes.wordOf(signer)
        );
    }

    /// @notice Struct hash of a provider's decline.
    function declineStructHash(bytes32 exchangeId, bytes32 reason, address signer) internal pure returns (bytes32) {
        return WordHashes.hash(DECLINE_TYPEHASH, exchangeId, reason, WordHashes.wordOf(signer));
    }

    /// @notice Struct hash of a consumer's acceptance.
    function acceptanceStructHash(bytes32 exchangeId, bytes32 ciphertextHash, address signer)
        internal
        pure
        returns (bytes32)
    {
        return WordHashes.hash(ACCEPTANCE_TYPEHASH, exchangeId, ciphertextHash, WordHashes.wordOf(signer));
    }

    /// @notice Struct hash of a consumer's dispute.
    function disputeStructHash(bytes32 exchangeId, bytes32 ciphertextHash, bytes32 reason, address signer)
        internal
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(DISPUTE_TYPEHASH, exchangeId, ciphertextHash, reason, signer));
    }

    /// @notice Hash of an exchange that is Funded.
    /// @dev Plain form: keccak256(abi.encode(exchange)). A field with stray bits hashes to no exchange that was funded.
    function hashOf(Exchange calldata exchange) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            let words := mload(0x40)
            calldatacopy(words, exchange, 0xc0) // 6 words
            hash := keccak256(words, 0xc0)
        }
    }

    /// @notice The same, where it is made.
    function hashOfNew(Exchange memory exchange) internal pure returns (bytes32 hash) {
        assembly ("memory-safe") {
            hash := keccak256(exchange, 0xc0) // 6 words, one field each
        }
    }

    /// @notice Hash of an exchange that is Delivered: with the ciphertext's hash in place of the key's, and the instant.
    /// @dev Plain form: keccak256(abi.encode(exchange, deliveredAt)) of the exchange so changed.
    /// @param deliveredAt Unix seconds.
    function deliveredHash(Exchange calldata exchange, bytes32 ciphertextHash, uint48 deliveredAt)
        internal
        pure
        returns (bytes32 hash)
    {
        assembly ("memory-safe") {
            let words := mload(0x40)
            calldatacopy(words, exchange, 0xc0) // 6 words
            mstore(add(words, 0xa0), ciphertextHash)
            mstore(add(words, 0xc0), deliveredAt)
            hash := keccak256(words, 0xe0)
        }
    }

    /// @notice The same, where it is made; changes the exchange.
    function deliveredHashOfNew(Exchange memory exchange, bytes32 ciphertextHash, uint48 deliveredAt)
        internal
        pure
        returns (bytes32)
    {
        exchange.sealHash = ciphertextHash;
        return keccak256(abi.encode(exchange, deliveredAt));
    }

    /// @notice Hash of an exchange that is Disputed.
    /// @param delivered Its hash while it was Delivered.
    /// @param bond Smallest token units.
    /// @param disputedAt Unix seconds.
    function disputedHash(bytes32 delivered, uint256 bond, uint48 disputedAt) internal pure returns (bytes32) {
        return WordHashes.hash(delivered, bytes32(bond), bytes32(uint256(disputedAt)));
    }

    /// @notice Slot of an open exchange.
    function openSlot(ExchangeState state, bytes32 hash) internal pure returns (uint256) {
        return (uint256(hash) & ~uint256(0xff)) | uint8(state);
    }

    /// @notice Slot of an ended exchange.
    function endedSlot(ExchangeState state, uint256 endedAt) internal pure returns (uint256) {
        return (endedAt << 8) | uint8(state);
    }

    /// @notice State in a slot.
    function stateIn(uint256 slot) internal pure returns (ExchangeState) {
        return ExchangeState(uint8(slot));
    }
}
