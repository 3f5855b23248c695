// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { INetworkDirectory } from "../../interfaces/INetworkDirectory.sol";

/// @title Network directory
/// @notice See INetworkDirectory.
contract NetworkDirectory is INetworkDirectory, AccessManaged {
    mapping(bytes32 name => address[]) private _versions; // slot 1
    bytes32[] private _names; // slot 2: as many as a network has contracts

    constructor(address authority) AccessManaged(authority) {
        if (authority.code.length == 0) revert NetworkDirectoryAddressInvalid(authority);
    }

    /// @inheritdoc INetworkDirectory
    function set(bytes32 name, address where) external restricted {
        if (name == 0) revert NetworkDirectoryNameMissing();
        address[] storage versions = _versions[name];
        uint256 count = versions.length;
        if (where.code.length == 0 || (count != 0 && versions[count - 1] == where)) {
            revert NetworkDirectoryAddressInvalid(where);
        }
        if (count == 0) _names.push(name);
        versions.push(where);
        emit DirectoryEntrySet(name, uint32(count + 1), where); // one vote an entry: never near 2^32
    }

    /// @inheritdoc INetworkDirectory
    function addressOf(bytes32 name) external view returns (address) {
        address[] storage versions = _versions[name];
        uint256 count = versions.length;
        if (count == 0) revert NetworkDirectoryNameUnknown(name);
        return versions[count - 1];
    }

    /// @inheritdoc INetworkDirectory
    function addressAt(bytes32 name, uint32 version) external view returns (address) {
        address[] storage versions = _versions[name];
        if (version == 0 || version > versions.length) revert NetworkDirectoryVersionUnknown(name, version);
        return versions[version - 1];
    }

    /// @inheritdoc INetworkDirectory
    function versionOf(bytes32 name) external view returns (uint32) {
        return uint32(_versions[name].length);
    }

    /// @inheritdoc INetworkDirectory
    function names() external view returns (bytes32[] memory) {
        return _names;
    }
}
