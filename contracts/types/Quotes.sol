// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting } from "../libraries/ExchangeAccounting.sol";
import { WordHashes } from "../libraries/WordHashes.sol";
import { Assurance } from "./Consents.sol";
import { Shares } from "./Exchanges.sol";

/// @notice All that the fee of an exchange and its shares depend on, in one word. From the highest bits: the price (104,
/// smallest token units), the shares of coordinator, hosts, consumer's and provider's recruiter (16 each, basis points; the
/// provider has the rest), the hosts' discount (16, basis points), the sunsets of the consumer's and of the provider's
/// recruiter (16 each, days from the admission on), and the last instant for which all this is known to hold (40, Unix
/// seconds).
type PackedQuote is uint256;

using PackedQuotes for PackedQuote global;

/// @notice Packs a quote, and reads it.
library PackedQuotes {
    uint256 private constant SHARE = 0xffff;

    /// @notice Where a version's price of a schema at a level of assurance is kept, and its quote.
    function listingOf(uint32 version, bytes32 schema, Assurance assurance) internal pure returns (bytes32) {
        return WordHashes.hash(bytes32(uint256(version)), schema, bytes32(uint256(assurance)));
    }

    /// @dev `price` must be below 2^104, `shares` whole, the discount at most 10,000, a sunset below 2^16 days, and
    /// `goodUntil` below 2^40.
    function pack(
        uint256 price,
        Shares shares,
        uint16 hostDiscountBps,
        uint256 consumerRecruiterSunsetDays,
        uint256 providerRecruiterSunsetDays,
        uint256 goodUntil
    ) internal pure returns (PackedQuote) {
        return PackedQuote.wrap(
            price << 152 | uint256(uint64(Shares.unwrap(shares))) << 88 | uint256(hostDiscountBps) << 72
                | consumerRecruiterSunsetDays << 56 | providerRecruiterSunsetDays << 40 | goodUntil
        );
    }

    /// @notice Last instant for which it is known to hold, Unix seconds; zero where there is no quote.
    function goodUntil(PackedQuote packed) internal pure returns (uint256) {
        return uint40(PackedQuote.unwrap(packed));
    }

    /// @notice The fee of an exchange funded now.
    /// @param consumerIsHost Whether the consumer has the hosts' discount, which is rounded down.
    /// @return Smallest token units, above zero.
    function feeFor(PackedQuote packed, bool consumerIsHost) internal pure returns (uint256) {
        uint256 word = PackedQuote.unwrap(packed);
        uint256 price = word >> 152;
        unchecked {
            // The discount is at most the whole.
            return consumerIsHost ? price - ExchangeAccounting.partOf(price, word >> 72 & SHARE) : price;
        }
    }

    /// @notice The shares of an exchange funded now: a share without a taker is the provider's.
    /// @param consumerRecruitedAt Admission of a consumer that was recruited (Unix seconds), or zero; its recruiter's share
    /// ends at this instant plus the sunset, which is exclusive. Likewise of the provider.
    /// @param hostsPresent Whether some host has weight.
    function sharesFor(
        PackedQuote packed,
        uint48 consumerRecruitedAt,
        uint48 providerRecruitedAt,
        bool hostsPresent
    ) internal view returns (Shares) {
        uint256 word = PackedQuote.unwrap(packed);
        // An order names its coordinator.
        uint256 kept = ExchangeAccounting.withTaker(
            ExchangeAccounting.ALL_THE_PROVIDERS, ExchangeAccounting.COORDINATOR, word >> 136 & SHARE
        );
        if (hostsPresent) {
            kept = ExchangeAccounting.withTaker(kept, ExchangeAccounting.HOSTS, word >> 120 & SHARE);
        }
        unchecked {
            // 48 bits and 16 bits of days: far below 2^256.
            if (consumerRecruitedAt != 0 && block.timestamp < consumerRecruitedAt + (word >> 56 & SHARE) * 1 days) {
                kept = ExchangeAccounting.withTaker(
                    kept, ExchangeAccounting.CONSUMER_RECRUITER, word >> 104 & SHARE
                );
            }
            if (providerRecruitedAt != 0 && block.timestamp < providerRecruitedAt + (word >> 40 & SHARE) * 1 days) {
                kept = ExchangeAccounting.withTaker(kept, ExchangeAccounting.PROVIDER_RECRUITER, word >> 88 & SHARE);
            }
        }
        return Shares.wrap(uint80(kept)); // whole shares keep to their 80 bits
    }
}
