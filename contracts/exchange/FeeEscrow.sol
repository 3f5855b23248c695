// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IAccessManaged } from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IERC20Permit } from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import { SafeERC20 } from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import { ReentrancyGuard } from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import { EnumerableSet } from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";
import { SafeCast } from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import { EIP712 } from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import { IConsentEscrow } from "../../interfaces/IConsentEscrow.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IFeeSchedule } from "../../interfaces/IFeeSchedule.sol";
import { IIdentityRegistry } from "../../interfaces/IIdentityRegistry.sol";
import { ConsentCalls } from "../libraries/ConsentCalls.sol";
import { ConsentDigests } from "../libraries/ConsentDigests.sol";
import { ExchangeAccounting } from "../libraries/ExchangeAccounting.sol";
import { ExchangeDigests } from "../libraries/ExchangeDigests.sol";
import { FeeShares } from "../libraries/FeeShares.sol";
import { IdentityCalls } from "../libraries/IdentityCalls.sol";
import { Signatures } from "../libraries/Signatures.sol";
import { Batch, BatchItem } from "../types/Batches.sol";
import { Assurance, OpenedConsent } from "../types/Consents.sol";
import { Exchange, ExchangeState, ExchangeTerms, Order, PackedTerms, Shares } from "../types/Exchanges.sol";
import { DelegateKinds, PackedParticipant, ParticipantFlags, ParticipantStatus, Roles } from "../types/Participants.sol";
import { PackedQuote, PackedQuotes } from "../types/Quotes.sol";

