// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Exchange } from "../types/Exchanges.sol";

/// @notice Stands in for the escrow of disputed exchanges, so that Disputes can be tried without money. For tests only.
contract DisputedEscrow {
    mapping(bytes32 exchangeId => bytes32 description) private _disputed;

    event ExchangeResolved(bytes32 indexed exchangeId, uint256 providerBps, bool isBondForfeit);

    error DisputedEscrowMismatch(bytes32 exchangeId);

    /// @notice Takes an exchange as disputed from now on.
    function dispute(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt) external {
        _disputed[exchange.id] = _describe(exchange, deliveredAt, bond, disputedAt);
    }

    /// @notice As in IFeeEscrow.
    function resolve(
        Exchange calldata exchange,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        uint256 providerBps,
        bool isBondForfeit
    ) external {
        checkDisputed(exchange, deliveredAt, bond, disputedAt);
        delete _disputed[exchange.id];
        emit ExchangeResolved(exchange.id, providerBps, isBondForfeit);
    }

    /// @notice As in IFeeEscrow.
    function checkDisputed(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt)
        public
        view
    {
        bytes32 description = _describe(exchange, deliveredAt, bond, disputedAt);
        if (_disputed[exchange.id] != description) revert DisputedEscrowMismatch(exchange.id);
    }

    function _describe(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt)
        private
        pure
        returns (bytes32)
    {
        return keccak256(abi.encode(exchange, deliveredAt, bond, disputedAt));
    }
}
