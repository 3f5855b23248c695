// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting as Accounting } from "../../contracts/libraries/ExchangeAccounting.sol";

/// @notice What holds of a split for every word of shares and every fee and bond below 2^104: each function is proved for all
/// its arguments, and that no arithmetic in it leaves its bounds.
contract SplitProofs {
    /// @notice Digits can be taken one after the other: what the next proof rests on.
    function provesThatDivisionsNest(uint80 packed) external pure {
        assert(packed / Accounting.HOSTS == packed / Accounting.BASE / Accounting.BASE);
        assert(packed / Accounting.COORDINATOR == packed / Accounting.HOSTS / Accounting.BASE);
        assert(packed / Accounting.PROVIDER == packed / Accounting.COORDINATOR / Accounting.BASE);
    }

    /// @notice A word is its five shares and nothing else.
    function provesThatAWordIsItsShares(uint80 packed) external pure {
        require(packed / Accounting.HOSTS == packed / Accounting.BASE / Accounting.BASE); // proved above
        require(packed / Accounting.COORDINATOR == packed / Accounting.HOSTS / Accounting.BASE);
        require(packed / Accounting.PROVIDER == packed / Accounting.COORDINATOR / Accounting.BASE);
        (uint256 provider, uint256 coordinator, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            Accounting.sharesIn(packed);
        assert(provider < Accounting.BASE && coordinator < Accounting.BASE && hosts < Accounting.BASE);
        assert(consumerRecruiter < Accounting.BASE && providerRecruiter < Accounting.BASE);
        assert(
            packed
                == provider * Accounting.PROVIDER + coordinator * Accounting.COORDINATOR + hosts * Accounting.HOSTS
                    + consumerRecruiter * Accounting.CONSUMER_RECRUITER + providerRecruiter
        );
    }

    /// @notice `sumOf` is the sum of the five.
    function provesThatTheSumLeavesNoneOut(uint80 packed) external pure {
        (uint256 provider, uint256 coordinator, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            Accounting.sharesIn(packed);
        assert(
            Accounting.sumOf(packed) == provider + coordinator + hosts + consumerRecruiter + providerRecruiter
        );
    }

    /// @notice Whole shares are never refused; all parts but the provider's are rounded down, and the provider's is at least
    /// its share; they sum to the fee.
    function provesThatPartsSumToTheFee(
        uint104 fee,
        uint16 providerBps,
        uint16 coordinatorBps,
        uint16 hostsBps,
        uint16 consumerRecruiterBps,
        uint16 providerRecruiterBps
    ) external pure {
        require(
            uint256(providerBps) + coordinatorBps + hostsBps + consumerRecruiterBps + providerRecruiterBps
                == Accounting.WHOLE_BPS
        );
        (uint256 provider, uint256 coordinator, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            Accounting.partsOf(fee, coordinatorBps, hostsBps, consumerRecruiterBps, providerRecruiterBps);
        assert(coordinator * Accounting.WHOLE_BPS <= uint256(fee) * coordinatorBps);
        assert(hosts * Accounting.WHOLE_BPS <= uint256(fee) * hostsBps);
        assert(consumerRecruiter * Accounting.WHOLE_BPS <= uint256(fee) * consumerRecruiterBps);
        assert(providerRecruiter * Accounting.WHOLE_BPS <= uint256(fee) * providerRecruiterBps);
        assert(provider * Accounting.WHOLE_BPS >= uint256(fee) * providerBps);
        assert(provider + coordinator + hosts + consumerRecruiter + providerRecruiter == fee);
    }

    /// @notice An outcome gives out fee and bond and no more, is never refused up to the whole, and the bond goes one way.
    function provesThatAnOutcomeGivesOutFeeAndBond(uint104 fee, uint104 bond, uint16 providerBps, bool isBondForfeit)
        external
        pure
    {
        require(providerBps <= Accounting.WHOLE_BPS);
        (uint256 toShares, uint256 toConsumer, uint256 toProvider) =
            Accounting.divide(fee, bond, providerBps, isBondForfeit);
        assert(toShares + toConsumer + toProvider == uint256(fee) + bond);
        assert(toShares <= fee);
        assert(toProvider == (isBondForfeit ? bond : 0));
        assert(providerBps != Accounting.WHOLE_BPS || toShares == fee);
        assert(providerBps != 0 || toShares == 0);
    }
}
