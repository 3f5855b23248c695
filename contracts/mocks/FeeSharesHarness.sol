// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { FeeShares } from "../libraries/FeeShares.sol";
import { Shares } from "../types/Exchanges.sol";

/// @notice Makes FeeShares callable, one fee at a time or a long range of fees at once.
contract FeeSharesHarness {
    /// @dev Multiplier of the range's checksum: odd, so that each part of each fee keeps its weight modulo 2^256.
    uint256 public constant CHECKSUM_FACTOR = 0x100000001b3;

    error FeeSharesHarnessLost(uint256 fee, uint256 sumOfParts);

    function pack(
        uint16 provider,
        uint16 coordinator,
        uint16 hosts,
        uint16 consumerRecruiter,
        uint16 providerRecruiter
    ) external pure returns (Shares) {
        return FeeShares.pack(provider, coordinator, hosts, consumerRecruiter, providerRecruiter);
    }

    function unpack(Shares shares) external pure returns (uint16, uint16, uint16, uint16, uint16) {
        return FeeShares.unpack(shares);
    }

    function sum(Shares shares) external pure returns (uint256) {
        return FeeShares.sum(shares);
    }

    function isWhole(Shares shares) external pure returns (bool) {
        return FeeShares.isWhole(shares);
    }

    function split(uint256 fee, Shares shares) external pure returns (uint256, uint256, uint256, uint256, uint256) {
        return FeeShares.split(fee, shares);
    }

    /// @notice Splits many fees, each by its own shares.
    function splitMany(uint256[] calldata fees, Shares[] calldata shares)
        external
        pure
        returns (uint256[5][] memory parts)
    {
        parts = new uint256[5][](fees.length);
        for (uint256 i; i < fees.length; ++i) {
            (uint256 p, uint256 c, uint256 h, uint256 cr, uint256 pr) = FeeShares.split(fees[i], shares[i]);
            parts[i] = [p, c, h, cr, pr];
        }
    }

    /// @notice Splits every fee from `first` up to and without `end`, and sums up all parts in an order-sensitive checksum:
    /// each part in turn is added after multiplying by CHECKSUM_FACTOR, modulo 2^256.
    /// @dev Reverts FeeSharesHarnessLost at the first fee whose parts do not sum to it.
    function checksumOf(uint256 first, uint256 end, Shares shares) external pure returns (uint256 checksum) {
        unchecked {
            for (uint256 fee = first; fee < end; ++fee) {
                (uint256 p, uint256 c, uint256 h, uint256 cr, uint256 pr) = FeeShares.split(fee, shares);
                if (p + c + h + cr + pr != fee) revert FeeSharesHarnessLost(fee, p + c + h + cr + pr);
                checksum = checksum * CHECKSUM_FACTOR + p;
                checksum = checksum * CHECKSUM_FACTOR + c;
                checksum = checksum * CHECKSUM_FACTOR + h;
                checksum = checksum * CHECKSUM_FACTOR + cr;
                checksum = checksum * CHECKSUM_FACTOR + pr;
            }
        }
    }
}
