// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { InvariantBroken } from "./Handler.sol";
import { Network } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice A network in which something does not hold has to be noticed, and by the number of what does not hold.
abstract contract BrokenTwin {
    uint256 private constant TRIES = 200;

    bool public constant IS_TEST = true;

    error NotNoticed(uint256 number);

    /// @dev A check notices it at once.
    function _noticed(uint256 number, address handler, bytes4 check) internal {
        (bool holds, bytes memory reason) = handler.call(abi.encodeWithSelector(check));
        if (holds || !_isBroken(number, reason)) revert NotNoticed(number);
    }

    /// @dev A kind of step notices it once the dice lead there.
    function _noticedInSteps(uint256 number, address handler, bytes4 step) internal {
        for (uint256 seed; seed < TRIES; ++seed) {
            (bool holds, bytes memory reason) = handler.call(abi.encodeWithSelector(step, seed));
            if (holds) continue;
            if (!_isBroken(number, reason)) revert NotNoticed(number);
            return;
        }
        revert NotNoticed(number);
    }

    /// @dev Breaks something by a call that has to go through.
    function _act(address sender, address target, bytes memory data) internal {
        VM.prank(sender);
        (bool done,) = target.call(data);
        if (!done) revert NotNoticed(0);
    }

    function _makeAdmin(Network network, address account) internal {
        bytes memory data = abi.encodeWithSignature("grantRole(uint64,address,uint32)", 0, account, 0);
        _act(network.timelock(), address(network.access()), data);
    }

    function _isBroken(uint256 number, bytes memory reason) private pure returns (bool) {
        if (reason.length < 36) return false;
        (bytes32 selector, bytes32 found) = (bytes32(0), bytes32(0));
        assembly ("memory-safe") {
            selector := mload(add(reason, 0x20))
            found := mload(add(reason, 0x24))
        }
        return bytes4(selector) == InvariantBroken.selector && uint256(found) == number;
    }
}
