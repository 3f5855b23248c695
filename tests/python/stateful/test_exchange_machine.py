"""Exchanges, their money and their consents under random steps, held against a model in plain Python.

The model says before each call whether it is carried out, or which one error refuses it. What must hold after every
step, by number:

1. The tokens in the escrow are its ledgers, to the unit: prepaid, earned, waiting for recruiters, accrued to hosts and
   not credited, fees and bonds of open exchanges, and what was given to it.
2. The shares of a settlement are the fee, and whoever has a share has exactly that.
3. A use is taken as often as its subject allowed and no more, and never after the withdrawal; a nonce once.
4. An exchange stands where its last step put it; what is over stays over.
7. At the end every open exchange can be ended, and everybody's money leaves, whatever is paused and whoever is
   suspended: what remains is what cannot be divided among hosts, and what was given.

A test that did not reach every kind of step and refusal often enough fails. CONSENTRY_STATEFUL_RUNS says how many runs
there are: the default of 100 makes some 15,000 calls, with 60 times as many questions that check them; 6,500 runs make
1,000,000 calls, at some 400 a second.
"""

from __future__ import annotations

import json
import os
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys import keys
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consentry.client.assurance import Assurance
from consentry.client.batches import Batch, BatchItem, merkle_proof, merkle_root
from consentry.client.consents import ALLOTTED_NONCES, Consent, OpenedConsent, salt_of
from consentry.client.encoding import NOBODY
from consentry.client.exchanges import Delivery, Dispute, Exchange, ExchangeState, Order, Shares
from consentry.client.identities import Role
from consentry.client.signing import TypedDomain
from consentry.deployment import load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.verify import zero_of
from consentry.devchain import development_account
from tests.helpers.arbitration import ruling_of
from tests.helpers.bare_evm import CHAIN_ID, BareNetwork, Refused

RUNS = int(os.environ.get("CONSENTRY_STATEFUL_RUNS", "100"))
STEPS = 120
LEAST_OF_EACH = 5
LEAST_ERRORS = 60

GUARDIAN, TREASURER = (development_account(index).address for index in (2, 3))
FOUNDERS = tuple(development_account(index).address for index in (4, 5, 6))
FIRST, HOST_TOO, BOTH_WAYS = (development_account(index).address for index in (10, 11, 12))
GIVER, GIVING_HOST = (development_account(index).address for index in (13, 14))
COORDINATOR, RECRUITER, OTHER_RECRUITER, STRANGER = (development_account(index).address for index in (15, 16, 17, 18))
CONSUMERS = (FIRST, HOST_TOO, BOTH_WAYS)
PROVIDERS = (GIVER, GIVING_HOST, BOTH_WAYS)
COORDINATORS = (COORDINATOR, COORDINATOR, HOST_TOO, GIVER)
HOSTS = (HOST_TOO, GIVING_HOST, COORDINATOR)
KEYS = {development_account(index).address: development_account(index) for index in range(10, 19)}
MEMBERS = {
    FIRST: (Role.CONSUMER, RECRUITER),
    HOST_TOO: (Role.CONSUMER | Role.HOST | Role.COORDINATOR, None),
    BOTH_WAYS: (Role.CONSUMER | Role.PROVIDER, OTHER_RECRUITER),
    GIVER: (Role.PROVIDER, RECRUITER),
    GIVING_HOST: (Role.PROVIDER | Role.HOST, None),
    COORDINATOR: (Role.COORDINATOR | Role.HOST, None),
    RECRUITER: (Role.CHANNEL_PARTNER, None),
    OTHER_RECRUITER: (Role.CHANNEL_PARTNER, None),
}
PEOPLE = tuple(MEMBERS)

PARAMETERS = load_parameters()
SPANS = PARAMETERS.exchange
SCHEMA = keccak(text="urn:consentry:schema:person-identity:1")
PURPOSE = keccak(text="urn:consentry:purpose:account-opening")
LEVELS = (Assurance.SUBSTANTIAL, Assurance.HIGH)
LEVEL_OF = {GIVER: Assurance.HIGH, GIVING_HOST: Assurance.HIGH, BOTH_WAYS: Assurance.SUBSTANTIAL}
HOUR, DAY = 3_600, 86_400
URGENT_SECONDS = 72 * HOUR
WHOLE_BPS = 10_000
FRACTION_BITS = 64
BPS = (0, 1, 3_333, 9_999, 10_000, 10_000)
NO_EXCHANGE = (bytes(32), NOBODY, NOBODY, NOBODY, 0, bytes(32))
OPEN = (ExchangeState.FUNDED, ExchangeState.DELIVERED, ExchangeState.DISPUTED, ExchangeState.REFUND_DUE)

BATCH_TYPE = keccak(
    text="Batch(address consumer,address provider,address coordinator,bytes32 schema,bytes32 purpose,uint8 assurance,"
    "uint32 scheduleVersion,uint256 fee,bytes32 items,address relayer,uint48 deadline,uint256 nonce,address signer)"
)

NUMBERS = st.integers(0, 1 << 20)
"""What a step chooses by, among what there is at its time."""

FLAWS = st.sampled_from(
    [""] * 12
    + ["late", "long", "no time", "long delivery", "challenge", "key", "fee", "version", "version", "coordinator"]
    + ["coordinator", "signer", "sender"]
)
"""What is wrong with an order or a batch: mostly nothing."""

WORDS = st.sampled_from(["own"] * 6 + ["unsigned", "other"])
"""Who speaks for a party: mostly itself."""

RESERVED = {
    ("FeeEscrow", "settleBatch"): "FeeEscrowNotBatches",
    ("FeeEscrow", "resolve"): "FeeEscrowNotDisputes",
    ("FeeEscrow", "creditHost"): "FeeEscrowNotHostRewards",
    ("FeeEscrow", "setHostsPresent"): "FeeEscrowNotHostRewards",
    ("FeeEscrow", "onConsentWithdrawn"): "FeeEscrowNotConsentToken",
    ("ConsentToken", "useConsent"): "ConsentTokenNotEscrow",
    ("ConsentToken", "useAllotted"): "ConsentTokenNotEscrow",
    ("ConsentToken", "setEscrowNote"): "ConsentTokenNotEscrow",
    ("Disputes", "rule"): "DisputesUnknown",
    ("IdentityRegistry", "blockForErasure"): "AccessManagedUnauthorized",
    ("IdentityRegistry", "unblockForErasure"): "IdentityRegistryErasureNotOverdue",
}
"""What contracts of the network keep for each other, and how they refuse anybody else."""

TRADES = st.sampled_from(
    [
        "fund, deliver, accept",
        "fund, deliver, wait, accept",
        "fund, deliver, settle_unchallenged, wait, settle_unchallenged",
        "fund, suspend, deliver, wait, settle_unchallenged, fund again",
        "fund, suspend consumer, deliver, accept, fund again",
        "fund, fund the same, deliver, fund the same, accept, fund the same",
        "fund, decline, fund again",
        "fund, refund_undelivered, wait, deliver, refund_undelivered",
        "fund, refund_withdrawn, withdraw described, refund_withdrawn",
        "fund, withdraw, deliver, refund_withdrawn, refund_withdrawn",
        "fund, deliver",
        "fund, withdraw",
        "exchange, accept",
        "exchange, wait, settle_unchallenged, open_duty",
    ]
)
QUARRELS = st.sampled_from(
    [
        "fund, deliver, withdraw described, dispute, execute, wait, file, execute",
        "fund, deliver, dispute",
        "exchange, dispute, file",
        "fund, deliver, wait, dispute, settle_unchallenged",
        "fund, deliver, dispute, file, submit, vote 0, execute, vote 1, vote 2, execute, execute",
        "fund, deliver, dispute, submit, submit, vote 0, file, file, vote 2, execute, open_duty",
        "fund, deliver, dispute, file, submit, vote 1, wait, vote 2, execute",
        "fund, deliver, dispute, file, execute, wait, submit, execute",
        "exchange, dispute, accept, wait, execute",
    ]
)
ERASURES = st.sampled_from(
    [
        "exchange settled, open_duty, wait for the end, open_duty, report, wait long, report, fund again, confirm",
        "exchange settled, withdraw, open_duty, open_duty, confirm, confirm, report",
        "fund, deliver, accept, withdraw, open_duty, report, wait long, report, fund again, confirm",
        "fund, withdraw, refund_withdrawn, open_duty",
    ]
)
"""What may become of an exchange, step by step; a step that cannot be is refused."""

RATES = (
    (Shares(6_000, 1_500, 1_500, 500, 500), 365, 365, 2_000),
    (Shares(3_333, 1_667, 2_001, 1_499, 1_500), 20, 60, 3_333),
    (Shares(1, 2_500, 2_499, 2_500, 2_500), 90, 10, 9_999),
    (Shares(10_000, 0, 0, 0, 0), 0, 0, 0),
    (Shares(5_001, 1_500, 1_500, 1_500, 500), 30, 30, 0),  # one basis point too many
)
"""Shares, the days for which each recruiter has its share, and the discount, in basis points."""

reached: Counter[str] = Counter()
"""Steps that were taken in all runs, by kind; refusals by kind and error."""

calls: Counter[str] = Counter()
"""Calls made in all runs: steps that were tried, and questions."""


# ------------------------------------------------------------- signatures

CURVE_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ONE_TIME = int.from_bytes(keccak(text="one number for every signature"), "big") % CURVE_ORDER
"""ECDSA's k, the same for all: it gives away the keys, which are worth nothing, and spares the curve's arithmetic."""


@cache
def subject_key(number):
    """One of a few subjects' keys."""
    return Account.from_key(keccak(text=f"subject {number}"))


@cache
def point_of(number):
    """The point of the curve that a number leads to."""
    text = keys.PrivateKey(number.to_bytes(32, "big")).public_key.to_bytes()
    return int.from_bytes(text[:32], "big"), int.from_bytes(text[32:], "big")


