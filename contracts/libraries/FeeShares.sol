// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting } from "./ExchangeAccounting.sol";
import { Shares } from "../types/Exchanges.sol";

/// @notice ExchangeAccounting's rules for a fee's five shares, over the type Shares: provider, coordinator, hosts,
/// consumer's recruiter, provider's recruiter.
library FeeShares {
    /// @dev All of a fee, in basis points.
    uint256 internal constant WHOLE_BPS = ExchangeAccounting.WHOLE_BPS;

    /// @notice Five shares (basis points) in one word, from the highest bits to the lowest.
    function pack(
        uint16 provider,
        uint16 coordinator,
        uint16 hosts,
        uint16 consumerRecruiter,
        uint16 providerRecruiter
    ) internal pure returns (Shares) {
        return Shares.wrap(
            uint80(provider) << 64 | uint80(coordinator) << 48 | uint80(hosts) << 32 | uint80(consumerRecruiter) << 16
                | uint80(providerRecruiter)
        );
    }

    /// @notice The five shares (basis points) of a word.
    function unpack(Shares shares)
        internal
        pure
        returns (
            uint16 provider,
            uint16 coordinator,
            uint16 hosts,
            uint16 consumerRecruiter,
            uint16 providerRecruiter
        )
    {
        (uint256 first, uint256 second, uint256 third, uint256 fourth, uint256 fifth) =
            ExchangeAccounting.sharesIn(Shares.unwrap(shares));
        return (uint16(first), uint16(second), uint16(third), uint16(fourth), uint16(fifth)); // digits of 16 bits each
    }

    /// @notice Sum of the five shares, basis points.
    function sum(Shares shares) internal pure returns (uint256) {
        return ExchangeAccounting.sumOf(Shares.unwrap(shares));
    }

    /// @notice Whether the five shares are exactly the whole fee.
    function isWhole(Shares shares) internal pure returns (bool) {
        return sum(shares) == WHOLE_BPS;
    }

    /// @notice Parts of a fee: each rounded down but the provider's, which is what remains.
    /// @dev `shares` must be whole and `fee` at most `type(uint104).max`.
    /// @param fee Smallest token units.
    function split(uint256 fee, Shares shares)
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
        return ExchangeAccounting.split(fee, Shares.unwrap(shares));
    }
}
