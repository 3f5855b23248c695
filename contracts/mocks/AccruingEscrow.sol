// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice Stands in for the escrow's ledger of hosts' shares, so that HostRewards can be tried with any amount in any
/// order. Keeps the escrow's rule that no more is credited than has accrued.
contract AccruingEscrow {
    uint256 public hostsAccrued;
    uint256 public hostsCredited;
    bool public hostsPresent;
    mapping(address host => uint256) public earnedOf;

    event HostsPresenceSet(bool present);

    error AccruingEscrowRewardsTooLow(uint256 unclaimed, uint256 amount);

    function accrue(uint256 amount) external {
        hostsAccrued += amount;
    }

    function creditHost(address host, uint256 amount) external {
        uint256 unclaimed = hostsAccrued - hostsCredited;
        if (amount > unclaimed) revert AccruingEscrowRewardsTooLow(unclaimed, amount);
        hostsCredited += amount;
        earnedOf[host] += amount;
    }

    function setHostsPresent(bool present) external {
        hostsPresent = present;
        emit HostsPresenceSet(present);
    }
}
