// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { Exchange } from "../contracts/types/Exchanges.sol";
import { IArbitrable } from "./IArbitrable.sol";
import { IArbitrator } from "./IArbitrator.sol";
import { IEvidence } from "./IEvidence.sol";

/// @title Disputes
/// @notice Brings disputed exchanges before an arbitrator and tells the escrow how each ends:
///
///     no ciphertext filed by the evidence deadline --> the fee and the bond go back to the consumer
///     ruled                                        --> the fee is divided as ruled
///     no ruling by the ruling deadline             --> the fee is divided in halves, the bond is the consumer's again
///
/// Any ERC-792 arbitrator can be voted in. It has 10,001 choices: ruling 0 refuses to rule and returns fee and bond to
/// the consumer; ruling r from 1 to 10,001 gives the provider r - 1 basis points of the fee, shared as the whole fee
/// would have been, and the rest to the consumer. The bond is the provider's only where the ruling gives it the whole
/// fee. It is told who shares in the fee, so that none of them rules: extraData is `abi.encode(address[] interested,
/// bool hostsShare)`, the consumer, the provider, the coordinator and those recruiters whose share is above zero, and
/// whether the hosts' share is.
///
/// Both deadlines run from the instant of the dispute and are inclusive: a step is in time while `block.timestamp <=
/// deadline`. By the first one the provider says that the arbiters have the ciphertext which it had committed to, and
/// both parties show their evidence; neither the ciphertext nor a key reaches the chain. Nothing here waits for an
/// arbitrator longer than the second one. Evidence follows ERC-1497; an exchange's evidence group is its id. An
/// exchange is brought along with every step as the escrow's events told it, the dispute too.
interface IDisputes is IArbitrable, IEvidence {
    /// @notice What decided a dispute.
    enum Outcome {
        CiphertextMissing,
        Ruled,
        NotRuled
    }

    /// @notice A provider said that it handed the committed ciphertext to the arbiters.
    event CiphertextFiled(bytes32 indexed exchangeId, bytes32 ciphertextHash);
    /// @notice A dispute is over; the escrow's ExchangeResolved tells where the money went.
    event DisputeExecuted(bytes32 indexed exchangeId, Outcome outcome);
    /// @notice Disputes that are submitted from now on go to this arbitrator.
    event ArbitratorSet(IArbitrator arbitrator);

    error DisputesAddressInvalid(address given);
    error DisputesSpansInvalid(uint32 evidenceSeconds, uint32 rulingSeconds);
    error DisputesArbitratorUnchanged(IArbitrator arbitrator);
    error DisputesSubmitted(bytes32 exchangeId, IArbitrator arbitrator);
    error DisputesSubmissionTooLate(bytes32 exchangeId, uint256 rulingUntil);
    error DisputesValueTooLow(uint256 given, uint256 cost);
    error DisputesIdTaken(IArbitrator arbitrator, uint256 disputeID);
    error DisputesEvidenceTooLate(bytes32 exchangeId, uint256 evidenceUntil);
    error DisputesCiphertextFiled(bytes32 exchangeId);
    error DisputesEvidenceLengthInvalid(uint256 length, uint256 longest);
    error DisputesNotParty(bytes32 exchangeId, address participant);
    error DisputesUnknown(address arbitrator, uint256 disputeID);
    error DisputesRuled(bytes32 exchangeId, uint256 ruling);
    error DisputesRulingInvalid(uint256 ruling, uint256 choices);
    error DisputesRulingTooLate(bytes32 exchangeId, uint256 rulingUntil);
    error DisputesUndecided(bytes32 exchangeId, uint256 until);

