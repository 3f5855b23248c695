// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Network directory
/// @notice The contracts of a network by name. One address configures every client. A contract is replaced by listing
/// another under its name; every former version stays readable, for what is open in it.
/// Names are right-padded ASCII: `ConsentToken`.
interface INetworkDirectory {
    /// @notice A contract was listed.
    /// @param version 1 for the name's first.
    event DirectoryEntrySet(bytes32 indexed name, uint32 version, address where);

    error NetworkDirectoryNameMissing();
    error NetworkDirectoryAddressInvalid(address where);
    error NetworkDirectoryNameUnknown(bytes32 name);
    error NetworkDirectoryVersionUnknown(bytes32 name, uint32 version);

    /// @notice Lists a contract under a name.
    /// @dev By vote. Emits DirectoryEntrySet. Reverts NetworkDirectoryNameMissing, NetworkDirectoryAddressInvalid (no code
    /// there, or in force under that name already). A former version can be listed again: it becomes the newest.
    function set(bytes32 name, address where) external;

    /// @notice The contract in force under a name. Reverts NetworkDirectoryNameUnknown.
    function addressOf(bytes32 name) external view returns (address);

    /// @notice A version of a name, 1 for its first. Reverts NetworkDirectoryVersionUnknown.
    function addressAt(bytes32 name, uint32 version) external view returns (address);

    /// @notice How many versions a name has; zero when it is unknown.
    function versionOf(bytes32 name) external view returns (uint32);

    /// @notice All names in order of their first listing.
    function names() external view returns (bytes32[] memory);
}
