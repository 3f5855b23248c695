// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Exchange } from "../contracts/types/Exchanges.sol";

/// @title Disputed escrow
/// @notice What disputes need of the escrow that holds the fee and the bond.
interface IDisputedEscrow {
    function checkDisputed(
        Exchange calldata exchange,
        bytes32 ciphertextHash,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt
    ) external view;

    function resolve(
        Exchange calldata exchange,
        bytes32 ciphertextHash,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        uint256 providerBps,
        bool isBondForfeit
    ) external;
}
