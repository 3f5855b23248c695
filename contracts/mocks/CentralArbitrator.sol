// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IArbitrable } from "../../interfaces/IArbitrable.sol";
import { IArbitrator } from "../../interfaces/IArbitrator.sol";

/// @notice An ERC-792 arbitrator of somebody else's: one account rules, against a fee. It knows nothing of this
/// network, and does as it is told. For tests only.
contract CentralArbitrator is IArbitrator {
    /// @notice What becomes of a new dispute.
    enum Answer {
        Proper,
        Refusal, // reverts with data
        Repetition, // is given the number of the one before
        Return // is brought again by whoever brought it, within the call
    }

    struct Brought {
        IArbitrable arbitrable;
        uint256 choices;
        bytes extraData;
        bool isSolved;
        uint256 ruling;
    }

    address private immutable OWNER;
    uint256 private immutable COST;

    Answer private _answer;
    bytes private _returned;
    Brought[] private _disputes;

    error CentralArbitratorNotOwner(address caller);
    error CentralArbitratorUnpaid(uint256 given, uint256 cost);
    error CentralArbitratorRefused();

    constructor(uint256 cost) {
        OWNER = msg.sender;
        COST = cost;
    }

    /// @param returned What it calls the bringing contract with, where it returns a dispute.
    function setAnswer(Answer answer, bytes calldata returned) external {
        (_answer, _returned) = (answer, returned);
    }

    /// @inheritdoc IArbitrator
    function createDispute(uint256 choices, bytes calldata extraData) external payable returns (uint256 disputeID) {
        if (msg.value != COST) revert CentralArbitratorUnpaid(msg.value, COST);
        if (_answer == Answer.Refusal) revert CentralArbitratorRefused();
        if (_answer == Answer.Repetition) return _disputes.length - 1;
        if (_answer == Answer.Return) {
            (bool done, bytes memory answer) = msg.sender.call(_returned);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
        }
        disputeID = _disputes.length;
        _disputes.push(Brought(IArbitrable(msg.sender), choices, extraData, false, 0));
        emit DisputeCreation(disputeID, IArbitrable(msg.sender));
    }

    /// @notice Rules as the owner says.
    function giveRuling(uint256 disputeID, uint256 ruling) external {
        if (msg.sender != OWNER) revert CentralArbitratorNotOwner(msg.sender);
        Brought storage brought = _disputes[disputeID];
        (brought.isSolved, brought.ruling) = (true, ruling);
        brought.arbitrable.rule(disputeID, ruling);
    }

    /// @inheritdoc IArbitrator
    function appeal(uint256, bytes calldata) external payable {
        revert CentralArbitratorRefused();
    }

    /// @notice What it was told of a dispute.
    function told(uint256 disputeID) external view returns (uint256 choices, bytes memory extraData) {
        return (_disputes[disputeID].choices, _disputes[disputeID].extraData);
    }

    /// @inheritdoc IArbitrator
    function arbitrationCost(bytes calldata) external view returns (uint256 cost) {
        return COST;
    }

    /// @inheritdoc IArbitrator
    function appealCost(uint256, bytes calldata) external pure returns (uint256 cost) {
        return type(uint256).max / 2;
    }

    /// @inheritdoc IArbitrator
    function appealPeriod(uint256) external pure returns (uint256 start, uint256 end) {
        return (0, 0);
    }

    /// @inheritdoc IArbitrator
    function disputeStatus(uint256 disputeID) external view returns (DisputeStatus status) {
        return _disputes[disputeID].isSolved ? DisputeStatus.Solved : DisputeStatus.Waiting;
    }

    /// @inheritdoc IArbitrator
    function currentRuling(uint256 disputeID) external view returns (uint256 ruling) {
        return _disputes[disputeID].ruling;
    }
}
