// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

// Where an exchange stands; defined beside the rules for its steps.
import { ExchangeState } from "../libraries/ExchangeAccounting.sol";

/// @notice Five shares in basis points, packed: provider, coordinator, hosts, consumer's recruiter, provider's recruiter,
/// 16 bits each from the highest to the lowest; they sum to 10,000.
type Shares is uint80;

/// @notice What a consumer signs to fund one use of a consent (EIP-712 type `Order`; the consent's id and the use
/// number complete it).
struct Order {
    bytes32 recipientKeyHash; // keccak256 of the request's one-time X25519 public key
    address coordinator;
    uint32 scheduleVersion; // version of the FeeSchedule
    uint256 fee; // in the escrow token's smallest unit; what the schedule must quote
    uint48 fundBy; // Unix seconds, inclusive
    uint48 deliverBy; // Unix seconds, inclusive
    uint32 challengeSeconds; // the consumer's time to dispute, from the delivery on
    address signer; // the consumer's owner or a delegate of kind `exchange`; to `fund`, zero stands for the consumer
}

/// @notice What an exchange is worth and how long its parties have, in one word: from the highest bits the fee (104, smallest
/// token units), its `Shares` (80), the last instant for the delivery (40, Unix seconds) and the consumer's time to dispute
/// from the delivery on (32, seconds).
type ExchangeTerms is uint256;

using PackedTerms for ExchangeTerms global;

/// @notice Packs the terms of an exchange, and reads them.
library PackedTerms {
    /// @dev `fee` must be below 2^104 and `deliverBy` below 2^40.
    function pack(uint256 fee, Shares shares, uint256 deliverBy, uint32 challengeSeconds)
        internal
        pure
        returns (ExchangeTerms)
    {
        return ExchangeTerms.wrap(
            fee << 152 | uint256(Shares.unwrap(shares)) << 72 | deliverBy << 32 | uint256(challengeSeconds)
        );
    }

    function fee(ExchangeTerms terms) internal pure returns (uint256) {
        return ExchangeTerms.unwrap(terms) >> 152;
    }

    function shares(ExchangeTerms terms) internal pure returns (Shares) {
        return Shares.wrap(uint80(ExchangeTerms.unwrap(terms) >> 72));
    }

    function deliverBy(ExchangeTerms terms) internal pure returns (uint48) {
        return uint40(ExchangeTerms.unwrap(terms) >> 32);
    }

    function challengeSeconds(ExchangeTerms terms) internal pure returns (uint32) {
        return uint32(ExchangeTerms.unwrap(terms));
    }
}

/// @notice Everything about an exchange that is fixed at funding. The chain keeps its hash; every later step brings it
/// along (it stands in the event ExchangeFunded), from the delivery on with the ciphertext's hash in the key's place.
/// Recruiters are not named: each waits for its share with the participant that it recruited.
struct Exchange {
    bytes32 id; // keccak256(consent id, number of the use)
    address consumer;
    address provider;
    address coordinator;
    ExchangeTerms terms; // missing shares already given to the provider
    bytes32 sealHash; // keccak256 of the one-time key that it is sealed for; once delivered, of the ciphertext
}
