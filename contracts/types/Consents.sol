// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a subject signs (EIP-712 type `Consent`). Its digest is the consent id and the token id.
/// Consumer, provider and scope are salted commitments: until the consent is used nobody reads them from the chain.
struct Consent {
    address subject; // a key that is fresh for this consent
    bytes32 consumer; // keccak256(abi.encode(consumer address, salt 0))
    bytes32 provider; // keccak256(abi.encode(provider address, salt 1))
    bytes32 scope; // keccak256(abi.encode(schema id, purpose id, assurance level, salt 2))
    bytes32 terms; // keccak256 of the RFC 8785 form of the consent record
    uint48 validFrom; // Unix seconds, inclusive
    uint48 validUntil; // Unix seconds, exclusive
    uint48 eraseBy; // Unix seconds, end of retention
    uint32 maxUses; // at least 1
    uint256 nonce; // unordered; below ALLOTTED_NONCES only where the consumer allotted it for a batch
}

/// @notice A consent with its commitments opened: what the parties of an exchange know.
/// Salt i is keccak256(abi.encode(seed, i)); the three commitments follow from it and need not be sent.
struct OpenedConsent {
    address subject;
    bytes32 schema;
    bytes32 purpose;
    address consumer;
    address provider;
    Assurance assurance;
    bytes32 seed;
    bytes32 terms;
    uint48 validFrom;
    uint48 validUntil;
    uint48 eraseBy;
    uint32 maxUses;
    uint256 nonce;
}

/// @notice Level of assurance (eIDAS, Regulation (EU) 910/2014, article 8).
enum Assurance {
    None,
    Low,
    Substantial,
    High
}

/// @notice The single cause for which a consent cannot be used now.
enum ConsentFault {
    None,
    Missing, // not granted and no signature at hand
    NotYetValid,
    Expired,
    Exhausted, // every use taken, or its allotted nonce spent by a batch
    Withdrawn,
    SameParty, // consumer and provider are one participant
    ConsumerNotActive, // not an Active consumer, or admitted again after the consent
    ProviderNotActive, // not an Active provider, or admitted again after the consent
    ConsumerNotAccredited, // not for this schema and purpose, or lapsed
    ProviderNotAccredited, // not for this schema at this level, or lapsed
    ExchangeOpen, // an earlier use of it is still Funded
    WindowInvalid, // ends before it begins, or is to be erased before it ends
    ConsumerErasureOverdue // the consumer has not confirmed in time that it erased what it got before
}

/// @dev Nonces below this bound are allotted by a consumer for a batch and marked by a bit of the consumer's
/// bitmap; a random nonce of 128 bits never falls below it, so only allotted ones need the bitmap's slot.
uint256 constant ALLOTTED_NONCES = 1 << 64;

/// @notice All that is kept of a consent, as it lies in its slot: bytes 0-19 the subject, which owns the token while it is
/// granted and not withdrawn; 20-23 the uses taken, a batch's apart; 24-25 the index of the escrow that took the latest;
/// 26-31 the instant of the withdrawal (Unix seconds), or zero.
type PackedRecord is uint256;

using PackedRecords for PackedRecord global;

/// @notice Reads a packed record, and makes the next.
library PackedRecords {
    function subject(PackedRecord packed) internal pure returns (address) {
        return address(uint160(PackedRecord.unwrap(packed)));
    }

    function uses(PackedRecord packed) internal pure returns (uint32) {
        return uint32(PackedRecord.unwrap(packed) >> 160);
    }

    function escrow(PackedRecord packed) internal pure returns (uint16) {
        return uint16(PackedRecord.unwrap(packed) >> 192);
    }

    function withdrawnAt(PackedRecord packed) internal pure returns (uint48) {
        return uint48(PackedRecord.unwrap(packed) >> 208);
    }

    /// @notice The record once its subject granted the consent.
    function granted(PackedRecord packed, address by) internal pure returns (PackedRecord) {
        return PackedRecord.wrap(PackedRecord.unwrap(packed) | uint160(by));
    }

    /// @notice The record once an escrow took the next use.
    /// @dev `uses` must be below its highest value.
    function used(PackedRecord packed, uint16 by) internal pure returns (PackedRecord) {
        uint256 others = PackedRecord.unwrap(packed) & ~(uint256(type(uint16).max) << 192);
        unchecked {
            return PackedRecord.wrap((others | uint256(by) << 192) + (1 << 160)); // stays within `uses`
        }
    }

    /// @notice The record once its subject withdrew the consent, at an instant (Unix seconds).
    function withdrawn(PackedRecord packed, uint256 at) internal pure returns (PackedRecord) {
        return PackedRecord.wrap(uint208(PackedRecord.unwrap(packed)) >> 160 << 160 | at << 208);
    }
}
