// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Exchange } from "../contracts/types/Exchanges.sol";

/// @notice What ConsentToken asks of an escrow that takes uses of consents.
interface IConsentEscrow {
    /// @notice Whether an exchange is funded and not yet delivered, so that a withdrawal still returns its fee.
    function isFunded(bytes32 exchangeId) external view returns (bool);

    /// @notice What the escrow wants to be told with every use of a consent (IConsentToken.setEscrowNote).
    function note() external view returns (uint8);

    /// @notice Stops the exchange that a withdrawn consent had Funded, and returns its fee when `exchange` is its exact
    /// description and the consumer's balance has room for it; otherwise the fee is due and anyone can return it. Does
    /// nothing in any other state.
    /// @dev Only callable by ConsentToken.
    /// @param exchangeId Id of the consent's latest exchange.
    /// @param exchange Its description as it stands in ExchangeFunded, or anything else when it is not at hand.
    function onConsentWithdrawn(bytes32 exchangeId, Exchange calldata exchange) external;
}
