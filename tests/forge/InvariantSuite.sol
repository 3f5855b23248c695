// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Handler } from "./Handler.sol";

/// @notice What forge asks of a suite: whom to drive, and by which functions.
abstract contract InvariantSuite {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    bool public constant IS_TEST = true;

    address private _target;
    bytes4[] private _steps;

    /// @notice See forge.
    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = _target;
    }

    /// @notice See forge.
    function targetSelectors() external view returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](1);
        targets[0] = FuzzSelector(_target, _steps);
    }

    /// @dev The steps of a handler, and the one that every handler has.
    function _drives(address handler, bytes4[] memory steps) internal {
        _target = handler;
        _steps = steps;
        _steps.push(Handler.trespass.selector);
    }
}
