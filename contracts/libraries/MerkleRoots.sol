// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Hashes } from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";

/// @notice Roots of Merkle trees as OpenZeppelin's MerkleProof verifies them: pairs are sorted before they are hashed.
library MerkleRoots {
    /// @notice Root over the first `count` leaves; a node without a neighbour rises as it is.
    /// @dev Leaves are hashed no further: each must be a hash of something other than two words. Writes over `nodes`.
    /// @param count At least 1.
    function rootOf(bytes32[] memory nodes, uint256 count) internal pure returns (bytes32) {
        while (count > 1) {
            uint256 pairs = count / 2;
            for (uint256 i; i < pairs; ++i) {
                nodes[i] = Hashes.commutativeKeccak256(nodes[2 * i], nodes[2 * i + 1]);
            }
            if (count % 2 != 0) nodes[pairs] = nodes[count - 1];
            count = pairs + count % 2;
        }
        return nodes[0];
    }
}
