// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { OpenedConsent } from "../contracts/types/Consents.sol";
import { Assurance } from "../contracts/types/Consents.sol";
import { Batch, BatchItem } from "../contracts/types/Batches.sol";
import { Exchange, ExchangeState, ExchangeTerms, Order, Shares } from "../contracts/types/Exchanges.sol";
import { IConsentEscrow } from "./IConsentEscrow.sol";

/// @title Fee escrow
/// @notice Holds consumers' prepaid fees in one ERC-20 and pays them out by what becomes of each exchange:
///
///     Funded --deliver--> Delivered --accept | window ends--> Settled
///       |  \--decline | deadline | consent withdrawn--> Refunded
///     Delivered --dispute (bond)--> Disputed --outcome--> Resolved
///
/// There are three ways in and one set of rules: step by step from `fund` on; `exchange`, which takes what all signed in one
/// transaction; and batches (IExchangeBatches), for many exchanges of two institutions that give each other credit.
///
/// Amounts are in the token's smallest unit. Each step is done by the party itself, by its delegate of the right kind,
/// or by anyone who carries the party's EIP-712 signature (plain or ERC-1271; an empty signature means that the signer
/// calls, and a signer of zero that the participant's own key speaks). Deadlines are inclusive: a step is in time while
/// `block.timestamp <= deadline`. A pause of uses (IConsentToken) stops funding, on every way, and nothing here stops anything else. What becomes of a disputed exchange
/// is for one contract to say (IDisputes), whose deadline works without anybody's ruling.
/// An open exchange is one slot here; what it is about stands in ExchangeFunded and is brought along with every step. A
/// settled one leaves none: that its use is taken, and that it is neither open nor refunded, says that it was paid.
/// A consent that expires after funding leaves its exchange as it is; one that is withdrawn before delivery ends it.
/// A prepaid balance holds at most 2^104 - 1: a refund for which it has no room reverts until money is taken out.
interface IFeeEscrow is IConsentEscrow {
    /// @notice Why an exchange was settled.
    enum SettlementCause {
        Accepted,
        ChallengeWindowEnded
    }

    /// @notice Why an exchange was refunded.
    enum RefundCause {
        Declined,
        NotDelivered,
        ConsentWithdrawn
    }

    /// @notice The one token of an escrow, the contracts by which exchanges are checked, and those that may speak to it: the
    /// one that divides the hosts' share, the one that says what becomes of disputes, and the one that brings batches.
    struct EscrowParts {
        address token;
        address identities;
        address consents;
        address schedule;
        address hostRewards;
        address disputes;
        address batches;
    }

    /// @notice Spans and rates that never change in this escrow.
    /// @param noticeSeconds Time between announcing a withdrawal of prepaid money and taking it.
    /// @param lapseSeconds Time after the notice within which it must be taken.
    /// @param orderLifeSeconds Longest time ahead of funding that an order may be good for; at most the notice.
    /// @param deliverySeconds Longest time from funding to the delivery deadline.
    /// @param shortestChallengeSeconds Least time that a consumer has to dispute.
    /// @param longestChallengeSeconds Most time that it has.
    /// @param disputeBondBps Bond of a dispute in basis points of the fee.
    struct EscrowParameters {
        uint32 noticeSeconds;
        uint32 lapseSeconds;
        uint32 orderLifeSeconds;
        uint32 deliverySeconds;
        uint32 shortestChallengeSeconds;
        uint32 longestChallengeSeconds;
        uint16 disputeBondBps;
    }

