// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

/// @title Network access
/// @notice Who may call the administrative functions of all contracts of a network: one OpenZeppelin AccessManager.
/// Role 0 decides by default; it stands for the council. Its last holder can neither renounce nor be revoked, nor be made
/// to wait before it acts: the network cannot lock itself out. Another holder counts for this when its grant delay is over
/// and it acts at once too.
contract NetworkAccess is AccessManager {
    using EnumerableSet for EnumerableSet.AddressSet;

    /// @notice May pause and suspend at once, for 72 hours.
    uint64 public constant GUARDIAN_ROLE = 1;
    /// @notice May issue network credit against paid invoices, and burn what was redeemed.
    uint64 public constant TREASURER_ROLE = 2;

    error NetworkAccessLastAdmin(address account);

    EnumerableSet.AddressSet private _admins; // slots 4 and 5: holders of role 0, few enough to be voted one by one

    constructor(address admin) AccessManager(admin) { }

    /// @notice How many hold role 0, those among them whose grant delay still runs.
    function adminCount() external view returns (uint256) {
        return _admins.length();
    }

    function _grantRole(uint64 roleId, address account, uint32 grantDelay, uint32 executionDelay)
        internal
        override
        returns (bool newMember)
    {
        newMember = super._grantRole(roleId, account, grantDelay, executionDelay);
        if (roleId != ADMIN_ROLE) return newMember;
        if (newMember) _admins.add(account);
        _checkAdminLeft(account);
    }

    function _revokeRole(uint64 roleId, address account) internal override returns (bool revoked) {
        revoked = super._revokeRole(roleId, account);
        if (!revoked || roleId != ADMIN_ROLE) return revoked;
        _admins.remove(account);
        _checkAdminLeft(account);
    }

    /// @dev Somebody holds role 0 now and acts at once, after what was done to `account`.
    function _checkAdminLeft(address account) private view {
        uint256 count = _admins.length();
        for (uint256 i; i < count; ++i) {
            (bool isInForce, uint32 executionDelay) = hasRole(ADMIN_ROLE, _admins.at(i));
            if (isInForce && executionDelay == 0) return;
        }
        revert NetworkAccessLastAdmin(account);
    }
}
