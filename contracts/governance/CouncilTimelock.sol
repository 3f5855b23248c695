// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { TimelockController } from "@openzeppelin/contracts/governance/TimelockController.sol";

/// @title Timelock of the council
/// @notice Carries out what the council voted, after a delay: an OpenZeppelin TimelockController whose only proposer,
/// canceller and executor is one council for good. A council that takes its place brings a timelock of its own.
contract CouncilTimelock is TimelockController {
    uint256 private constant SHORTEST_DELAY_SECONDS = 1 minutes;
    uint256 private constant LONGEST_DELAY_SECONDS = 7 days;

    uint256 private _delaySeconds; // in place of the parent's, which has no bounds

    error CouncilTimelockAddressInvalid(address given);
    error CouncilTimelockDelayInvalid(uint256 delaySeconds, uint256 shortest, uint256 longest);
    error CouncilTimelockRolesFixed();

    /// @param delaySeconds From queueing to the earliest execution: 1 minute to 7 days.
    /// @param council Where the council is, or will be.
    constructor(uint256 delaySeconds, address council)
        TimelockController(delaySeconds, _only(council), _only(council), address(0))
    {
        if (council == address(0)) revert CouncilTimelockAddressInvalid(council); // it would open execution to anybody
        _checkDelay(delaySeconds);
        _delaySeconds = delaySeconds;
    }

    /// @notice Changes the delay of later operations, seconds: 1 minute to 7 days. By vote.
    function updateDelay(uint256 delaySeconds) external override {
        if (msg.sender != address(this)) revert TimelockUnauthorizedCaller(msg.sender);
        _checkDelay(delaySeconds);
        emit MinDelayChange(_delaySeconds, delaySeconds);
        _delaySeconds = delaySeconds;
    }

    /// @notice Delay from queueing to the earliest execution, seconds.
    function getMinDelay() public view override returns (uint256) {
        return _delaySeconds;
    }

    /// @dev Roles are given while it is constructed, and never again.
    function _grantRole(bytes32 role, address account) internal override returns (bool) {
        if (address(this).code.length != 0) revert CouncilTimelockRolesFixed();
        return super._grantRole(role, account);
    }

    function _revokeRole(bytes32, address) internal pure override returns (bool) {
        revert CouncilTimelockRolesFixed();
    }

    function _checkDelay(uint256 delaySeconds) private pure {
        if (delaySeconds < SHORTEST_DELAY_SECONDS || delaySeconds > LONGEST_DELAY_SECONDS) {
            revert CouncilTimelockDelayInvalid(delaySeconds, SHORTEST_DELAY_SECONDS, LONGEST_DELAY_SECONDS);
        }
    }

    function _only(address account) private pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = account;
    }
}