    /// @notice An amount was added to a participant's prepaid balance.
    event PrepaidDeposited(address indexed participant, address indexed payer, uint256 amount);
    /// @notice A participant announced that it will take prepaid money out; a former announcement is replaced.
    event WithdrawalAnnounced(address indexed participant, uint256 amount, uint48 takeableAt, uint48 lapsesAt);
    /// @notice A participant took prepaid money out.
    event PrepaidWithdrawn(address indexed participant, address indexed to, uint256 amount);
    /// @notice A participant's earnings were paid out.
    event EarnedWithdrawn(address indexed participant, address indexed to, uint256 amount);
    /// @notice A use of a consent was taken and the fee for it set aside. Tells all of `Exchange`, and what was opened of
    /// the scope.
    event ExchangeFunded(
        bytes32 indexed exchangeId,
        address indexed consumer,
        address indexed provider,
        bytes32 consent,
        uint32 use,
        address coordinator,
        bytes32 recipientKeyHash,
        ExchangeTerms terms,
        bytes32 schema,
        bytes32 purpose,
        Assurance assurance,
        uint32 scheduleVersion
    );
    /// @notice The provider committed to a ciphertext; it hands it over off chain once this is final.
    event ExchangeDelivered(bytes32 indexed exchangeId, bytes32 ciphertextHash, uint48 deliveredAt);
    /// @notice The consumer disputes the delivery.
    event ExchangeDisputed(bytes32 indexed exchangeId, bytes32 reason, uint256 bond, uint48 disputedAt);
    /// @notice The provider declined; ExchangeRefunded follows.
    event ExchangeDeclined(bytes32 indexed exchangeId, bytes32 reason);
    /// @notice The consent was withdrawn before delivery and the fee waits for `refundWithdrawn`.
    event ExchangeRefundDue(bytes32 indexed exchangeId);
    /// @notice The fee was credited by its shares.
    event ExchangeSettled(bytes32 indexed exchangeId, SettlementCause cause);
    /// @notice The fee is back in the consumer's prepaid balance: nothing was delivered.
    event ExchangeRefunded(bytes32 indexed exchangeId, RefundCause cause);
    /// @notice A dispute is over: of the fee `providerBps` went out by its shares and the rest back to the consumer; the bond
    /// went to the provider where it is forfeit, and back to the consumer where not.
    event ExchangeResolved(bytes32 indexed exchangeId, uint256 providerBps, bool isBondForfeit);
    /// @notice A recruiter was credited with its shares of the exchanges of a participant that it recruited.
    event RecruiterCredited(address indexed recruiter, address indexed participant, uint256 amount);
    /// @notice A host was credited from the hosts' unclaimed rewards.
    event HostCredited(address indexed host, uint256 amount);
    /// @notice Whether orders funded from now on have a hosts' share.
    event HostsPresenceSet(bool present);

    error FeeEscrowAddressInvalid(address given);
    error FeeEscrowParametersInvalid();
    error FeeEscrowParticipantNotActive(address participant);
    error FeeEscrowAmountInvalid(uint256 amount);
    error FeeEscrowTokenTookFee(uint256 sent, uint256 received);
    error FeeEscrowNotAccountHolder(address participant, address caller);
    error FeeEscrowPrepaidTooLow(address participant, uint256 available, uint256 required);
    error FeeEscrowNothingAnnounced(address participant);
    error FeeEscrowNoticeRunning(address participant, uint48 takeableAt);
    error FeeEscrowAnnouncementLapsed(address participant, uint48 lapsedAt);
    error FeeEscrowNothingEarned(address participant);
    error FeeEscrowNothingForRecruiter(address participant);
    error FeeEscrowOrderExpired(uint48 fundBy);
    error FeeEscrowOrderTooLong(uint48 deadline, uint48 latest);
    error FeeEscrowDeliveryDeadlineInvalid(uint48 deliverBy);
    error FeeEscrowChallengeInvalid(uint32 challengeSeconds, uint32 shortest, uint32 longest);
    error FeeEscrowRecipientKeyMissing();
    error FeeEscrowCoordinatorInvalid(address coordinator);
    error FeeEscrowFeeMismatch(uint256 ordered, uint256 quoted);
    error FeeEscrowSignatureInvalid(address signer, bytes32 digest);
    error FeeEscrowStateInvalid(bytes32 exchangeId, ExchangeState state);
    error FeeEscrowExchangeMismatch(bytes32 exchangeId);
    error FeeEscrowCiphertextHashMissing(bytes32 exchangeId);
    error FeeEscrowDeliveryTooLate(bytes32 exchangeId, uint48 deliverBy);
    error FeeEscrowDeliveryNotDue(bytes32 exchangeId, uint48 deliverBy);
    error FeeEscrowChallengeOver(bytes32 exchangeId, uint256 endedAt);
    error FeeEscrowChallengeRunning(bytes32 exchangeId, uint256 endsAt);
    error FeeEscrowOutcomeInvalid(uint256 providerBps);
    error FeeEscrowNotBatches(address caller);
    error FeeEscrowNotDisputes(address caller);
    error FeeEscrowNotWithdrawn(bytes32 exchangeId);
    error FeeEscrowNotConsentToken(address caller);
    error FeeEscrowNotHostRewards(address caller);
    error FeeEscrowRewardsTooLow(uint256 unclaimed, uint256 required);

