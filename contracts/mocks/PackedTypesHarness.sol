// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { FeeShares } from "../libraries/FeeShares.sol";
import { PackedWindow } from "../types/Batches.sol";
import { ExchangeTerms, PackedTerms, Shares } from "../types/Exchanges.sol";
import { PackedQuote, PackedQuotes } from "../types/Quotes.sol";

/// @notice Makes PackedTerms, PackedWindows and PackedQuotes callable, the last beside its plain twin. For tests only.
contract PackedTypesHarness {
    /// @notice What a quote is packed from, and for whom it is read.
    struct Quoted {
        uint104 price;
        Shares shares;
        uint16 hostDiscountBps;
        uint16 consumerRecruiterSunsetDays;
        uint16 providerRecruiterSunsetDays;
        uint40 goodUntil;
        uint48 consumerRecruitedAt;
        uint48 providerRecruitedAt;
        bool consumerIsHost;
        bool hostsPresent;
    }

    /// @notice What is read out of a quote.
    struct Answer {
        uint256 fee;
        Shares shares;
        uint256 goodUntil;
    }

    /// @notice Terms, packed and read again.
    function terms(uint104 fee, Shares shares, uint40 deliverBy, uint32 challengeSeconds)
        external
        pure
        returns (ExchangeTerms packed, uint256, Shares, uint48, uint32)
    {
        packed = PackedTerms.pack(fee, shares, deliverBy, challengeSeconds);
        return (packed, packed.fee(), packed.shares(), packed.deliverBy(), packed.challengeSeconds());
    }

    /// @notice The numbers in a window: validFrom, validUntil, eraseBy, nonce and v.
    function window(PackedWindow packed) external pure returns (uint48, uint48, uint48, uint64, uint8) {
        return (packed.validFrom(), packed.validUntil(), packed.eraseBy(), packed.nonce(), packed.v());
    }

    /// @notice Quotes, each packed and read again, in short and plainly; and the instant at which this is.
    function quotes(Quoted[] calldata quoted)
        external
        view
        returns (PackedQuote[] memory packed, Answer[] memory short, Answer[] memory plain, uint256 at)
    {
        packed = new PackedQuote[](quoted.length);
        (short, plain) = (new Answer[](quoted.length), new Answer[](quoted.length));
        for (uint256 i; i < quoted.length; ++i) {
            Quoted calldata one = quoted[i];
            packed[i] = PackedQuotes.pack(
                one.price,
                one.shares,
                one.hostDiscountBps,
                one.consumerRecruiterSunsetDays,
                one.providerRecruiterSunsetDays,
                one.goodUntil
            );
            short[i] = Answer(
                packed[i].feeFor(one.consumerIsHost),
                packed[i].sharesFor(one.consumerRecruitedAt, one.providerRecruitedAt, one.hostsPresent),
                packed[i].goodUntil()
            );
            plain[i] = _answerTo(one);
        }
        at = block.timestamp;
    }

    /// @dev By plain arithmetic over one share after the other.
    function _answerTo(Quoted calldata one) private view returns (Answer memory answer) {
        uint256 price = one.price;
        answer.fee = one.consumerIsHost ? price - price * one.hostDiscountBps / 10_000 : price;
        answer.goodUntil = one.goodUntil;
        (uint16 provider, uint16 coordinator, uint16 hosts, uint16 consumers, uint16 providers) =
            FeeShares.unpack(one.shares);
        if (!one.hostsPresent) (provider, hosts) = (provider + hosts, 0);
        if (_isOver(one.consumerRecruitedAt, one.consumerRecruiterSunsetDays)) {
            (provider, consumers) = (provider + consumers, 0);
        }
        if (_isOver(one.providerRecruitedAt, one.providerRecruiterSunsetDays)) {
            (provider, providers) = (provider + providers, 0);
        }
        answer.shares = FeeShares.pack(provider, coordinator, hosts, consumers, providers);
    }

    function _isOver(uint256 recruitedAt, uint256 sunsetDays) private view returns (bool) {
        return recruitedAt == 0 || block.timestamp >= recruitedAt + sunsetDays * 1 days;
    }
}
