// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting as Accounting } from "../../contracts/libraries/ExchangeAccounting.sol";

/// @notice What holds of shares whose takers are missing, for every word of shares. A missing taker's digit becomes zero, its
/// share is added to the provider's digit, and nothing else changes: shares that were whole are whole then.
contract MissingProofs {
    // Digits above and below the missing one are taken together.

    function provesThatTheCoordinatorsShareBecomesTheProviders(uint64 above, uint16 share, uint64 below) external pure {
        require(below < Accounting.COORDINATOR);
        uint256 packed = above * Accounting.PROVIDER + share * Accounting.COORDINATOR + below;
        assert(
            Accounting.withoutMissing(packed, false, true, true, true)
                == above * Accounting.PROVIDER + share * Accounting.PROVIDER + below
        );
    }

    function provesThatTheHostsShareBecomesTheProviders(uint64 above, uint16 share, uint64 below) external pure {
        require(below < Accounting.HOSTS);
        uint256 packed = above * Accounting.COORDINATOR + share * Accounting.HOSTS + below;
        assert(
            Accounting.withoutMissing(packed, true, false, true, true)
                == above * Accounting.COORDINATOR + share * Accounting.PROVIDER + below
        );
    }

    function provesThatTheConsumersRecruitersShareBecomesTheProviders(uint64 above, uint16 share, uint64 below) external pure {
        require(below < Accounting.CONSUMER_RECRUITER);
        uint256 packed = above * Accounting.HOSTS + share * Accounting.CONSUMER_RECRUITER + below;
        assert(
            Accounting.withoutMissing(packed, true, true, false, true)
                == above * Accounting.HOSTS + share * Accounting.PROVIDER + below
        );
    }

    function provesThatTheProvidersRecruitersShareBecomesTheProviders(uint64 above, uint16 share) external pure {
        uint256 packed = above * Accounting.BASE + share;
        assert(
            Accounting.withoutMissing(packed, true, true, true, false)
                == above * Accounting.BASE + share * Accounting.PROVIDER
        );
    }

    /// @notice Several are missing as each of them is.
    function provesThatEachMissingTakerCountsByItself(
        uint80 packed,
        bool hasCoordinator,
        bool hasHosts,
        bool hasConsumerRecruiter,
        bool hasProviderRecruiter
    ) external pure {
        require(Accounting.sumOf(packed) == Accounting.WHOLE_BPS);
        uint256 moved = hasCoordinator ? 0 : Accounting.withoutMissing(packed, false, true, true, true) - packed;
        moved += hasHosts ? 0 : Accounting.withoutMissing(packed, true, false, true, true) - packed;
        moved += hasConsumerRecruiter ? 0 : Accounting.withoutMissing(packed, true, true, false, true) - packed;
        moved += hasProviderRecruiter ? 0 : Accounting.withoutMissing(packed, true, true, true, false) - packed;
        assert(
            Accounting.withoutMissing(
                packed, hasCoordinator, hasHosts, hasConsumerRecruiter, hasProviderRecruiter
            ) == packed + moved
        );
    }
}