    /// @notice Moves the caller's tokens into a participant's prepaid balance.
    /// @dev By anyone with an allowance set. Emits PrepaidDeposited. Reverts FeeEscrowParticipantNotActive,
    /// FeeEscrowAmountInvalid (zero, or the balance would pass 2^104 - 1), FeeEscrowTokenTookFee.
    /// @param amount Smallest token units.
    function deposit(address participant, uint256 amount) external;

    /// @notice Moves tokens of the participant's own account holder into its prepaid balance.
    /// @dev By the account holder or a delegate of kind `deposit`. Emits and reverts as `deposit`, and with
    /// IdentityRegistryNotActor.
    function depositOwn(address participant, uint256 amount) external;

    /// @notice As `depositOwn`, with the account holder's ERC-2612 permit in place of an allowance set before. A permit that
    /// somebody else has already brought does no harm.
    /// @param deadline Last instant of the permit, Unix seconds.
    function depositWithPermit(address participant, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;

    /// @notice Announces that `amount` of prepaid money will be taken out. From now until it lapses it backs no new order.
    /// Announcing again replaces it; zero takes it back.
    /// @dev By the account holder. Emits WithdrawalAnnounced. Reverts FeeEscrowNotAccountHolder, FeeEscrowPrepaidTooLow.
    function announceWithdrawal(address participant, uint256 amount) external;

    /// @notice Pays the announced amount to the participant's payout address, after the notice and before it lapses.
    /// @dev By the account holder. Emits PrepaidWithdrawn. Reverts FeeEscrowNotAccountHolder, FeeEscrowNothingAnnounced,
    /// FeeEscrowNoticeRunning, FeeEscrowAnnouncementLapsed.
    function withdrawPrepaid(address participant) external;

    /// @notice Pays everything a participant has earned to its payout address, at once.
    /// @dev By the account holder. Emits EarnedWithdrawn. Reverts FeeEscrowNotAccountHolder, FeeEscrowNothingEarned.
    function withdrawEarned(address participant) external;

    /// @notice Uses a consent and sets its fee aside.
    /// @dev By the consumer, its delegate of kind `exchange`, or anyone with the order's signature. Emits ExchangeFunded.
    /// Reverts FeeEscrowOrderExpired, FeeEscrowOrderTooLong,
    /// FeeEscrowDeliveryDeadlineInvalid, FeeEscrowChallengeInvalid, FeeEscrowRecipientKeyMissing,
    /// FeeEscrowCoordinatorInvalid (not Active, not a coordinator, or the consumer), FeeEscrowFeeMismatch,
    /// FeeEscrowPrepaidTooLow, FeeEscrowSignatureInvalid, IdentityRegistryNotActor, the schedule's errors, and those of
    /// IConsentToken.useConsent.
    /// @param opened The consent with its commitments opened.
    /// @param order What the consumer signs.
    /// @param consentSignature The subject's signature; empty when the consent was granted.
    /// @param orderSignature Empty when the order's signer calls.
    function fund(
        OpenedConsent calldata opened,
        Order calldata order,
        bytes calldata consentSignature,
        bytes calldata orderSignature
    ) external returns (bytes32 exchangeId);

    /// @notice Uses a consent, takes note of what was delivered and, where the consumer accepts it, settles: all that
    /// `fund`, `deliver` and `accept` do, under the same rules, in one transaction. What was delivered beforehand was at the
    /// provider's risk until now.
    /// @dev By anyone who carries the words that the callers do not say themselves. Emits ExchangeFunded, ExchangeDelivered
    /// and, with the acceptance, ExchangeSettled. Reverts as `fund`, and with FeeEscrowCiphertextHashMissing.
    /// @param ciphertextHash What the provider commits to.
    /// @param deliverySignature The provider's EIP-712 `Delivery`.
    /// @param acceptanceSignature The consumer's `Acceptance`. With neither a signer nor a signature there is none, and the
    /// exchange ends in Delivered; a consumer that calls and accepts names the signer.
    function exchange(
        OpenedConsent calldata opened,
        Order calldata order,
        bytes32 ciphertextHash,
        bytes calldata orderSignature,
        address deliverySigner,
        bytes calldata deliverySignature,
        address acceptanceSigner,
        bytes calldata acceptanceSignature,
        bytes calldata consentSignature
    ) external returns (bytes32 exchangeId);

    /// @notice Settles a batch: uses its consents, and credits the fee of each by its shares. What both institutions signed
    /// is checked by the contract that brings it.
    /// @dev Only by the batches' contract that `wiring` tells, whose events tell of it. Reverts FeeEscrowNotBatches,
    /// FeeEscrowOrderExpired, FeeEscrowOrderTooLong, FeeEscrowCoordinatorInvalid,
    /// FeeEscrowFeeMismatch, FeeEscrowPrepaidTooLow, the schedule's errors, and those of IConsentToken.useAllotted.
    /// @return consentIds The consents used, in the order of the items; zero for one that was passed over.
    /// @return count How many were used.
    /// @return shares Of each fee.
    function settleBatch(Batch calldata batch, BatchItem[] calldata items)
        external
        returns (bytes32[] memory consentIds, uint256 count, Shares shares);

    /// @notice Commits the provider to a ciphertext, in time.
    /// @dev By the provider (also one suspended since), its delegate of kind `delivery`, or with its signature. The hash
    /// may equal an earlier one: a ciphertext is bound to its exchange when it is decrypted. Emits ExchangeDelivered.
    /// Reverts FeeEscrowStateInvalid, FeeEscrowExchangeMismatch, FeeEscrowDeliveryTooLate,
    /// FeeEscrowCiphertextHashMissing, FeeEscrowSignatureInvalid, IdentityRegistryNotActor.
    function deliver(Exchange calldata described, bytes32 ciphertextHash, address signer, bytes calldata signature)
        external;

    /// @notice Returns the fee because the provider will not deliver.
    /// @dev By the provider, its delegate of kind `delivery`, or with its signature. Emits ExchangeDeclined and
    /// ExchangeRefunded.
    /// @param reason A code or hash that says nothing of the person.
    function decline(Exchange calldata described, bytes32 reason, address signer, bytes calldata signature) external;

    /// @notice Settles: the fee is credited by its shares.
    /// @dev By the consumer, its delegate of kind `exchange`, or with its signature. Emits ExchangeSettled.
    /// @param described From its delivery on it has the ciphertext's hash in the key's place.
    /// @param deliveredAt As in ExchangeDelivered, Unix seconds.
    function accept(Exchange calldata described, uint48 deliveredAt, address signer, bytes calldata signature)
        external;

    /// @notice Disputes a delivery within the challenge window; the bond is taken from the consumer's prepaid balance.
    /// @dev By the consumer, its delegate of kind `exchange`, or with its signature. Emits ExchangeDisputed.
    /// @param reason Hash of what the consumer will show the arbiters.
    function dispute(
        Exchange calldata described,
        uint48 deliveredAt,
        bytes32 reason,
        address signer,
        bytes calldata signature
    ) external;

    /// @notice Settles a delivery that was neither accepted nor disputed in its window. By anyone.
    function settleUnchallenged(Exchange calldata described, uint48 deliveredAt) external;

    /// @notice Returns the fee of an exchange whose delivery deadline has passed. By anyone.
    function refundUndelivered(Exchange calldata described) external;

    /// @notice Returns the fee of an exchange whose consent was withdrawn before delivery. By anyone.
    /// @param consentId Consent and number of the use that the exchange is of; they matter while it is still Funded, since
    /// the token's notice of the withdrawal did not arrive.
    function refundWithdrawn(Exchange calldata described, bytes32 consentId, uint32 use) external;

    /// @notice Ends a dispute: `providerBps` of the fee go out by the exchange's shares, and the rest is the consumer's again.
    /// @dev Only by the disputes' contract that `wiring` tells. Emits ExchangeResolved. Reverts FeeEscrowNotDisputes,
    /// FeeEscrowOutcomeInvalid, FeeEscrowStateInvalid, FeeEscrowExchangeMismatch.
    /// @param bond As in ExchangeDisputed, smallest token units.
    /// @param disputedAt As in ExchangeDisputed, Unix seconds.
    /// @param providerBps 0 to 10,000; the part is rounded down.
    /// @param isBondForfeit Whether the bond goes to the provider, or back to the consumer.
    function resolve(
        Exchange calldata described,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        uint256 providerBps,
        bool isBondForfeit
    ) external;

    /// @notice Moves the shares that wait for a participant's recruiter into that recruiter's earnings. By anyone.
    /// @dev Emits RecruiterCredited. Reverts FeeEscrowNothingForRecruiter.
    function creditRecruiter(address participant) external;

    /// @notice Moves unclaimed hosts' rewards into a host's earnings. Only by HostRewards.
    function creditHost(address host, uint256 amount) external;

    /// @notice Says whether orders funded from now on have a hosts' share. Only by HostRewards.
    function setHostsPresent(bool present) external;

    /// @notice Where an exchange stands.
    /// @dev A settled exchange leaves no slot. An escrow that never took this use cannot tell it from one that it settled:
    /// ask the escrow whose ExchangeFunded tells of it, or all that IConsentToken lists.
    /// @param use 1 for the first.
    /// @return state None when the use was never taken.
    /// @return endedAt Unix seconds of its end where it was refunded or resolved; zero otherwise.
    function stateOf(bytes32 consentId, uint32 use) external view returns (ExchangeState state, uint48 endedAt);

    /// @notice Reverts unless an exchange is Disputed and exactly as described.
    /// @dev Reverts FeeEscrowStateInvalid, FeeEscrowExchangeMismatch.
    function checkDisputed(
        Exchange calldata described,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt
    ) external view;

    /// @notice Hash of an exchange's description; 31 bytes of it stand in its slot while it is Funded.
    function hashExchange(Exchange calldata described) external pure returns (bytes32);

    /// @notice The slot of an exchange as it is kept: what a receipt is checked against.
    function slotOf(bytes32 exchangeId) external view returns (bytes32);

    /// @notice A participant's prepaid balance, and what of it still backs new orders.
    function prepaidOf(address participant) external view returns (uint256 balance, uint256 available);

    /// @notice A participant's announced withdrawal; zeros when there is none.
    function announcementOf(address participant)
        external
        view
        returns (uint256 amount, uint48 takeableAt, uint48 lapsesAt);

    /// @notice What a participant has earned and not yet taken, in every role.
    function earnedOf(address participant) external view returns (uint256);

    /// @notice What waits with a participant for its recruiter.
    function recruiterShareOf(address participant) external view returns (uint256);

    /// @notice Hosts' shares ever accrued, and how much of that was credited to hosts. The shares lie with the
    /// coordinators of their exchanges, each of which was admitted by vote: one read for each that ever had a share.
    function hostsAccrued() external view returns (uint256);
    function hostsCredited() external view returns (uint256);

    /// @notice Whether some host has weight, so that exchanges funded now have a hosts' share.
    function areHostsPresent() external view returns (bool);

    /// @notice NetworkAccess, by which the identity registry knows the contracts of its network and refuses them as
    /// participants. It governs nothing here.
    function authority() external view returns (address);

    /// @notice Token and contracts of this escrow.
    function wiring() external view returns (EscrowParts memory);

    /// @notice Spans and rates of this escrow.
    function parameters() external view returns (EscrowParameters memory);
}
