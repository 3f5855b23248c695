// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { AccessManaged } from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import { Address } from "@openzeppelin/contracts/utils/Address.sol";
import { IArbitrable } from "../../interfaces/IArbitrable.sol";
import { IArbitrator } from "../../interfaces/IArbitrator.sol";
import { IDisputes } from "../../interfaces/IDisputes.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { FeeShares } from "../libraries/FeeShares.sol";
import { Exchange } from "../types/Exchanges.sol";
import { DelegateKinds } from "../types/Participants.sol";

/// @title Disputes
/// @notice See IDisputes.
/// @dev Holds no tokens, and of the chain's own currency nothing beyond a transaction. The escrow checks with every
/// step that it is about an exchange that is disputed there; what is kept here under its id is thereby about that
/// dispute.
contract Disputes is IDisputes, AccessManaged {
    using Address for address payable;

    /// @dev Rulings 1 to 10,001 stand for 0 to 10,000 basis points.
    uint256 private constant CHOICES = FeeShares.WHOLE_BPS + 1;
    uint256 private constant HALF_BPS = FeeShares.WHOLE_BPS / 2;
    uint256 private constant LONGEST_EVIDENCE_BYTES = 512;
    uint256 private constant META_EVIDENCE_ID = 0;
    string private constant META_EVIDENCE = string.concat(
        'data:application/json;charset=utf-8,{"category":"Data exchange","title":"The fee of a disputed exchange",',
        '"description":"A consumer disputes what a provider delivered. The provider hands the ciphertext to the ',
        "arbiters, who check it against the hash on the chain; the consumer hands them the one-time private key that ",
        'matches the order, and what it says is wrong.","question":"How much of the fee is the provider\'s, in basis ',
        'points plus one?","rulingOptions":{"type":"uint","precision":0}}'
    );

    IFeeEscrow private immutable ESCROW;
    IIdentityRegistry private immutable IDENTITIES;
    uint32 private immutable EVIDENCE_SECONDS;
    uint32 private immutable RULING_SECONDS;

    /// @dev Two slots.
    struct Case {
        IArbitrator arbitrator; // bytes  0-19: zero until it is submitted
        uint48 disputedAt; // bytes 20-25: Unix seconds; zero until it is submitted
        uint16 ruling; // bytes 26-27: at most 10,001
        bool isRuled; // byte  28
        bool isCiphertextFiled; // byte  29
        uint256 disputeID; // second slot: its number at the arbitrator
    }

    IArbitrator private _arbitrator; // slot 1: of what is submitted from now on
    mapping(bytes32 exchangeId => Case) private _cases; // slot 2
    mapping(IArbitrator arbitrator => mapping(uint256 disputeID => bytes32 exchangeId)) private _exchanges; // slot 3

    /// @param evidenceSeconds From the dispute to the last instant for evidence; less than `rulingSeconds`.
    /// @param rulingSeconds From the dispute to the last instant for a ruling.
    constructor(
        address authority,
        IFeeEscrow escrow,
        IIdentityRegistry identities,
        IArbitrator firstArbitrator,
        uint32 evidenceSeconds,
        uint32 rulingSeconds
    ) AccessManaged(authority) {
        _checkContract(authority);
        _checkContract(address(escrow));
        _checkContract(address(identities));
        if (evidenceSeconds == 0 || evidenceSeconds >= rulingSeconds) {
            revert DisputesSpansInvalid(evidenceSeconds, rulingSeconds);
        }
        ESCROW = escrow;
        IDENTITIES = identities;
        EVIDENCE_SECONDS = evidenceSeconds;
        RULING_SECONDS = rulingSeconds;
        _setArbitrator(firstArbitrator);
        emit MetaEvidence(META_EVIDENCE_ID, META_EVIDENCE);
    }

    // ---------------------------------------------------------------- a dispute, step by step

    /// @inheritdoc IDisputes
    function submit(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt)
        external
        payable
        returns (uint256 disputeID)
    {
        // Check
        ESCROW.checkDisputed(exchange, deliveredAt, bond, disputedAt);
        bytes32 exchangeId = exchange.id;
        Case storage submitted = _cases[exchangeId];
        IArbitrator chosen = submitted.arbitrator;
        if (address(chosen) != address(0)) revert DisputesSubmitted(exchangeId, chosen);
        (, uint256 rulingUntil) = deadlines(disputedAt);
        if (block.timestamp > rulingUntil) revert DisputesSubmissionTooLate(exchangeId, rulingUntil);
        chosen = _arbitrator;
        bytes memory extraData = _extraDataOf(exchange);
        uint256 cost = chosen.arbitrationCost(extraData);
        if (msg.value < cost) revert DisputesValueTooLow(msg.value, cost);

        // Effect: submitted once, also where the arbitrator calls back.
        submitted.arbitrator = chosen;
        submitted.disputedAt = disputedAt;

        // Interaction
        disputeID = chosen.createDispute{ value: cost }(CHOICES, extraData);

        // Effect: what the arbitrator answered.
        if (_exchanges[chosen][disputeID] != 0) revert DisputesIdTaken(chosen, disputeID);
        _exchanges[chosen][disputeID] = exchangeId;
        submitted.disputeID = disputeID;
        emit Dispute(chosen, disputeID, META_EVIDENCE_ID, uint256(exchangeId));

        // Interaction
        if (msg.value > cost) payable(msg.sender).sendValue(msg.value - cost);
    }

    /// @inheritdoc IDisputes
    function fileCiphertext(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt) external {
        // Check
        ESCROW.checkDisputed(exchange, deliveredAt, bond, disputedAt);
        bytes32 exchangeId = exchange.id;
        IDENTITIES.checkActor(exchange.provider, DelegateKinds.DELIVERY, msg.sender);
        _checkEvidenceInTime(exchangeId, disputedAt);
        if (_cases[exchangeId].isCiphertextFiled) revert DisputesCiphertextFiled(exchangeId);

        // Effect
        _cases[exchangeId].isCiphertextFiled = true;
        emit CiphertextFiled(exchangeId, exchange.sealHash);
    }

    /// @inheritdoc IDisputes
    function submitEvidence(
        Exchange calldata exchange,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        address participant,
        string calldata evidence
    ) external {
        // Check
        ESCROW.checkDisputed(exchange, deliveredAt, bond, disputedAt);
        bytes32 exchangeId = exchange.id;
        bool isConsumer = participant == exchange.consumer;
        if (!isConsumer && participant != exchange.provider) revert DisputesNotParty(exchangeId, participant);
        IDENTITIES.checkActor(participant, isConsumer ? DelegateKinds.EXCHANGE : DelegateKinds.DELIVERY, msg.sender);
        _checkEvidenceInTime(exchangeId, disputedAt);
        uint256 length = bytes(evidence).length;
        if (length == 0 || length > LONGEST_EVIDENCE_BYTES) {
            revert DisputesEvidenceLengthInvalid(length, LONGEST_EVIDENCE_BYTES);
        }

        // Effect
        IArbitrator chosen = _cases[exchangeId].arbitrator;
        if (address(chosen) == address(0)) chosen = _arbitrator; // where it would go now
        emit Evidence(chosen, uint256(exchangeId), participant, evidence);
    }

    /// @inheritdoc IArbitrable
    function rule(uint256 disputeID, uint256 ruling) external {
        // Check
        IArbitrator caller = IArbitrator(msg.sender);
        bytes32 exchangeId = _exchanges[caller][disputeID];
        if (exchangeId == 0) revert DisputesUnknown(msg.sender, disputeID);
        Case storage ruled = _cases[exchangeId];
        if (ruled.isRuled) revert DisputesRuled(exchangeId, ruled.ruling);
        if (ruling > CHOICES) revert DisputesRulingInvalid(ruling, CHOICES);
        (, uint256 rulingUntil) = deadlines(ruled.disputedAt);
        if (block.timestamp > rulingUntil) revert DisputesRulingTooLate(exchangeId, rulingUntil);

        // Effect
        ruled.ruling = uint16(ruling); // at most 10,001
        ruled.isRuled = true;
        emit Ruling(caller, disputeID, ruling);
    }

    /// @inheritdoc IDisputes
    function execute(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt) external {
        // Check
        (Outcome outcome, uint256 providerBps, bool isBondForfeit) = _decided(exchange.id, disputedAt);

        // Effect
        emit DisputeExecuted(exchange.id, outcome);

        // Interaction: with the escrow that listens to this contract. It refuses whatever is not disputed there.
        ESCROW.resolve(exchange, deliveredAt, bond, disputedAt, providerBps, isBondForfeit);
    }

    // ---------------------------------------------------------------- the council

    /// @inheritdoc IDisputes
    function setArbitrator(IArbitrator next) external restricted {
        if (next == _arbitrator) revert DisputesArbitratorUnchanged(next);
        _setArbitrator(next);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IDisputes
    function submissionCost(Exchange calldata exchange) external view returns (uint256 cost) {
        return _arbitrator.arbitrationCost(_extraDataOf(exchange));
    }

    /// @inheritdoc IDisputes
    function caseOf(bytes32 exchangeId)
        external
        view
        returns (IArbitrator where, uint256 disputeID, bool isCiphertextFiled, bool isRuled, uint256 ruling)
    {
        Case memory found = _cases[exchangeId];
        return (found.arbitrator, found.disputeID, found.isCiphertextFiled, found.isRuled, found.ruling);
    }

    /// @inheritdoc IDisputes
    function exchangeOf(IArbitrator where, uint256 disputeID) external view returns (bytes32 exchangeId) {
        return _exchanges[where][disputeID];
    }

    /// @inheritdoc IDisputes
    function deadlines(uint48 disputedAt) public view returns (uint256 evidenceUntil, uint256 rulingUntil) {
        return (uint256(disputedAt) + EVIDENCE_SECONDS, uint256(disputedAt) + RULING_SECONDS);
    }

    /// @inheritdoc IDisputes
    function spans() external view returns (uint32 evidenceSeconds, uint32 rulingSeconds) {
        return (EVIDENCE_SECONDS, RULING_SECONDS);
    }

    /// @inheritdoc IDisputes
    function arbitrator() external view returns (IArbitrator) {
        return _arbitrator;
    }

    /// @inheritdoc IDisputes
    function wiring() external view returns (address escrow, address identities) {
        return (address(ESCROW), address(IDENTITIES));
    }

    // ---------------------------------------------------------------- internals

    /// @dev How a dispute ends by now. A ruling without the ciphertext rules on nothing; with it, it counts at once.
    function _decided(bytes32 exchangeId, uint48 disputedAt)
        private
        view
        returns (Outcome outcome, uint256 providerBps, bool isBondForfeit)
    {
        Case memory found = _cases[exchangeId];
        (uint256 evidenceUntil, uint256 rulingUntil) = deadlines(disputedAt);
        if (!found.isCiphertextFiled) {
            if (block.timestamp <= evidenceUntil) revert DisputesUndecided(exchangeId, evidenceUntil);
            return (Outcome.CiphertextMissing, 0, false);
        }
        if (found.isRuled) {
            providerBps = found.ruling == 0 ? 0 : found.ruling - 1;
            return (Outcome.Ruled, providerBps, providerBps == FeeShares.WHOLE_BPS);
        }
        if (block.timestamp <= rulingUntil) revert DisputesUndecided(exchangeId, rulingUntil);
        return (Outcome.NotRuled, HALF_BPS, false);
    }

    /// @dev Who shares in the fee, as the arbitrator is told.
    function _extraDataOf(Exchange calldata exchange) private view returns (bytes memory) {
        (,, uint16 hosts, uint16 consumerRecruiter, uint16 providerRecruiter) =
            FeeShares.unpack(exchange.terms.shares());
        uint256 count = 3;
        if (consumerRecruiter != 0) ++count;
        if (providerRecruiter != 0) ++count;
        address[] memory interested = new address[](count);
        (interested[0], interested[1], interested[2]) = (exchange.consumer, exchange.provider, exchange.coordinator);
        if (consumerRecruiter != 0) interested[3] = IDENTITIES.participantOf(exchange.consumer).recruiter;
        if (providerRecruiter != 0) interested[count - 1] = IDENTITIES.participantOf(exchange.provider).recruiter;
        return abi.encode(interested, hosts != 0);
    }

    function _setArbitrator(IArbitrator next) private {
        _checkContract(address(next));
        _arbitrator = next;
        emit ArbitratorSet(next);
    }

    function _checkEvidenceInTime(bytes32 exchangeId, uint48 disputedAt) private view {
        (uint256 evidenceUntil,) = deadlines(disputedAt);
        if (block.timestamp > evidenceUntil) revert DisputesEvidenceTooLate(exchangeId, evidenceUntil);
    }

    function _checkContract(address given) private view {
        if (given.code.length == 0) revert DisputesAddressInvalid(given);
    }
}
