// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Hashes of a few words, as OpenZeppelin's Hashes makes them of two. Plain form: keccak256(abi.encode(...)).
library WordHashes {
    /// @notice Hash of three words.
    function hash(bytes32 a, bytes32 b, bytes32 c) internal pure returns (bytes32 hashed) {
        assembly ("memory-safe") {
            let words := mload(0x40) // past the free pointer, which stays where it is
            mstore(words, a)
            mstore(add(words, 0x20), b)
            mstore(add(words, 0x40), c)
            hashed := keccak256(words, 0x60)
        }
    }

    /// @notice Hash of four words.
    function hash(bytes32 a, bytes32 b, bytes32 c, bytes32 d) internal pure returns (bytes32 hashed) {
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, a)
            mstore(add(words, 0x20), b)
            mstore(add(words, 0x40), c)
            mstore(add(words, 0x60), d)
            hashed := keccak256(words, 0x80)
        }
    }

    /// @notice Hash of six words.
    function hash(bytes32 a, bytes32 b, bytes32 c, bytes32 d, bytes32 e, bytes32 f)
        internal
        pure
        returns (bytes32 hashed)
    {
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, a)
            mstore(add(words, 0x20), b)
            mstore(add(words, 0x40), c)
            mstore(add(words, 0x60), d)
            mstore(add(words, 0x80), e)
            mstore(add(words, 0xa0), f)
            hashed := keccak256(words, 0xc0)
        }
    }

    /// @notice An address as a word.
    function wordOf(address account) internal pure returns (bytes32) {
        return bytes32(uint256(uint160(account)));
    }
}
