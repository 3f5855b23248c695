// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import { IERC20 } from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import { IConsentToken } from "../../interfaces/IConsentToken.sol";
import { IFeeEscrow } from "../../interfaces/IFeeEscrow.sol";
import { IHostRewards } from "../../interfaces/IHostRewards.sol";
import { INetworkCredit } from "../../interfaces/INetworkCredit.sol";
import { ISchemaRegistry } from "../../interfaces/ISchemaRegistry.sol";
import { Assurance, Consent, OpenedConsent } from "../../contracts/types/Consents.sol";
import { Exchange, ExchangeState, Order, Shares } from "../../contracts/types/Exchanges.sol";
import { ParticipantStatus, Roles } from "../../contracts/types/Participants.sol";
import { InvariantBroken } from "./Handler.sol";
import { MembershipHandler } from "./MembershipHandler.sol";
import { Network, token } from "./Network.sol";
import { VM } from "./Vm.sol";

/// @notice Money, consents and exchanges between members that come and go, and every way out.
contract ExchangeHandler is MembershipHandler {
    uint256 private constant WHOLE_BPS = 10_000;
    uint256 private constant SUBJECTS = 1_000_000; // keys of subjects are counted from here
    uint256 private constant LOOKED_AT = 16; // consents that are drawn from: the latest

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
        Exchange exchange;
        uint48 deliveredAt;
        uint256 bond;
        uint48 disputedAt;
    }

    mapping(address participant => Ledger) private _ledgers;
    mapping(address account => uint256) private _wallets;
    Deal[] private _deals;
    uint256 private _issued;
    uint256 private _invoices;
    uint256 private _hostsUnclaimed; // accrued and not credited
    uint256 private _open; // held in open exchanges, bonds included

    constructor(Network network_) MembershipHandler(network_) {
        _accreditConsumer(_person(0), 3_650 days);
        _accreditProvider(_person(1), 3_650 days);
        _setWeight(_person(0), 3);
        _deposit(_person(0), 50_000_000);
        string[37] memory kinds = [
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
            "fund: FeeEscrowFundingPaused",
            "fund: ConsentTokenConsumerNotActive",
            "fund: ConsentTokenProviderNotActive",
            "fund: ConsentTokenConsumerNotAccredited",
            "fund: consent from before a re-admission",
            "deliver",
            "deliver when no longer active",
            "decline",
            "accept",
            "settle unchallenged",
            "dispute",
            "refund undelivered",
            "refund disputed",
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

    /// @notice An exchange is funded, from a consent that was granted or from one that comes along.
    function fund(uint256 seed) external step(seed) {
        _fund(_oneIn(3) ? _someDeal(ExchangeState.None) : _makeDeal(_mostly(Roles.CONSUMER), _mostly(Roles.PROVIDER)));
    }

    /// @notice The council and two members do what it takes, and an exchange goes all the way or a part of it.
    function trade(uint256 seed) external step(seed) {
        (uint256 consumer, uint256 provider) = (_oneIn(2) ? 0 : 3, _oneIn(2) ? 1 : 4);
        if (instant < _pausedUntil[2] && !_oneIn(4)) _pauseByVote(2, false);
        _makeActive(consumer, Roles.CONSUMER);
        _makeActive(provider, Roles.PROVIDER);
        _makeActive(2, Roles.COORDINATOR);
        uint256 index = _makeDeal(_person(consumer), _person(provider));
        if (_oneIn(8)) {
            _decideOn("remove", _person(consumer)); // and back again: the consent is not revived
            _join(_person(consumer), _usualRoles(consumer), false);
        }
        if (!_isConsumer(_person(consumer)) && !_oneIn(6)) _accreditConsumer(_person(consumer), 3_650 days);
        if (!_isProvider(_person(provider))) _accreditProvider(_person(provider), 3_650 days);
        if (_availableOf(_person(consumer)) < 10_000_000) _deposit(_person(consumer), 20_000_000);
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

    function _fund(uint256 index) private returns (bool done) {
        Deal storage deal = _deals[index];
        if (deal.state != ExchangeState.None || deal.opened.consumer == deal.opened.provider) return false;
        Exchange memory exchange = _exchangeOf(deal);
        Order memory order = Order({
            recipientKeyHash: exchange.recipientKeyHash,
            coordinator: exchange.coordinator,
            scheduleVersion: uint32(_feeVersion),
            fee: exchange.fee,
            fundBy: uint48(instant + 1 hours),
            deliverBy: exchange.deliverBy,
            challengeSeconds: exchange.challengeSeconds,
            signer: _members[exchange.consumer].owner
        });
        bytes memory data = abi.encodeCall(IFeeEscrow.fund, (deal.opened, order, _consentSignature(deal), ""));
        string memory expected = _refusalOfFunding(deal, exchange);
        (done,) = _attempt(5, "fund", expected, order.signer, address(network.escrow()), data);
        if (_same(expected, "ConsentTokenConsumerNotActive") && _isActive(exchange.consumer, Roles.CONSUMER)) {
            ++reached["fund: consent from before a re-admission"];
        }
        if (!done) return false;
        deal.exchange = exchange;
        deal.state = ExchangeState.Funded;
        _ledgers[exchange.consumer].prepaid -= exchange.fee;
        _open += exchange.fee;
    }

    function _exchangeOf(Deal storage deal) private returns (Exchange memory exchange) {
        (exchange.consumer, exchange.provider) = (deal.opened.consumer, deal.opened.provider);
        exchange.coordinator = _mostly(Roles.COORDINATOR);
        exchange.id = keccak256(abi.encode(network.consents().hashOpenedConsent(deal.opened), 1)); // its only use
        exchange.deliverBy = uint48(instant + 2 days);
        exchange.challengeSeconds = 1 days;
        exchange.recipientKeyHash = keccak256("key");
        uint256 weights;
        for (uint256 i; i < PEOPLE; ++i) {
            weights += _members[_person(i)].weight;
        }
        (exchange.fee, exchange.shares) = network.schedule()
            .quote(
                uint32(_feeVersion),
                SCHEMA,
                Assurance.High,
                _recruitedAt(exchange.consumer),
                _recruitedAt(exchange.provider),
                _members[exchange.consumer].roles & Roles.HOST != 0,
                weights != 0
            );
    }

    function _refusalOfFunding(Deal storage deal, Exchange memory exchange) private view returns (string memory) {
        (address consumer, address provider) = (exchange.consumer, exchange.provider);
        uint256 validFrom = deal.opened.validFrom;
        if (instant < _pausedUntil[2]) return "FeeEscrowFundingPaused";
        if (deal.isWithdrawn) return "ConsentTokenWithdrawn";
        if (instant >= deal.opened.validUntil) return "ConsentTokenExpired";
        if (!_isActive(consumer, Roles.CONSUMER) || validFrom < _members[consumer].memberSince) {
            return "ConsentTokenConsumerNotActive";
        }
        if (!_isActive(provider, Roles.PROVIDER) || validFrom < _members[provider].memberSince) {
            return "ConsentTokenProviderNotActive";
        }
        if (!_isConsumer(consumer)) return "ConsentTokenConsumerNotAccredited";
        if (!_isProvider(provider)) return "ConsentTokenProviderNotAccredited";
        if (exchange.coordinator == consumer || !_isActive(exchange.coordinator, Roles.COORDINATOR)) {
            return "FeeEscrowCoordinatorInvalid";
        }
        return _availableOf(consumer) < exchange.fee ? "FeeEscrowPrepaidTooLow" : "";
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
            if (which < 2) _dispute(index);
            else if (which < 4) _settleUnchallenged(index);
            else _accept(index);
        } else if (state == ExchangeState.Disputed) {
            _refundDisputed(index);
        }
    }

    function _deliver(uint256 index) private {
        Deal storage deal = _deals[index];
        address signer = _members[deal.exchange.provider].owner;
        bytes memory data = abi.encodeCall(IFeeEscrow.deliver, (deal.exchange, keccak256("sealed"), signer, ""));
        string memory expected = instant > deal.exchange.deliverBy ? "FeeEscrowDeliveryTooLate" : "";
        (bool done,) = _attempt(9, "deliver", expected, signer, address(network.escrow()), data);
        if (!done) return;
        (deal.state, deal.deliveredAt) = (ExchangeState.Delivered, uint48(instant));
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
        if (!_oneIn(3) && instant <= deal.exchange.deliverBy) _pass(deal.exchange.deliverBy + 1 - instant);
        bytes memory data = abi.encodeCall(IFeeEscrow.refundUndelivered, (deal.exchange));
        string memory expected = instant <= deal.exchange.deliverBy ? "FeeEscrowDeliveryNotDue" : "";
        (bool done,) = _attempt(9, "refund undelivered", expected, STRANGER, address(network.escrow()), data);
        if (done) _refund(deal);
    }

    function _accept(uint256 index) private {
        Deal storage deal = _deals[index];
        address signer = _members[deal.exchange.consumer].owner;
        bytes memory data =
            abi.encodeCall(IFeeEscrow.accept, (deal.exchange, keccak256("sealed"), deal.deliveredAt, signer, ""));
        _attempt(9, "accept", "", signer, address(network.escrow()), data);
        _settle(deal);
    }

    function _settleUnchallenged(uint256 index) private {
        Deal storage deal = _deals[index];
        uint256 until = uint256(deal.deliveredAt) + deal.exchange.challengeSeconds;
        if (!_oneIn(3) && instant <= until) _pass(until + 1 - instant);
        bytes memory data = abi.encodeCall(
            IFeeEscrow.settleUnchallenged, (deal.exchange, keccak256("sealed"), deal.deliveredAt)
        );
        string memory expected = instant <= until ? "FeeEscrowChallengeRunning" : "";
        (bool done,) = _attempt(9, "settle unchallenged", expected, STRANGER, address(network.escrow()), data);
        if (done) _settle(deal);
    }

    function _dispute(uint256 index) private {
        Deal storage deal = _deals[index];
        address consumer = deal.exchange.consumer;
        address signer = _members[consumer].owner;
        uint256 bond = deal.exchange.fee * network.escrow().parameters().disputeBondBps / WHOLE_BPS;
        string memory expected;
        if (instant > uint256(deal.deliveredAt) + deal.exchange.challengeSeconds) expected = "FeeEscrowChallengeOver";
        else if (_availableOf(consumer) < bond) expected = "FeeEscrowPrepaidTooLow";
        bytes memory data = abi.encodeCall(
            IFeeEscrow.dispute,
            (deal.exchange, keccak256("sealed"), deal.deliveredAt, keccak256("wrong"), signer, "")
        );
        (bool done,) = _attempt(9, "dispute", expected, signer, address(network.escrow()), data);
        if (!done) return;
        (deal.state, deal.bond, deal.disputedAt) = (ExchangeState.Disputed, bond, uint48(instant));
        _ledgers[consumer].prepaid -= bond;
        _open += bond;
    }

    function _refundDisputed(uint256 index) private {
        Deal storage deal = _deals[index];
        uint256 until = uint256(deal.disputedAt) + network.escrow().parameters().disputeSeconds;
        if (!_oneIn(3) && instant <= until) _pass(until + 1 - instant);
        bytes memory data = abi.encodeCall(
            IFeeEscrow.refundDisputed,
            (deal.exchange, keccak256("sealed"), deal.deliveredAt, deal.bond, deal.disputedAt)
        );
        string memory expected = instant <= until ? "FeeEscrowDisputeRunning" : "";
        (bool done,) = _attempt(9, "refund disputed", expected, STRANGER, address(network.escrow()), data);
        if (done) _refund(deal);
    }

    function _refund(Deal storage deal) private {
        deal.state = ExchangeState.Refunded;
        uint256 amount = deal.exchange.fee + deal.bond;
        _ledgers[deal.exchange.consumer].prepaid += amount;
        _open -= amount;
    }

    function _settle(Deal storage deal) private {
        deal.state = ExchangeState.Settled;
        Exchange storage exchange = deal.exchange;
        uint256 coordinator = _shareOf(exchange, 48);
        uint256 hosts = _shareOf(exchange, 32);
        uint256 consumerRecruiter = _shareOf(exchange, 16);
        uint256 providerRecruiter = _shareOf(exchange, 0);
        _ledgers[exchange.coordinator].earned += coordinator;
        _hostsUnclaimed += hosts;
        _ledgers[exchange.consumer].forRecruiter += consumerRecruiter;
        _ledgers[exchange.provider].forRecruiter += providerRecruiter;
        _ledgers[exchange.provider].earned +=
            exchange.fee - coordinator - hosts - consumerRecruiter - providerRecruiter;
        _open -= exchange.fee;
    }

    function _shareOf(Exchange storage exchange, uint256 bit) private view returns (uint256) {
        return exchange.fee * (Shares.unwrap(exchange.shares) >> bit & 0xffff) / WHOLE_BPS;
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
