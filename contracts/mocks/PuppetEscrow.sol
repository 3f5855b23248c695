// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IConsentEscrow } from "../../interfaces/IConsentEscrow.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { Exchange, ExchangeState } from "../types/Exchanges.sol";

/// @notice An escrow that calls the consent token as it is told, and answers it, and the erasure register, as it is told.
/// For tests only.
contract PuppetEscrow is IConsentEscrow {
    /// @notice What becomes of a call by the token or the register.
    enum Answer {
        Proper,
        Refusal, // reverts with data
        Hunger, // burns all the gas it gets
        Nothing, // returns no data
        Word // returns a word that is no bool
    }

    Answer private _toQuestions;
    Answer private _toNotices;
    uint8 private _note;
    mapping(bytes32 exchangeId => bool) private _funded;
    mapping(bytes32 consentId => mapping(uint32 use => ExchangeState)) private _states;
    mapping(bytes32 batchId => bytes32) private _roots;
    address private _batches;

    /// @notice The token told of a withdrawal, and left this much gas for it.
    event Noticed(bytes32 indexed exchangeId, bytes32 described, uint256 gasLeft);

    error PuppetEscrowRefused(bytes32 what);

    /// @param toQuestions How it answers `isFunded`, `stateOf`, `wiring` and `batchRootOf`.
    /// @param toNotices How it answers `onConsentWithdrawn`.
    function setAnswers(Answer toQuestions, Answer toNotices) external {
        (_toQuestions, _toNotices) = (toQuestions, toNotices);
    }

    /// @param given What it wants to be told with every use.
    function setNote(uint8 given) external {
        _note = given;
    }

    function setFunded(bytes32 exchangeId, bool funded) external {
        _funded[exchangeId] = funded;
    }

    function setState(bytes32 consentId, uint32 use, ExchangeState state) external {
        _states[consentId][use] = state;
    }

    /// @param batches Who brings it batches; itself where zero.
    function setBatches(address batches) external {
        _batches = batches;
    }

    function setBatchRoot(bytes32 batchId, bytes32 root) external {
        _roots[batchId] = root;
    }

    /// @notice Calls a contract as this escrow, several times in one transaction; what a call reverts with comes through.
    function perform(address target, bytes[] calldata calls) external returns (bytes[] memory answers) {
        answers = new bytes[](calls.length);
        for (uint256 i; i < calls.length; ++i) {
            (bool done, bytes memory answer) = target.call(calls[i]);
            if (!done) {
                assembly ("memory-safe") {
                    revert(add(answer, 0x20), mload(answer))
                }
            }
            answers[i] = answer;
        }
    }

    /// @notice Leaves no code behind.
    function vanish() external {
        selfdestruct(payable(msg.sender));
    }

    /// @inheritdoc IConsentEscrow
    function note() external view returns (uint8) {
        return _note;
    }

    /// @inheritdoc IConsentEscrow
    function isFunded(bytes32 exchangeId) external view returns (bool) {
        _answer(_toQuestions, exchangeId);
        return _funded[exchangeId];
    }

    /// @inheritdoc IConsentEscrow
    function onConsentWithdrawn(bytes32 exchangeId, Exchange calldata exchange) external {
        uint256 gasLeft = gasleft();
        _answer(_toNotices, exchangeId);
        _funded[exchangeId] = false;
        emit Noticed(exchangeId, exchange.id, gasLeft);
    }

    /// @notice As IFeeEscrow.stateOf.
    function stateOf(bytes32 consentId, uint32 use) external view returns (ExchangeState state, uint48 endedAt) {
        _answer(_toQuestions, consentId);
        return (_states[consentId][use], 0);
    }

    /// @notice As IFeeEscrow.wiring; nothing but who brings it batches.
    function wiring() external view returns (IFeeEscrow.EscrowParts memory parts) {
        _answer(_toQuestions, 0);
        parts.batches = _batches == address(0) ? address(this) : _batches;
    }

    /// @notice As IExchangeBatches.batchRootOf.
    function batchRootOf(bytes32 batchId) external view returns (bytes32) {
        _answer(_toQuestions, batchId);
        return _roots[batchId];
    }

    function _answer(Answer answer, bytes32 what) private pure {
        if (answer == Answer.Refusal) revert PuppetEscrowRefused(what);
        assembly ("memory-safe") {
            switch answer
            case 2 { invalid() }
            case 3 { return(0, 0) }
            case 4 {
                mstore(0, 2)
                return(0, 0x20)
            }
        }
    }
}