def signed(key, digest):
    """Sign a digest: 65 bytes, low s."""
    (x, y), secret = point_of(ONE_TIME), int.from_bytes(key.key, "big")
    s = pow(ONE_TIME, -1, CURVE_ORDER) * (int.from_bytes(digest, "big") + x % CURVE_ORDER * secret) % CURVE_ORDER
    v = 27 + y % 2
    if s > CURVE_ORDER // 2:
        s, v = CURVE_ORDER - s, 55 - v
    return (x % CURVE_ORDER).to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([v])


@lru_cache(maxsize=4_096)
def question(contract, function, *values):
    """Return the data of a call that is made often."""
    return load_artifact(contract).call(function, values)


# ------------------------------------------------------------- the model


@dataclass
class Party:
    """What the model knows of a participant. Amounts in token units."""

    roles: Role
    recruiter: str | None
    admitted_at: int
    is_suspended: bool = False
    wallet: int = 0
    prepaid: int = 0
    announced: int = 0
    announced_at: int = 0
    earned: int = 0
    for_recruiter: int = 0
    weight: int = 0
    owed_scaled: int = 0
    per_weight_seen: int = 0
    overdue: set = field(default_factory=set)

    def is_active(self, role):
        return not self.is_suspended and bool(self.roles & role)


@dataclass(eq=False)
class Given:
    """A consent of the model, with its subject's signature and every exchange that came of it."""

    opened: OpenedConsent
    sealed: Consent
    id: bytes
    key: LocalAccount
    signature: bytes
    is_granted: bool = False
    withdrawn_at: int = 0
    uses: int = 0
    deals: list = field(default_factory=list)
    batch: tuple | None = None

    @property
    def is_allotted(self):
        return self.opened.nonce < ALLOTTED_NONCES


@dataclass(eq=False)
class Deal:
    """An exchange of the model."""

    given: Given
    exchange: Exchange
    id: bytes
    state: ExchangeState
    delivery: Delivery | None = None
    dispute: Dispute | None = None
    ended_at: int = 0
    is_filed: bool = False
    case: int = 0
    ruling: int | None = None
    votes: dict = field(default_factory=dict)

    def disputed_arguments(self):
        delivery = self.delivery or Delivery(keccak(text="nothing"), 0)
        dispute = self.dispute or Dispute(bytes(32), 0, 0)
        return self.exchange.arguments(delivery), delivery.delivered_at, dispute.bond, dispute.disputed_at


@dataclass
class Version:
    """A version of the fee schedule."""

    shares: Shares
    consumer_sunset: int
    provider_sunset: int
    discount: int
    prices: dict
    superseded_at: int = 0


@dataclass
class Duty:
    """A duty to erase."""

    consumer: str
    due_at: int
    state: str = "due"