    /// @notice Brings a disputed exchange before the arbitrator in force, once. By anyone, against the arbitrator's
    /// cost in the chain's own currency; what is sent beyond it comes back to the caller.
    /// @dev Emits Dispute. Reverts DisputesSubmitted, DisputesSubmissionTooLate, DisputesValueTooLow, DisputesIdTaken
    /// (the arbitrator gave a number twice), whatever the arbitrator reverts with, and as the escrow's checkDisputed.
    /// @param exchange As delivered: with the ciphertext's hash.
    /// @param deliveredAt As in ExchangeDelivered, Unix seconds.
    /// @param bond As in ExchangeDisputed, smallest token units.
    /// @param disputedAt As in ExchangeDisputed, Unix seconds.
    /// @return disputeID The dispute as the arbitrator numbers it.
    function submit(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt)
        external
        payable
        returns (uint256 disputeID);

    /// @notice Says that the provider handed the committed ciphertext to the arbiters; before or after the submission.
    /// @dev By the provider or its delegate of kind `delivery`, until the evidence deadline. Emits CiphertextFiled.
    /// Reverts IdentityRegistryNotActor, DisputesEvidenceTooLate, DisputesCiphertextFiled, and as the escrow's
    /// checkDisputed.
    function fileCiphertext(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt) external;

    /// @notice Shows the arbiters something; before or after the submission.
    /// @dev By the consumer or its delegate of kind `exchange`, or the provider or its delegate of kind `delivery`,
    /// until the evidence deadline. Emits Evidence. Reverts DisputesNotParty, IdentityRegistryNotActor,
    /// DisputesEvidenceTooLate, DisputesEvidenceLengthInvalid, and as the escrow's checkDisputed.
    /// @param participant The consumer or the provider, for whom the caller acts.
    /// @param evidence URI or hash of what is shown, 1 to 512 bytes; everybody reads it.
    function submitEvidence(
        Exchange calldata exchange,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        address participant,
        string calldata evidence
    ) external;

    /// @notice Ends a dispute that is decided. By anyone.
    /// @dev Emits DisputeExecuted. Reverts DisputesUndecided (with the deadline that it waits for), and as the escrow's
    /// resolve.
    function execute(Exchange calldata exchange, uint48 deliveredAt, uint256 bond, uint48 disputedAt) external;

    /// @notice Sends disputes that are submitted from now on to another ERC-792 arbitrator; those before stay where
    /// they are. By vote.
    /// @dev Emits ArbitratorSet. Reverts DisputesAddressInvalid, DisputesArbitratorUnchanged.
    function setArbitrator(IArbitrator arbitrator) external;

    /// @notice What submitting an exchange's dispute costs now, in the chain's own currency. Reverts as the arbitrator.
    function submissionCost(Exchange calldata exchange) external view returns (uint256 cost);

    /// @notice Everything that is kept of a dispute.
    /// @return where Its arbitrator; zero until it is submitted.
    /// @return disputeID Its number there.
    /// @return isCiphertextFiled Whether the provider said that the arbiters have the ciphertext.
    /// @return isRuled Whether a ruling came in.
    /// @return ruling Zero where the arbitrator refused to rule, else the provider's basis points and one.
    function caseOf(bytes32 exchangeId)
        external
        view
        returns (IArbitrator where, uint256 disputeID, bool isCiphertextFiled, bool isRuled, uint256 ruling);

    /// @notice The exchange of an arbitrator's dispute; zero where there is none.
    function exchangeOf(IArbitrator arbitrator, uint256 disputeID) external view returns (bytes32 exchangeId);

    /// @notice The last instants for evidence and for a ruling, Unix seconds, in a dispute of an instant.
    function deadlines(uint48 disputedAt) external view returns (uint256 evidenceUntil, uint256 rulingUntil);

    /// @notice Time for evidence and for a ruling, seconds from the dispute on.
    function spans() external view returns (uint32 evidenceSeconds, uint32 rulingSeconds);

    /// @notice The arbitrator to which disputes go that are submitted now.
    function arbitrator() external view returns (IArbitrator);

    /// @notice The escrow that holds the fees, and the registry that says who acts for a party.
    function wiring() external view returns (address escrow, address identities);
}
