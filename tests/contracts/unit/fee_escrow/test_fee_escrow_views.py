"""FeeEscrow's views: what they say of nothing, of every state, and after every way that money takes."""

from dataclasses import dataclass, field, replace

import brownie
import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import Exchange, ExchangeState
from tests.helpers.exchanges import NO_EXCHANGE, Funded, funded_in
from tests.helpers.network import ESCROW_PARTS
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

GIFT = 12_345
STEPS = {
    "deliver": ExchangeState.FUNDED,
    "decline": ExchangeState.FUNDED,
    "accept": ExchangeState.DELIVERED,
    "dispute": ExchangeState.DELIVERED,
    "settleUnchallenged": ExchangeState.DELIVERED,
    "refundUndelivered": ExchangeState.FUNDED,
    "refundWithdrawn": ExchangeState.REFUND_DUE,
    "resolve": ExchangeState.DISPUTED,
}


def test_says_nothing_when_nothing_happened(escrow, stranger):
    nothing = keccak(text="no exchange")

    assert tuple(escrow.stateOf(nothing, 1)) == tuple(escrow.stateOf(nothing, 0)) == (ExchangeState.NONE, 0)
    assert int(str(escrow.slotOf(nothing)), 16) == 0
    assert not escrow.isFunded(nothing)
    assert tuple(escrow.prepaidOf(stranger)) == (0, 0)
    assert tuple(escrow.announcementOf(stranger)) == (0, 0, 0)
    assert escrow.earnedOf(stranger) == escrow.recruiterShareOf(stranger) == 0
    assert escrow.hostsAccrued() == escrow.hostsCredited() == 0


def test_names_its_wiring_and_spans_when_asked(system, escrow):
    spans = system.parameters.exchange

    assert tuple(escrow.wiring())[:5] == (
        system.credit,
        system.identities,
        system.consents,
        system.schedule,
        system.host_rewards,
    )
    assert escrow.wiring()[ESCROW_PARTS.index("batches")] == system.batches
    assert escrow.areHostsPresent()
    assert tuple(escrow.parameters()) == (
        spans.notice_seconds,
        spans.lapse_seconds,
        spans.order_life_seconds,
        spans.delivery_seconds,
        spans.shortest_challenge_seconds,
        spans.longest_challenge_seconds,
        spans.dispute_bond_bps,
    )


def test_h013_names_the_domain_in_use_when_asked(system, escrow):
    fields, name, version, chain_id, contract, salt, extensions = escrow.eip712Domain()

    assert (name, version, chain_id, contract) == ("Consentry FeeEscrow", "1", system.manifest.chain_id, escrow)
    assert (int(str(fields), 16), int(str(salt), 16), tuple(extensions)) == (0x0F, 0, ())


# ---------------------------------------------------------------- states


@pytest.fixture
def step(escrow, actors, disputes, stranger):
    """Take a step of an exchange with all that it asks for: a function of the exchange and the step's name."""

    def take(running, name):
        consumer, provider = actors["consumer"], actors["provider"]
        arguments, sender = {
            "deliver": ((*running.description(), CIPHERTEXT_HASH, provider, b""), provider),
            "decline": ((*running.description(), REASON, provider, b""), provider),
            "accept": ((*running.delivery(), consumer, b""), consumer),
            "dispute": ((*running.delivery(), REASON, consumer, b""), consumer),
            "settleUnchallenged": (running.delivery(), stranger),
            "refundUndelivered": (running.description(), stranger),
            "refundWithdrawn": (running.withdrawal(), stranger),
            "resolve": ((*running.dispute(), 10_000, True), disputes),
        }[name]
        return getattr(escrow, name)(*arguments, {"from": sender})

    return take


@pytest.mark.parametrize("state", list(ExchangeState))
def test_h082_refuses_every_step_when_the_state_is_another(
    system, escrow, consumer, provider, run_to, prepay, step, mine_at, reverts_with, state
):
    running = run_to(state)
    prepay(consumer, running.fee)
    if state is not ExchangeState.NONE:  # every deadline over, so that the state alone refuses
        mine_at(brownie.chain[-1].timestamp + system.parameters.exchange.dispute_seconds + 1)
    before = escrow.slotOf(running.id), escrow.prepaidOf(consumer)[0], escrow.earnedOf(provider)

    kept = ExchangeState.NONE if state is ExchangeState.SETTLED else state  # a settled exchange leaves no slot
    refused = [name for name, needed in STEPS.items() if needed is not state]
    for name in refused:
        if (name, state) == ("refundWithdrawn", ExchangeState.FUNDED):
            with reverts_with("FeeEscrowNotWithdrawn", running.id):
                step(running, name)
        else:
            with reverts_with("FeeEscrowStateInvalid", running.id, kept):
                step(running, name)

    assert len(refused) >= 5
    assert (escrow.slotOf(running.id), escrow.prepaidOf(consumer)[0], escrow.earnedOf(provider)) == before


