// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManager } from "@openzeppelin/contracts/access/manager/AccessManager.sol";

/// @title Network access
/// @notice Who may call the administrative functions of all contracts of a network: one OpenZeppelin AccessManager.
/// Role 0 decides by default; it stands for the council. Its last holder can neither renounce nor be revoked: the network
/// cannot lock itself out.
contract NetworkAccess is AccessManager {
    /// @notice May pause and suspend at once, for 72 hours.
    uint64 public constant GUARDIAN_ROLE = 1;
    /// @notice May issue network credit against paid invoices, and burn what was redeemed.
    uint64 public constant TREASURER_ROLE = 2;

    error NetworkAccessLastAdmin(address account);

    uint256 private _admins; // slot 4: holders of role 0

    constructor(address admin) AccessManager(admin) { }

    /// @notice How many hold role 0.
    function adminCount() external view returns (uint256) {
        return _admins;
    }

    function _grantRole(uint64 roleId, address account, uint32 grantDelay, uint32 executionDelay)
        internal
        override
        returns (bool newMember)
    {
        newMember = super._grantRole(roleId, account, grantDelay, executionDelay);
        if (newMember && roleId == ADMIN_ROLE) ++_admins;
    }

    function _revokeRole(uint64 roleId, address account) internal override returns (bool revoked) {
        revoked = super._revokeRole(roleId, account);
        if (revoked && roleId == ADMIN_ROLE) {
            if (_admins == 1) revert NetworkAccessLastAdmin(account);
            --_admins;
        }
    }
}
