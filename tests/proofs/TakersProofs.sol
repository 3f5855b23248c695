// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting as Accounting } from "../../contracts/libraries/ExchangeAccounting.sol";

/// @notice What holds of shares whose takers come one after the other, for all shares and whoever comes.
contract TakersProofs {
    /// @notice A taker's share comes out of the provider's, and nothing else changes.
    function provesThatATakersShareIsTheProvidersBefore(
        uint16 provider,
        uint16 coordinator,
        uint16 hosts,
        uint16 consumerRecruiter,
        uint16 providerRecruiter
    ) external pure {
        uint256 left = provider;
        assert(
            Accounting.withTaker(
                _wordOf(left + coordinator, 0, hosts, consumerRecruiter, providerRecruiter),
                Accounting.COORDINATOR,
                coordinator
            ) == _wordOf(left, coordinator, hosts, consumerRecruiter, providerRecruiter)
        );
        assert(
            Accounting.withTaker(
                _wordOf(left + hosts, coordinator, 0, consumerRecruiter, providerRecruiter), Accounting.HOSTS, hosts
            ) == _wordOf(left, coordinator, hosts, consumerRecruiter, providerRecruiter)
        );
        assert(
            Accounting.withTaker(
                _wordOf(left + consumerRecruiter, coordinator, hosts, 0, providerRecruiter),
                Accounting.CONSUMER_RECRUITER,
                consumerRecruiter
            ) == _wordOf(left, coordinator, hosts, consumerRecruiter, providerRecruiter)
        );
        assert(
            Accounting.withTaker(
                _wordOf(left + providerRecruiter, coordinator, hosts, consumerRecruiter, 0),
                Accounting.PROVIDER_RECRUITER,
                providerRecruiter
            ) == _wordOf(left, coordinator, hosts, consumerRecruiter, providerRecruiter)
        );
    }

    /// @notice From all the provider's on, as a quote does it: whoever comes, the shares are whole and fit their 80 bits.
    function provesThatSharesStayWholeWhoeverTakes(
        uint16 coordinator,
        uint16 hosts,
        uint16 consumerRecruiter,
        uint16 providerRecruiter,
        bool isHosts,
        bool isConsumerRecruiter,
        bool isProviderRecruiter
    ) external pure {
        uint256 others = uint256(coordinator) + hosts + consumerRecruiter + providerRecruiter;
        require(others <= Accounting.WHOLE_BPS);
        uint256 packed = Accounting.withTaker(Accounting.ALL_THE_PROVIDERS, Accounting.COORDINATOR, coordinator);
        if (isHosts) packed = Accounting.withTaker(packed, Accounting.HOSTS, hosts);
        else others -= hosts;
        if (isConsumerRecruiter) {
            packed = Accounting.withTaker(packed, Accounting.CONSUMER_RECRUITER, consumerRecruiter);
        } else {
            others -= consumerRecruiter;
        }
        if (isProviderRecruiter) {
            packed = Accounting.withTaker(packed, Accounting.PROVIDER_RECRUITER, providerRecruiter);
        } else {
            others -= providerRecruiter;
        }
        assert(
            packed
                == _wordOf(
                    Accounting.WHOLE_BPS - others,
                    coordinator,
                    isHosts ? hosts : 0,
                    isConsumerRecruiter ? consumerRecruiter : 0,
                    isProviderRecruiter ? providerRecruiter : 0
                )
        );
        assert(packed <= type(uint80).max);
    }

    function _wordOf(
        uint256 provider,
        uint256 coordinator,
        uint256 hosts,
        uint256 consumerRecruiter,
        uint256 providerRecruiter
    ) private pure returns (uint256) {
        return provider * Accounting.PROVIDER + coordinator * Accounting.COORDINATOR + hosts * Accounting.HOSTS
            + consumerRecruiter * Accounting.CONSUMER_RECRUITER + providerRecruiter * Accounting.PROVIDER_RECRUITER;
    }
}