@pytest.mark.parametrize("name", list(STEPS))
def test_h082_takes_a_step_once_when_the_state_is_right(
    ExchangeAccountingHarness, system, escrow, council, consumer, run_to, prepay, step, mine_at, reverts_with, name
):
    running = run_to(STEPS[name])
    prepay(consumer, running.fee)
    if name in ("settleUnchallenged", "refundUndelivered"):
        mine_at(brownie.chain[-1].timestamp + system.parameters.exchange.dispute_seconds + 1)

    step(running, name)

    state = escrow.stateOf(*running.used)[0]
    assert ExchangeAccountingHarness.deploy({"from": council}).isStep(STEPS[name], state)
    kept = ExchangeState.NONE if state == ExchangeState.SETTLED else state
    with reverts_with("FeeEscrowStateInvalid", running.id, kept):
        step(running, name)


# ---------------------------------------------------------------- the ledger


@dataclass
class Books:
    """The escrow's ledger rebuilt from nothing but its events."""

    prepaid: dict = field(default_factory=dict)
    earned: dict = field(default_factory=dict)
    waiting: dict = field(default_factory=dict)
    hosts_accrued: int = 0
    hosts_credited: int = 0
    exchanges: dict = field(default_factory=dict)
    held: dict = field(default_factory=dict)
    bonds: dict = field(default_factory=dict)
    seen: set = field(default_factory=set)
    touched: set = field(default_factory=set)

    def enter(self, escrow, tx):
        self.touched = set()
        for event in tx.events:
            if event.address == escrow.address:
                self.seen.add(event.name)
                getattr(self, event.name, lambda event: None)(event)

    def total(self):
        ledgers = sum(self.prepaid.values()) + sum(self.earned.values()) + sum(self.waiting.values())
        return ledgers + self.hosts_accrued - self.hosts_credited + sum(self.held.values())

    def PrepaidDeposited(self, event):
        self.add(self.prepaid, event["participant"], event["amount"])

    def PrepaidWithdrawn(self, event):
        self.add(self.prepaid, event["participant"], -event["amount"])

    def EarnedWithdrawn(self, event):
        self.add(self.earned, event["participant"], -event["amount"])

    def ExchangeFunded(self, event):
        plain = {name: bytes(value) if isinstance(value, bytes) else value for name, value in event.items()}
        exchange = Exchange.from_event(plain)
        self.exchanges[str(event["exchangeId"])] = exchange
        self.held[str(event["exchangeId"])] = exchange.fee
        self.add(self.prepaid, exchange.consumer, -exchange.fee)

    def ExchangeDisputed(self, event):
        self.held[str(event["exchangeId"])] += event["bond"]
        self.bonds[str(event["exchangeId"])] = event["bond"]
        self.add(self.prepaid, self.exchanges[str(event["exchangeId"])].consumer, -event["bond"])

    def ExchangeRefunded(self, event):
        exchange_id = str(event["exchangeId"])
        self.add(self.prepaid, self.exchanges[exchange_id].consumer, self.held.pop(exchange_id))

    def ExchangeSettled(self, event):
        exchange_id = str(event["exchangeId"])
        exchange = self.exchanges[exchange_id]
        self.pay(exchange, self.held.pop(exchange_id))

    def ExchangeResolved(self, event):
        exchange_id = str(event["exchangeId"])
        exchange, bond = self.exchanges[exchange_id], self.bonds[exchange_id]
        paid = exchange.fee * event["providerBps"] // 10_000
        self.pay(exchange, paid)
        self.add(self.prepaid, exchange.consumer, exchange.fee - paid + (0 if event["isBondForfeit"] else bond))
        self.add(self.earned, exchange.provider, bond if event["isBondForfeit"] else 0)
        self.held.pop(exchange_id)

    def pay(self, exchange, fee):
        parts = exchange.shares.split(fee)
        self.add(self.earned, exchange.provider, parts.provider)
        self.add(self.earned, exchange.coordinator, parts.coordinator)
        self.add(self.waiting, exchange.consumer, parts.consumer_recruiter)
        self.add(self.waiting, exchange.provider, parts.provider_recruiter)
        self.hosts_accrued += parts.hosts

    def RecruiterCredited(self, event):
        self.add(self.waiting, event["participant"], -event["amount"])
        self.add(self.earned, event["recruiter"], event["amount"])

    def HostCredited(self, event):
        self.hosts_credited += event["amount"]
        self.add(self.earned, event["host"], event["amount"])

    def add(self, ledger, participant, amount):
        ledger[participant] = ledger.get(participant, 0) + amount
        self.touched.add(participant)


@pytest.fixture
def books(system, escrow):
    """Enter a transaction, and hold the escrow's tokens and what it says of whom the transaction touched against the
    books: a function of the transaction, of all gifts so far, and of whom else to ask for, that returns the books."""
    kept = Books()

    def enter(tx, gifts, others=()):
        kept.enter(escrow, tx)
        for member in kept.touched.union(others):
            assert escrow.prepaidOf(member)[0] == kept.prepaid.get(member, 0)
            assert escrow.earnedOf(member) == kept.earned.get(member, 0)
            assert escrow.recruiterShareOf(member) == kept.waiting.get(member, 0)
        assert (escrow.hostsAccrued(), escrow.hostsCredited()) == (kept.hosts_accrued, kept.hosts_credited)
        assert system.credit.balanceOf(escrow) == kept.total() + gifts
        return kept

    return enter


