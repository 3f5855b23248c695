// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrable } from "./IArbitrable.sol";

/// @title Arbitrator (ERC-792)
/// @notice A contract that rules on disputes of other contracts. Names and signatures are the standard's; costs are in
/// the chain's own currency.
interface IArbitrator {
    /// @notice Where a dispute stands.
    enum DisputeStatus {
        Waiting, // no ruling yet
        Appealable, // a ruling that can still be appealed
        Solved // a ruling that is final
    }

    /// @notice A dispute was brought.
    event DisputeCreation(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);
    /// @notice A ruling can be appealed now.
    event AppealPossible(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);
    /// @notice A ruling was appealed.
    event AppealDecision(uint256 indexed _disputeID, IArbitrable indexed _arbitrable);

    /// @notice Brings a dispute of the calling contract, against the cost.
    /// @param choices How many rulings there are to choose from, beside refusing to rule.
    /// @param extraData What the arbitrator is told of the dispute, in a form of its own.
    /// @return disputeID The dispute's number, unique in this arbitrator.
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeID);

    /// @notice Appeals a ruling, against the cost.
    function appeal(uint256 disputeID, bytes calldata extraData) external payable;

    /// @notice What bringing a dispute costs.
    function arbitrationCost(bytes calldata extraData) external view returns (uint256 cost);

    /// @notice What an appeal costs.
    function appealCost(uint256 disputeID, bytes calldata extraData) external view returns (uint256 cost);

    /// @notice When a ruling can be appealed, Unix seconds; zeros for never.
    function appealPeriod(uint256 disputeID) external view returns (uint256 start, uint256 end);

    /// @notice Where a dispute stands.
    function disputeStatus(uint256 disputeID) external view returns (DisputeStatus status);

    /// @notice The ruling that stands unless it is appealed; zero while there is none.
    function currentRuling(uint256 disputeID) external view returns (uint256 ruling);
}
