// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Where an exchange stands.
enum ExchangeState {
    None,
    Funded,
    Delivered,
    Disputed,
    RefundDue, // consent withdrawn before delivery, fee not yet back: anyone can return it
    Settled, // terminal; leaves no slot
    Refunded, // terminal: before delivery
    Resolved // terminal: after a dispute, whose outcome divided the fee
}

/// @notice What an exchange's money obeys: how a fee is divided, what a dispute's outcome does with fee and bond, and which
/// state follows which. Raw integers and no imports, so that tests/proofs can prove it; FeeShares gives it types.
/// @dev A word of shares is a number of five digits to the base 65,536, each a share in basis points: from the highest the
/// provider's, coordinator's, hosts', consumer's recruiter's, provider's recruiter's. Digits are taken by division, which
/// the compiler turns into shifts and which a solver, unlike shifts, can reason about. Amounts are in smallest token units.
library ExchangeAccounting {
    /// @dev All of an amount, in basis points.
    uint256 internal constant WHOLE_BPS = 10_000;

    uint256 internal constant BASE = 2 ** 16;
    /// @dev Values of the digits.
    uint256 internal constant PROVIDER = 2 ** 64;
    uint256 internal constant COORDINATOR = 2 ** 48;
    uint256 internal constant HOSTS = 2 ** 32;
    uint256 internal constant CONSUMER_RECRUITER = 2 ** 16;
    uint256 internal constant PROVIDER_RECRUITER = 1;

    /// @dev Whole shares of which the provider has all.
    uint256 internal constant ALL_THE_PROVIDERS = WHOLE_BPS * PROVIDER;

    // ---------------------------------------------------------------- shares

    /// @notice The five shares of a word, basis points.
    /// @dev `packed` must be below 2^80, here and below.
    function sharesIn(uint256 packed)
        internal
        pure
        returns (
            uint256 provider,
            uint256 coordinator,
            uint256 hosts,
            uint256 consumerRecruiter,
            uint256 providerRecruiter
        )
    {
        provider = packed / PROVIDER;
        coordinator = packed / COORDINATOR % BASE;
        hosts = packed / HOSTS % BASE;
        consumerRecruiter = packed / CONSUMER_RECRUITER % BASE;
        providerRecruiter = packed % BASE;
    }

    /// @notice Sum of the five shares, basis points.
    function sumOf(uint256 packed) internal pure returns (uint256) {
        (uint256 provider, uint256 coordinator, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            sharesIn(packed);
        return provider + coordinator + hosts + consumerRecruiter + providerRecruiter;
    }

    /// @notice The shares once a taker has the one at `digit`, which comes out of the provider's.
    /// @dev The digit must be zero so far, and the provider's share at least `share`. Whole shares stay whole, and what
    /// nobody takes stays the provider's.
    /// @param share Basis points.
    function withTaker(uint256 packed, uint256 digit, uint256 share) internal pure returns (uint256) {
        unchecked {
            return packed - share * (PROVIDER - digit);
        }
    }

    // ---------------------------------------------------------------- parts

    /// @notice A part of an amount, rounded down.
    /// @dev `amount` must be below 2^104 and `bps` below 2^16: the product stays below 2^120.
    function partOf(uint256 amount, uint256 bps) internal pure returns (uint256) {
        unchecked {
            return amount * bps / WHOLE_BPS;
        }
    }

    /// @notice Parts of a fee by a word of shares.
    /// @dev As `partsOf`.
    function split(uint256 fee, uint256 packed)
        internal
        pure
        returns (
            uint256 provider,
            uint256 coordinator,
            uint256 hosts,
            uint256 consumerRecruiter,
            uint256 providerRecruiter
        )
    {
        (, coordinator, hosts, consumerRecruiter, providerRecruiter) = sharesIn(packed);
        return partsOf(fee, coordinator, hosts, consumerRecruiter, providerRecruiter);
    }

    /// @notice Parts of a fee: each rounded down but the provider's, which is what remains, so that they sum to the fee.
    /// @dev `fee` must be below 2^104; with whole shares nothing is refused.
    /// @param coordinatorBps Share of the coordinator, basis points below 2^16; likewise the other three.
    function partsOf(
        uint256 fee,
        uint256 coordinatorBps,
        uint256 hostsBps,
        uint256 consumerRecruiterBps,
        uint256 providerRecruiterBps
    )
        internal
        pure
        returns (
            uint256 provider,
            uint256 coordinator,
            uint256 hosts,
            uint256 consumerRecruiter,
            uint256 providerRecruiter
        )
    {
        coordinator = partOf(fee, coordinatorBps);
        hosts = partOf(fee, hostsBps);
        consumerRecruiter = partOf(fee, consumerRecruiterBps);
        providerRecruiter = partOf(fee, providerRecruiterBps);
        uint256 others;
        unchecked {
            others = coordinator + hosts + consumerRecruiter + providerRecruiter; // four below 2^120
        }
        // Checked: shares that are not whole could ask for more than the fee.
        provider = fee - others;
    }

    /// @notice What a dispute's outcome does with the fee and the bond.
    /// @dev `fee` must be below 2^104; more than the whole of it is refused.
    /// @param providerBps Of the fee, basis points: goes out by the exchange's shares.
    /// @param isBondForfeit Whether the bond becomes the provider's.
    /// @return toShares Of the fee, to be split.
    /// @return toConsumer The rest of the fee, and the bond unless it is forfeit.
    /// @return toProvider The bond if it is forfeit.
    function divide(uint256 fee, uint256 bond, uint256 providerBps, bool isBondForfeit)
        internal
        pure
        returns (uint256 toShares, uint256 toConsumer, uint256 toProvider)
    {
        toShares = partOf(fee, providerBps);
        toConsumer = fee - toShares;
        if (isBondForfeit) toProvider = bond;
        else toConsumer += bond;
    }

    // ---------------------------------------------------------------- states

    /// @notice Whether a step may lead from one state to another.
    function isStep(ExchangeState from, ExchangeState to) internal pure returns (bool) {
        if (from == ExchangeState.None) {
            return to == ExchangeState.Funded || to == ExchangeState.Delivered || to == ExchangeState.Settled;
        }
        if (from == ExchangeState.Funded) {
            return to == ExchangeState.Delivered || to == ExchangeState.RefundDue || to == ExchangeState.Refunded;
        }
        if (from == ExchangeState.Delivered) return to == ExchangeState.Disputed || to == ExchangeState.Settled;
        if (from == ExchangeState.Disputed) return to == ExchangeState.Resolved;
        if (from == ExchangeState.RefundDue) return to == ExchangeState.Refunded;
        return false;
    }

    /// @notice Whether nothing follows a state.
    function isTerminal(ExchangeState state) internal pure returns (bool) {
        return state >= ExchangeState.Settled;
    }
}