/// @title Fee escrow
/// @notice See IFeeEscrow.
/// @dev Ledger entries are written with checked arithmetic. Tokens move in `deposit…` and `withdraw…` alone, which share
/// one reentrancy guard; every other function only moves entries between ledgers. Nobody governs an escrow: what the
/// council changes, it changes around it.
contract FeeEscrow is IFeeEscrow, EIP712, ReentrancyGuard {
    using EnumerableSet for EnumerableSet.AddressSet;
    using SafeERC20 for IERC20;

    /// @dev The note that the token hands back with every use, while some host has weight.
    uint8 private constant HOSTS_PRESENT = 1;

    IERC20 private immutable TOKEN;
    IIdentityRegistry private immutable IDENTITIES;
    IConsentToken private immutable CONSENTS;
    IFeeSchedule private immutable SCHEDULE;
    address private immutable HOST_REWARDS;
    address private immutable DISPUTES;
    address private immutable BATCHES;
    uint32 private immutable NOTICE_SECONDS;
    uint32 private immutable LAPSE_SECONDS;
    uint32 private immutable ORDER_LIFE_SECONDS;
    uint32 private immutable DELIVERY_SECONDS;
    uint32 private immutable SHORTEST_CHALLENGE_SECONDS;
    uint32 private immutable LONGEST_CHALLENGE_SECONDS;
    uint16 private immutable DISPUTE_BOND_BPS;

    /// @dev One slot.
    struct Prepaid {
        uint104 balance; // bytes  0-12: smallest token units, the announced amount included
        uint104 announced; // bytes 13-25: to be taken out; backs no new order until it lapses
        uint48 announcedAt; // bytes 26-31: Unix seconds
    }

    /// @dev Two amounts (smallest token units) share a slot where an exchange adds to both: what a participant earned is the
    /// lower half, and the upper half is what waits with a provider or consumer for its recruiter, which never changes, or
    /// what the exchanges of a coordinator ever brought the hosts.
    uint256 private constant HALF_BITS = 128;

    bool private _hostsPresent; // slot 3: some host has weight
    mapping(bytes32 exchangeId => uint256 slot) private _exchanges; // slot 4: see ExchangeDigests
    mapping(address participant => Prepaid) private _prepaid; // slot 5
    mapping(address participant => uint256 halves) private _earned; // slot 6: own, and for its recruiter
    mapping(address coordinator => uint256 halves) private _coordinated; // slot 7: own, and ever for the hosts
    EnumerableSet.AddressSet private _coordinators; // slots 8 and 9: all that ever had a share, each admitted by vote
    uint256 private _hostsCredited; // slot 10: moved into hosts' earnings, smallest token units
    mapping(bytes32 listing => PackedQuote) private _quotes; // slot 11: what the schedule said, until it may change

    /// @param parts Token and contracts of the network. The last three may come to be after this one.
    constructor(EscrowParts memory parts, EscrowParameters memory spans) EIP712("Consentry FeeEscrow", "1") {
        if (
            spans.orderLifeSeconds == 0 || spans.orderLifeSeconds > spans.noticeSeconds || spans.lapseSeconds == 0
                || spans.deliverySeconds == 0 || spans.shortestChallengeSeconds == 0
                || spans.shortestChallengeSeconds > spans.longestChallengeSeconds
                || spans.disputeBondBps > FeeShares.WHOLE_BPS
        ) revert FeeEscrowParametersInvalid();
        _checkContract(parts.token);
        _checkContract(parts.identities);
        _checkContract(parts.consents);
        _checkContract(parts.schedule);
        if (parts.hostRewards == address(0) || parts.disputes == address(0) || parts.batches == address(0)) {
            revert FeeEscrowAddressInvalid(address(0));
        }
        TOKEN = IERC20(parts.token);
        IDENTITIES = IIdentityRegistry(parts.identities);
        CONSENTS = IConsentToken(parts.consents);
        SCHEDULE = IFeeSchedule(parts.schedule);
        HOST_REWARDS = parts.hostRewards;
        DISPUTES = parts.disputes;
        BATCHES = parts.batches;
        NOTICE_SECONDS = spans.noticeSeconds;
        LAPSE_SECONDS = spans.lapseSeconds;
        ORDER_LIFE_SECONDS = spans.orderLifeSeconds;
        DELIVERY_SECONDS = spans.deliverySeconds;
        SHORTEST_CHALLENGE_SECONDS = spans.shortestChallengeSeconds;
        LONGEST_CHALLENGE_SECONDS = spans.longestChallengeSeconds;
        DISPUTE_BOND_BPS = spans.disputeBondBps;
    }

    // ---------------------------------------------------------------- money in and out

    /// @inheritdoc IFeeEscrow
    function deposit(address participant, uint256 amount) external nonReentrant {
        _deposit(participant, msg.sender, amount);
    }

    /// @inheritdoc IFeeEscrow
    function depositOwn(address participant, uint256 amount) external nonReentrant {
        IDENTITIES.checkActor(participant, DelegateKinds.DEPOSIT, msg.sender);
        _deposit(participant, IDENTITIES.accountHolderOf(participant), amount);
    }

    /// @inheritdoc IFeeEscrow
    function depositWithPermit(address participant, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
        nonReentrant
    {
        IDENTITIES.checkActor(participant, DelegateKinds.DEPOSIT, msg.sender);
        address holder = IDENTITIES.accountHolderOf(participant);
        // Interaction: whoever brought the same permit first has set the allowance; the transfer tells.
        try IERC20Permit(address(TOKEN)).permit(holder, address(this), amount, deadline, v, r, s) { }
        catch {
            if (TOKEN.allowance(holder, address(this)) < amount) revert FeeEscrowSignatureInvalid(holder, r);
        }
        _deposit(participant, holder, amount);
    }

    /// @inheritdoc IFeeEscrow
    function announceWithdrawal(address participant, uint256 amount) external {
        _checkAccountHolder(participant);
        Prepaid memory prepaid = _prepaid[participant];
        if (amount > prepaid.balance) revert FeeEscrowPrepaidTooLow(participant, prepaid.balance, amount);
        prepaid.announced = uint104(amount); // at most the balance
        prepaid.announcedAt = uint48(block.timestamp);
        _prepaid[participant] = prepaid;
        (uint48 takeableAt, uint48 lapsesAt) = _announcementWindow(prepaid.announcedAt);
        emit WithdrawalAnnounced(participant, amount, takeableAt, lapsesAt);
    }

    /// @inheritdoc IFeeEscrow
    function withdrawPrepaid(address participant) external nonReentrant {
        // Check
        _checkAccountHolder(participant);
        Prepaid memory prepaid = _prepaid[participant];
        if (prepaid.announced == 0) revert FeeEscrowNothingAnnounced(participant);
        (uint48 takeableAt, uint48 lapsesAt) = _announcementWindow(prepaid.announcedAt);
        if (block.timestamp < takeableAt) revert FeeEscrowNoticeRunning(participant, takeableAt);
        if (block.timestamp >= lapsesAt) revert FeeEscrowAnnouncementLapsed(participant, lapsesAt);

        // Effect
        uint256 amount = prepaid.announced;
        prepaid.balance -= prepaid.announced;
        prepaid.announced = 0;
        _prepaid[participant] = prepaid;
        address to = IDENTITIES.payoutAddressOf(participant);
        emit PrepaidWithdrawn(participant, to, amount);

        // Interaction
        TOKEN.safeTransfer(to, amount);
    }

    /// @inheritdoc IFeeEscrow
    function withdrawEarned(address participant) external nonReentrant {
        // Check
        _checkAccountHolder(participant);
        uint256 amount = earnedOf(participant);
        if (amount == 0) revert FeeEscrowNothingEarned(participant);

        // Effect
        _earned[participant] = _upperHalf(_earned[participant]) << HALF_BITS;
        _coordinated[participant] = _upperHalf(_coordinated[participant]) << HALF_BITS;
        address to = IDENTITIES.payoutAddressOf(participant);
        emit EarnedWithdrawn(participant, to, amount);

        // Interaction
        TOKEN.safeTransfer(to, amount);
    }

    // ---------------------------------------------------------------- an exchange, step by step

    /// @inheritdoc IFeeEscrow
    function fund(
        OpenedConsent calldata opened,
        Order calldata order,
        bytes calldata consentSignature,
        bytes calldata orderSignature
    ) external returns (bytes32 exchangeId) {
        (Exchange memory funded,,) = _open(opened, order, consentSignature, orderSignature);
        exchangeId = funded.id;
        _exchanges[exchangeId] = ExchangeDigests.openSlot(ExchangeState.Funded, ExchangeDigests.hashOfNew(funded));
    }

    /// @inheritdoc IFeeEscrow
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
    ) external returns (bytes32 exchangeId) {
        // Check and effect: as `fund`, but for the slot.
        (Exchange memory funded, PackedParticipant ofConsumer, PackedParticipant ofProvider) =
            _open(opened, order, consentSignature, orderSignature);
        exchangeId = funded.id;

        // Check: as `deliver`.
        if (ciphertextHash == 0) revert FeeEscrowCiphertextHashMissing(exchangeId);
        address signer = _speaker(deliverySigner, funded.provider);
        _checkSpeaker(funded.provider, ofProvider, DelegateKinds.DELIVERY, signer);
        _checkSigned(
            signer,
            ExchangeDigests.deliveryStructHash(
                exchangeId, ciphertextHash, funded.sealHash, funded.coordinator, signer
            ),
            deliverySignature
        );
        uint48 deliveredAt = uint48(block.timestamp);
        emit ExchangeDelivered(exchangeId, ciphertextHash, deliveredAt);

        // Effect: without an acceptance it waits for one.
        if (acceptanceSigner == address(0) && acceptanceSignature.length == 0) {
            _exchanges[exchangeId] = ExchangeDigests.openSlot(
                ExchangeState.Delivered,
                ExchangeDigests.deliveredHashOfNew(funded, ciphertextHash, deliveredAt)
            );
            return exchangeId;
        }

        // Check: as `accept`.
        signer = _speaker(acceptanceSigner, funded.consumer);
        _checkSpeaker(funded.consumer, ofConsumer, DelegateKinds.EXCHANGE, signer);
        _checkSigned(
            signer, ExchangeDigests.acceptanceStructHash(exchangeId, ciphertextHash, signer), acceptanceSignature
        );

        // Effect: settled, and no slot is left, as after `accept`.
        _credit(
            funded.consumer, funded.provider, funded.coordinator, funded.terms.fee(), funded.terms.shares(), 1
        );
        emit ExchangeSettled(exchangeId, SettlementCause.Accepted);
    }

    /// @inheritdoc IFeeEscrow
    function settleBatch(Batch calldata batch, BatchItem[] calldata items)
        external
        returns (bytes32[] memory consentIds, uint256 count, Shares shares)
    {
        // Check
        if (msg.sender != BATCHES) revert FeeEscrowNotBatches(msg.sender);
        _checkDeadline(batch.deadline);

        // Check and effect, in the token: the consents, both parties and their accreditations.
        PackedParticipant ofConsumer;
        PackedParticipant ofProvider;
        PackedParticipant ofCoordinator;
        uint8 noted;
        (consentIds, count, noted, ofConsumer, ofProvider, ofCoordinator) = CONSENTS.useAllotted(batch, items);

        // Check: who coordinates, and the price.
        _checkCoordinator(batch.coordinator, batch.consumer, ofCoordinator);
        uint256 fee;
        (fee, shares) =
            _quote(batch.scheduleVersion, batch.schema, batch.assurance, ofConsumer, ofProvider, noted);
        if (fee != batch.fee) revert FeeEscrowFeeMismatch(batch.fee, fee);

        // Effect
        _takePrepaid(batch.consumer, fee * count);
        _credit(batch.consumer, batch.provider, batch.coordinator, fee, shares, count);
    }

    /// @inheritdoc IFeeEscrow
    function deliver(Exchange calldata described, bytes32 ciphertextHash, address signer, bytes calldata signature)
        external
    {
        // Check
        bytes32 exchangeId = _checkFunded(described);
        uint48 deliverBy = described.terms.deliverBy();
        if (block.timestamp > deliverBy) revert FeeEscrowDeliveryTooLate(exchangeId, deliverBy);
        if (ciphertextHash == 0) revert FeeEscrowCiphertextHashMissing(exchangeId);
        signer = _speaker(signer, described.provider);
        _checkWord(
            described.provider,
            DelegateKinds.DELIVERY,
            signer,
            ExchangeDigests.deliveryStructHash(
                exchangeId, ciphertextHash, described.sealHash, described.coordinator, signer
            ),
            signature
        );

        // Effect
        uint48 deliveredAt = uint48(block.timestamp);
        _exchanges[exchangeId] = ExchangeDigests.openSlot(
            ExchangeState.Delivered, ExchangeDigests.deliveredHash(described, ciphertextHash, deliveredAt)
        );
        emit ExchangeDelivered(exchangeId, ciphertextHash, deliveredAt);
    }

    /// @inheritdoc IFeeEscrow
    function decline(Exchange calldata described, bytes32 reason, address signer, bytes calldata signature) external {
        // Check
        bytes32 exchangeId = _checkFunded(described);
        signer = _speaker(signer, described.provider);
        _checkWord(
            described.provider,
            DelegateKinds.DELIVERY,
            signer,
            ExchangeDigests.declineStructHash(exchangeId, reason, signer),
            signature
        );

        // Effect
        emit ExchangeDeclined(exchangeId, reason);
        _refund(exchangeId, described.consumer, described.terms.fee(), RefundCause.Declined);
    }

    /// @inheritdoc IFeeEscrow
    function accept(Exchange calldata described, uint48 deliveredAt, address signer, bytes calldata signature)
        external
    {
        // Check
        (bytes32 exchangeId,) = _checkDelivered(described, deliveredAt);
        signer = _speaker(signer, described.consumer);
        _checkWord(
            described.consumer,
            DelegateKinds.EXCHANGE,
            signer,
            ExchangeDigests.acceptanceStructHash(exchangeId, described.sealHash, signer),
            signature
        );

        // Effect
        _settle(exchangeId, described, SettlementCause.Accepted);
    }

    /// @inheritdoc IFeeEscrow
    function dispute(
        Exchange calldata described,
        uint48 deliveredAt,
        bytes32 reason,
        address signer,
        bytes calldata signature
    ) external {
        // Check
        (bytes32 exchangeId, bytes32 hash) = _checkDelivered(described, deliveredAt);
        uint256 challengeUntil = uint256(deliveredAt) + described.terms.challengeSeconds();
        if (block.timestamp > challengeUntil) revert FeeEscrowChallengeOver(exchangeId, challengeUntil);
        signer = _speaker(signer, described.consumer);
        _checkWord(
            described.consumer,
            DelegateKinds.EXCHANGE,
            signer,
            ExchangeDigests.disputeStructHash(exchangeId, described.sealHash, reason, signer),
            signature
        );

        // Effect
        uint256 bond = ExchangeAccounting.partOf(described.terms.fee(), DISPUTE_BOND_BPS);
        _takePrepaid(described.consumer, bond);
        uint48 disputedAt = uint48(block.timestamp);
        _exchanges[exchangeId] = ExchangeDigests.openSlot(
            ExchangeState.Disputed, ExchangeDigests.disputedHash(hash, bond, disputedAt)
        );
        emit ExchangeDisputed(exchangeId, reason, bond, disputedAt);
    }

    // ---------------------------------------------------------------- time-outs and withdrawals, by anyone

    /// @inheritdoc IFeeEscrow
    function settleUnchallenged(Exchange calldata described, uint48 deliveredAt) external {
        (bytes32 exchangeId,) = _checkDelivered(described, deliveredAt);
        uint256 challengeUntil = uint256(deliveredAt) + described.terms.challengeSeconds();
        if (block.timestamp <= challengeUntil) revert FeeEscrowChallengeRunning(exchangeId, challengeUntil);
        _settle(exchangeId, described, SettlementCause.ChallengeWindowEnded);
    }

    /// @inheritdoc IFeeEscrow
    function refundUndelivered(Exchange calldata described) external {
        bytes32 exchangeId = _checkFunded(described);
        uint48 deliverBy = described.terms.deliverBy();
        if (block.timestamp <= deliverBy) revert FeeEscrowDeliveryNotDue(exchangeId, deliverBy);
        _refund(exchangeId, described.consumer, described.terms.fee(), RefundCause.NotDelivered);
    }

    /// @inheritdoc IFeeEscrow
    function refundWithdrawn(Exchange calldata described, bytes32 consentId, uint32 use) external {
        bytes32 exchangeId = described.id;
        uint256 slot = _exchanges[exchangeId];
        ExchangeState state = ExchangeDigests.stateIn(slot);
        if (state == ExchangeState.Funded) {
            // The token's notice did not arrive.
            if (ConsentDigests.exchangeIdOf(consentId, use) != exchangeId || !CONSENTS.isWithdrawn(consentId)) {
                revert FeeEscrowNotWithdrawn(exchangeId);
            }
        } else if (state != ExchangeState.RefundDue) {
            revert FeeEscrowStateInvalid(exchangeId, state);
        }
        _checkSlot(exchangeId, slot, state, ExchangeDigests.hashOf(described));
        _refund(exchangeId, described.consumer, described.terms.fee(), RefundCause.ConsentWithdrawn);
    }

    /// @inheritdoc IConsentEscrow
    function onConsentWithdrawn(bytes32 exchangeId, Exchange calldata described) external {
        if (msg.sender != address(CONSENTS)) revert FeeEscrowNotConsentToken(msg.sender);
        uint256 slot = _exchanges[exchangeId];
        if (ExchangeDigests.stateIn(slot) != ExchangeState.Funded) return;
        if (
            slot == ExchangeDigests.openSlot(ExchangeState.Funded, ExchangeDigests.hashOf(described))
                && described.terms.fee() <= type(uint104).max - _prepaid[described.consumer].balance
        ) {
            _refund(exchangeId, described.consumer, described.terms.fee(), RefundCause.ConsentWithdrawn);
        } else {
            // Not described, or no room for the fee: stopped all the same, so that nothing is delivered any more.
            _exchanges[exchangeId] = ExchangeDigests.openSlot(ExchangeState.RefundDue, bytes32(slot));
            emit ExchangeRefundDue(exchangeId);
        }
    }

    // ---------------------------------------------------------------- the outcome of a dispute

    /// @inheritdoc IFeeEscrow
    function resolve(
        Exchange calldata described,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt,
        uint256 providerBps,
        bool isBondForfeit
    ) external {
        // Check
        if (msg.sender != DISPUTES) revert FeeEscrowNotDisputes(msg.sender);
        if (providerBps > FeeShares.WHOLE_BPS) revert FeeEscrowOutcomeInvalid(providerBps);
        checkDisputed(described, deliveredAt, bond, disputedAt);

        // Effect
        bytes32 exchangeId = described.id;
        _exchanges[exchangeId] = ExchangeDigests.endedSlot(ExchangeState.Resolved, block.timestamp);
        (uint256 paid, uint256 returned, uint256 forfeited) =
            ExchangeAccounting.divide(described.terms.fee(), bond, providerBps, isBondForfeit);
        if (forfeited != 0) _add(_earned, described.provider, forfeited, 0);
        _credit(described.consumer, described.provider, described.coordinator, paid, described.terms.shares(), 1);
        _returnPrepaid(described.consumer, returned);
        emit ExchangeResolved(exchangeId, providerBps, isBondForfeit);
    }

    // ---------------------------------------------------------------- recruiters and hosts

    /// @inheritdoc IFeeEscrow
    function creditRecruiter(address participant) external {
        uint256 amount = recruiterShareOf(participant);
        if (amount == 0) revert FeeEscrowNothingForRecruiter(participant);
        address recruiter = IDENTITIES.participantOf(participant).recruiter;
        _earned[participant] = _lowerHalf(_earned[participant]);
        _add(_earned, recruiter, amount, 0);
        emit RecruiterCredited(recruiter, participant, amount);
    }

    /// @inheritdoc IFeeEscrow
    function creditHost(address host, uint256 amount) external {
        _checkHostRewards();
        uint256 unclaimed = hostsAccrued() - _hostsCredited;
        if (amount > unclaimed) revert FeeEscrowRewardsTooLow(unclaimed, amount);
        _hostsCredited += amount;
        _add(_earned, host, SafeCast.toUint128(amount), 0);
        emit HostCredited(host, amount);
    }

    /// @inheritdoc IFeeEscrow
    function setHostsPresent(bool present) external {
        _checkHostRewards();
        _hostsPresent = present;
        (address current,) = CONSENTS.currentEscrow();
        if (current == address(this)) CONSENTS.setEscrowNote(note());
        emit HostsPresenceSet(present);
    }

    // ---------------------------------------------------------------- views

    /// @inheritdoc IConsentEscrow
    function isFunded(bytes32 exchangeId) external view returns (bool) {
        return ExchangeDigests.stateIn(_exchanges[exchangeId]) == ExchangeState.Funded;
    }

    /// @inheritdoc IConsentEscrow
    function note() public view returns (uint8) {
        return _hostsPresent ? HOSTS_PRESENT : 0;
    }

    /// @inheritdoc IFeeEscrow
    function stateOf(bytes32 consentId, uint32 use) external view returns (ExchangeState state, uint48 endedAt) {
        uint256 slot = _exchanges[ConsentDigests.exchangeIdOf(consentId, use)];
        state = ExchangeDigests.stateIn(slot);
        if (state == ExchangeState.None) {
            (, uint32 uses,,) = CONSENTS.stateOf(consentId);
            if (use != 0 && use <= uses) state = ExchangeState.Settled;
        } else if (state == ExchangeState.Refunded || state == ExchangeState.Resolved) {
            endedAt = uint48(slot >> 8);
        }
    }

    /// @inheritdoc IFeeEscrow
    function checkDisputed(
        Exchange calldata described,
        uint48 deliveredAt,
        uint256 bond,
        uint48 disputedAt
    ) public view {
        bytes32 delivered = ExchangeDigests.deliveredHash(described, described.sealHash, deliveredAt);
        _checkSlot(
            described.id,
            _exchanges[described.id],
            ExchangeState.Disputed,
            ExchangeDigests.disputedHash(delivered, bond, disputedAt)
        );
    }

    /// @inheritdoc IFeeEscrow
    function hashExchange(Exchange calldata described) external pure returns (bytes32) {
        return ExchangeDigests.hashOf(described);
    }

    /// @inheritdoc IFeeEscrow
    function slotOf(bytes32 exchangeId) external view returns (bytes32) {
        return bytes32(_exchanges[exchangeId]);
    }

    /// @inheritdoc IFeeEscrow
    function prepaidOf(address participant) external view returns (uint256 balance, uint256 available) {
        Prepaid memory prepaid = _prepaid[participant];
        return (prepaid.balance, _availableOf(prepaid.balance, prepaid.announced, prepaid.announcedAt));
    }

    /// @inheritdoc IFeeEscrow
    function announcementOf(address participant)
        external
        view
        returns (uint256 amount, uint48 takeableAt, uint48 lapsesAt)
    {
        Prepaid memory prepaid = _prepaid[participant];
        if (prepaid.announced == 0) return (0, 0, 0);
        amount = prepaid.announced;
        (takeableAt, lapsesAt) = _announcementWindow(prepaid.announcedAt);
    }

    /// @inheritdoc IFeeEscrow
    function earnedOf(address participant) public view returns (uint256) {
        return _lowerHalf(_earned[participant]) + _lowerHalf(_coordinated[participant]);
    }

    /// @inheritdoc IFeeEscrow
    function recruiterShareOf(address participant) public view returns (uint256) {
        return _upperHalf(_earned[participant]);
    }

    /// @inheritdoc IFeeEscrow
    function hostsAccrued() public view returns (uint256 accrued) {
        uint256 count = _coordinators.length();
        for (uint256 i; i < count; ++i) {
            accrued += _upperHalf(_coordinated[_coordinators.at(i)]);
        }
    }

    /// @inheritdoc IFeeEscrow
    function hostsCredited() external view returns (uint256) {
        return _hostsCredited;
    }

    /// @inheritdoc IFeeEscrow
    function areHostsPresent() external view returns (bool) {
        return _hostsPresent;
    }

    /// @inheritdoc IFeeEscrow
    function authority() external view returns (address) {
        return IAccessManaged(address(IDENTITIES)).authority();
    }

    /// @inheritdoc IFeeEscrow
    function wiring() external view returns (EscrowParts memory) {
        return EscrowParts({
            token: address(TOKEN),
            identities: address(IDENTITIES),
            consents: address(CONSENTS),
            schedule: address(SCHEDULE),
            hostRewards: HOST_REWARDS,
            disputes: DISPUTES,
            batches: BATCHES
        });
    }

    /// @inheritdoc IFeeEscrow
    function parameters() external view returns (EscrowParameters memory) {
        return EscrowParameters({
            noticeSeconds: NOTICE_SECONDS,
            lapseSeconds: LAPSE_SECONDS,
            orderLifeSeconds: ORDER_LIFE_SECONDS,
            deliverySeconds: DELIVERY_SECONDS,
            shortestChallengeSeconds: SHORTEST_CHALLENGE_SECONDS,
            longestChallengeSeconds: LONGEST_CHALLENGE_SECONDS,
            disputeBondBps: DISPUTE_BOND_BPS
        });
    }

    // ---------------------------------------------------------------- internals: checks

    /// @dev The last instant of an order or a batch, against this escrow's spans.
    function _checkDeadline(uint48 deadline) private view {
        if (block.timestamp > deadline) revert FeeEscrowOrderExpired(deadline);
        uint256 latest = block.timestamp + ORDER_LIFE_SECONDS;
        if (deadline > latest) revert FeeEscrowOrderTooLong(deadline, uint48(latest));
    }

    /// @dev Deadlines and key of an order, against this escrow's spans.
    function _checkOrder(uint48 fundBy, uint48 deliverBy, uint32 challengeSeconds, bytes32 recipientKeyHash)
        private
        view
    {
        _checkDeadline(fundBy);
        if (deliverBy <= block.timestamp) revert FeeEscrowDeliveryDeadlineInvalid(deliverBy);
        uint256 latest = block.timestamp + DELIVERY_SECONDS;
        if (deliverBy > latest) revert FeeEscrowOrderTooLong(deliverBy, uint48(latest));
        if (challengeSeconds < SHORTEST_CHALLENGE_SECONDS || challengeSeconds > LONGEST_CHALLENGE_SECONDS) {
            revert FeeEscrowChallengeInvalid(challengeSeconds, SHORTEST_CHALLENGE_SECONDS, LONGEST_CHALLENGE_SECONDS);
        }
        if (recipientKeyHash == 0) revert FeeEscrowRecipientKeyMissing();
    }

    function _checkCoordinator(address coordinator, address consumer, PackedParticipant ofCoordinator) private pure {
        if (coordinator == consumer || !ofCoordinator.isActive(Roles.COORDINATOR)) {
            revert FeeEscrowCoordinatorInvalid(coordinator);
        }
    }

    /// @dev `signer` may speak for `participant`, whose record is at hand.
    function _checkSpeaker(address participant, PackedParticipant record, bytes32 kind, address signer) private view {
        if (signer != participant || record.hasFlag(ParticipantFlags.NOT_SELF_OWNED)) {
            IdentityCalls.checkActor(IDENTITIES, participant, kind, signer);
        }
    }

    /// @dev `signer` may speak for `participant`, and it did.
    function _checkWord(
        address participant,
        bytes32 kind,
        address signer,
        bytes32 structHash,
        bytes calldata signature
    ) private view {
        IdentityCalls.checkActor(IDENTITIES, participant, kind, signer);
        _checkSigned(signer, structHash, signature);
    }

    /// @dev `signer` calls, or its signature is here.
    function _checkSigned(address signer, bytes32 structHash, bytes calldata signature) private view {
        if (signature.length == 0 && msg.sender == signer) return;
        bytes32 digest = _hashTypedDataV4(structHash);
        if (!Signatures.isValid(signer, digest, signature)) revert FeeEscrowSignatureInvalid(signer, digest);
    }

    function _checkFunded(Exchange calldata described) private view returns (bytes32 exchangeId) {
        exchangeId = described.id;
        _checkSlot(
            exchangeId, _exchanges[exchangeId], ExchangeState.Funded, ExchangeDigests.hashOf(described)
        );
    }

    function _checkDelivered(Exchange calldata described, uint48 deliveredAt)
        private
        view
        returns (bytes32 exchangeId, bytes32 hash)
    {
        exchangeId = described.id;
        hash = ExchangeDigests.deliveredHash(described, described.sealHash, deliveredAt);
        _checkSlot(exchangeId, _exchanges[exchangeId], ExchangeState.Delivered, hash);
    }

    /// @dev The exchange is in this state and is the one described.
    function _checkSlot(bytes32 exchangeId, uint256 slot, ExchangeState state, bytes32 hash) private pure {
        if (slot == ExchangeDigests.openSlot(state, hash)) return;
        ExchangeState actual = ExchangeDigests.stateIn(slot);
        if (actual != state) revert FeeEscrowStateInvalid(exchangeId, actual);
        revert FeeEscrowExchangeMismatch(exchangeId);
    }

    function _checkAccountHolder(address participant) private view {
        if (msg.sender != IDENTITIES.accountHolderOf(participant)) {
            revert FeeEscrowNotAccountHolder(participant, msg.sender);
        }
    }

    function _checkHostRewards() private view {
        if (msg.sender != HOST_REWARDS) revert FeeEscrowNotHostRewards(msg.sender);
    }

    function _checkContract(address given) private view {
        if (given.code.length == 0) revert FeeEscrowAddressInvalid(given);
    }

    // ---------------------------------------------------------------- internals: effects

    /// @dev Takes a use of a consent and its fee. What remains is to keep the exchange, or to end it at once.
    function _open(
        OpenedConsent calldata opened,
        Order calldata order,
        bytes calldata consentSignature,
        bytes calldata orderSignature
    ) private returns (Exchange memory funded, PackedParticipant ofConsumer, PackedParticipant ofProvider) {
        // Check: what stands in the order itself.
        (uint48 deliverBy, uint32 challengeSeconds) = (order.deliverBy, order.challengeSeconds);
        _checkOrder(order.fundBy, deliverBy, challengeSeconds, order.recipientKeyHash);

        // Check and effect, in the token: the consent, both parties and their accreditations.
        (address consumer, address coordinator) = (opened.consumer, order.coordinator);
        bytes32 consentId;
        uint32 use;
        uint8 noted;
        PackedParticipant ofCoordinator;
        (consentId, use, noted, ofConsumer, ofProvider, ofCoordinator) =
            ConsentCalls.useConsent(CONSENTS, consentSignature, coordinator, opened);

        // Check: who coordinates, who signed, and the price.
        _checkCoordinator(coordinator, consumer, ofCoordinator);
        address signer = _speaker(order.signer, consumer);
        _checkSpeaker(consumer, ofConsumer, DelegateKinds.EXCHANGE, signer);
        _checkSigned(signer, ExchangeDigests.orderStructHash(consentId, use, order, signer), orderSignature);
        (uint32 scheduleVersion, Assurance assurance) = (order.scheduleVersion, opened.assurance);
        (uint256 fee, Shares shares) =
            _quote(scheduleVersion, opened.schema, assurance, ofConsumer, ofProvider, noted);
        if (fee != order.fee) revert FeeEscrowFeeMismatch(order.fee, fee);

        // Effect
        _takePrepaid(consumer, fee);
        funded = Exchange({
            id: ConsentDigests.exchangeIdOf(consentId, use),
            consumer: consumer,
            provider: opened.provider,
            coordinator: coordinator,
            terms: PackedTerms.pack(fee, shares, deliverBy, challengeSeconds), // its deadline is near, checked above
            sealHash: order.recipientKeyHash
        });
        emit ExchangeFunded(
            funded.id,
            consumer,
            funded.provider,
            consentId,
            use,
            coordinator,
            funded.sealHash,
            funded.terms,
            opened.schema,
            opened.purpose,
            assurance,
            scheduleVersion
        );
    }

    /// @dev The fee of an exchange funded now, and its shares. What the schedule said is kept for as long as it holds.
    function _quote(
        uint32 version,
        bytes32 schema,
        Assurance assurance,
        PackedParticipant ofConsumer,
        PackedParticipant ofProvider,
        uint8 noted
    ) private returns (uint256 fee, Shares shares) {
        bytes32 listing = PackedQuotes.listingOf(version, schema, assurance);
        PackedQuote quote = _quotes[listing];
        if (block.timestamp > quote.goodUntil()) {
            quote = SCHEDULE.packedQuote(version, schema, assurance);
            _quotes[listing] = quote;
        }
        fee = quote.feeFor(ofConsumer.hasRole(Roles.HOST));
        shares = quote.sharesFor(ofConsumer.recruitedAt(), ofProvider.recruitedAt(), noted & HOSTS_PRESENT != 0);
    }

    /// @dev The one way by which an open exchange settles. It leaves no slot: that its use is taken says all.
    function _settle(bytes32 exchangeId, Exchange calldata described, SettlementCause cause) private {
        delete _exchanges[exchangeId];
        ExchangeTerms terms = described.terms;
        _credit(described.consumer, described.provider, described.coordinator, terms.fee(), terms.shares(), 1);
        emit ExchangeSettled(exchangeId, cause);
    }

    /// @dev The one way by which fees are earned: `count` times the same fee, by its shares.
    function _credit(
        address consumer,
        address provider,
        address coordinator,
        uint256 fee,
        Shares shares,
        uint256 count
    ) private {
        (uint256 own, uint256 coordinators, uint256 hosts, uint256 consumerRecruiter, uint256 providerRecruiter) =
            FeeShares.split(fee, shares);
        unchecked {
            // A part is below 2^104, and so is the fee times the count, which came out of a prepaid balance.
            _add(_earned, provider, own * count, providerRecruiter * count);
            coordinators *= count;
            hosts *= count;
            if (coordinators | hosts != 0 && _add(_coordinated, coordinator, coordinators, hosts) == 0) {
                _coordinators.add(coordinator); // its first share, or the first after it took out all there was
            }
            if (consumerRecruiter != 0) _add(_earned, consumer, 0, consumerRecruiter * count);
        }
    }

    /// @dev The one way by which an exchange is refunded before its delivery.
    function _refund(bytes32 exchangeId, address consumer, uint256 amount, RefundCause cause) private {
        _exchanges[exchangeId] = ExchangeDigests.endedSlot(ExchangeState.Refunded, block.timestamp);
        _returnPrepaid(consumer, amount);
        emit ExchangeRefunded(exchangeId, cause);
    }

    function _returnPrepaid(address participant, uint256 amount) private {
        _prepaid[participant].balance = SafeCast.toUint104(_prepaid[participant].balance + amount);
    }

    /// @dev Adds to both halves of a participant's slot, and returns what it held before. What is added to a half is
    /// below 2^104, or the half of another slot; what does not fit is refused.
    function _add(
        mapping(address => uint256) storage ledger,
        address participant,
        uint256 toLower,
        uint256 toUpper
    ) private returns (uint256 former) {
        former = ledger[participant];
        uint256 raised = former + (toUpper << HALF_BITS | toLower); // checked: the upper half keeps to its bits
        if (_lowerHalf(raised) < toLower) {
            revert SafeCast.SafeCastOverflowedUintDowncast(uint8(HALF_BITS), _lowerHalf(former) + toLower);
        }
        ledger[participant] = raised;
    }

    function _takePrepaid(address participant, uint256 amount) private {
        Prepaid storage prepaid = _prepaid[participant];
        (uint104 balance, uint104 announced, uint48 announcedAt) =
            (prepaid.balance, prepaid.announced, prepaid.announcedAt);
        uint256 available = _availableOf(balance, announced, announcedAt);
        if (amount > available) revert FeeEscrowPrepaidTooLow(participant, available, amount);
        unchecked {
            prepaid.balance = balance - uint104(amount); // at most the balance
        }
    }

    /// @dev Takes exactly `amount` from `payer`, or nothing: a token that keeps a part is refused.
    function _deposit(address participant, address payer, uint256 amount) private {
        // Check
        if (IDENTITIES.participantOf(participant).status != ParticipantStatus.Active) {
            revert FeeEscrowParticipantNotActive(participant);
        }
        uint256 balance = uint256(_prepaid[participant].balance);
        if (amount == 0 || amount > type(uint104).max - balance) revert FeeEscrowAmountInvalid(amount);

        // Effect
        _prepaid[participant].balance = uint104(balance + amount);
        emit PrepaidDeposited(participant, payer, amount);

        // Interaction
        uint256 before = TOKEN.balanceOf(address(this));
        TOKEN.safeTransferFrom(payer, address(this), amount);
        uint256 received = TOKEN.balanceOf(address(this)) - before;
        if (received != amount) revert FeeEscrowTokenTookFee(amount, received);
    }

    // ---------------------------------------------------------------- internals: pure

    /// @dev Who speaks for a participant: where nobody is named, itself.
    function _speaker(address named, address participant) private pure returns (address) {
        return named == address(0) ? participant : named;
    }

    function _lowerHalf(uint256 halves) private pure returns (uint256) {
        return uint128(halves);
    }

    function _upperHalf(uint256 halves) private pure returns (uint256) {
        return halves >> HALF_BITS;
    }

    /// @dev What backs new orders: the balance, less an announced amount until it lapses.
    function _availableOf(uint104 balance, uint104 announced, uint48 announcedAt) private view returns (uint256) {
        if (announced == 0) return balance;
        (, uint48 lapsesAt) = _announcementWindow(announcedAt);
        return block.timestamp < lapsesAt ? balance - announced : balance;
    }

    function _announcementWindow(uint48 announcedAt) private view returns (uint48 takeableAt, uint48 lapsesAt) {
        takeableAt = announcedAt + NOTICE_SECONDS;
        lapsesAt = takeableAt + LAPSE_SECONDS;
    }
}
