// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { ExchangeAccounting, ExchangeState } from "../libraries/ExchangeAccounting.sol";

/// @notice Shows the table of an exchange's states. For tests only.
contract ExchangeAccountingHarness {
    function isStep(ExchangeState from, ExchangeState to) external pure returns (bool) {
        return ExchangeAccounting.isStep(from, to);
    }

    function isTerminal(ExchangeState state) external pure returns (bool) {
        return ExchangeAccounting.isTerminal(state);
    }
}
