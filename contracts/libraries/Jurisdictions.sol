// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Jurisdictions as ISO 3166-1 alpha-2 writes them. Which pairs of letters are assigned is not kept on chain.
library Jurisdictions {
    /// @notice Whether it is two upper-case letters.
    function isValid(bytes2 jurisdiction) internal pure returns (bool) {
        return _isLetter(jurisdiction[0]) && _isLetter(jurisdiction[1]);
    }

    function _isLetter(bytes1 octet) private pure returns (bool) {
        return octet >= "A" && octet <= "Z";
    }
}
