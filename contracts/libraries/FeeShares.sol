// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Shares } from "../types/Exchanges.sol";

/// @notice Arithmetic of a fee's five shares: provider, coordinator, hosts, consumer's recruiter, provider's recruiter.
/// A share that nobody may take and all rounding dust go to the provider, so that the parts always sum to the fee.
library FeeShares {
    /// @dev All of a fee, in basis points.
    uint256 internal constant WHOLE_BPS = 10_000;

    uint256 private constant MASK = 0xffff;
    uint256 private constant PROVIDER_BIT = 64;
    uint256 private constant COORDINATOR_BIT = 48;
    uint256 private constant HOSTS_BIT = 32;
    uint256 private constant CONSUMER_RECRUITER_BIT = 16;

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
        uint80 packed = Shares.unwrap(shares);
        provider = uint16(packed >> 64);
        coordinator = uint16(packed >> 48);
        hosts = uint16(packed >> 32);
        consumerRecruiter = uint16(packed >> 16);
        providerRecruiter = uint16(packed);
    }

    /// @notice Sum of the five shares, basis points. Five 16-bit numbers are added as 256-bit ones: nothing wraps.
    function sum(Shares shares) internal pure returns (uint256) {
        uint256 packed = Shares.unwrap(shares);
        unchecked {
            return (packed >> PROVIDER_BIT) + (packed >> COORDINATOR_BIT & MASK) + (packed >> HOSTS_BIT & MASK)
                + (packed >> CONSUMER_RECRUITER_BIT & MASK) + (packed & MASK); // at most 5 * 65,535
        }
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
        uint256 packed = Shares.unwrap(shares);
        uint256 others;
        unchecked {
            // fee < 2^104 and a share < 2^16: a product stays below 2^120, and the sum of four below 2^122.
            coordinator = fee * (packed >> COORDINATOR_BIT & MASK) / WHOLE_BPS;
            hosts = fee * (packed >> HOSTS_BIT & MASK) / WHOLE_BPS;
            consumerRecruiter = fee * (packed >> CONSUMER_RECRUITER_BIT & MASK) / WHOLE_BPS;
            providerRecruiter = fee * (packed & MASK) / WHOLE_BPS;
            others = coordinator + hosts + consumerRecruiter + providerRecruiter;
        }
        // Checked: shares that are not whole could ask for more than the fee.
        provider = fee - others;
    }
}
