// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Assurance } from "./Consents.sol";

/// @notice Leave to provide a schema (up to a level of assurance) or to ask for it for a purpose: one slot.
struct Accreditation {
    uint48 grantedAt; // Unix seconds; zero when never granted
    uint48 expiresAt; // Unix seconds, exclusive; withdrawal sets it to the present
    Assurance assurance; // the highest level a provider may vouch for; None for a consumer
}

/// @notice An `Accreditation` as it lies in its slot.
type PackedAccreditation is uint256;

using PackedAccreditations for PackedAccreditation global;

/// @notice Reads a packed accreditation.
library PackedAccreditations {
    /// @notice Whether it was granted in the present membership and has not expired.
    /// @param memberSince Since when its holder is a member again after a removal, or zero; Unix seconds.
    function isCurrent(PackedAccreditation packed, uint48 memberSince) internal view returns (bool) {
        uint256 word = PackedAccreditation.unwrap(packed);
        uint48 grantedAt = uint48(word);
        return grantedAt != 0 && grantedAt >= memberSince && block.timestamp < uint48(word >> 48);
    }

    /// @notice The level, as a number.
    function assurance(PackedAccreditation packed) internal pure returns (uint8) {
        return uint8(PackedAccreditation.unwrap(packed) >> 96);
    }
}
