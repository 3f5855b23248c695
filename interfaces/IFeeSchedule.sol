// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance } from "../contracts/types/Consents.sol";
import { Shares } from "../contracts/types/Exchanges.sol";
import { PackedQuote } from "../contracts/types/Quotes.sol";

/// @title Fee schedule
/// @notice What an exchange costs and who has which share of it, in versions that never change once published. Prices are
/// flat per schema and level of assurance, so that a price says nothing about a person.
///
/// An order names the version that it was made under. Publishing a version supersedes the one before at that instant; the
/// superseded one stays good for `orderLifeSeconds` more, last second included, so that no order that was live is touched.
/// That span is at least the longest life that an escrow allows an order.
///
/// A share without a taker (no recruiter, a recruiter past its sunset, no host with weight) is the provider's, and so is
/// all rounding dust. The provider always has a share of its own.
interface IFeeSchedule {
    /// @notice What a version fixes beside its prices.
    struct Rates {
        Shares shares; // basis points, sum 10,000
        uint32 consumerRecruiterSunsetSeconds; // from the consumer's admission on, whole days; zero ends it at once
        uint32 providerRecruiterSunsetSeconds; // from the provider's admission on, whole days; zero ends it at once
        uint16 hostDiscountBps; // off the price where the consumer is a host too; below 10,000
    }

    /// @notice The price of one exchange.
    struct Price {
        bytes32 schema; // id in the SchemaRegistry
        Assurance assurance; // level that the consent asks for
        uint104 price; // smallest token units, above zero
    }

    /// @notice A published version: one storage slot.
    struct Version {
        Shares shares; // bytes  0-9: basis points, sum 10,000
        uint32 consumerRecruiterSunsetSeconds; // bytes 10-13
        uint32 providerRecruiterSunsetSeconds; // bytes 14-17
        uint16 hostDiscountBps; // bytes 18-19
        uint48 publishedAt; // bytes 20-25: Unix seconds; zero where there is no such version
        uint48 supersededAt; // bytes 26-31: Unix seconds; zero while it is the current one
    }

    /// @notice A version was published and supersedes the one before.
    /// @param version 1 for the first.
    event VersionPublished(uint32 indexed version, Rates rates, Price[] prices);

    error FeeScheduleAddressInvalid(address given);
    error FeeScheduleOrderLifeInvalid(uint48 orderLifeSeconds, uint48 longest);
    error FeeScheduleSharesNotWhole(Shares shares, uint256 sumBps);
    error FeeScheduleProviderShareMissing(Shares shares);
    error FeeScheduleDiscountTooHigh(uint16 hostDiscountBps);
    error FeeScheduleSunsetNotWholeDays(uint32 sunsetSeconds);
    error FeeSchedulePriceCountInvalid(uint256 count, uint256 most);
    error FeeSchedulePriceZero(bytes32 schema, Assurance assurance);
    error FeeSchedulePriceDuplicate(bytes32 schema, Assurance assurance);
    error FeeSchedulePriceMissing(uint32 version, bytes32 schema, Assurance assurance);
    error FeeScheduleVersionUnknown(uint32 version);
    error FeeScheduleVersionSuperseded(uint32 version, uint48 goodUntil);

    /// @notice Publishes the next version; it is the current one from this instant on.
    /// @dev By vote. Emits VersionPublished. Reverts FeeScheduleSharesNotWhole, FeeScheduleProviderShareMissing,
    /// FeeScheduleDiscountTooHigh (a whole discount would make a price zero), FeeScheduleSunsetNotWholeDays,
    /// FeeSchedulePriceCountInvalid,
    /// FeeSchedulePriceZero, FeeSchedulePriceDuplicate.
    /// @param rates Shares, sunsets and discount.
    /// @param prices All prices of the version, 1 to `mostPrices`; what is not listed cannot be exchanged under it.
    /// @return version 1 for the first.
    function publish(Rates calldata rates, Price[] calldata prices) external returns (uint32 version);

    /// @notice The fee of an exchange funded now, and its shares with every missing one given to the provider.
    /// @dev Reverts FeeScheduleVersionUnknown, FeeScheduleVersionSuperseded, FeeSchedulePriceMissing. Reads two slots.
    /// @param version Version that the order names.
    /// @param consumerRecruitedAt Admission of a consumer that was recruited (Unix seconds); zero without a recruiter. The
    /// recruiter's share ends at this instant plus the sunset, which is exclusive.
    /// @param providerRecruitedAt Likewise of the provider.
    /// @param consumerIsHost Whether the consumer has the hosts' discount; the discount is rounded down.
    /// @param hostsPresent Whether some host has weight.
    /// @return fee Smallest token units, above zero, at most `type(uint104).max`.
    /// @return shares Basis points, sum 10,000.
    function quote(
        uint32 version,
        bytes32 schema,
        Assurance assurance,
        uint48 consumerRecruitedAt,
        uint48 providerRecruitedAt,
        bool consumerIsHost,
        bool hostsPresent
    ) external view returns (uint256 fee, Shares shares);

    /// @notice All that quotes for a schema at a level of assurance depend on, in one word that an escrow may keep: a version
    /// never changes, and what is good now stays so until an instant that the word says.
    /// @dev Reverts as `quote`.
    function packedQuote(uint32 version, bytes32 schema, Assurance assurance) external view returns (PackedQuote);

    /// @notice The version published last; zero before the first.
    function currentVersion() external view returns (uint32);

    /// @notice Rates and instants of a version. Reverts FeeScheduleVersionUnknown.
    function versionOf(uint32 version) external view returns (Version memory);

    /// @notice Price in a version, smallest token units, before any discount.
    /// @dev Reverts FeeScheduleVersionUnknown, FeeSchedulePriceMissing.
    function priceOf(uint32 version, bytes32 schema, Assurance assurance) external view returns (uint104);

    /// @notice Whether orders that name this version can be funded now. Never reverts.
    function isVersionGood(uint32 version) external view returns (bool);

    /// @notice For how long a superseded version stays good, seconds.
    function orderLifeSeconds() external view returns (uint48);

    /// @notice Most prices in one version.
    function mostPrices() external view returns (uint256);
}
