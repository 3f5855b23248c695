// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A contract that holds tokens and sends them wherever anyone says: the plainest network contract there is.
contract TokenVault {
    function pay(IERC20 token, address to, uint256 amount) external {
        require(token.transfer(to, amount));
    }
}
