// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { FeeShares } from "../libraries/FeeShares.sol";
import { Assurance } from "../types/Consents.sol";
import { Shares } from "../types/Exchanges.sol";
import { PackedQuote, PackedQuotes } from "../types/Quotes.sol";

/// @title Fee schedule
/// @notice See IFeeSchedule.
contract FeeSchedule is IFeeSchedule, AccessManaged {
    /// @dev Keeps every instant that follows from a span within 48 bits, and a superseded price from living on for years.
    uint48 private constant LONGEST_ORDER_LIFE_SECONDS = 366 days;
    /// @dev A full publication takes about 7 million gas: a quarter of a 30 million block.
    uint256 private constant MOST_PRICES = 256;

    uint48 private immutable ORDER_LIFE_SECONDS;

    uint32 private _currentVersion; // slot 0, bytes 21-24: beside AccessManaged's authority
    mapping(uint32 version => Version) private _versions; // slot 1
    mapping(bytes32 listing => uint104 price) private _prices; // slot 2: see PackedQuotes.listingOf

    /// @param authority NetworkAccess.
    /// @param orderLifeSeconds_ For how long a superseded version stays good: at least the longest life of an order.
    constructor(address authority, uint48 orderLifeSeconds_) AccessManaged(authority) {
        if (authority.code.length == 0) revert FeeScheduleAddressInvalid(authority);
        if (orderLifeSeconds_ == 0 || orderLifeSeconds_ > LONGEST_ORDER_LIFE_SECONDS) {
            revert FeeScheduleOrderLifeInvalid(orderLifeSeconds_, LONGEST_ORDER_LIFE_SECONDS);
        }
        ORDER_LIFE_SECONDS = orderLifeSeconds_;
    }

    // ---------------------------------------------------------------- the council

    /// @inheritdoc IFeeSchedule
    function publish(Rates calldata rates, Price[] calldata prices) external restricted returns (uint32 version) {
        // Check: the rates; each price is checked where it is written.
        if (!FeeShares.isWhole(rates.shares)) {
            revert FeeScheduleSharesNotWhole(rates.shares, FeeShares.sum(rates.shares));
        }
        (uint16 provider,,,,) = FeeShares.unpack(rates.shares);
        if (provider == 0) revert FeeScheduleProviderShareMissing(rates.shares);
        if (rates.hostDiscountBps >= FeeShares.WHOLE_BPS) revert FeeScheduleDiscountTooHigh(rates.hostDiscountBps);
        _checkSunset(rates.consumerRecruiterSunsetSeconds);
        _checkSunset(rates.providerRecruiterSunsetSeconds);
        uint256 count = prices.length;
        if (count == 0 || count > MOST_PRICES) revert FeeSchedulePriceCountInvalid(count, MOST_PRICES);

        // Effect
        uint32 superseded = _currentVersion;
        if (superseded != 0) _versions[superseded].supersededAt = uint48(block.timestamp);
        version = superseded + 1;
        _currentVersion = version;
        _versions[version] = Version({
            shares: rates.shares,
            consumerRecruiterSunsetSeconds: rates.consumerRecruiterSunsetSeconds,
            providerRecruiterSunsetSeconds: rates.providerRecruiterSunsetSeconds,
            hostDiscountBps: rates.hostDiscountBps,
            publishedAt: uint48(block.timestamp),
            supersededAt: 0
        });
        for (uint256 i; i < count; ++i) {
            Price calldata listed = prices[i];
            if (listed.price == 0) revert FeeSchedulePriceZero(listed.schema, listed.assurance);
            bytes32 listing = PackedQuotes.listingOf(version, listed.schema, listed.assurance);
            if (_prices[listing] != 0) revert FeeSchedulePriceDuplicate(listed.schema, listed.assurance);
            _prices[listing] = listed.price;
        }
        emit VersionPublished(version, rates, prices);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IFeeSchedule
    function quote(
        uint32 version,
        bytes32 schema,
        Assurance assurance,
        uint48 consumerRecruitedAt,
        uint48 providerRecruitedAt,
        bool consumerIsHost,
        bool hostsPresent
    ) external view returns (uint256 fee, Shares shares) {
        PackedQuote packed = packedQuote(version, schema, assurance);
        fee = packed.feeFor(consumerIsHost);
        shares = packed.sharesFor(consumerRecruitedAt, providerRecruitedAt, hostsPresent);
    }

    /// @inheritdoc IFeeSchedule
    function packedQuote(uint32 version, bytes32 schema, Assurance assurance) public view returns (PackedQuote) {
        Version memory header = _versions[version];
        if (header.publishedAt == 0) revert FeeScheduleVersionUnknown(version);
        uint256 goodUntil = _goodUntil(header.supersededAt);
        if (block.timestamp > goodUntil) revert FeeScheduleVersionSuperseded(version, uint48(goodUntil));
        uint104 price = _prices[PackedQuotes.listingOf(version, schema, assurance)];
        if (price == 0) revert FeeSchedulePriceMissing(version, schema, assurance);
        return PackedQuotes.pack(
            price,
            header.shares,
            header.hostDiscountBps,
            header.consumerRecruiterSunsetSeconds / 1 days,
            header.providerRecruiterSunsetSeconds / 1 days,
            goodUntil
        );
    }

    /// @inheritdoc IFeeSchedule
    function currentVersion() external view returns (uint32) {
        return _currentVersion;
    }

    /// @inheritdoc IFeeSchedule
    function versionOf(uint32 version) external view returns (Version memory header) {
        header = _versions[version];
        if (header.publishedAt == 0) revert FeeScheduleVersionUnknown(version);
    }

    /// @inheritdoc IFeeSchedule
    function priceOf(uint32 version, bytes32 schema, Assurance assurance) external view returns (uint104 price) {
        if (_versions[version].publishedAt == 0) revert FeeScheduleVersionUnknown(version);
        price = _prices[PackedQuotes.listingOf(version, schema, assurance)];
        if (price == 0) revert FeeSchedulePriceMissing(version, schema, assurance);
    }

    /// @inheritdoc IFeeSchedule
    function isVersionGood(uint32 version) external view returns (bool) {
        Version storage header = _versions[version];
        return header.publishedAt != 0 && block.timestamp <= _goodUntil(header.supersededAt);
    }

    /// @inheritdoc IFeeSchedule
    function orderLifeSeconds() external view returns (uint48) {
        return ORDER_LIFE_SECONDS;
    }

    /// @inheritdoc IFeeSchedule
    function mostPrices() external pure returns (uint256) {
        return MOST_PRICES;
    }

    // ---------------------------------------------------------------- internals

    function _checkSunset(uint32 sunsetSeconds) private pure {
        if (sunsetSeconds % 1 days != 0) revert FeeScheduleSunsetNotWholeDays(sunsetSeconds);
    }

    /// @dev The last second, inclusive as an order's `fundBy` is, for which a version is known to be good: what is current now
    /// stays so for the life of an order at least, whatever is voted next.
    function _goodUntil(uint48 supersededAt) private view returns (uint256) {
        return (supersededAt == 0 ? block.timestamp : supersededAt) + ORDER_LIFE_SECONDS;
    }
}