def test_h081_accounts_for_every_unit_when_money_took_every_way(
    system, escrow, disputes, words, actors, ordered, delegates_of, permit, issue_credit, publish, books, mine_at
):
    consumer, provider, coordinator, relayer, stranger, host = (
        actors[role] for role in ("consumer", "provider", "coordinator", "relayer", "stranger", "host")
    )
    gifts, odd = 0, 1_000_003
    issue_credit(consumer, 100_000_000)
    version = publish(price=odd)

    def done(tx):
        return books(tx, gifts)

    def fund(**changes):
        given, order, arguments = ordered(**changes)
        tx = escrow.fund(*arguments, {"from": relayer})
        done(tx)
        return Running(Funded(given, order, funded_in(tx), tx))

    def deliver(running):
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        done(tx)
        return replace(running, delivered_at=tx.timestamp)

    # In: by the consumer, by its backend, by permit, and a gift that is nobody's.
    system.credit.approve(escrow, 60_000_000, {"from": consumer})
    done(escrow.deposit(consumer, 30_000_000, {"from": consumer}))
    done(escrow.depositOwn(consumer, 30_000_000, {"from": delegates_of(consumer)["deposit"]}))
    done(escrow.depositWithPermit(consumer, *permit(20_000_000), {"from": consumer}))
    gifts += GIFT
    done(system.credit.transfer(escrow, GIFT, {"from": consumer}))

    # Through: declined, withdrawn with and without a description, accepted, silent, disputed, never delivered.
    declined = fund()
    described, due, accepted, silent, disputed, undelivered = (
        fund(fee=odd, schedule_version=version) for _ in range(6)
    )
    done(escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider}))
    for running, brought in ((described, described.exchange.arguments()), (due, NO_EXCHANGE)):
        given = running.funded.given
        withdrawal = words.sign_withdrawal(given)
        done(system.consents.withdraw(given.sealed.arguments(), brought, withdrawal, {"from": relayer}))
    done(escrow.refundWithdrawn(*due.withdrawal(), {"from": stranger}))
    accepted, silent, disputed = deliver(accepted), deliver(silent), deliver(disputed)
    done(escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer}))
    tx = escrow.dispute(*disputed.delivery(), REASON, consumer, b"", {"from": consumer})
    done(tx)
    disputed = replace(disputed, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    # Out: what was announced, and what was earned, each by whoever may.
    tx = escrow.announceWithdrawal(consumer, 10_000_001, {"from": consumer})
    done(tx)
    done(system.host_rewards.resign(host, {"from": host}))
    mine_at(tx.events["WithdrawalAnnounced"]["takeableAt"])
    done(escrow.withdrawPrepaid(consumer, {"from": consumer}))
    done(escrow.settleUnchallenged(*silent.delivery(), {"from": stranger}))
    done(escrow.refundUndelivered(*undelivered.description(), {"from": stranger}))
    done(system.host_rewards.claim(host, {"from": stranger}))
    for recruited in (consumer, provider):
        done(escrow.creditRecruiter(recruited, {"from": stranger}))
    for earner in (provider, coordinator, host, actors["channel_partner"], actors["other_channel_partner"]):
        done(escrow.withdrawEarned(earner, {"from": earner}))
    members = system.identities.participantsAt(0, 500)
    kept = books(escrow.resolve(*disputed.dispute(), 3_333, False, {"from": disputes}), gifts, members)
    done(escrow.withdrawEarned(provider, {"from": provider}))

    told = {event["name"] for event in escrow.abi if event["type"] == "event"}
    assert kept.seen == told - {"EIP712DomainChanged"}
    assert kept.held == {}
    assert kept.earned[provider] == 0


def test_h078_keeps_every_figure_when_ether_is_forced_in(
    system, escrow, deployer, consumer, provider, run_delivered, web3
):
    running = run_delivered()
    # The whole code of a contract that leaves its ether to the escrow while it is made: PUSH20 <escrow> SELFDESTRUCT.
    deployer.transfer(to=None, amount=GIFT, data="0x73" + escrow.address[2:] + "ff")
    assert web3.eth.get_balance(escrow.address) == GIFT

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
    escrow.withdrawEarned(provider, {"from": provider})

    assert system.credit.balanceOf(provider) == 2_400_000
    assert web3.eth.get_balance(escrow.address) == GIFT


def test_h078_refuses_ether_when_it_is_sent(escrow, deployer, web3):
    with pytest.raises((brownie.exceptions.VirtualMachineError, ValueError)):
        deployer.transfer(escrow.address, GIFT)

    assert web3.eth.get_balance(escrow.address) == 0