class ExchangeMachine(RuleBasedStateMachine):
    """Drive the network's contracts and the model side by side."""

    def __init__(self):
        super().__init__()
        self.network = BareNetwork(PARAMETERS)
        self.council, self.charter, self.escrow = (
            self.network.addresses[name] for name in ("CouncilTimelock", "NetworkCharter", "FeeEscrow")
        )
        self.words = {
            name: TypedDomain(file, CHAIN_ID, self.network.addresses[name])
            for name, file in (("FeeEscrow", "fee_escrow"), ("ExchangeBatches", "exchange_batches"))
        }
        self.parties: dict[str, Party] = {}
        self.consents: list[Given] = []
        self.deals: list[Deal] = []
        self.versions: list[Version] = []
        self.duties: dict[bytes, Duty] = {}
        self.spent: set[tuple[str, int]] = set()
        self.gifts = self.invoices = self.numbers = 0
        self.accrued = self.credited = self.divided = self.per_weight = self.carry = 0
        self.cases = 0
        self.uses_paused_until = self.grants_paused_until = 0
        self.is_uses_pause_spent = self.is_grants_pause_spent = False
        self.is_whole = False
        self.at_hand: Deal | None = None

    @initialize()
    def found(self):
        """Let the charter be in force and everybody be there, accredited and with some money."""
        self.network.found(FOUNDERS)
        self.network.pass_time(HOUR)
        for person in sorted(PEOPLE, key=lambda one: MEMBERS[one][1] is not None):
            roles, recruiter = MEMBERS[person]
            admission = (person, int(roles), b"CA", recruiter or NOBODY, keccak(text=f"register {person}"))
            self.network.send(self.charter, "IdentityRegistry", "enrol", admission, PARAMETERS.charter.agreement)
            self.network.send(self.council, "IdentityRegistry", "admit", admission)
            self.parties[person] = Party(roles, recruiter, self.network.now)
            self.network.send(person, "NetworkCredit", "approve", self.escrow, (1 << 256) - 1)
        ends_at = self.network.now + 3_650 * DAY
        for person in CONSUMERS:
            self.network.send(self.council, "SchemaRegistry", "accreditConsumer", SCHEMA, PURPOSE, person, ends_at)
        for person in PROVIDERS:
            level = int(LEVEL_OF[person])
            self.network.send(self.council, "SchemaRegistry", "accreditProvider", SCHEMA, person, level, ends_at)
        fees = PARAMETERS.fees
        prices = {price.assurance: price.price for price in fees.prices if keccak(text=price.schema) == SCHEMA}
        self.versions.append(Version(*RATES[0], prices))
        for person in CONSUMERS:
            self.issue(person, 20_000_003, is_used=False)
            self.deposit(person, person, 15_000_001)
        self.is_whole = True

    # ------------------------------------------------------------- calls

    def attempt(self, step, expected, sender, contract, function, *values):
        """Make a call that the model foresees: carried out, or refused with one error."""
        self.is_whole = False
        calls["tried"] += 1
        refusal = None
        try:
            self.network.send(sender, contract, function, *values)
        except Refused as refused:
            refusal = refused.name
        assert refusal == expected, f"{step}: {refusal or 'carried out'}, the model says {expected or 'carried out'}"
        reached[step if refusal is None else f"{step}: {refusal}"] += 1
        return refusal is None

    def ask(self, contract, function, *values):
        """Return the words that a getter answers."""
        calls["asked"] += 1
        answer = bytes(
            self.network.evm.message_call(
                STRANGER, self.network.addresses[contract], calldata=question(contract, function, *values), gas=10**7
            )
        )
        return [int.from_bytes(answer[place : place + 32], "big") for place in range(0, len(answer), 32)]

    def number(self):
        self.numbers += 1
        return self.numbers

    # ------------------------------------------------------------- what the model works out

    def available(self, party):
        lapses_at = party.announced_at + SPANS.notice_seconds + SPANS.lapse_seconds
        return party.prepaid - (party.announced if self.network.now < lapses_at else 0)

    def total_weight(self):
        return sum(party.weight for party in self.parties.values())

    def quote(self, version, assurance, consumer, provider):
        """Return fee and shares of an exchange funded now."""
        shares, now = version.shares, self.network.now
        price = version.prices[assurance]
        if consumer.roles & Role.HOST:
            price -= price * version.discount // WHOLE_BPS
        hosts = shares.hosts if self.total_weight() else 0
        of_consumer = of_provider = 0
        if consumer.recruiter and now < consumer.admitted_at + version.consumer_sunset * DAY:
            of_consumer = shares.consumer_recruiter
        if provider.recruiter and now < provider.admitted_at + version.provider_sunset * DAY:
            of_provider = shares.provider_recruiter
        rest = WHOLE_BPS - shares.coordinator - hosts - of_consumer - of_provider
        return price, Shares(rest, shares.coordinator, hosts, of_consumer, of_provider)

    def refusal_of_quote(self, number, assurance, fee, consumer, provider):
        if not 0 < number <= len(self.versions):
            return "FeeScheduleVersionUnknown"
        version = self.versions[number - 1]
        if version.superseded_at and self.network.now > version.superseded_at + SPANS.order_life_seconds:
            return "FeeScheduleVersionSuperseded"
        if assurance not in version.prices:
            return "FeeSchedulePriceMissing"
        if fee != self.quote(version, assurance, consumer, provider)[0]:
            return "FeeEscrowFeeMismatch"
        return None

    def refusal_of_deadline(self, deadline):
        if self.network.now > deadline:
            return "FeeEscrowOrderExpired"
        return "FeeEscrowOrderTooLong" if deadline > self.network.now + SPANS.order_life_seconds else None

    def refusal_of_parties(self, opened):
        """Two participants stand in the way of a use."""
        consumer, provider = self.parties[opened.consumer], self.parties[opened.provider]
        if not consumer.is_active(Role.CONSUMER):
            return "ConsentTokenConsumerNotActive"
        if consumer.overdue:
            return "ConsentTokenErasureOverdue"
        if not provider.is_active(Role.PROVIDER):
            return "ConsentTokenProviderNotActive"
        if opened.consumer not in CONSUMERS:
            return "ConsentTokenConsumerNotAccredited"
        return "ConsentTokenProviderNotAccredited" if LEVEL_OF[opened.provider] < opened.assurance else None

    def refusal_of_use(self, given, signature):
        opened, now = given.opened, self.network.now
        if now < self.uses_paused_until:
            return "ConsentTokenUsesPaused"
        if given.withdrawn_at:
            return "ConsentTokenWithdrawn"
        if not given.is_granted and signature != given.signature:
            return "ConsentTokenSignatureInvalid" if signature else "ConsentTokenMissing"
        if now < opened.valid_from:
            return "ConsentTokenNotYetValid"
        if now >= opened.valid_until:
            return "ConsentTokenExpired"
        if given.uses >= opened.max_uses or (opened.consumer, opened.nonce) in self.spent:
            return "ConsentTokenExhausted"
        if given.uses and given.deals[-1].state is ExchangeState.FUNDED:
            return "ConsentTokenExchangeOpen"
        if opened.consumer == opened.provider:
            return "ConsentTokenSameParty"
        return self.refusal_of_parties(opened)

    def refusal_of_coordinator(self, coordinator, consumer):
        is_fit = coordinator != consumer and self.parties[coordinator].is_active(Role.COORDINATOR)
        return None if is_fit else "FeeEscrowCoordinatorInvalid"

    def refusal_to_open(self, given, order, signature, sender):
        opened, now = given.opened, self.network.now
        refusal = self.refusal_of_deadline(order.fund_by)
        if refusal:
            return refusal
        if order.deliver_by <= now:
            return "FeeEscrowDeliveryDeadlineInvalid"
        if order.deliver_by > now + SPANS.delivery_seconds:
            return "FeeEscrowOrderTooLong"
        if not SPANS.shortest_challenge_seconds <= order.challenge_seconds <= SPANS.longest_challenge_seconds:
            return "FeeEscrowChallengeInvalid"
        if not any(order.recipient_key_hash):
            return "FeeEscrowRecipientKeyMissing"
        consumer, provider = self.parties[opened.consumer], self.parties[opened.provider]
        refusal = self.refusal_of_use(given, signature) or self.refusal_of_coordinator(
            order.coordinator, opened.consumer
        )
        if refusal:
            return refusal
        if order.signer not in (NOBODY, opened.consumer):
            return "IdentityRegistryNotActor"
        if sender != opened.consumer:
            return "FeeEscrowSignatureInvalid"
        refusal = self.refusal_of_quote(order.schedule_version, opened.assurance, order.fee, consumer, provider)
        if not refusal and order.fee > self.available(consumer):
            return "FeeEscrowPrepaidTooLow"
        return refusal

    def refusal_of_step(self, deal, state, word):
        """Refuse a step on an exchange that is elsewhere, or whose party did not speak."""
        if deal.state is not state:
            return "FeeEscrowStateInvalid"
        party, signer, sender = word
        if signer not in (NOBODY, party):
            return "IdentityRegistryNotActor"
        return None if sender == party else "FeeEscrowSignatureInvalid"

    # ------------------------------------------------------------- what the model books

    def settle(self, exchange, fee, count=1):
        """Book a fee by its shares, so many times."""
        parts = exchange.shares.split(fee)
        amounts = (
            parts.provider, parts.coordinator, parts.hosts, parts.consumer_recruiter, parts.provider_recruiter,
        )  # fmt: skip
        assert min(amounts) >= 0
        assert sum(amounts) == fee
        self.parties[exchange.provider].earned += parts.provider * count
        self.parties[exchange.provider].for_recruiter += parts.provider_recruiter * count
        self.parties[exchange.consumer].for_recruiter += parts.consumer_recruiter * count
        self.parties[exchange.coordinator].earned += parts.coordinator * count
        self.accrued += parts.hosts * count

    def refund(self, deal):
        deal.state, deal.ended_at = ExchangeState.REFUNDED, self.network.now
        self.parties[deal.exchange.consumer].prepaid += deal.exchange.fee

    def divide(self):
        total = self.total_weight()
        if total and self.accrued != self.divided:
            scaled = ((self.accrued - self.divided) << FRACTION_BITS) + self.carry
            self.per_weight += scaled // total
            self.carry, self.divided = scaled % total, self.accrued

    def bring_up_to_date(self, party):
        self.divide()
        party.owed_scaled += party.weight * (self.per_weight - party.per_weight_seen)
        party.per_weight_seen = self.per_weight

    def owed(self, party):
        """What a host could claim now."""
        total, per_weight = self.total_weight(), self.per_weight
        if total and self.accrued != self.divided:
            per_weight += (((self.accrued - self.divided) << FRACTION_BITS) + self.carry) // total
        return (party.owed_scaled + party.weight * (per_weight - party.per_weight_seen)) >> FRACTION_BITS

    # ------------------------------------------------------------- what a step chooses

    @staticmethod
    def choose(things, number, is_wanted):
        """Choose among the latest, three times in four one that is wanted."""
        latest = things[-24:]
        wanted = [thing for thing in latest if is_wanted(thing)] if number % 4 else []
        chosen = wanted or latest
        return chosen[number // 4 % len(chosen)] if chosen else None

    def deal_in(self, number, *states):
        return self.at_hand or self.choose(self.deals, number, lambda deal: deal.state in states)

    def draw_up(self, number, consumer=None, provider=None, is_allotted=False):
        """Make a consent and sign it, mostly one that can be used."""
        consumer = consumer or CONSUMERS[number % 3]
        provider = provider or PROVIDERS[number // 3 % 3]
        index, now = self.number(), self.network.now
        valid_from = now + (DAY if number // 9 % 16 == 0 else 0)
        valid_until = valid_from + (1 + number // 144 % 40) * DAY
        opened = OpenedConsent(
            subject=subject_key(index % 16).address,
            consumer=consumer,
            provider=provider,
            schema=SCHEMA,
            purpose=PURPOSE,
            assurance=LEVELS[number // 27 % 4 == 0],
            seed=keccak(text=f"seed {index}"),
            terms=keccak(text=f"terms {index}"),
            valid_from=valid_from,
            valid_until=valid_until,
            erase_by=valid_until + number // 7 % 3 * DAY,
            max_uses=1 if is_allotted else 1 + number // 5 % 2,
            nonce=index // 2 if is_allotted else ALLOTTED_NONCES + index,
        )
        sealed, key = opened.sealed(), subject_key(index % 16)
        (consent_id,) = self.ask("ConsentToken", "hashOpenedConsent", opened.arguments())
        digest = consent_id.to_bytes(32, "big")
        given = Given(opened, sealed, digest, key, signed(key, digest))
        self.consents.append(given)
        return given

    def usable(self, given):
        return self.refusal_of_use(given, given.signature) is None and not given.is_allotted

    def given_for(self, number):
        """A consent to use: a new one, one that can be used, or whichever."""
        if number % 3 == 0 or not self.consents:
            return self.draw_up(number // 3)
        return self.choose(self.consents, number // 3, self.usable)

    def order_for(self, given, number, flaw):
        opened, now = given.opened, self.network.now
        version = len(self.versions)
        if flaw == "version":
            version += 1 if number % 2 else -1
        fee = 1
        if 0 < version <= len(self.versions) and opened.assurance in self.versions[version - 1].prices:
            consumer, provider = self.parties[opened.consumer], self.parties[opened.provider]
            fee = self.quote(self.versions[version - 1], opened.assurance, consumer, provider)[0]
        days = {"no time": 0, "long delivery": 15}.get(flaw, 1 + number % 14)
        coordinator = COORDINATORS[number % 4] if flaw == "coordinator" else COORDINATORS[number % 3]
        if coordinator == opened.consumer and flaw != "coordinator":
            coordinator = COORDINATOR
        return Order(
            recipient_key_hash=bytes(32) if flaw == "key" else keccak(text=f"one-time key {self.number()}"),
            coordinator=coordinator,
            schedule_version=version,
            fee=fee + (flaw == "fee"),
            fund_by=now - 1 if flaw == "late" else now + SPANS.order_life_seconds + (flaw == "long"),
            deliver_by=now + days * DAY,
            challenge_seconds=SPANS.longest_challenge_seconds + 1 if flaw == "challenge" else HOUR + number % 500_000,
            signer=STRANGER if flaw == "signer" else NOBODY,
        )

    def consent_signature(self, given, number):
        """The subject's, mostly; or none, or somebody else's."""
        if number % 12 == 0:
            return b""
        return signed(subject_key(99), given.id) if number % 12 == 1 else given.signature

    def enter(self, given, order, state, delivery=None):
        """Book a use and its fee."""
        opened = given.opened
        assert given.uses < opened.max_uses
        assert not given.withdrawn_at
        consumer, provider = self.parties[opened.consumer], self.parties[opened.provider]
        version = self.versions[order.schedule_version - 1]
        fee, shares = self.quote(version, opened.assurance, consumer, provider)
        given.uses += 1
        consumer.prepaid -= fee
        exchange = order.exchange(opened, given.id, given.uses, shares)
        deal = Deal(given, exchange, exchange.id, state, delivery)
        given.deals.append(deal)
        self.deals.append(deal)
        if state is ExchangeState.SETTLED:
            self.settle(exchange, fee)
        return deal

    # ------------------------------------------------------------- steps: time and institutions

    @rule(seconds=st.sampled_from([1, 1, HOUR, HOUR, DAY, DAY, 3 * DAY, 8 * DAY, 15 * DAY, 31 * DAY]))
    def pass_time(self, seconds):
        self.network.pass_time(seconds)
        reached["pass time"] += 1

    @rule(person=st.sampled_from(PEOPLE), is_trespass=st.booleans())
    def suspend(self, person, is_trespass):
        party = self.parties[person]
        sender = STRANGER if is_trespass else self.council
        expected = "AccessManagedUnauthorized" if is_trespass else None
        if self.attempt("suspend", expected, sender, "IdentityRegistry", "suspend", person):
            party.is_suspended = True

    @rule(number=NUMBERS)
    def reinstate(self, number):
        self.reinstate_one(self.choose(PEOPLE, number, lambda one: self.parties[one].is_suspended))

    def reinstate_one(self, person):
        party = self.parties[person]
        expected = None if party.is_suspended else "IdentityRegistryStatusInvalid"
        if self.attempt("reinstate", expected, self.council, "IdentityRegistry", "reinstate", person):
            party.is_suspended = False

    @rule(which=st.integers(0, 4), number=NUMBERS)
    def publish_fees(self, which, number):
        shares, consumer_sunset, provider_sunset, discount = RATES[which]
        prices = {Assurance.SUBSTANTIAL: 1 + number}
        if number % 4:
            prices[Assurance.HIGH] = 2_000_001 + number
        expected = "FeeScheduleSharesNotWhole" if which == 4 else None
        if self.attempt(
            "publish fees", expected, self.council, "FeeSchedule", "publish",
            (shares.pack(), consumer_sunset * DAY, provider_sunset * DAY, discount),
            [(SCHEMA, int(assurance), price) for assurance, price in prices.items()],
        ):  # fmt: skip
            self.versions[-1].superseded_at = self.network.now
            self.versions.append(Version(shares, consumer_sunset, provider_sunset, discount, prices))

    @rule(of_uses=st.booleans())
    def pause_urgently(self, of_uses):
        is_spent = self.is_uses_pause_spent if of_uses else self.is_grants_pause_spent
        until = self.network.now + URGENT_SECONDS
        if self.attempt(
            f"pause {'uses' if of_uses else 'grants'} urgently",
            "ConsentTokenPauseSpent" if is_spent else None,
            GUARDIAN,
            "ConsentToken",
            "pauseUses" if of_uses else "pauseGrants",
        ):
            if of_uses:
                self.is_uses_pause_spent = True
                self.uses_paused_until = max(until, self.uses_paused_until)
            else:
                self.is_grants_pause_spent = True
                self.grants_paused_until = max(until, self.grants_paused_until)

    @rule(of_uses=st.booleans(), days=st.sampled_from([0, 0, 0, 0, 0, 1, 31]))
    def vote_pause(self, of_uses, days):
        until = self.network.now + days * DAY if days else 0
        if self.attempt(
            f"vote pause of {'uses' if of_uses else 'grants'}",
            "ConsentTokenPauseTooLong" if days > 30 else None,
            self.council,
            "ConsentToken",
            "setUsesPausedUntil" if of_uses else "setGrantsPausedUntil",
            until,
        ):
            if of_uses:
                self.uses_paused_until, self.is_uses_pause_spent = until, False
            else:
                self.grants_paused_until, self.is_grants_pause_spent = until, False

    # ------------------------------------------------------------- steps: money in and out

    @rule(
        person=st.sampled_from(CONSUMERS),
        amount=st.integers(1, 30_000_000),
        is_used=st.sampled_from([False] * 5 + [True]),
    )
    def issue(self, person, amount, is_used):
        if not is_used:
            self.invoices += 1
        invoice = keccak(text=f"invoice {self.invoices}")
        expected = "NetworkCreditInvoiceUsed" if is_used else None
        if self.attempt("issue", expected, TREASURER, "NetworkCredit", "issue", person, amount, invoice):
            self.parties[person].wallet += amount

    def refusal_of_deposit(self, payer, person, amount):
        if self.parties[person].is_suspended:
            return "FeeEscrowParticipantNotActive"
        if amount == 0:
            return "FeeEscrowAmountInvalid"
        return "ERC20InsufficientBalance" if amount > self.parties[payer].wallet else None

    @rule(payer=st.sampled_from(PEOPLE), person=st.sampled_from(CONSUMERS), amount=st.integers(0, 15_000_001))
    def deposit(self, payer, person, amount):
        expected = self.refusal_of_deposit(payer, person, amount)
        if self.attempt("deposit", expected, payer, "FeeEscrow", "deposit", person, amount):
            self.parties[payer].wallet -= amount
            self.parties[person].prepaid += amount

    @rule(person=st.sampled_from(CONSUMERS), number=NUMBERS, is_own=st.sampled_from([True, True, True, False]))
    def deposit_own(self, person, number, is_own):
        amount = number * 13 % (self.parties[person].wallet + 2)
        expected = self.refusal_of_deposit(person, person, amount) if is_own else "IdentityRegistryNotActor"
        sender = person if is_own else STRANGER
        if self.attempt("deposit own", expected, sender, "FeeEscrow", "depositOwn", person, amount):
            self.parties[person].wallet -= amount
            self.parties[person].prepaid += amount

    @rule(person=st.sampled_from(PEOPLE), amount=st.integers(1, 99))
    def give(self, person, amount):
        """Tokens that nobody asked for stay in the escrow, and nobody's ledger knows of them."""
        amount = min(amount, self.parties[person].wallet)
        if self.attempt("give", None, person, "NetworkCredit", "transfer", self.escrow, amount):
            self.parties[person].wallet -= amount
            self.gifts += amount

    @rule(person=st.sampled_from(CONSUMERS), number=NUMBERS, is_own=st.sampled_from([True, True, True, False]))
    def announce(self, person, number, is_own):
        party = self.parties[person]
        amount = number * 31 % (party.prepaid + party.prepaid // 4 + 2)
        expected = "FeeEscrowPrepaidTooLow" if amount > party.prepaid else None
        if not is_own:
            expected = "FeeEscrowNotAccountHolder"
        sender = person if is_own else STRANGER
        if self.attempt("announce", expected, sender, "FeeEscrow", "announceWithdrawal", person, amount):
            party.announced, party.announced_at = amount, self.network.now

    def refusal_of_prepaid(self, party):
        takeable_at = party.announced_at + SPANS.notice_seconds
        if not party.announced:
            return "FeeEscrowNothingAnnounced"
        if self.network.now < takeable_at:
            return "FeeEscrowNoticeRunning"
        is_over = self.network.now >= takeable_at + SPANS.lapse_seconds
        return "FeeEscrowAnnouncementLapsed" if is_over else None

    @rule(number=NUMBERS, is_own=st.sampled_from([True, True, True, False]))
    def withdraw_prepaid(self, number, is_own):
        person = self.choose(PEOPLE, number, lambda one: self.refusal_of_prepaid(self.parties[one]) is None)
        self.take_prepaid(person, person if is_own else STRANGER)

    def take_prepaid(self, person, sender):
        party = self.parties[person]
        expected = self.refusal_of_prepaid(party) if sender == person else "FeeEscrowNotAccountHolder"
        if self.attempt("withdraw prepaid", expected, sender, "FeeEscrow", "withdrawPrepaid", person):
            party.prepaid -= party.announced
            party.wallet += party.announced
            party.announced = 0

    @rule(number=NUMBERS, is_own=st.sampled_from([True, True, True, False]))
    def withdraw_earned(self, number, is_own):
        person = self.choose(PEOPLE, number, lambda one: self.parties[one].earned)
        self.take_earned(person, person if is_own else STRANGER)

    def take_earned(self, person, sender):
        party = self.parties[person]
        expected = None if party.earned else "FeeEscrowNothingEarned"
        if sender != person:
            expected = "FeeEscrowNotAccountHolder"
        if self.attempt("withdraw earned", expected, sender, "FeeEscrow", "withdrawEarned", person):
            party.wallet += party.earned
            party.earned = 0

    @rule(number=NUMBERS, sender=st.sampled_from((*PEOPLE, STRANGER)))
    def credit_recruiter(self, number, sender):
        self.credit_for(self.choose(PEOPLE, number, lambda one: self.parties[one].for_recruiter), sender)

    def credit_for(self, person, sender):
        party = self.parties[person]
        expected = None if party.for_recruiter else "FeeEscrowNothingForRecruiter"
        if self.attempt("credit recruiter", expected, sender, "FeeEscrow", "creditRecruiter", person):
            self.parties[party.recruiter].earned += party.for_recruiter
            party.for_recruiter = 0

    # ------------------------------------------------------------- steps: hosts

    @rule(number=NUMBERS, weight=st.integers(0, 7))
    def set_weight(self, number, weight):
        host = self.choose(PEOPLE, number, lambda one: self.parties[one].is_active(Role.HOST))
        party = self.parties[host]
        expected = None
        if weight and not party.is_active(Role.HOST):
            expected = "HostRewardsNotActiveHost"
        elif weight == party.weight:
            expected = "HostRewardsWeightUnchanged"
        if self.attempt("set weight", expected, self.council, "HostRewards", "setWeight", host, weight):
            self.bring_up_to_date(party)
            party.weight = weight

    @rule(number=NUMBERS, is_own=st.sampled_from([True, True, False]))
    def resign(self, number, is_own):
        host = self.choose(HOSTS, number, lambda one: self.parties[one].weight)
        party = self.parties[host]
        expected = None if party.weight else "HostRewardsWeightUnchanged"
        if not is_own:
            expected = "HostRewardsNotAccountHolder"
        if self.attempt("resign", expected, host if is_own else STRANGER, "HostRewards", "resign", host):
            self.bring_up_to_date(party)
            party.weight = 0

    @rule(number=NUMBERS, sender=st.sampled_from((*PEOPLE, STRANGER)))
    def claim(self, number, sender):
        self.claim_for(self.choose(HOSTS, number, lambda one: self.owed(self.parties[one])), sender)

    def claim_for(self, host, sender):
        party = self.parties[host]
        amount = self.owed(party)
        expected = None if amount else "HostRewardsNothingOwed"
        if self.attempt("claim", expected, sender, "HostRewards", "claim", host):
            self.bring_up_to_date(party)
            party.owed_scaled -= amount << FRACTION_BITS
            party.earned += amount
            self.credited += amount

    # ------------------------------------------------------------- steps: consents

    @rule(number=NUMBERS)
    def grant(self, number):
        is_new = number % 2 or not self.consents
        given = self.draw_up(number // 4) if is_new else self.choose(self.consents, number // 2, lambda one: True)
        self.grant_one(given, self.consent_signature(given, number))

    def grant_one(self, given, signature):
        expected = None
        if self.network.now < self.grants_paused_until:
            expected = "ConsentTokenGrantsPaused"
        elif given.is_allotted:
            expected = "ConsentTokenNonceAllotted"
        elif self.network.now >= given.opened.valid_until:
            expected = "ConsentTokenExpired"
        elif given.withdrawn_at:
            expected = "ConsentTokenWithdrawn"
        elif given.is_granted:
            expected = "ConsentTokenAlreadyGranted"
        elif signature != given.signature:
            expected = "ConsentTokenSignatureInvalid"
        if self.attempt("grant", expected, STRANGER, "ConsentToken", "grant", given.sealed.arguments(), signature):
            given.is_granted = True

    @rule(number=NUMBERS, is_described=st.booleans(), word=st.sampled_from(["own", "signed", "signed", "other"]))
    def withdraw(self, number, is_described, word):
        given = self.choose(
            self.consents, number, lambda one: one.deals and one.deals[-1].state is ExchangeState.FUNDED
        )
        if self.at_hand:
            given = self.at_hand.given
        elif given is None or number % 5 == 0:
            given = self.draw_up(number // 5)
        deal = given.deals[-1] if given.deals else None
        signature = b""
        if word == "signed":
            (digest,) = self.ask("ConsentToken", "hashWithdrawal", given.id, given.opened.subject)
            signature = signed(given.key, digest.to_bytes(32, "big"))
        expected = None
        if given.withdrawn_at:
            expected = "ConsentTokenWithdrawn"
        elif word == "other":
            expected = "ConsentTokenNotSubject"
        described = deal.exchange.arguments() if deal and is_described else NO_EXCHANGE
        sender = given.opened.subject if word == "own" else STRANGER
        step = "withdraw, described" if deal and is_described else "withdraw"
        if self.attempt(
            step, expected, sender, "ConsentToken", "withdraw", given.sealed.arguments(), described, signature
        ):
            given.withdrawn_at, given.is_granted = self.network.now, False
            if deal and deal.state is ExchangeState.FUNDED:
                if is_described:
                    self.refund(deal)
                else:
                    deal.state = ExchangeState.REFUND_DUE

    # ------------------------------------------------------------- steps: exchanges

    @rule(number=NUMBERS, other=NUMBERS, flaw=FLAWS)
    def fund(self, number, other, flaw):
        self.fund_one(self.given_for(number), other, flaw)

    def fund_one(self, given, other, flaw, signature=None):
        order, signature = self.order_for(given, other, flaw), signature or self.consent_signature(given, other)
        sender = STRANGER if flaw == "sender" else given.opened.consumer
        expected = self.refusal_to_open(given, order, signature, sender)
        if self.attempt(
            "fund", expected, sender, "FeeEscrow", "fund", given.opened.arguments(), order.arguments(), signature, b""
        ):
            self.enter(given, order, ExchangeState.FUNDED)

    @rule(number=NUMBERS, other=NUMBERS, flaw=FLAWS, is_accepted=st.booleans(), delivery_flaw=st.integers(0, 15))
    def exchange(self, number, other, flaw, is_accepted, delivery_flaw):
        """An exchange in one transaction: to its end, or to its delivery."""
        self.exchange_one(self.given_for(number), other, flaw, is_accepted, delivery_flaw)

    def exchange_one(self, given, other, flaw, is_accepted, delivery_flaw):
        opened = given.opened
        order, signature = self.order_for(given, other, flaw), self.consent_signature(given, other)
        sender = STRANGER if flaw == "sender" else opened.consumer
        expected = self.refusal_to_open(given, order, signature, sender)
        made = order.exchange(opened, given.id, given.uses + 1, Shares(WHOLE_BPS, 0, 0, 0, 0))
        ciphertext_hash = bytes(32) if delivery_flaw == 1 else keccak(text=f"ciphertext {self.number()}")
        message = {
            "exchange": made.id,
            "ciphertextHash": ciphertext_hash,
            "recipientKeyHash": order.recipient_key_hash,
            "coordinator": order.coordinator,
            "signer": opened.provider,
        }
        if delivery_flaw == 2:
            message["coordinator"] = STRANGER
        digest = self.words["FeeEscrow"].digest("Delivery", message)
        acceptor = STRANGER if delivery_flaw == 3 and is_accepted else opened.consumer if is_accepted else NOBODY
        if not expected:
            if delivery_flaw == 1:
                expected = "FeeEscrowCiphertextHashMissing"
            elif delivery_flaw == 2:
                expected = "FeeEscrowSignatureInvalid"
            elif acceptor == STRANGER:
                expected = "IdentityRegistryNotActor"
        if self.attempt(
            "exchange" if is_accepted else "exchange without acceptance", expected, sender, "FeeEscrow", "exchange",
            opened.arguments(), order.arguments(), ciphertext_hash, b"", opened.provider,
            signed(KEYS[opened.provider], digest), acceptor, b"", signature,
        ):  # fmt: skip
            state = ExchangeState.SETTLED if is_accepted else ExchangeState.DELIVERED
            self.enter(given, order, state, Delivery(ciphertext_hash, self.network.now))

    @rule(
        number=NUMBERS,
        other=NUMBERS,
        picks=st.lists(NUMBERS, min_size=0, max_size=5),
        flaw=FLAWS,
        is_again=st.booleans(),
    )
    def exchange_batch(self, number, other, picks, flaw, is_again):
        """Consents of two institutions, some of them withdrawn, used before, or brought twice."""
        consumer, provider = CONSUMERS[number % 3], PROVIDERS[number // 3 % 3]
        if number // 9 % 6:
            self.prepare(consumer, provider)
        fitting = [
            given for given in self.consents[-24:]
            if given.is_allotted and (given.opened.consumer, given.opened.provider) == (consumer, provider)
            and given.opened.assurance is Assurance.SUBSTANTIAL
        ]  # fmt: skip
        chosen = []
        for pick in picks:
            pool = chosen if pick % 8 == 0 else fitting if pick % 3 == 0 else []
            given = pool[pick // 24 % len(pool)] if pool else None
            if given is None:
                shape = pick - pick % 108 + 27  # of the level that everybody has
                given = self.draw_up(shape, consumer, provider, is_allotted=True)
                if pick % 7 == 0:
                    self.withdraw_at_once(given)
                if pick % 5 == 0:
                    self.fund_one(given, other, "", given.signature)
            chosen.append(given)
        self.bring_batch(consumer, provider, chosen, other, flaw, is_again)

    def withdraw_at_once(self, given):
        if self.attempt(
            "withdraw", None, given.opened.subject, "ConsentToken", "withdraw",
            given.sealed.arguments(), NO_EXCHANGE, b"",
        ):  # fmt: skip
            given.withdrawn_at = self.network.now

    def bring_batch(self, consumer, provider, chosen, number, flaw, is_again):
        now = self.network.now
        like = self.draw_up(27, consumer, provider, is_allotted=True)
        order = self.order_for(like, number, flaw)
        self.consents.remove(like)
        batch = Batch(
            consumer=consumer, provider=provider, coordinator=order.coordinator, schema=SCHEMA, purpose=PURPOSE,
            assurance=Assurance.SUBSTANTIAL, schedule_version=order.schedule_version, fee=order.fee,
            relayer=STRANGER if flaw == "long delivery" else None, deadline=order.fund_by, nonce=self.number(),
        )  # fmt: skip
        missing = flaw == "key"
        items = [
            BatchItem(
                given.opened, given.signature, bytes(32) if missing else keccak(text=f"key {place} {now}"),
                bytes(32) if flaw == "no time" else keccak(text=f"ciphertext {place} {now}"),
            )
            for place, given in enumerate(chosen)
        ]  # fmt: skip
        is_brought = flaw in ("sender", "long delivery")
        sender = STRANGER if is_brought else consumer
        digest = self.words["ExchangeBatches"].digest("Batch", batch.message(items, provider))
        word = signed(KEYS[provider if flaw != "challenge" else STRANGER], digest)
        by_consumer = (NOBODY, b"")
        if is_brought:
            digest = self.words["ExchangeBatches"].digest("Batch", batch.message(items, consumer))
            by_consumer = (consumer, signed(KEYS[consumer], digest))
        if flaw == "signer":
            by_consumer = (STRANGER, b"")
        used, expected = self.foreseen_of_batch(batch, chosen, flaw)
        values = (batch.arguments(), [item.arguments() for item in items], by_consumer, (provider, word))
        if not self.attempt("batch", expected, sender, "ExchangeBatches", "exchangeBatch", *values):
            return
        reached["an item passed over"] += len(used) < len(chosen)
        consumer_party, provider_party = self.parties[consumer], self.parties[provider]
        fee, shares = self.quote(
            self.versions[batch.schedule_version - 1], batch.assurance, consumer_party, provider_party
        )
        consumer_party.prepaid -= fee * len(used)
        exchange = order.exchange(like.opened, like.id, 1, shares)
        self.settle(exchange, fee, len(used))
        ids = tuple(given.id for given in used)
        batch_id = self.batch_id(batch, items)
        for given in used:
            spending = (consumer, given.opened.nonce)
            assert spending not in self.spent
            assert not given.withdrawn_at
            self.spent.add(spending)
            given.batch = (batch_id, ids)
        assert self.ask("ExchangeBatches", "batchRootOf", batch_id) == [int.from_bytes(merkle_root(ids), "big")]
        if is_again:
            self.attempt("batch", "ExchangeBatchesRepeated", sender, "ExchangeBatches", "exchangeBatch", *values)
            self.fund_one(used[0], number, "", used[0].signature)

    def batch_id(self, batch, items):
        message = batch.message(items, NOBODY)
        kinds = [
            "address", "address", "address", "bytes32", "bytes32", "uint8", "uint32", "uint256", "bytes32", "address",
            "uint48", "uint256", "address",
        ]  # fmt: skip
        return keccak(BATCH_TYPE + encode(kinds, list(message.values())))

    def foreseen_of_batch(self, batch, chosen, flaw):
        """Return the consents that a batch would use, and the error that refuses it all."""
        now, used, spent = self.network.now, [], set(self.spent)
        consumer, provider = self.parties[batch.consumer], self.parties[batch.provider]
        if not chosen:
            return used, "ExchangeBatchesSizeInvalid"
        if flaw == "signer":
            return used, "IdentityRegistryNotActor"
        if flaw == "challenge":
            return used, "ExchangeBatchesSignatureInvalid"
        if flaw == "sender":
            return used, "ExchangeBatchesNotRelayer"
        refusal = self.refusal_of_deadline(batch.deadline)
        if not refusal and now < self.uses_paused_until:
            refusal = "ConsentTokenUsesPaused"
        if not refusal and batch.consumer == batch.provider:
            refusal = "ConsentTokenSameParty"
        refusal = refusal or self.refusal_of_parties(batch)
        if refusal:
            return used, refusal
        for given in chosen:
            opened = given.opened
            is_valid = opened.valid_from <= now < opened.valid_until
            spending = (batch.consumer, opened.nonce)
            if not given.withdrawn_at and is_valid and spending not in spent and not given.uses:
                spent.add(spending)
                used.append(given)
        refusal = self.refusal_of_coordinator(batch.coordinator, batch.consumer) or self.refusal_of_quote(
            batch.schedule_version, batch.assurance, batch.fee, consumer, provider
        )
        if refusal:
            return used, refusal
        if batch.fee * len(used) > self.available(consumer):
            return used, "FeeEscrowPrepaidTooLow"
        if not used:
            return used, "ExchangeBatchesEmpty"
        if flaw == "key":
            return used, "ExchangeBatchesRecipientKeyMissing"
        return used, "ExchangeBatchesCiphertextHashMissing" if flaw == "no time" else None

    @staticmethod
    def word_of(party, word):
        """Who is named as the signer, and who sends."""
        signer = STRANGER if word == "other" else NOBODY
        return (party, signer, party if word == "own" else STRANGER)

    @rule(number=NUMBERS, word=WORDS, is_missing=st.sampled_from([False] * 7 + [True]))
    def deliver(self, number, word, is_missing):
        deal = self.deal_in(number, ExchangeState.FUNDED)
        if deal is None:
            return
        spoken = self.word_of(deal.exchange.provider, word)
        ciphertext_hash = bytes(32) if is_missing else keccak(text=f"ciphertext {self.number()}")
        expected = self.refusal_of_step(deal, ExchangeState.FUNDED, spoken)
        if deal.state is ExchangeState.FUNDED:
            if self.network.now > deal.exchange.deliver_by:
                expected = "FeeEscrowDeliveryTooLate"
            elif is_missing:
                expected = "FeeEscrowCiphertextHashMissing"
        values = (deal.exchange.arguments(), ciphertext_hash, spoken[1], b"")
        if self.attempt("deliver", expected, spoken[2], "FeeEscrow", "deliver", *values):
            deal.state = ExchangeState.DELIVERED
            deal.delivery = Delivery(ciphertext_hash, self.network.now)

    @rule(number=NUMBERS, word=WORDS)
    def decline(self, number, word):
        deal = self.deal_in(number, ExchangeState.FUNDED)
        if deal is None:
            return
        spoken = self.word_of(deal.exchange.provider, word)
        expected = self.refusal_of_step(deal, ExchangeState.FUNDED, spoken)
        values = (deal.exchange.arguments(), keccak(text="why"), spoken[1], b"")
        if self.attempt("decline", expected, spoken[2], "FeeEscrow", "decline", *values):
            self.refund(deal)

    @rule(number=NUMBERS, word=WORDS, is_changed=st.sampled_from([False] * 7 + [True]))
    def accept(self, number, word, is_changed):
        deal = self.deal_in(number, ExchangeState.DELIVERED)
        if deal is None:
            return
        spoken = self.word_of(deal.exchange.consumer, word)
        described, delivered_at, _, _ = deal.disputed_arguments()
        expected = self.refusal_of_step(deal, ExchangeState.DELIVERED, spoken)
        if is_changed and deal.state is ExchangeState.DELIVERED:
            expected = "FeeEscrowExchangeMismatch"
        values = (described, delivered_at + is_changed, spoken[1], b"")
        if self.attempt("accept", expected, spoken[2], "FeeEscrow", "accept", *values):
            deal.state = ExchangeState.SETTLED
            self.settle(deal.exchange, deal.exchange.fee)

    @rule(number=NUMBERS, word=WORDS)
    def dispute(self, number, word):
        deal = self.deal_in(number, ExchangeState.DELIVERED)
        if deal is None:
            return
        party = self.parties[deal.exchange.consumer]
        spoken = self.word_of(deal.exchange.consumer, word)
        described, delivered_at, _, _ = deal.disputed_arguments()
        bond = deal.exchange.fee * SPANS.dispute_bond_bps // WHOLE_BPS
        expected = self.refusal_of_step(deal, ExchangeState.DELIVERED, spoken)
        if deal.state is ExchangeState.DELIVERED and self.network.now > delivered_at + deal.exchange.challenge_seconds:
            expected = "FeeEscrowChallengeOver"
        elif not expected and bond > self.available(party):
            expected = "FeeEscrowPrepaidTooLow"
        reason = keccak(text="wrong")
        values = (described, delivered_at, reason, spoken[1], b"")
        if self.attempt("dispute", expected, spoken[2], "FeeEscrow", "dispute", *values):
            party.prepaid -= bond
            deal.state, deal.dispute = ExchangeState.DISPUTED, Dispute(reason, bond, self.network.now)

    @rule(number=NUMBERS)
    def settle_unchallenged(self, number):
        deal = self.deal_in(number, ExchangeState.DELIVERED)
        if deal is not None:
            self.end_unchallenged(deal)

    def end_unchallenged(self, deal):
        described, delivered_at, _, _ = deal.disputed_arguments()
        expected = None
        if deal.state is not ExchangeState.DELIVERED:
            expected = "FeeEscrowStateInvalid"
        elif self.network.now <= delivered_at + deal.exchange.challenge_seconds:
            expected = "FeeEscrowChallengeRunning"
        values = (described, delivered_at)
        if self.attempt("settle unchallenged", expected, STRANGER, "FeeEscrow", "settleUnchallenged", *values):
            deal.state = ExchangeState.SETTLED
            self.settle(deal.exchange, deal.exchange.fee)

    @rule(number=NUMBERS)
    def refund_undelivered(self, number):
        deal = self.at_hand or self.choose(
            self.deals, number,
            lambda one: one.state is ExchangeState.FUNDED and self.network.now > one.exchange.deliver_by,
        )  # fmt: skip
        if deal is not None:
            self.end_undelivered(deal)

    def end_undelivered(self, deal):
        expected = None
        if deal.state is not ExchangeState.FUNDED:
            expected = "FeeEscrowStateInvalid"
        elif self.network.now <= deal.exchange.deliver_by:
            expected = "FeeEscrowDeliveryNotDue"
        values = (deal.exchange.arguments(),)
        if self.attempt("refund undelivered", expected, STRANGER, "FeeEscrow", "refundUndelivered", *values):
            self.refund(deal)

    @rule(number=NUMBERS)
    def refund_withdrawn(self, number):
        deal = self.deal_in(number, ExchangeState.REFUND_DUE)
        if deal is not None:
            self.end_withdrawn(deal)

    def end_withdrawn(self, deal):
        expected = None
        if deal.state is ExchangeState.FUNDED:
            expected = "FeeEscrowNotWithdrawn"
        elif deal.state is not ExchangeState.REFUND_DUE:
            expected = "FeeEscrowStateInvalid"
        values = (deal.exchange.arguments(), deal.given.id, deal.exchange.use)
        if self.attempt("refund withdrawn", expected, STRANGER, "FeeEscrow", "refundWithdrawn", *values):
            self.refund(deal)

    # ------------------------------------------------------------- steps: disputes

    @rule(number=NUMBERS, is_own=st.sampled_from([True, True, True, False]))
    def file_ciphertext(self, number, is_own):
        deal = self.deal_in(number, ExchangeState.DISPUTED)
        if deal is None:
            return
        expected = None
        if deal.state is not ExchangeState.DISPUTED:
            expected = "FeeEscrowStateInvalid"
        elif not is_own:
            expected = "IdentityRegistryNotActor"
        elif self.network.now > deal.dispute.disputed_at + SPANS.evidence_seconds:
            expected = "DisputesEvidenceTooLate"
        elif deal.is_filed:
            expected = "DisputesCiphertextFiled"
        sender = deal.exchange.provider if is_own else STRANGER
        values = deal.disputed_arguments()
        if self.attempt("file ciphertext", expected, sender, "Disputes", "fileCiphertext", *values):
            deal.is_filed = True

    @rule(number=NUMBERS)
    def submit(self, number):
        deal = self.deal_in(number, ExchangeState.DISPUTED)
        if deal is None:
            return
        expected = None
        if deal.state is not ExchangeState.DISPUTED:
            expected = "FeeEscrowStateInvalid"
        elif deal.case:
            expected = "DisputesSubmitted"
        elif self.network.now > deal.dispute.disputed_at + SPANS.dispute_seconds:
            expected = "DisputesSubmissionTooLate"
        values = deal.disputed_arguments()
        if self.attempt("submit", expected, STRANGER, "Disputes", "submit", *values):
            self.cases += 1
            deal.case = self.cases

    @rule(number=NUMBERS, seat=st.sampled_from((*FOUNDERS, STRANGER)), bps=st.sampled_from(BPS))
    def vote(self, number, seat, bps):
        """A seat votes on a case; the second vote for a ruling gives it."""
        deal = self.at_hand or self.choose(self.deals, number, lambda one: one.case and one.ruling is None)
        if deal is None or not deal.case:
            return
        ruling = ruling_of(bps)
        votes = {**deal.votes, seat: ruling}
        is_given = sum(other == ruling for other in votes.values()) > len(FOUNDERS) // 2
        expected = None
        if deal.ruling is not None:
            expected = "ArbitrationPanelDisputeSolved"
        elif seat == STRANGER:
            expected = "ArbitrationPanelNotSeat"
        elif is_given and self.network.now > deal.dispute.disputed_at + SPANS.dispute_seconds:
            expected = "DisputesRulingTooLate"
        if self.attempt("vote", expected, seat, "ArbitrationPanel", "vote", deal.case, seat, ruling):
            deal.votes = votes
            if is_given:
                deal.ruling = ruling
                reached["rule"] += 1

    @rule(number=NUMBERS)
    def execute(self, number):
        deal = self.deal_in(number, ExchangeState.DISPUTED)
        if deal is not None:
            self.end_disputed(deal)

    def end_disputed(self, deal):
        now, disputed_at = self.network.now, deal.dispute.disputed_at if deal.dispute else 0
        outcome, bps, expected = "ciphertext missing", 0, None
        if not deal.is_filed:
            is_decided = now > disputed_at + SPANS.evidence_seconds
        elif deal.ruling is not None:
            outcome, bps, is_decided = "ruled", deal.ruling - 1, True
        else:
            outcome, bps, is_decided = "not ruled", WHOLE_BPS // 2, now > disputed_at + SPANS.dispute_seconds
        if not is_decided:
            expected = "DisputesUndecided"
        elif deal.state is not ExchangeState.DISPUTED:
            expected = "FeeEscrowStateInvalid"
        values = deal.disputed_arguments()
        if self.attempt(f"execute, {outcome}", expected, STRANGER, "Disputes", "execute", *values):
            exchange, bond = deal.exchange, deal.dispute.bond
            paid = exchange.fee * bps // WHOLE_BPS
            self.settle(exchange, paid)
            returned = exchange.fee - paid
            if outcome == "ruled" and bps == WHOLE_BPS:
                self.parties[exchange.provider].earned += bond
                reached["a bond forfeit"] += 1
            else:
                returned += bond
            self.parties[exchange.consumer].prepaid += returned
            deal.state, deal.ended_at = ExchangeState.RESOLVED, now

    @rule(
        sender=st.sampled_from((*PEOPLE, STRANGER, GUARDIAN, TREASURER, None)), call=st.sampled_from(sorted(RESERVED))
    )
    def trespass(self, sender, call):
        """Nobody gets through to what one contract of the network keeps for another, the council included."""
        contract, function = call
        inputs = load_artifact(contract).function(function).get("inputs", ())
        values = [zero_of(collapse_if_tuple(item)) for item in inputs]
        self.attempt("trespass", RESERVED[call], sender or self.council, contract, function, *values)

    # ------------------------------------------------------------- steps: erasure

    @rule(number=NUMBERS, is_other=st.sampled_from([False] * 7 + [True]))
    def open_duty(self, number, is_other):
        over = (ExchangeState.SETTLED, ExchangeState.RESOLVED)
        deal = self.at_hand or self.choose(
            self.deals, number,
            lambda one: one.state in over and one.id not in self.duties
            and (one.given.withdrawn_at or self.network.now >= one.given.opened.erase_by),
        )  # fmt: skip
        if deal is None:
            return
        opened = deal.given.opened
        consumer = STRANGER if is_other else opened.consumer
        expected = None if deal.state in over else "ErasureRegisterExchangeNotOver"
        expected = expected or self.refusal_of_duty(deal.given, deal.id, is_other)
        values = (deal.given.sealed.arguments(), deal.exchange.use, consumer, salt_of(opened.seed, 0))
        if self.attempt("open duty", expected, STRANGER, "ErasureRegister", "open", *values):
            self.duties[deal.id] = Duty(consumer, self.network.now + PARAMETERS.consents.erasure_seconds)

    @rule(number=NUMBERS, is_other=st.sampled_from([False] * 7 + [True]))
    def open_duty_for_batch(self, number, is_other):
        given = self.choose(
            [one for one in self.consents if one.batch], number,
            lambda one: one.withdrawn_at or self.network.now >= one.opened.erase_by,
        )  # fmt: skip
        if given is None:
            return
        batch_id, ids = given.batch
        proof = merkle_proof(ids, given.id)
        consumer = STRANGER if is_other else given.opened.consumer
        exchange_id = keccak(encode(["bytes32", "uint32"], [given.id, 1]))
        expected = self.refusal_of_duty(given, exchange_id, is_other)
        if number % 8 == 1:
            proof, expected = (*proof, bytes(32)), "ErasureRegisterProofInvalid"
        values = (given.sealed.arguments(), consumer, salt_of(given.opened.seed, 0), 1, batch_id, list(proof))
        if self.attempt("open duty for batch", expected, STRANGER, "ErasureRegister", "openForBatch", *values):
            self.duties[exchange_id] = Duty(consumer, self.network.now + PARAMETERS.consents.erasure_seconds)

    def refusal_of_duty(self, given, exchange_id, is_other):
        if is_other:
            return "ErasureRegisterConsumerMismatch"
        if self.network.now < given.opened.erase_by and not given.withdrawn_at:
            return "ErasureRegisterNotBegun"
        return "ErasureRegisterAlreadyOpen" if exchange_id in self.duties else None

    def duty_at_hand(self):
        return self.at_hand.id if self.at_hand and self.at_hand.id in self.duties else None

    @rule(number=NUMBERS)
    def report(self, number):
        exchange_id = self.duty_at_hand() or self.choose(
            list(self.duties), number,
            lambda one: self.duties[one].state == "due" and self.network.now > self.duties[one].due_at,
        )  # fmt: skip
        if exchange_id is None:
            return
        duty = self.duties[exchange_id]
        expected = None
        if duty.state != "due":
            expected = "ErasureRegisterStateInvalid"
        elif self.network.now <= duty.due_at:
            expected = "ErasureRegisterNotOverdue"
        if self.attempt("report", expected, STRANGER, "ErasureRegister", "report", exchange_id):
            duty.state = "overdue"
            self.parties[duty.consumer].overdue.add(exchange_id)

    @rule(
        number=NUMBERS, is_own=st.sampled_from([True, True, True, False]), is_kept=st.booleans(), is_all=st.booleans()
    )
    def confirm(self, number, is_own, is_kept, is_all):
        chosen = self.duty_at_hand() or self.choose(
            list(self.duties), number, lambda one: self.duties[one].state != "ended"
        )
        if chosen is None:
            return
        consumer = COORDINATOR if number % 16 == 3 else self.duties[chosen].consumer
        self.confirm_of(chosen, is_own, is_kept, is_all, consumer)

    def confirm_of(self, chosen, is_own, is_kept, is_all, consumer):
        """Confirm one duty, or it and all that are overdue."""
        duty = self.duties.get(chosen)
        if duty is None:
            return
        ids = [chosen]
        if is_all:
            ids += sorted(self.parties[duty.consumer].overdue - {chosen})
        expected = None
        if not is_own:
            expected = "ErasureRegisterSignatureInvalid"
        elif duty.state == "ended":
            expected = "ErasureRegisterStateInvalid"
        elif consumer != duty.consumer:
            expected = "ErasureRegisterNotConsumer"
        statement = keccak(text="kept by law") if is_kept else bytes(32)
        values = (consumer, ids, statement, NOBODY, b"")
        sender = consumer if is_own else STRANGER
        if self.attempt("confirm", expected, sender, "ErasureRegister", "confirm", *values):
            for exchange_id in ids:
                self.duties[exchange_id].state = "ended"
                self.parties[consumer].overdue.discard(exchange_id)

    # ------------------------------------------------------------- steps: whole stories

    def prepare(self, consumer, provider):
        """The council and two institutions do what it takes to exchange."""
        if self.network.now < self.uses_paused_until:
            self.vote_pause(of_uses=True, days=0)
        for person in {consumer, provider, COORDINATOR}:
            if self.parties[person].is_suspended:
                self.reinstate_one(person)
        party = self.parties[consumer]
        for exchange_id in sorted(party.overdue):
            self.confirm_of(exchange_id, is_own=True, is_kept=False, is_all=True, consumer=consumer)
        missing = 12_000_000 - self.available(party)
        if missing > 0:
            self.issue(consumer, missing, is_used=False)
            self.deposit(consumer, consumer, missing)

    @rule(number=NUMBERS, other=NUMBERS, path=TRADES)
    def trade(self, number, other, path):
        self.play(number, other, path)

    @rule(number=NUMBERS, other=NUMBERS, path=QUARRELS)
    def quarrel(self, number, other, path):
        self.play(number, other, path)

    @rule(number=NUMBERS, other=NUMBERS, path=ERASURES)
    def erase(self, number, other, path):
        self.play(number, other, path)

    def play(self, number, other, path):
        """An exchange goes a way, whatever else happened before; all is checked after each step of it too."""
        first, *steps = path.split(", ")
        consumer, provider = CONSUMERS[number % 3], PROVIDERS[number // 3 % 3]
        if consumer == provider:
            provider = GIVER
        self.prepare(consumer, provider)
        given = self.draw_up(number - number % 144 + 27, consumer, provider)
        if other % 3 == 0:
            self.grant_one(given, given.signature)
        if first == "fund":
            self.fund_one(given, other, "", given.signature)
        else:
            self.exchange_one(given, other, "", is_accepted=first == "exchange settled", delivery_flaw=0)
        self.check()
        if not given.deals:
            return
        self.at_hand = given.deals[-1]
        for step in steps:
            self.take(step, number)
            self.check()
        self.at_hand = None

    def take(self, step, number):
        """Take a step with the exchange at hand."""
        deal = self.at_hand
        ways = {
            "wait": lambda: self.pass_time(15 * DAY),
            "wait long": lambda: self.pass_time(31 * DAY),
            "wait for the end": lambda: self.pass_time(max(0, deal.given.opened.erase_by - self.network.now)),
            "suspend": lambda: self.suspend(deal.exchange.provider, is_trespass=False),
            "deliver": lambda: self.deliver(number, "own", is_missing=False),
            "decline": lambda: self.decline(number, "own"),
            "dispute": lambda: self.dispute(number, "own"),
            "accept": lambda: self.accept(number, "own", is_changed=False),
            "withdraw": lambda: self.withdraw(number, is_described=False, word="signed"),
            "withdraw described": lambda: self.withdraw(number, is_described=True, word="own"),
            "file": lambda: self.file_ciphertext(number, is_own=True),
            "vote 0": lambda: self.vote(number, FOUNDERS[0], BPS[number % len(BPS)]),
            "vote 1": lambda: self.vote(number, FOUNDERS[1], BPS[number % len(BPS)]),
            "vote 2": lambda: self.vote(number, FOUNDERS[2], BPS[number % len(BPS)]),
            "open_duty": lambda: self.open_duty(number, is_other=False),
            "fund again": lambda: self.fund_one(
                self.draw_up(number, deal.exchange.consumer, deal.exchange.provider), number, ""
            ),
            "fund the same": lambda: self.fund_one(deal.given, number, ""),
            "suspend consumer": lambda: self.suspend(deal.exchange.consumer, is_trespass=False),
            "confirm": lambda: self.confirm_of(
                deal.id, is_own=True, is_kept=bool(number % 2), is_all=True, consumer=deal.exchange.consumer
            ),
        }  # fmt: skip
        if step in ways:
            ways[step]()
        else:
            getattr(self, step)(number)

    # ------------------------------------------------------------- what must hold

    @invariant()
    def check(self):
        if self.parties:
            self.check_ledgers()
            self.check_exchanges()
            self.check_consents()
            self.check_duties()
        self.is_whole = True

    def check_ledgers(self):
        for person, party in self.parties.items():
            assert self.ask("FeeEscrow", "prepaidOf", person) == [party.prepaid, self.available(party)], person
            assert self.ask("FeeEscrow", "earnedOf", person) == [party.earned], person
            assert self.ask("FeeEscrow", "recruiterShareOf", person) == [party.for_recruiter], person
            assert party.recruiter or not party.for_recruiter
        assert self.ask("FeeEscrow", "hostsAccrued") == [self.accrued]
        assert self.ask("FeeEscrow", "hostsCredited") == [self.credited]
        held = self.accrued - self.credited + self.gifts
        held += sum(party.prepaid + party.earned + party.for_recruiter for party in self.parties.values())
        for deal in self.deals:
            if deal.state in OPEN:
                held += deal.exchange.fee
                held += deal.dispute.bond if deal.state is ExchangeState.DISPUTED else 0
        assert self.ask("NetworkCredit", "balanceOf", self.escrow) == [held]
        for host in HOSTS:
            assert self.ask("HostRewards", "owedTo", host) == [self.owed(self.parties[host])]

    def check_exchanges(self):
        for deal in self.deals:
            found = self.ask("FeeEscrow", "stateOf", deal.given.id, deal.exchange.use)
            assert found == [deal.state, deal.ended_at], deal

    def check_consents(self):
        for given in self.consents:
            subject, uses, _, withdrawn_at = self.ask("ConsentToken", "stateOf", given.id)
            opened = given.opened
            assert (uses, withdrawn_at) == (given.uses, given.withdrawn_at)
            assert (subject != 0) == given.is_granted
            assert uses == len(given.deals) <= opened.max_uses
            assert not (given.batch and uses)
            if given.is_allotted:
                is_spent = (opened.consumer, opened.nonce) in self.spent
                assert self.ask("ConsentToken", "isNonceSpent", opened.consumer, opened.nonce) == [is_spent]

    def check_duties(self):
        for person in CONSUMERS:
            overdue = self.parties[person].overdue
            assert self.ask("ErasureRegister", "overdueCountOf", person) == [len(overdue)]
            assert self.ask("IdentityRegistry", "erasureBlocksOf", person) == [bool(overdue)]

    # ------------------------------------------------------------- the end

    def teardown(self):
        if self.is_whole and self.parties:
            self.wind_up()

    def wind_up(self):
        """Let everything end and everybody leave, with all paused and every other participant suspended."""
        self.network.pass_time(60 * DAY)
        for function in ("setUsesPausedUntil", "setGrantsPausedUntil"):
            self.network.send(self.council, "ConsentToken", function, self.network.now + 30 * DAY)
        for person in PEOPLE[self.numbers % 2 :: 2]:
            self.network.send(self.council, "IdentityRegistry", "suspend", person)
            self.parties[person].is_suspended = True
        ends = {
            ExchangeState.FUNDED: self.end_undelivered,
            ExchangeState.DELIVERED: self.end_unchallenged,
            ExchangeState.DISPUTED: self.end_disputed,
            ExchangeState.REFUND_DUE: self.end_withdrawn,
        }
        for deal in self.deals:
            if deal.state in ends:
                reached[f"end what is {deal.state.name.lower()}"] += 1
                ends[deal.state](deal)
            assert deal.state not in OPEN
        self.check()
        for person, party in self.parties.items():
            if self.owed(party):
                self.claim_for(person, STRANGER)
        for person, party in self.parties.items():
            if party.for_recruiter:
                self.credit_for(person, STRANGER)
        for person, party in self.parties.items():
            self.network.send(person, "FeeEscrow", "announceWithdrawal", person, party.prepaid)
            party.announced, party.announced_at = party.prepaid, self.network.now
        self.network.pass_time(SPANS.notice_seconds)
        for person, party in self.parties.items():
            if party.prepaid:
                self.take_prepaid(person, person)
            if party.earned:
                self.take_earned(person, person)
            assert (party.prepaid, party.earned, party.for_recruiter) == (0, 0, 0)
            assert self.ask("NetworkCredit", "balanceOf", person) == [party.wallet]
        for given in self.consents:
            if given.batch:
                batch_id, ids = given.batch
                root = int.from_bytes(merkle_root(ids), "big")
                assert self.ask("ExchangeBatches", "batchRootOf", batch_id) == [root]
        self.check()
        undivided = ((self.accrued - self.divided) << FRACTION_BITS) + self.carry
        for party in self.parties.values():
            undivided += party.owed_scaled + party.weight * (self.per_weight - party.per_weight_seen)
        assert self.accrued - self.credited == undivided >> FRACTION_BITS
        if self.total_weight():
            assert self.accrued - self.credited < len(HOSTS) + 1
        assert self.ask("NetworkCredit", "balanceOf", self.escrow) == [self.accrued - self.credited + self.gifts]
        reached["wind up"] += 1


def play(machine, runs, phases=tuple(Phase)):
    """Run a machine, the same way every time."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=HealthCheck.all(),
            derandomize=True,
            phases=phases,
            report_multiple_bugs=False,
        ),
    )


def test_a13_a23_keeps_money_consents_and_exchanges_as_the_model_has_them():
    reached.clear()
    calls.clear()
    begun = time.monotonic()
    play(ExchangeMachine, RUNS)
    seconds = time.monotonic() - begun
    errors = Counter()
    for step, count in reached.items():
        if ": " in step:
            errors[step.split(": ")[1]] += count
    print(dict(sorted(reached.items())))
    print(dict(errors.most_common()))
    print(
        f"{calls['tried']} calls tried and {calls['asked']} asked in {seconds:.0f} s: "
        f"{calls['tried'] / seconds:.0f} and {calls.total() / seconds:.0f} a second"
    )
    assert [step for step in WANTED if reached[step] < LEAST_OF_EACH] == []
    assert [error for error in RESERVED.values() if errors[error] < LEAST_OF_EACH] == []
    assert len([error for error, count in errors.items() if count >= LEAST_OF_EACH]) >= LEAST_ERRORS


WANTED = [
    "accept", "an item passed over", "a bond forfeit", "announce", "batch", "claim", "confirm", "credit recruiter",
    "decline", "deliver", "deposit", "deposit own", "dispute", "end what is delivered", "end what is disputed",
    "end what is funded", "end what is refund_due", "exchange", "exchange without acceptance",
    "execute, ciphertext missing", "execute, not ruled", "execute, ruled", "file ciphertext", "fund", "give", "grant",
    "issue", "open duty", "open duty for batch", "pass time", "pause grants urgently", "pause uses urgently",
    "publish fees", "refund undelivered", "refund withdrawn", "reinstate", "report", "resign", "rule", "set weight",
    "settle unchallenged", "submit", "suspend", "vote", "vote pause of grants", "vote pause of uses", "wind up",
    "withdraw", "withdraw earned", "withdraw prepaid", "withdraw, described",
]  # fmt: skip

LAYOUT = json.loads(Path("snapshots/storage-layout.json").read_text("utf-8"))


def place_of(contract, label, key=None, kind="address"):
    """Return a slot of a contract's storage, or of a key in a mapping there."""
    (found,) = (entry["slot"] for entry in LAYOUT[contract]["storage"] if entry["label"] == label)
    return found if key is None else int.from_bytes(keccak(encode([kind, "uint256"], [key, found])), "big")


@pytest.mark.parametrize(
    ("contract", "label", "added"),
    [
        ("FeeEscrow", "_prepaid", 1),
        ("FeeEscrow", "_earned", 1),
        ("FeeEscrow", "_earned", 1 << 128),
        ("FeeEscrow", "_hostsCredited", 1),
        ("FeeEscrow", "_exchanges", 1),
        ("ConsentToken", "_records", 1 << 160),
        ("NetworkCredit", "_balances", 1),
    ],
)
def test_a13_notices_what_was_tampered_with(contract, label, added):
    class TamperedMachine(ExchangeMachine):
        """Somebody changes one slot while an exchange is open."""

        @rule(number=NUMBERS, other=NUMBERS)
        def tamper(self, number, other):
            self.play(number, other, "fund")
            deal = self.deals[-1] if self.deals else None
            if deal is None or deal.state is not ExchangeState.FUNDED:
                return
            key, kind = {
                "_exchanges": (deal.id, "bytes32"),
                "_records": (deal.given.id, "bytes32"),
                "_balances": (self.escrow, "address"),
                "_hostsCredited": (None, ""),
            }.get(label, (FIRST, "address"))
            place, address = place_of(contract, label, key, kind), self.network.addresses[contract]
            value = self.network.evm.storage(address, place)
            self.network.evm.insert_account_storage(address, place, value + added)
            tampered.append(place)
            self.check()
            untold.append(place)

    tampered, untold = [], []
    with pytest.raises(AssertionError):
        play(TamperedMachine, RUNS, (Phase.generate,))
    assert tampered
    assert untold == []
