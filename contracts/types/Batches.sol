// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance } from "./Consents.sol";

/// @notice Many exchanges of one consumer and one provider, already delivered: both sign it once (EIP-712 type `Batch`;
/// the hash of the items and the signer complete it).
struct Batch {
    address consumer;
    address provider;
    address coordinator;
    bytes32 schema;
    bytes32 purpose;
    Assurance assurance;
    uint32 scheduleVersion; // version of the FeeSchedule
    uint256 fee; // of one item, in the escrow token's smallest unit; what the schedule must quote
    address relayer; // who may submit it beside the two; zero for nobody
    uint48 deadline; // Unix seconds, inclusive
    uint256 nonce; // sets batches apart that are otherwise the same
}

/// @notice One exchange of a batch: a consent for one use under a nonce that the consumer allotted, with what its batch
/// does not say already, and what was delivered under it.
struct BatchItem {
    address subject;
    bytes32 seed; // opens the consent's commitments
    bytes32 terms; // keccak256 of the RFC 8785 form of the consent record
    PackedWindow window;
    bytes32 recipientKeyHash; // keccak256 of the request's one-time X25519 public key
    bytes32 ciphertextHash; // keccak256 of the JWE
    bytes32 r; // the subject's signature of the consent
    bytes32 s;
}

/// @notice The numbers of a batched consent in one word, from the highest bits: `validFrom`, `validUntil` and `eraseBy` (48
/// each, Unix seconds), the allotted nonce (64), and the signature's v (8; 27 or 28). The 40 bits above are zero.
type PackedWindow is uint256;

using PackedWindows for PackedWindow global;

/// @notice Reads a packed window.
library PackedWindows {
    function validFrom(PackedWindow packed) internal pure returns (uint48) {
        return uint48(PackedWindow.unwrap(packed) >> 168);
    }

    function validUntil(PackedWindow packed) internal pure returns (uint48) {
        return uint48(PackedWindow.unwrap(packed) >> 120);
    }

    function eraseBy(PackedWindow packed) internal pure returns (uint48) {
        return uint48(PackedWindow.unwrap(packed) >> 72);
    }

    function nonce(PackedWindow packed) internal pure returns (uint64) {
        return uint64(PackedWindow.unwrap(packed) >> 8);
    }

    function v(PackedWindow packed) internal pure returns (uint8) {
        return uint8(PackedWindow.unwrap(packed));
    }
}

/// @notice What an institution says of a batch: who speaks for it, and its signature.
struct Word {
    address signer; // its owner or a delegate; zero stands for the institution itself
    bytes signature; // plain or ERC-1271; empty when the signer calls
}
