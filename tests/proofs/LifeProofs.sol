// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting as Accounting, ExchangeState } from "../../contracts/libraries/ExchangeAccounting.sol";

/// @notice What holds of an exchange's life, after any number of steps in any order.
contract LifeProofs {
    ExchangeState private _state;
    bool private _isDelivered; // it was, at some time
    bool private _isDisputed; // likewise
    uint256 private _endings;

    function step(ExchangeState to) external {
        require(Accounting.isStep(_state, to));
        assert(!Accounting.isTerminal(_state) && to != ExchangeState.None);
        // What was delivered never returns without a ruling, and a dispute ends by one alone.
        if (to == ExchangeState.Refunded || to == ExchangeState.RefundDue) assert(!_isDelivered);
        if (Accounting.isTerminal(to)) assert(_isDisputed == (to == ExchangeState.Resolved));

        _state = to;
        if (to == ExchangeState.Delivered) _isDelivered = true;
        if (to == ExchangeState.Disputed) _isDisputed = true;
        if (Accounting.isTerminal(to)) ++_endings;
        assert(_endings == (Accounting.isTerminal(to) ? 1 : 0));
    }
}
