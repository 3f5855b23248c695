// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IExchangeBatches } from "../../interfaces/IExchangeBatches.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IHostRewards } from "../../interfaces/IHostRewards.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { ISchemaRegistry } from "../../interfaces/ISchemaRegistry.sol";
import { Batch, BatchItem, PackedWindow, Word } from "../../contracts/types/Batches.sol";
import { Assurance, Consent, OpenedConsent } from "../../contracts/types/Consents.sol";
import { Exchange, ExchangeState, ExchangeTerms, Order, Shares } from "../../contracts/types/Exchanges.sol";
import { ParticipantStatus, Roles } from "../../contracts/types/Participants.sol";
import { InvariantBroken } from "./Handler.sol";
import { MembershipHandler } from "./MembershipHandler.sol";
import { Network, token } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice Money, consents and exchanges between members that come and go, by all three ways in, and every way out.
contract ExchangeHandler is MembershipHandler {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant SUBJECTS = 1_000_000; // keys of subjects are counted from here
    uint256 private constant LOOKED_AT = 16; // consents that are drawn from: the latest
    uint256 private constant CHECKED = 4; // exchanges whose state is asked after every step: the latest
    uint256 private constant MOST_ITEMS = 4; // of a batch
    uint32 private constant CHALLENGE_SECONDS = 1 days;
    bytes32 private constant KEY_HASH = keccak256("key");
    bytes32 private constant CIPHERTEXT_HASH = keccak256("sealed");

    /// @dev What the model knows of a participant's money, smallest token units.
    struct Ledger {
        uint256 prepaid;
        uint256 announced;
        uint256 announcedAt;
        uint256 earned;
        uint256 forRecruiter;
    }

    /// @dev A consent, and its exchange once there is one.
    struct Deal {
        OpenedConsent opened;
        uint256 key; // the subject's
        bool isGranted;
        bool isWithdrawn;
        ExchangeState state;
        bool isBatched; // settled in a batch: the escrow knows nothing of it
        Exchange exchange;
        uint256 fee;
        Shares shares;
        uint48 deliverBy;
        uint48 deliveredAt;
        uint256 bond;
        uint48 disputedAt;
    }

    /// @dev What one transaction brings of an exchange.
    struct Brought {
        OpenedConsent opened;
        Order order;
        bytes orderWord;
        address provider;
        bytes deliveryWord;
        address acceptor; // nobody where it waits for an acceptance
        bytes acceptanceWord;
        bytes consentSignature;
    }

    mapping(address participant => Ledger) private _ledgers;
    mapping(address account => uint256) private _wallets;
    Deal[] private _deals;
    uint256 private _issued;
    uint256 private _invoices;
    uint256 private _batches;
    uint256 private _hostsUnclaimed; // accrued and not credited
    uint256 private _open; // held in open exchanges, bonds included

    constructor(Network network_) MembershipHandler(network_) {
        _accreditConsumer(_person(0), 3_650 days);
        _accreditProvider(_person(1), 3_650 days);
        _setWeight(_person(0), 3);
        _deposit(_person(0), 50_000_000);
        string[46] memory kinds = [
            "issue",
            "issue: NetworkCreditNotMember",
            "deposit",
            "deposit: FeeEscrowParticipantNotActive",
            "accredit consumer",
            "accredit provider",
            "set weight",
            "withdraw accreditation",
            "publish fees",
            "pause urgently",
            "pause by vote",
            "grant",
            "grant: ConsentTokenGrantsPaused",
            "fund",
            "fund: ConsentTokenUsesPaused",
            "fund: ConsentTokenExhausted",
            "fund: ConsentTokenConsumerNotActive",
            "fund: ConsentTokenProviderNotActive",
            "fund: ConsentTokenConsumerNotAccredited",
            "fund: consent from before a re-admission",
            "exchange",
            "exchange without acceptance",
            "exchange: ConsentTokenUsesPaused",
            "batch",
            "batch: an item passed over",
            "batch: ConsentTokenUsesPaused",
            "batch: ExchangeBatchesEmpty",
            "deliver",
            "deliver when no longer active",
            "decline",
            "accept",
            "settle unchallenged",
            "dispute",
            "refund undelivered",
            "resolve",
            "resolve: FeeEscrowNotDisputes",
            "withdraw consent",
            "announce",
            "take prepaid",
            "take earned",
            "credit recruiter",
            "claim",
            "resign",
            "exit while paused",
            "exit while suspended",
            "exit while removed"
        ];
        for (uint256 i; i < kinds.length; ++i) {
            _wants(kinds[i]);
        }
    }

    // ---------------------------------------------------------------- steps

    /// @notice Somebody is issued credit, and pays it into its prepaid balance.
    function deposit(uint256 seed) external step(seed) {
        _deposit(_person(_draw(PEOPLE)), 1_000_000 * (1 + _draw(20)));
    }

    /// @notice The council accredits, withdraws accreditation, sets a weight or publishes fees.
    function accredit(uint256 seed) external step(seed) {
        address person = _person(_draw(PEOPLE));
        uint256 which = _draw(6);
        if (which == 0) _accreditConsumer(person, _oneIn(3) ? 2 days : 3_650 days);
        else if (which == 1) _accreditProvider(person, _oneIn(3) ? 2 days : 3_650 days);
        else if (which == 2) _withdrawAccreditation(_oneIn(3) ? person : _person(_draw(2)), _oneIn(2));
        else if (which == 3) _setWeight(person, uint32(_draw(4)));
        else if (which == 4) _publish();
        else _withdrawAccreditation(_mostly(Roles.CONSUMER), true);
    }

    /// @notice A subject's consent is granted before it is used.
    function grant(uint256 seed) external step(seed) {
        _grant(_makeDeal(_mostly(Roles.CONSUMER), _mostly(Roles.PROVIDER)));
    }

    /// @notice An exchange is funded, from a consent that was granted or from one that comes along, or was used.
    function fund(uint256 seed) external step(seed) {
        uint256 which = _draw(6);
        if (which < 3) _fund(_makeDeal(_mostly(Roles.CONSUMER), _mostly(Roles.PROVIDER)));
        else _fund(_someDeal(which == 3 ? ExchangeState.Settled : ExchangeState.None));
    }

    /// @notice An exchange goes from order to acceptance in one transaction, or waits for the acceptance.
    function exchange(uint256 seed) external step(seed) {
        (uint256 consumer, uint256 provider) = _prepare();
        if (_oneIn(4)) _pauseUrgently(2);
        _exchange(_oneIn(4) ? _someDeal(ExchangeState.None) : _makeDeal(_person(consumer), _person(provider)));
    }

    /// @notice Two members settle what was delivered already, some of it withdrawn, used, or brought twice.
    function exchangeBatch(uint256 seed) external step(seed) {
        (uint256 consumer, uint256 provider) = _prepare();
        uint256[] memory indexes = new uint256[](1 + _draw(MOST_ITEMS));
        for (uint256 i; i < indexes.length; ++i) {
            indexes[i] = i != 0 && _oneIn(4) ? indexes[i - 1] : _makeDeal(_person(consumer), _person(provider));
            Deal storage deal = _deals[indexes[i]];
            if (deal.state == ExchangeState.None && !deal.isWithdrawn) {
                deal.opened.nonce = indexes[i]; // as the consumer allotted it
                if (_oneIn(4)) _withdraw(indexes[i]);
            }
        }
        if (_oneIn(8)) {
            _decideOn("remove", _person(provider)); // and back again: no consent is revived
            _join(_person(provider), _usualRoles(provider), false);
            _accreditProvider(_person(provider), 3_650 days);
        }
        if (_oneIn(6)) _pauseUrgently(2);
        _settleBatch(indexes);
        if (_oneIn(4)) _settleBatch(indexes);
    }

    /// @notice The council and two members do what it takes, and an exchange goes all the way or a part of it.
    function trade(uint256 seed) external step(seed) {
        (uint256 consumer, uint256 provider) = _prepare();
        uint256 index = _makeDeal(_person(consumer), _person(provider));
        if (_oneIn(8)) {
            _decideOn("remove", _person(consumer)); // and back again: the consent is not revived
            _join(_person(consumer), _usualRoles(consumer), false);
            if (!_oneIn(6)) _accreditConsumer(_person(consumer), 3_650 days);
        }
        if (!_fund(index) || _oneIn(5)) return;
        if (_oneIn(6)) _decideOn("suspend", _person(provider)); // what was funded goes on
        for (uint256 i; i < 3; ++i) {
            _proceed(index);
        }
        if (_oneIn(2)) return;
        _exit(_person(consumer), 2);
        _exit(_person(consumer), 3);
        _exit(_person(provider), 4);
        _exit(_person(PEOPLE), 4);
    }

    /// @notice An open exchange goes on.
    function proceed(uint256 seed) external step(seed) {
        ExchangeState[4] memory states =
            [ExchangeState.Funded, ExchangeState.Funded, ExchangeState.Delivered, ExchangeState.Disputed];
        _proceed(_someDeal(states[_draw(states.length)]));
    }

    /// @notice A subject withdraws a consent.
    function withdrawConsent(uint256 seed) external step(seed) {
        _withdraw(_someDeal(_oneIn(2) ? ExchangeState.Funded : ExchangeState.None));
    }

    /// @notice Somebody takes out what is its own.
    function takeOut(uint256 seed) external step(seed) {
        _exit(_person(_draw(PEOPLE + 1)), _draw(6));
    }

    /// @notice Everything is paused, and somebody suspended or removed: it takes out all the same whatever is its own.
    function takeOutWhateverIsPaused(uint256 seed) external step(seed) {
        address person = _person(_draw(PEOPLE));
        for (uint256 which; which < 3; ++which) {
            if (!_isPauseSpent[which]) _pauseUrgently(which);
        }
        if (_oneIn(2)) _suspendUrgently(person);
        else _decideOn(_oneIn(2) ? "suspend" : "remove", person);
        _withdraw(_someDeal(ExchangeState.Funded));
        for (uint256 way; way < 6; ++way) {
            if (way == 1) _pass(network.escrow().parameters().noticeSeconds);
            _exit(person, way);
        }
    }

    // ---------------------------------------------------------------- what must hold

    /// @notice 12. An exchange stands where its last step put it, and one that ended keeps to that; a settled one leaves no
    /// slot, and a use that a batch took counts in the token's bit alone.
    function checkExchanges() external view {
        uint256 count = _deals.length > CHECKED ? CHECKED : _deals.length;
        for (uint256 i; i < count; ++i) {
            Deal storage deal = _deals[_deals.length - 1 - i];
            OpenedConsent memory opened = deal.opened;
            bytes32 consentId = network.consents().hashOpenedConsent(opened);
            (ExchangeState state,) = network.escrow().stateOf(consentId, 1);
            if (state != (deal.isBatched ? ExchangeState.None : deal.state)) revert InvariantBroken(12, "another state");
            bool isKept = network.escrow().slotOf(_exchangeIdOf(deal)) != 0;
            bool hasSlot = deal.state != ExchangeState.None && deal.state != ExchangeState.Settled;
            if (isKept != hasSlot) revert InvariantBroken(12, "a slot");
            bool isSpent = network.consents().isNonceSpent(opened.consumer, opened.nonce);
            if (isSpent != deal.isBatched) revert InvariantBroken(12, "a nonce");
        }
    }

    /// @notice 11. The escrow's tokens are both ledgers, what open exchanges hold, bonds, and hosts' unclaimed rewards,
    /// to the last unit; and each ledger is what its owner's own steps left in it (7).
    function checkLedgers() external view {
        IFeeEscrow escrow = network.escrow();
        uint256 owed = _open + escrow.hostsAccrued() - escrow.hostsCredited();
        if (owed != _open + _hostsUnclaimed) revert InvariantBroken(11, "other rewards of hosts");
        for (uint256 i; i <= PEOPLE; ++i) {
            address person = _person(i);
            Ledger storage ledger = _ledgers[person];
            (uint256 prepaid,) = escrow.prepaidOf(person);
            if (prepaid != ledger.prepaid) revert InvariantBroken(7, "another prepaid balance");
            if (escrow.earnedOf(person) != ledger.earned) revert InvariantBroken(7, "other earnings");
            if (escrow.recruiterShareOf(person) != ledger.forRecruiter) revert InvariantBroken(7, "a recruited share");
            owed += prepaid + ledger.earned + ledger.forRecruiter;
        }
        if (token(network).balanceOf(address(escrow)) != owed) revert InvariantBroken(11, "not what is owed");
        if (token(network).totalSupply() != _issued) revert InvariantBroken(11, "another supply");
        for (uint256 i = 21; i < 37; ++i) {
            address account = network.account(i);
            if (token(network).balanceOf(account) != _wallets[account]) revert InvariantBroken(7, "another wallet");
        }
    }

    // ---------------------------------------------------------------- internals: money in

    function _deposit(address person, uint256 amount) private {
        (address holder, ParticipantStatus status) = (_members[person].owner, _members[person].status);
        bool isMember = status == ParticipantStatus.Active || status == ParticipantStatus.Suspended;
        bytes memory data = abi.encodeCall(INetworkCredit.issue, (person, amount, bytes32(++_invoices)));
        (bool done,) = _attempt(
            11, "issue", isMember ? "" : "NetworkCreditNotMember", network.treasurer(), address(network.credit()), data
        );
        if (!done) return;
        _issued += amount;
        _wallets[holder] += amount;
        data = abi.encodeCall(IERC20.approve, (address(network.escrow()), amount));
        _attempt(11, "approve", "", holder, address(network.credit()), data);
        data = abi.encodeCall(IFeeEscrow.deposit, (person, amount));
        string memory expected = status == ParticipantStatus.Active ? "" : "FeeEscrowParticipantNotActive";
        (done,) = _attempt(11, "deposit", expected, holder, address(network.escrow()), data);
        if (!done) return;
        _wallets[holder] -= amount;
        _ledgers[person].prepaid += amount;
    }

    // ---------------------------------------------------------------- internals: the council's words

    function _accreditConsumer(address person, uint256 span) private {
        uint48 until = uint48(instant + span);
        bytes memory data = abi.encodeCall(ISchemaRegistry.accreditConsumer, (SCHEMA, PURPOSE, person, until));
        bytes memory execution = _vote(address(network.schemas()), data);
        string memory expected = _isActive(person, Roles.CONSUMER) ? "" : "SchemaRegistryNotActive";
        (bool done,) = _attempt(5, "accredit consumer", expected, STRANGER, address(network.council()), execution);
        if (done) (_members[person].consumerAccreditedAt, _members[person].consumerUntil) = (instant, until);
    }

    function _accreditProvider(address person, uint256 span) private {
        uint48 until = uint48(instant + span);
        bytes memory data = abi.encodeCall(ISchemaRegistry.accreditProvider, (SCHEMA, person, Assurance.High, until));
        bytes memory execution = _vote(address(network.schemas()), data);
        string memory expected = _isActive(person, Roles.PROVIDER) ? "" : "SchemaRegistryNotActive";
        (bool done,) = _attempt(5, "accredit provider", expected, STRANGER, address(network.council()), execution);
        if (done) (_members[person].providerAccreditedAt, _members[person].providerUntil) = (instant, until);
    }

    function _withdrawAccreditation(address person, bool isConsumers) private {
        bytes memory data = isConsumers
            ? abi.encodeCall(ISchemaRegistry.withdrawConsumerAccreditation, (SCHEMA, PURPOSE, person))
            : abi.encodeCall(ISchemaRegistry.withdrawProviderAccreditation, (SCHEMA, person));
        bytes memory execution = _vote(address(network.schemas()), data);
        Member storage member = _members[person];
        string memory expected;
        if (isConsumers && instant >= member.consumerUntil) expected = "SchemaRegistryConsumerNotAccredited";
        if (!isConsumers && instant >= member.providerUntil) expected = "SchemaRegistryProviderNotAccredited";
        (bool done,) = _attempt(5, "withdraw accreditation", expected, STRANGER, address(network.council()), execution);
        if (!done) return;
        if (isConsumers) member.consumerUntil = instant;
        else member.providerUntil = instant;
    }

    function _setWeight(address person, uint32 weight) private {
        bytes memory execution =
            _vote(address(network.rewards()), abi.encodeCall(IHostRewards.setWeight, (person, weight)));
        string memory expected;
        if (weight != 0 && !_isActive(person, Roles.HOST)) expected = "HostRewardsNotActiveHost";
        else if (weight == _members[person].weight) expected = "HostRewardsWeightUnchanged";
        (bool done,) = _attempt(5, "set weight", expected, STRANGER, address(network.council()), execution);
        if (done) _members[person].weight = weight;
    }

    function _publish() private {
        bytes memory execution = _vote(address(network.schedule()), _newFees());
        _attempt(5, "publish fees", "", STRANGER, address(network.council()), execution);
        ++_feeVersion;
    }

    /// @dev What the council does to bring somebody back into a role, unless it is not in the mood.
    function _makeActive(uint256 index, uint8 role) private {
        address person = _person(index);
        ParticipantStatus status = _members[person].status;
        if (_oneIn(8)) return;
        if (status == ParticipantStatus.Suspended) _decideOn("reinstate", person);
        else if (status != ParticipantStatus.Active) _join(person, _usualRoles(index), false);
        else if (_members[person].roles & role == 0) _setRoles(person, _usualRoles(index));
    }

    // ---------------------------------------------------------------- internals: an exchange

    function _makeDeal(address consumer, address provider) private returns (uint256) {
        uint256 number = _deals.length + 1;
        Deal memory deal;
        deal.key = SUBJECTS + number;
        deal.opened.subject = VM.addr(deal.key);
        (deal.opened.schema, deal.opened.purpose) = (SCHEMA, PURPOSE);
        (deal.opened.consumer, deal.opened.provider) = (consumer, provider);
        deal.opened.assurance = Assurance.High;
        (deal.opened.seed, deal.opened.terms) = (bytes32(number), keccak256(abi.encode(number)));
        deal.opened.validFrom = uint48(instant);
        deal.opened.validUntil = uint48(instant + 60 days);
        deal.opened.eraseBy = uint48(instant + 90 days);
        deal.opened.maxUses = 1;
        deal.opened.nonce = type(uint128).max + number;
        _deals.push(deal);
        return number - 1;
    }

    function _grant(uint256 index) private {
        Deal storage deal = _deals[index];
        bytes memory data = abi.encodeCall(IConsentToken.grant, (_closed(deal.opened), _consentSignature(deal)));
        string memory expected = instant < _pausedUntil[1] ? "ConsentTokenGrantsPaused" : "";
        (bool done,) = _attempt(5, "grant", expected, STRANGER, address(network.consents()), data);
        if (done) deal.isGranted = true;
    }

    /// @dev Two members and a coordinator that may trade, unless the council is not in the mood.
    function _prepare() private returns (uint256 consumer, uint256 provider) {
        (consumer, provider) = (_oneIn(2) ? 0 : 3, _oneIn(2) ? 1 : 4);
        if (instant < _pausedUntil[2] && !_oneIn(4)) _pauseByVote(2, false);
        _makeActive(consumer, Roles.CONSUMER);
        _makeActive(provider, Roles.PROVIDER);
        _makeActive(2, Roles.COORDINATOR);
        if (!_isConsumer(_person(consumer)) && !_oneIn(6)) _accreditConsumer(_person(consumer), 3_650 days);
        if (!_isProvider(_person(provider))) _accreditProvider(_person(provider), 3_650 days);
        if (_availableOf(_person(consumer)) < 10_000_000) _deposit(_person(consumer), 20_000_000);
    }

    function _fund(uint256 index) private returns (bool done) {
        Deal storage deal = _deals[index];
        if (deal.opened.consumer == deal.opened.provider) return false;
        (Exchange memory made, Order memory order) = _order(deal);
        bytes memory data = abi.encodeCall(IFeeEscrow.fund, (deal.opened, order, _consentSignature(deal), ""));
        string memory expected = _refusalOfFunding(deal, made, order.fee);
        (done,) = _attempt(5, "fund", expected, order.signer, address(network.escrow()), data);
        if (_same(expected, "ConsentTokenConsumerNotActive") && _isActive(made.consumer, Roles.CONSUMER)) {
            ++reached["fund: consent from before a re-admission"];
        }
        if (done) _noteFunded(deal, made, order);
    }

    /// @dev All in one transaction, of the consumer's, the provider's or a stranger's.
    function _exchange(uint256 index) private {
        Deal storage deal = _deals[index];
        if (deal.opened.consumer == deal.opened.provider) return;
        (Exchange memory made, Order memory order) = _order(deal);
        Brought memory brought;
        (brought.opened, brought.order, brought.consentSignature) = (deal.opened, order, _consentSignature(deal));
        brought.provider = _members[made.provider].owner;
        address sender = [order.signer, brought.provider, STRANGER][_draw(3)];
        brought.orderWord = _wordOf(order.signer, sender, _orderHash(deal, order));
        brought.deliveryWord = _wordOf(brought.provider, sender, _deliveryHash(made, brought.provider));
        bool isAccepted = !_oneIn(4);
        if (isAccepted) {
            brought.acceptor = order.signer;
            brought.acceptanceWord = _wordOf(order.signer, sender, _acceptanceHash(made.id, order.signer));
        }
        string memory expected = _refusalOfFunding(deal, made, order.fee);
        string memory name = isAccepted || bytes(expected).length != 0 ? "exchange" : "exchange without acceptance";
        (bool done,) = _attempt(5, name, expected, sender, address(network.escrow()), _exchangeCall(brought));
        if (!done) return;
        _noteFunded(deal, made, order);
        (deal.state, deal.deliveredAt) = (ExchangeState.Delivered, uint48(instant));
        deal.exchange.sealHash = CIPHERTEXT_HASH;
        if (isAccepted) _settle(deal);
    }

    function _exchangeCall(Brought memory brought) private pure returns (bytes memory) {
        return abi.encodeCall(
            IFeeEscrow.exchange,
            (
                brought.opened,
                brought.order,
                CIPHERTEXT_HASH,
                brought.orderWord,
                brought.provider,
                brought.deliveryWord,
                brought.acceptor,
                brought.acceptanceWord,
                brought.consentSignature
            )
        );
    }

    function _noteFunded(Deal storage deal, Exchange memory made, Order memory order) private {
        deal.exchange = made;
        (deal.fee, deal.deliverBy) = (order.fee, order.deliverBy);
        (, deal.shares) = _quote(made.consumer, made.provider);
        deal.state = ExchangeState.Funded;
        _ledgers[made.consumer].prepaid -= order.fee;
        _open += order.fee;
    }

    /// @dev What an order says now, and the exchange that it leads to.
    function _order(Deal storage deal) private returns (Exchange memory made, Order memory order) {
        (made.consumer, made.provider) = (deal.opened.consumer, deal.opened.provider);
        made.coordinator = _mostly(Roles.COORDINATOR);
        made.id = _exchangeIdOf(deal);
        made.sealHash = KEY_HASH;
        (uint256 fee, Shares shares) = _quote(made.consumer, made.provider);
        order = Order({
            recipientKeyHash: KEY_HASH,
            coordinator: made.coordinator,
            scheduleVersion: uint32(_feeVersion),
            fee: fee,
            fundBy: uint48(instant + 1 hours),
            deliverBy: uint48(instant + 2 days),
            challengeSeconds: CHALLENGE_SECONDS,
            signer: _members[made.consumer].owner
        });
        made.terms = ExchangeTerms.wrap(
            fee << 152 | uint256(Shares.unwrap(shares)) << 72 | uint256(order.deliverBy) << 32 | CHALLENGE_SECONDS
        );
    }

    function _quote(address consumer, address provider) private view returns (uint256 fee, Shares shares) {
        uint256 weights;
        for (uint256 i; i < PEOPLE; ++i) {
            weights += _members[_person(i)].weight;
        }
        return network.schedule()
            .quote(
                uint32(_feeVersion),
                SCHEMA,
                Assurance.High,
                _recruitedAt(consumer),
                _recruitedAt(provider),
                _members[consumer].roles & Roles.HOST != 0,
                weights != 0
            );
    }

    function _refusalOfFunding(Deal storage deal, Exchange memory made, uint256 fee)
        private
        view
        returns (string memory)
    {
        (address consumer, address provider) = (made.consumer, made.provider);
        uint256 validFrom = deal.opened.validFrom;
        if (instant < _pausedUntil[2]) return "ConsentTokenUsesPaused";
        if (deal.isWithdrawn) return "ConsentTokenWithdrawn";
        if (instant >= deal.opened.validUntil) return "ConsentTokenExpired";
        if (deal.state != ExchangeState.None) return "ConsentTokenExhausted";
        if (!_isActive(consumer, Roles.CONSUMER) || validFrom < _members[consumer].memberSince) {
            return "ConsentTokenConsumerNotActive";
        }
        if (!_isActive(provider, Roles.PROVIDER) || validFrom < _members[provider].memberSince) {
            return "ConsentTokenProviderNotActive";
        }
        if (!_isConsumer(consumer)) return "ConsentTokenConsumerNotAccredited";
        if (!_isProvider(provider)) return "ConsentTokenProviderNotAccredited";
        return _refusalOfMoney(consumer, made.coordinator, fee);
    }

    function _refusalOfMoney(address consumer, address coordinator, uint256 amount)
        private
        view
        returns (string memory)
    {
        if (coordinator == consumer || !_isActive(coordinator, Roles.COORDINATOR)) {
            return "FeeEscrowCoordinatorInvalid";
        }
        return _availableOf(consumer) < amount ? "FeeEscrowPrepaidTooLow" : "";
    }

    // ---------------------------------------------------------------- internals: a batch

    /// @dev Brings consents of one consumer and one provider, delivered already, in one batch.
    function _settleBatch(uint256[] memory indexes) private {
        Batch memory batch = _batch(_deals[indexes[0]].opened);
        BatchItem[] memory items = new BatchItem[](indexes.length);
        for (uint256 i; i < indexes.length; ++i) {
            items[i] = _item(_deals[indexes[i]]);
        }
        (Word memory consumerWord, Word memory providerWord, address sender) = _batchWords(batch, items);
        bool[] memory isUsed = _usedInBatch(indexes);
        bytes memory data = abi.encodeCall(
            IExchangeBatches.exchangeBatch, (batch, items, consumerWord, providerWord)
        );
        string memory expected = _refusalOfBatch(batch, isUsed);
        (bool done,) = _attempt(5, "batch", expected, sender, network.escrow().wiring().batches, data);
        if (!done) return;
        for (uint256 i; i < indexes.length; ++i) {
            if (isUsed[i]) _noteBatched(_deals[indexes[i]], batch);
            else ++reached["batch: an item passed over"];
        }
    }

    function _noteBatched(Deal storage deal, Batch memory batch) private {
        deal.isBatched = true;
        (deal.exchange.consumer, deal.exchange.provider) = (batch.consumer, batch.provider);
        (deal.exchange.coordinator, deal.fee) = (batch.coordinator, batch.fee);
        (, deal.shares) = _quote(batch.consumer, batch.provider);
        _ledgers[batch.consumer].prepaid -= batch.fee;
        _open += batch.fee;
        _settle(deal);
    }

    function _batch(OpenedConsent memory opened) private returns (Batch memory batch) {
        (batch.consumer, batch.provider) = (opened.consumer, opened.provider);
        batch.coordinator = _mostly(Roles.COORDINATOR);
        (batch.schema, batch.purpose, batch.assurance) = (SCHEMA, PURPOSE, Assurance.High);
        batch.scheduleVersion = uint32(_feeVersion);
        (batch.fee,) = _quote(opened.consumer, opened.provider);
        (batch.relayer, batch.deadline) = (_oneIn(2) ? STRANGER : address(0), uint48(instant + 1 hours));
        batch.nonce = ++_batches;
    }

    function _item(Deal storage deal) private view returns (BatchItem memory item) {
        OpenedConsent memory opened = deal.opened;
        (item.subject, item.seed, item.terms) = (opened.subject, opened.seed, opened.terms);
        uint8 v;
        (v, item.r, item.s) = VM.sign(deal.key, network.consents().hashOpenedConsent(opened));
        item.window = PackedWindow.wrap(
            uint256(opened.validFrom) << 168 | uint256(opened.validUntil) << 120 | uint256(opened.eraseBy) << 72
                | opened.nonce << 8 | v
        );
        (item.recipientKeyHash, item.ciphertextHash) = (KEY_HASH, CIPHERTEXT_HASH);
    }

    /// @dev The words of both, and who brings them: one of the two, or whom they named.
    function _batchWords(Batch memory batch, BatchItem[] memory items)
        private
        returns (Word memory consumerWord, Word memory providerWord, address sender)
    {
        (consumerWord.signer, providerWord.signer) = (_members[batch.consumer].owner, _members[batch.provider].owner);
        sender = batch.relayer != address(0) ? batch.relayer : _oneIn(2) ? consumerWord.signer : providerWord.signer;
        bytes memory packed;
        for (uint256 i; i < items.length; ++i) {
            packed = bytes.concat(packed, abi.encode(items[i]));
        }
        address batches = network.escrow().wiring().batches;
        bytes32 separator = _separator("Consentry ExchangeBatches", batches);
        bytes32 itemsHash = keccak256(packed);
        bytes32 digest = _digest(separator, _batchHash(batch, itemsHash, consumerWord.signer));
        if (sender != consumerWord.signer) consumerWord.signature = network.signature(consumerWord.signer, digest);
        digest = _digest(separator, _batchHash(batch, itemsHash, providerWord.signer));
        if (sender != providerWord.signer) providerWord.signature = network.signature(providerWord.signer, digest);
    }

    /// @dev Which consents a batch uses: neither withdrawn nor used, in it or before, nor of a former membership.
    function _usedInBatch(uint256[] memory indexes) private view returns (bool[] memory isUsed) {
        isUsed = new bool[](indexes.length);
        for (uint256 i; i < indexes.length; ++i) {
            Deal storage deal = _deals[indexes[i]];
            uint256 validFrom = deal.opened.validFrom;
            isUsed[i] = !deal.isWithdrawn && deal.state == ExchangeState.None && instant < deal.opened.validUntil
                && validFrom >= _members[deal.opened.consumer].memberSince
                && validFrom >= _members[deal.opened.provider].memberSince;
            for (uint256 k; k < i; ++k) {
                if (indexes[k] == indexes[i]) isUsed[i] = false;
            }
        }
    }

    function _refusalOfBatch(Batch memory batch, bool[] memory isUsed) private view returns (string memory refusal) {
        if (instant < _pausedUntil[2]) return "ConsentTokenUsesPaused";
        if (!_isActive(batch.consumer, Roles.CONSUMER)) return "ConsentTokenConsumerNotActive";
        if (!_isActive(batch.provider, Roles.PROVIDER)) return "ConsentTokenProviderNotActive";
        if (!_isConsumer(batch.consumer)) return "ConsentTokenConsumerNotAccredited";
        if (!_isProvider(batch.provider)) return "ConsentTokenProviderNotAccredited";
        uint256 count;
        for (uint256 i; i < isUsed.length; ++i) {
            if (isUsed[i]) ++count;
        }
        refusal = _refusalOfMoney(batch.consumer, batch.coordinator, batch.fee * count);
        if (bytes(refusal).length == 0 && count == 0) return "ExchangeBatchesEmpty";
    }

    /// @dev The next step of an exchange, or its end by time.
    function _proceed(uint256 index) private {
        ExchangeState state = _deals[index].state;
        if (state == ExchangeState.Funded) {
            uint256 which = _draw(9);
            if (which == 0) _decline(index);
            else if (which < 3) _refundUndelivered(index);
            else _deliver(index);
        } else if (state == ExchangeState.Delivered) {
            uint256 which = _draw(8);
            if (which < 3) _dispute(index);
            else if (which < 5) _settleUnchallenged(index);
            else _accept(index);
        } else if (state == ExchangeState.Disputed) {
            _resolve(index);
        }
    }

    function _deliver(uint256 index) private {
        Deal storage deal = _deals[index];
        address signer = _members[deal.exchange.provider].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.deliver, (deal.exchange, CIPHERTEXT_HASH, signer, ""));
        string memory expected = instant > deal.deliverBy ? "FeeEscrowDeliveryTooLate" : "";
        (bool done,) = _attempt(9, "deliver", expected, signer, address(network.escrow()), data);
        if (!done) return;
        (deal.state, deal.deliveredAt) = (ExchangeState.Delivered, uint48(instant));
        deal.exchange.sealHash = CIPHERTEXT_HASH;
        if (!_isActive(deal.exchange.provider, Roles.PROVIDER)) ++reached["deliver when no longer active"];
    }

    function _decline(uint256 index) private {
        Deal storage deal = _deals[index];
        address signer = _members[deal.exchange.provider].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.decline, (deal.exchange, keccak256("no"), signer, ""));
        _attempt(9, "decline", "", signer, address(network.escrow()), data);
        _refund(deal);
    }

    function _refundUndelivered(uint256 index) private {
        Deal storage deal = _deals[index];
        if (!_oneIn(3) && instant <= deal.deliverBy) _pass(deal.deliverBy + 1 - instant);
        bytes memory data = abi.encodeCall(IFeeEscrow.refundUndelivered, (deal.exchange));
        string memory expected = instant <= deal.deliverBy ? "FeeEscrowDeliveryNotDue" : "";
        (bool done,) = _attempt(9, "refund undelivered", expected, STRANGER, address(network.escrow()), data);
        if (done) _refund(deal);
    }

    function _accept(uint256 index) private {
        Deal storage deal = _deals[index];
        address signer = _members[deal.exchange.consumer].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.accept, (deal.exchange, deal.deliveredAt, signer, ""));
        _attempt(9, "accept", "", signer, address(network.escrow()), data);
        _settle(deal);
    }

    function _settleUnchallenged(uint256 index) private {
        Deal storage deal = _deals[index];
        uint256 until = uint256(deal.deliveredAt) + CHALLENGE_SECONDS;
        if (!_oneIn(3) && instant <= until) _pass(until + 1 - instant);
        bytes memory data = abi.encodeCall(IFeeEscrow.settleUnchallenged, (deal.exchange, deal.deliveredAt));
        string memory expected = instant <= until ? "FeeEscrowChallengeRunning" : "";
        (bool done,) = _attempt(9, "settle unchallenged", expected, STRANGER, address(network.escrow()), data);
        if (done) _settle(deal);
    }

    function _dispute(uint256 index) private {
        Deal storage deal = _deals[index];
        address consumer = deal.exchange.consumer;
        address signer = _members[consumer].owner;
        uint256 bond = deal.fee * network.escrow().parameters().disputeBondBps / WHOLE_BPS;
        string memory expected;
        if (instant > uint256(deal.deliveredAt) + CHALLENGE_SECONDS) expected = "FeeEscrowChallengeOver";
        else if (_availableOf(consumer) < bond) expected = "FeeEscrowPrepaidTooLow";
        bytes memory data =
            abi.encodeCall(IFeeEscrow.dispute, (deal.exchange, deal.deliveredAt, keccak256("wrong"), signer, ""));
        (bool done,) = _attempt(9, "dispute", expected, signer, address(network.escrow()), data);
        if (!done) return;
        (deal.state, deal.bond, deal.disputedAt) = (ExchangeState.Disputed, bond, uint48(instant));
        _ledgers[consumer].prepaid -= bond;
        _open += bond;
    }

    /// @dev By whoever it is that says what becomes of disputes; mostly somebody else tries first.
    function _resolve(uint256 index) private {
        Deal storage deal = _deals[index];
        uint256 bps = _oneIn(3) ? WHOLE_BPS * _draw(2) : _draw(WHOLE_BPS + 1);
        bool isBondForfeit = _oneIn(2);
        bytes memory data = abi.encodeCall(
            IFeeEscrow.resolve, (deal.exchange, deal.deliveredAt, deal.bond, deal.disputedAt, bps, isBondForfeit)
        );
        address escrow = address(network.escrow());
        if (!_oneIn(3)) _attempt(7, "resolve", "FeeEscrowNotDisputes", _key(), escrow, data);
        _attempt(9, "resolve", "", network.escrow().wiring().disputes, escrow, data);
        deal.state = ExchangeState.Resolved;
        uint256 paid = deal.fee * bps / WHOLE_BPS;
        _credit(deal, paid);
        if (isBondForfeit) _ledgers[deal.exchange.provider].earned += deal.bond;
        _ledgers[deal.exchange.consumer].prepaid += deal.fee - paid + (isBondForfeit ? 0 : deal.bond);
        _open -= deal.fee + deal.bond;
    }

    function _refund(Deal storage deal) private {
        deal.state = ExchangeState.Refunded;
        _ledgers[deal.exchange.consumer].prepaid += deal.fee;
        _open -= deal.fee;
    }

    function _settle(Deal storage deal) private {
        deal.state = ExchangeState.Settled;
        _credit(deal, deal.fee);
        _open -= deal.fee;
    }

    /// @dev By the exchange's shares, each rounded down but the provider's.
    function _credit(Deal storage deal, uint256 amount) private {
        uint256 coordinator = _shareOf(deal, amount, 48);
        uint256 hosts = _shareOf(deal, amount, 32);
        uint256 consumerRecruiter = _shareOf(deal, amount, 16);
        uint256 providerRecruiter = _shareOf(deal, amount, 0);
        _ledgers[deal.exchange.coordinator].earned += coordinator;
        _hostsUnclaimed += hosts;
        _ledgers[deal.exchange.consumer].forRecruiter += consumerRecruiter;
        _ledgers[deal.exchange.provider].forRecruiter += providerRecruiter;
        _ledgers[deal.exchange.provider].earned +=
            amount - coordinator - hosts - consumerRecruiter - providerRecruiter;
    }

    function _shareOf(Deal storage deal, uint256 amount, uint256 bit) private view returns (uint256) {
        return amount * (Shares.unwrap(deal.shares) >> bit & 0xffff) / WHOLE_BPS;
    }

    // ---------------------------------------------------------------- internals: ways out

    function _withdraw(uint256 index) private {
        if (index >= _deals.length) return;
        Deal storage deal = _deals[index];
        bytes memory data = abi.encodeCall(IConsentToken.withdraw, (_closed(deal.opened), deal.exchange, ""));
        string memory expected = deal.isWithdrawn ? "ConsentTokenWithdrawn" : "";
        (bool done,) =
            _attempt(9, "withdraw consent", expected, deal.opened.subject, address(network.consents()), data);
        if (!done) return;
        deal.isWithdrawn = true;
        if (deal.state == ExchangeState.Funded) _refund(deal);
        if (instant < _pausedUntil[1] || instant < _pausedUntil[2]) ++reached["exit while paused"];
    }

    /// @dev Announces and takes prepaid money, takes earnings, has a recruiter or a host credited, resigns as a host.
    function _exit(address person, uint256 way) private {
        Ledger storage ledger = _ledgers[person];
        bool done;
        if (way == 0) done = _announce(person, ledger.prepaid);
        if (way == 1) done = _takePrepaid(person);
        if (way == 2) done = _creditRecruiter(person);
        if (way == 3) done = _claim(person);
        if (way == 4) done = _takeEarned(person);
        if (way == 5) done = _resign(person);
        if (!done) return;
        ParticipantStatus status = _members[person].status;
        if (status == ParticipantStatus.Suspended) ++reached["exit while suspended"];
        if (status == ParticipantStatus.Removed) ++reached["exit while removed"];
        if (instant < _pausedUntil[1] || instant < _pausedUntil[2]) ++reached["exit while paused"];
    }

    function _announce(address person, uint256 amount) private returns (bool done) {
        bytes memory data = abi.encodeCall(IFeeEscrow.announceWithdrawal, (person, amount));
        (done,) = _attempt(9, "announce", "", _members[person].owner, address(network.escrow()), data);
        (_ledgers[person].announced, _ledgers[person].announcedAt) = (amount, instant);
    }

    function _takePrepaid(address person) private returns (bool done) {
        Ledger storage ledger = _ledgers[person];
        IFeeEscrow.EscrowParameters memory spans = network.escrow().parameters();
        uint256 takeableAt = ledger.announcedAt + spans.noticeSeconds;
        string memory expected;
        if (ledger.announced == 0) expected = "FeeEscrowNothingAnnounced";
        else if (instant < takeableAt) expected = "FeeEscrowNoticeRunning";
        else if (instant >= takeableAt + spans.lapseSeconds) expected = "FeeEscrowAnnouncementLapsed";
        address owner = _members[person].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.withdrawPrepaid, (person));
        (done,) = _attempt(9, "take prepaid", expected, owner, address(network.escrow()), data);
        if (!done) return false;
        ledger.prepaid -= ledger.announced;
        _wallets[owner] += ledger.announced;
        ledger.announced = 0;
    }

    function _takeEarned(address person) private returns (bool done) {
        Ledger storage ledger = _ledgers[person];
        address owner = _members[person].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.withdrawEarned, (person));
        string memory expected = ledger.earned == 0 ? "FeeEscrowNothingEarned" : "";
        (done,) = _attempt(9, "take earned", expected, owner, address(network.escrow()), data);
        if (!done) return false;
        _wallets[owner] += ledger.earned;
        ledger.earned = 0;
    }

    function _creditRecruiter(address person) private returns (bool done) {
        Ledger storage ledger = _ledgers[person];
        bytes memory data = abi.encodeCall(IFeeEscrow.creditRecruiter, (person));
        string memory expected = ledger.forRecruiter == 0 ? "FeeEscrowNothingForRecruiter" : "";
        (done,) = _attempt(9, "credit recruiter", expected, STRANGER, address(network.escrow()), data);
        if (!done) return false;
        _ledgers[_members[person].recruiter].earned += ledger.forRecruiter;
        ledger.forRecruiter = 0;
    }

    function _claim(address person) private returns (bool done) {
        uint256 owed = network.rewards().owedTo(person);
        bytes memory data = abi.encodeCall(IHostRewards.claim, (person));
        string memory expected = owed == 0 ? "HostRewardsNothingOwed" : "";
        (done,) = _attempt(9, "claim", expected, STRANGER, address(network.rewards()), data);
        if (!done) return false;
        if (owed > _hostsUnclaimed) revert InvariantBroken(11, "hosts are owed more than accrued");
        _hostsUnclaimed -= owed;
        _ledgers[person].earned += owed;
    }

    function _resign(address person) private returns (bool done) {
        bytes memory data = abi.encodeCall(IHostRewards.resign, (person));
        string memory expected = _members[person].weight == 0 ? "HostRewardsWeightUnchanged" : "";
        (done,) = _attempt(9, "resign", expected, _members[person].owner, address(network.rewards()), data);
        if (done) _members[person].weight = 0;
    }

    // ---------------------------------------------------------------- internals: draws and views

    /// @dev Mostly somebody who is active in a role.
    function _mostly(uint8 role) private returns (address person) {
        uint256 first = _draw(PEOPLE);
        if (_oneIn(8)) return _person(first);
        for (uint256 i; i < PEOPLE; ++i) {
            person = _person((first + i) % PEOPLE);
            if (_isActive(person, role)) return person;
        }
    }

    /// @dev One of the latest consents, mostly with an exchange in this state.
    function _someDeal(ExchangeState state) private returns (uint256) {
        if (_deals.length == 0) return _makeDeal(_person(0), _person(1));
        uint256 count = _deals.length > LOOKED_AT ? LOOKED_AT : _deals.length;
        uint256 first = _draw(count);
        for (uint256 i; i < count; ++i) {
            uint256 index = _deals.length - 1 - (first + i) % count;
            if (_deals[index].state == state) return index;
        }
        return _deals.length - 1 - first;
    }

    function _availableOf(address person) private view returns (uint256) {
        Ledger storage ledger = _ledgers[person];
        if (ledger.announced == 0) return ledger.prepaid;
        IFeeEscrow.EscrowParameters memory spans = network.escrow().parameters();
        bool isLapsed = instant >= ledger.announcedAt + spans.noticeSeconds + spans.lapseSeconds;
        return isLapsed ? ledger.prepaid : ledger.prepaid - ledger.announced;
    }

    function _recruitedAt(address person) private view returns (uint48) {
        return _members[person].recruiter == address(0) ? 0 : uint48(_members[person].admittedAt);
    }

    /// @dev Its consent's only use.
    function _exchangeIdOf(Deal storage deal) private view returns (bytes32) {
        return keccak256(abi.encode(network.consents().hashOpenedConsent(deal.opened), 1));
    }

    // ---------------------------------------------------------------- internals: what institutions sign

    /// @dev What somebody signs for the escrow; nothing where it calls itself.
    function _wordOf(address signer, address sender, bytes32 structHash) private view returns (bytes memory) {
        if (signer == sender) return "";
        bytes32 separator = _separator("Consentry FeeEscrow", address(network.escrow()));
        return network.signature(signer, _digest(separator, structHash));
    }

    function _orderHash(Deal storage deal, Order memory order) private view returns (bytes32) {
        bytes32 typehash = keccak256(
            "Order(bytes32 consent,uint32 use,bytes32 recipientKeyHash,address coordinator,uint32 scheduleVersion,uint256 fee,uint48 fundBy,uint48 deliverBy,uint32 challengeSeconds,address signer)"
        );
        return keccak256(abi.encode(typehash, network.consents().hashOpenedConsent(deal.opened), 1, order));
    }

    function _deliveryHash(Exchange memory made, address signer) private pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Delivery(bytes32 exchange,bytes32 ciphertextHash,bytes32 recipientKeyHash,address coordinator,address signer)"
        );
        return keccak256(abi.encode(typehash, made.id, CIPHERTEXT_HASH, made.sealHash, made.coordinator, signer));
    }

    function _acceptanceHash(bytes32 exchangeId, address signer) private pure returns (bytes32) {
        bytes32 typehash = keccak256("Acceptance(bytes32 exchange,bytes32 ciphertextHash,address signer)");
        return keccak256(abi.encode(typehash, exchangeId, CIPHERTEXT_HASH, signer));
    }

    function _batchHash(Batch memory batch, bytes32 items, address signer) private pure returns (bytes32) {
        bytes32 typehash = keccak256(
            "Batch(address consumer,address provider,address coordinator,bytes32 schema,bytes32 purpose,uint8 assurance,uint32 scheduleVersion,uint256 fee,bytes32 items,address relayer,uint48 deadline,uint256 nonce,address signer)"
        );
        bytes memory head = abi.encode(
            typehash, batch.consumer, batch.provider, batch.coordinator, batch.schema, batch.purpose, batch.assurance
        );
        bytes memory rest = abi.encode(
            batch.scheduleVersion, batch.fee, items, batch.relayer, batch.deadline, batch.nonce, signer
        );
        return keccak256(bytes.concat(head, rest));
    }

    function _separator(string memory name, address verifying) private view returns (bytes32) {
        bytes32 typehash =
            keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
        return keccak256(
            abi.encode(typehash, keccak256(bytes(name)), keccak256("1"), block.chainid, verifying)
        );
    }

    function _digest(bytes32 separator, bytes32 structHash) private pure returns (bytes32) {
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    // ---------------------------------------------------------------- internals: what subjects sign

    function _consentSignature(Deal storage deal) private view returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(deal.key, network.consents().hashOpenedConsent(deal.opened));
        return abi.encodePacked(r, s, v);
    }

    /// @dev The consent as its subject signed it, with its commitments closed.
    function _closed(OpenedConsent memory opened) private pure returns (Consent memory consent) {
        consent.subject = opened.subject;
        consent.consumer = keccak256(abi.encode(opened.consumer, _salt(opened.seed, 0)));
        consent.provider = keccak256(abi.encode(opened.provider, _salt(opened.seed, 1)));
        consent.scope =
            keccak256(abi.encode(opened.schema, opened.purpose, uint256(opened.assurance), _salt(opened.seed, 2)));
        consent.terms = opened.terms;
        (consent.validFrom, consent.validUntil) = (opened.validFrom, opened.validUntil);
        (consent.eraseBy, consent.maxUses, consent.nonce) = (opened.eraseBy, opened.maxUses, opened.nonce);
    }

    function _salt(bytes32 seed, uint256 index) private pure returns (bytes32) {
        return keccak256(abi.encode(seed, index));
    }
}
