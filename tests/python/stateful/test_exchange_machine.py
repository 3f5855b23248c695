"""Exchanges and money under random steps of many actors, held against a model that predicts every refusal by its name.

What must hold after every step, by number:

1. Each escrow holds exactly what both ledgers, open exchanges, bonds and unclaimed rewards come to, and each entry of its
   ledgers is the model's.
2. The parts of a fee sum to it, an exchange pays its fee once, and a new price touches no exchange that is funded.
3. A use is taken for the parties and within the window of its consent, at most as often as it says, never after a
   withdrawal; whichever of the three ways in is tried, and in whichever escrow.
4. An exchange takes the steps that the accounting core lists and no others, so that its end is final; whatever is refused
   is refused with the error that the model names, and nothing else is refused.
7. At the end of each run, whatever is paused, suspended, removed or replaced by then, every exchange ends and everybody
   takes out all of its money.

A run that did not reach every kind of step and of refusal often enough fails. CONSENTRY_STATEFUL_RUNS says how many runs
there are: the default of 200 makes some 28,000 calls, at some 600 a second; 7,200 runs make 1,000,000.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from web3.utils.address import get_create_address

from consentry.client.assurance import Assurance
from consentry.client.batches import Batch, BatchItem
from consentry.client.consents import ALLOTTED_NONCES, OpenedConsent
from consentry.client.exchanges import Order, Shares, exchange_id_of
from consentry.client.identities import Role, Status
from consentry.client.schemas import identifier_of
from consentry.client.signing import TypedDomain
from consentry.deployment import load_parameters
from consentry.deployment.plan import constructor_arguments
from consentry.devchain import development_account
from tests.helpers import exchange_model
from tests.helpers.bare_evm import CHAIN_ID, GENESIS_AT, BareNetwork, Refused
from tests.helpers.exchange_model import LEADS_TO, MOST, TERMINAL, Case, Given, Member, Model, Version

RUNS = int(os.environ.get("CONSENTRY_STATEFUL_RUNS", "200"))
STEPS = 100
LEAST_OF_EACH = 5

ROOT = Path(__file__).resolve().parents[3]
PARAMETERS = load_parameters()
DEPLOYER, GUARDIAN, TREASURER = (development_account(index).address for index in (0, 2, 3))
FOUNDERS = tuple(development_account(index).address for index in (4, 5, 6))
KEYS = {key.address: key for key in map(development_account, range(21, 32))}
TENANCY, UTILITY, BANK, LICENCES, FACILITATOR, NODE, FINDER, INVITER, STRANGER, *SUBJECT_KEYS = KEYS
ROLES = {
    TENANCY: Role.CONSUMER,
    UTILITY: Role.CONSUMER | Role.HOST,
    BANK: Role.PROVIDER,
    LICENCES: Role.PROVIDER | Role.COORDINATOR | Role.CONSUMER,
    FACILITATOR: Role.COORDINATOR,
    NODE: Role.HOST,
    FINDER: Role.CHANNEL_PARTNER,
    INVITER: Role.CHANNEL_PARTNER,
}
RECRUITERS = {TENANCY: FINDER, BANK: INVITER}
MEMBERS = tuple(ROLES)
CONSUMERS, PROVIDERS, HOSTS = (TENANCY, UTILITY, LICENCES), (BANK, LICENCES), (NODE, UTILITY)
LEVELS = {BANK: Assurance.HIGH, LICENCES: Assurance.LOW}

NOBODY = "0x" + "00" * 20
NO_EXCHANGE = (bytes(32), NOBODY, NOBODY, NOBODY, 0, bytes(32))
SCHEMA = "urn:consentry:schema:residence-address:1"
PURPOSE = "urn:consentry:purpose:tenancy-screening"
HOUR, DAY = 3_600, 86_400
FAR = GENESIS_AT + 10_000 * DAY
OUTSIDERS = {
    "creditHost": ("FeeEscrowNotHostRewards", (STRANGER, 1)),
    "setHostsPresent": ("FeeEscrowNotHostRewards", (True,)),
    "onConsentWithdrawn": ("FeeEscrowNotConsentToken", (bytes(32), NO_EXCHANGE)),
    "resolve": ("FeeEscrowNotDisputes", (NO_EXCHANGE, 0, 0, 0, 10_000, True)),
}

most = st.sampled_from
seldom = st.sampled_from([False] * 9 + [True])
often = st.sampled_from([True] * 7 + [False])
which = st.integers(0, 2**16)
markets = st.sampled_from([0, 0, 0, 0, 1])

reached: Counter[str] = Counter()
"""Steps that were taken in all runs, by kind; refusals by kind and error."""


class ExchangeMachine(RuleBasedStateMachine):
    """Drive two escrows, one of them in force, and the model side by side."""

    def __init__(self):
        super().__init__()
        self.network = network = BareNetwork(PARAMETERS)
        network.found(FOUNDERS)
        self.council, self.charter = (network.addresses[name] for name in ("CouncilTimelock", "NetworkCharter"))
        self.numbers = 0
        self.is_over = False

    @initialize()
    def found(self):
        """Admit everybody, deploy the escrow that will take over, and hand out credit."""
        network = self.network
        first = {name: network.addresses[name] for name in ("FeeEscrow", "ExchangeBatches", "HostRewards", "Disputes")}
        self.places = [first, self.second(first)]
        network.send(
            self.council, "NetworkCredit", "setNetworkContract", self.places[1]["FeeEscrow"], True
        )
        fees = PARAMETERS.fees
        prices = {price.assurance: price.price for price in fees.prices if price.schema == SCHEMA}
        listed = Shares.unpack(fees.shares.packed())
        members = {
            person: Member(int(roles), RECRUITERS.get(person), network.now) for person, roles in ROLES.items()
        }
        self.model = Model(PARAMETERS, network.now, members, Version(prices, listed, fees.host_discount_bps))
        for person in (FINDER, INVITER, *(person for person in MEMBERS if person not in (FINDER, INVITER))):
            self.enrol_and_admit(person)
        for person in (*CONSUMERS, *PROVIDERS):
            self.accredit(person, is_granted=True)
        for person in MEMBERS:
            for place in self.places:
                network.send(person, "NetworkCredit", "approve", place["FeeEscrow"], 2**256 - 1)
        for person in CONSUMERS:
            self.issue(person, 40_000_000)
            self.deposit(0, person, person, 30_000_000)
        self.slots = {
            (name, person): [_slot(person, slot) for slot in numbers]
            for name, numbers in (("escrow", (5, 6, 7)), ("credit", (0,)))
            for person in (*MEMBERS, STRANGER, *(place["FeeEscrow"] for place in self.places))
        }

    def second(self, first):
        """Create a second escrow with all that belongs to it, as a deployment would."""
        network = self.network
        arguments = constructor_arguments(PARAMETERS, network.addresses, DEPLOYER)
        # Their addresses follow from each other, so that the escrow is told of what is created after it.
        names = ("FeeEscrow", "ExchangeBatches", "HostRewards", "Disputes")
        creator = development_account(39).address
        nonce = network.evm.basic(creator).nonce
        places = {name: get_create_address(creator, nonce + index) for index, name in enumerate(names)}
        replaced = {first[name]: places[name] for name in names}

        def moved(value):
            if isinstance(value, tuple):
                return tuple(moved(item) for item in value)
            return replaced.get(value, value) if isinstance(value, str) else value

        for name in names:
            assert network.create(name, *moved(arguments[name])) == places[name]
        return places

    # ------------------------------------------------------------- how a step is taken

    def attempt(self, step, expected, call):
        refusal = None
        try:
            call()
        except Refused as refused:
            refusal = refused.name
        step = f"end: {step}" if self.is_over else step
        assert refusal == expected, f"{step}: {refusal or 'carried out'}, the model says {expected or 'carried out'}"
        reached[step if refusal is None else f"{step}: {refusal}"] += 1
        return refusal is None

    def send(self, sender, contract, function, *values):
        return lambda: self.network.send(sender, contract, function, *values)

    def send_at(self, market, sender, contract, function, *values):
        place = self.places[market.index][contract]
        return lambda: self.network.send_to(place, sender, contract, function, *values)

    def domain(self, market, file, contract):
        return TypedDomain(file, CHAIN_ID, self.places[market.index][contract])

    def number(self):
        self.numbers += 1
        return self.numbers

    def a_case(self, choice, states):
        """Return an exchange, rather one that stands where the step wants it."""
        cases = [case for market in self.model.markets for case in market.cases]
        wanted = [case for case in cases if case.state in states] if choice % 8 else cases
        chosen = wanted or cases
        return chosen[choice % len(chosen)] if chosen else None

    def described(self, case, is_wrong, *, is_delivered=None):
        """Return the words that describe an exchange, or another that never was."""
        is_delivered = bool(case.ciphertext_hash) if is_delivered is None else is_delivered
        terms = case.fee << 152 | case.shares.pack() << 72 | case.deliver_by << 32 | case.challenge_seconds
        seal = case.ciphertext_hash if is_delivered else case.key_hash
        return (
            case.id, case.consumer, case.provider, STRANGER if is_wrong else case.coordinator, terms, seal,
        )  # fmt: skip

    @staticmethod
    def stands(case, state, is_wrong):
        """Return why an exchange cannot take a step out of a state."""
        kept = "None" if case.state == "Settled" else case.state
        if kept != state:
            return "FeeEscrowStateInvalid"
        return "FeeEscrowExchangeMismatch" if is_wrong else None

    # ------------------------------------------------------------- the council's and the guardian's

    @rule(seconds=most([1, HOUR, HOUR, HOUR, DAY, DAY, 3 * DAY, 8 * DAY]))
    def pass_time(self, seconds):
        self.network.pass_time(seconds)
        self.model.now = self.network.now

    def enrol_and_admit(self, person):
        admission = (person, int(ROLES[person]), b"CA", RECRUITERS.get(person, NOBODY), keccak(text=f"register {person}"))
        self.network.send(self.charter, "IdentityRegistry", "enrol", admission, PARAMETERS.charter.agreement)
        self.network.send(self.council, "IdentityRegistry", "admit", admission)

    @rule(person=most(MEMBERS), how=most(["suspend", "reinstate", "reinstate"]))
    def suspend_or_reinstate(self, person, how):
        member = self.model.members[person]
        allowed = (Status.ACTIVE, Status.SUSPENDED) if how == "suspend" else (Status.SUSPENDED,)
        expected = None if member.status in allowed else "IdentityRegistryStatusInvalid"
        if self.attempt(how, expected, self.send(self.council, "IdentityRegistry", how, person)):
            member.status = Status.SUSPENDED if how == "suspend" else Status.ACTIVE

    @rule(person=most(MEMBERS), is_rare=seldom)
    def remove(self, person, is_rare):
        if not is_rare:
            return
        member = self.model.members[person]
        expected = None if self.model.is_member(person) else "IdentityRegistryStatusInvalid"
        if self.attempt("remove", expected, self.send(self.council, "IdentityRegistry", "remove", person)):
            member.status, member.roles = Status.REMOVED, 0

    @rule(person=most(MEMBERS))
    def admit_again(self, person):
        member = self.model.members[person]
        if member.status is not Status.REMOVED:
            return
        self.attempt("admit again", None, lambda: self.enrol_and_admit(person))
        member.status, member.roles, member.since = Status.ACTIVE, int(ROLES[person]), self.model.now

    @rule(person=most((*CONSUMERS, *PROVIDERS)), is_granted=often)
    def accredit(self, person, is_granted):
        for is_provider in (False, True):
            role = Role.PROVIDER if is_provider else Role.CONSUMER
            if not ROLES[person] & role:
                continue
            kind = "Provider" if is_provider else "Consumer"
            scope = (identifier_of(SCHEMA),) if is_provider else (identifier_of(SCHEMA), identifier_of(PURPOSE))
            key = f"{person} {is_provider}"
            granted_at, level, expires_at = self.model.accredited.get(key, (0, None, 0))
            if is_granted:
                new = (self.model.now, LEVELS.get(person), self.model.now + 60 * DAY)
                given = (int(LEVELS[person]),) if is_provider else ()
                expected = None if self.model.members[person].has(role) else "SchemaRegistryNotActive"
                call = self.send(self.council, "SchemaRegistry", f"accredit{kind}", *scope, person, *given, new[2])
                step = "accredit"
            else:
                new = (granted_at, level, self.model.now)
                expected = None if self.model.now < expires_at else f"SchemaRegistry{kind}NotAccredited"
                call = self.send(self.council, "SchemaRegistry", f"withdraw{kind}Accreditation", *scope, person)
                step = "withdraw accreditation"
            if self.attempt(step, expected, call):
                self.model.accredited[key] = new

    @rule(
        what=most(["Grants", "Uses"]), by=most(["guardian", "council", "council"]), days=most([0, 0, 2]), is_lifted=often,
    )  # fmt: skip
    def pause(self, what, by, days, is_lifted):
        if is_lifted and self.numbers % 3:
            days, by = 0, "council"
        attribute = f"{what.lower()}_paused_until"
        if by == "guardian":
            expected = "ConsentTokenPauseSpent" if self.model.is_pause_spent[what] else None
            until = max(getattr(self.model, attribute), self.model.now + 3 * DAY)
            call = self.send(GUARDIAN, "ConsentToken", f"pause{what}")
        else:
            expected, until = None, self.model.now + days * DAY
            call = self.send(self.council, "ConsentToken", f"set{what}PausedUntil", until)
        if self.attempt(f"pause {what.lower()} by {by}", expected, call):
            setattr(self.model, attribute, until)
            self.model.is_pause_spent[what] = by == "guardian"

    @rule(low=st.integers(1, 3_000_000), high=st.integers(1, 10_000_000), cuts=st.lists(st.integers(0, 2_400), min_size=4, max_size=4), discount=st.integers(0, 9_999))  # fmt: skip
    def publish_prices(self, low, high, cuts, discount):
        shares = Shares(10_000 - sum(cuts), *cuts)
        rates = (shares.pack(), self.model.sunset_seconds, self.model.sunset_seconds, discount)
        prices = {Assurance.LOW: low, Assurance.HIGH: high}
        listed = [(identifier_of(SCHEMA), int(assurance), price) for assurance, price in prices.items()]
        if self.attempt("publish prices", None, self.send(self.council, "FeeSchedule", "publish", rates, listed)):
            self.model.versions[-1].superseded_at = self.model.now
            self.model.versions.append(Version(prices, shares, discount))

    @rule(is_time=seldom)
    def replace_escrow(self, is_time):
        if not is_time:
            return
        expected = "ConsentTokenEscrowInvalid" if self.model.current == 1 else None
        place = self.places[1]["FeeEscrow"]
        if self.attempt("replace escrow", expected, self.send(self.council, "ConsentToken", "addEscrow", place)):
            self.model.current = 1

    @rule(market=markets, function=most(sorted(OUTSIDERS)), sender=most((STRANGER, TENANCY, BANK, FACILITATOR)))
    def trespass(self, market, function, sender):
        expected, values = OUTSIDERS[function]
        chosen = self.model.markets[market]
        self.attempt("trespass", expected, self.send_at(chosen, sender, "FeeEscrow", function, *values))

    # ------------------------------------------------------------- credit, deposits and what is taken out

    @rule(person=most(MEMBERS), amount=most([1, 7_000_001, 20_000_000]))
    def issue(self, person, amount):
        expected = None if self.model.is_member(person) else "NetworkCreditNotMember"
        invoice = keccak(text=f"invoice {self.number()}")
        if self.attempt(
            "issue", expected, self.send(TREASURER, "NetworkCredit", "issue", person, amount, invoice)
        ):
            self.model.credit[person] += amount

    @rule(sender=most(MEMBERS), to=most((*MEMBERS, STRANGER)), amount=most([0, 1, 1_000_000, 10**12]))
    def transfer(self, sender, to, amount):
        is_member = to != STRANGER and self.model.is_member(to)
        expected = None if is_member else "NetworkCreditReceiverRefused"
        if is_member and amount > self.model.credit[sender]:
            expected = "ERC20InsufficientBalance"
        if self.attempt("transfer", expected, self.send(sender, "NetworkCredit", "transfer", to, amount)):
            self.model.credit[sender] -= amount
            self.model.credit[to] += amount

    @rule(person=most(MEMBERS), amount=most([0, 1, 500_000]), then=most(["ask", "ask", "settle", "reclaim"]))
    def redeem(self, person, amount, then):
        owed, from_then = self.model.redeeming.get(person, (0, 0))
        if then == "ask":
            expected = "NetworkCreditAmountZero" if amount == 0 else None
            if amount > self.model.credit[person]:
                expected = "ERC20InsufficientBalance"
            if self.attempt("redeem", expected, self.send(person, "NetworkCredit", "requestRedemption", amount)):
                self.model.credit[person] -= amount
                self.model.redeeming[person] = (owed + amount, self.model.now + 30 * DAY)
        elif then == "settle":
            expected = "NetworkCreditAmountZero" if amount == 0 else None
            if amount > owed:
                expected = "NetworkCreditRedemptionTooLow"
            reference = keccak(text=f"payment {self.number()}")
            call = self.send(TREASURER, "NetworkCredit", "settleRedemption", person, amount, reference)
            if self.attempt("settle redemption", expected, call):
                self.model.redeeming[person] = (owed - amount, from_then)
        else:
            expected = "NetworkCreditNothingToReclaim" if owed == 0 else None
            if owed and self.model.now < from_then:
                expected = "NetworkCreditRedemptionPending"
            if self.attempt("reclaim", expected, self.send(person, "NetworkCredit", "reclaimRedemption")):
                self.model.credit[person] += owed
                self.model.redeeming[person] = (0, 0)

    @rule(market=markets, payer=most(MEMBERS), person=most(CONSUMERS), amount=most([0, 1, 8_000_000, 9_999_999, MOST + 1]))
    def deposit(self, market, payer, person, amount):
        chosen = self.model.markets[market]
        expected = self.model.deposit_refusal(chosen, person, payer, amount)
        if payer == person:
            call = self.send_at(chosen, payer, "FeeEscrow", "depositOwn", person, amount)
        else:
            call = self.send_at(chosen, payer, "FeeEscrow", "deposit", person, amount)
        if self.attempt("deposit own" if payer == person else "deposit", expected, call):
            chosen.prepaid[person].balance += amount
            self.model.credit[payer] -= amount

    @rule(market=markets, person=most(CONSUMERS), is_own=often, parts=most([0, 1, 3, 4, 5]))
    def announce(self, market, person, is_own, parts):
        chosen = self.model.markets[market]
        prepaid = chosen.prepaid[person]
        amount = prepaid.balance * parts // 4
        expected = "FeeEscrowPrepaidTooLow" if amount > prepaid.balance else None
        sender = person if is_own else STRANGER
        if not is_own:
            expected = "FeeEscrowNotAccountHolder"
        call = self.send_at(chosen, sender, "FeeEscrow", "announceWithdrawal", person, amount)
        if self.attempt("announce", expected, call):
            prepaid.announced, prepaid.announced_at = amount, self.model.now

    @rule(market=markets, person=most(CONSUMERS), is_own=often)
    def withdraw_prepaid(self, market, person, is_own):
        chosen = self.model.markets[market]
        sender = person if is_own else STRANGER
        expected = self.model.withdraw_prepaid_refusal(chosen, person, sender)
        call = self.send_at(chosen, sender, "FeeEscrow", "withdrawPrepaid", person)
        if self.attempt("withdraw prepaid", expected, call):
            prepaid = chosen.prepaid[person]
            self.model.credit[person] += prepaid.announced
            prepaid.balance -= prepaid.announced
            prepaid.announced = 0

    @rule(person=most(CONSUMERS), parts=most([1, 2]), days=most([3, 9, 11]))
    def take_out(self, person, parts, days):
        """Announce a part of what is prepaid, and come for it in time or too late."""
        self.announce(self.model.current, person, True, parts)
        self.pass_time(days * DAY)
        self.withdraw_prepaid(self.model.current, person, True)

    @rule(market=markets, person=most(MEMBERS), is_own=often)
    def withdraw_earned(self, market, person, is_own):
        chosen = self.model.markets[market]
        expected = None if chosen.earned[person] else "FeeEscrowNothingEarned"
        sender = person if is_own else STRANGER
        if not is_own:
            expected = "FeeEscrowNotAccountHolder"
        if self.attempt("withdraw earned", expected, self.send_at(chosen, sender, "FeeEscrow", "withdrawEarned", person)):
            self.model.credit[person] += chosen.earned[person]
            chosen.earned[person] = 0

    @rule(market=markets, person=most((TENANCY, BANK, UTILITY)))
    def credit_recruiter(self, market, person):
        chosen = self.model.markets[market]
        expected = None if chosen.waiting[person] else "FeeEscrowNothingForRecruiter"
        call = self.send_at(chosen, STRANGER, "FeeEscrow", "creditRecruiter", person)
        if self.attempt("credit recruiter", expected, call):
            chosen.earned[RECRUITERS[person]] += chosen.waiting[person]
            chosen.waiting[person] = 0

    # ------------------------------------------------------------- hosts

    @rule(market=markets, host=most(HOSTS), weight=most([0, 1, 3, 7]), by=most(["council", "council", "host", "stranger"]))
    def weigh(self, market, host, weight, by):
        chosen = self.model.markets[market]
        record = chosen.hosts[host]
        expected = None
        if by == "council":
            if weight and not self.model.members[host].has(Role.HOST):
                expected = "HostRewardsNotActiveHost"
            call = self.send_at(chosen, self.council, "HostRewards", "setWeight", host, weight)
        else:
            weight = 0
            expected = None if by == "host" else "HostRewardsNotAccountHolder"
            call = self.send_at(chosen, host if by == "host" else STRANGER, "HostRewards", "resign", host)
        if expected is None and weight == record.weight:
            expected = "HostRewardsWeightUnchanged"
        if self.attempt("weigh" if by == "council" else "resign", expected, call):
            chosen.divide()
            chosen.bring_up_to_date(host).weight = weight

    @rule(market=markets, host=most(HOSTS))
    def claim(self, market, host):
        chosen = self.model.markets[market]
        before = (chosen.divided, chosen.per_weight, chosen.carry)
        chosen.divide()
        record = chosen.hosts[host]
        owed = record.owed_scaled + record.weight * (chosen.per_weight - record.seen)
        amount = owed >> exchange_model.FRACTION_BITS
        expected = None if amount else "HostRewardsNothingOwed"
        if self.attempt("claim", expected, self.send_at(chosen, STRANGER, "HostRewards", "claim", host)):
            chosen.bring_up_to_date(host).owed_scaled -= amount << exchange_model.FRACTION_BITS
            chosen.credited += amount
            chosen.earned[host] += amount
        else:
            chosen.divided, chosen.per_weight, chosen.carry = before

    # ------------------------------------------------------------- consents

    def give(self, consumer, provider, assurance, window, uses, nonce=None):
        """Let a subject sign a consent."""
        begins, lasts = {"now": (0, 9 * DAY), "short": (0, HOUR), "later": (DAY, 9 * DAY), "long": (0, 90 * DAY)}[window]
        number, key = self.number(), KEYS[SUBJECT_KEYS[self.numbers % len(SUBJECT_KEYS)]]
        valid_from = self.model.now + begins
        opened = OpenedConsent(
            subject=key.address,
            consumer=consumer,
            provider=provider,
            schema=identifier_of(SCHEMA),
            purpose=identifier_of(PURPOSE),
            assurance=assurance,
            seed=keccak(text=f"seed {number}"),
            terms=keccak(text=f"terms {number}"),
            valid_from=valid_from,
            valid_until=valid_from + lasts,
            erase_by=valid_from + lasts + 30 * DAY,
            max_uses=1 if nonce is not None else uses,
            nonce=ALLOTTED_NONCES + number if nonce is None else nonce,
        )
        message = opened.sealed().message()
        domain = TypedDomain("consent_token", CHAIN_ID, self.network.addresses["ConsentToken"])
        given = Given(opened, domain.digest("Consent", message), _signed(domain, key, "Consent", message))
        self.model.given.append(given)
        return given

    def a_consent(self, choice, is_fresh):
        """Return a consent that was given before, or a new one."""
        given = self.model.given
        if given and not is_fresh:
            return given[-1 - choice % min(len(given), 6)]
        consumer = (TENANCY, UTILITY, TENANCY, UTILITY, LICENCES)[choice % 5]
        provider = PROVIDERS[choice // 3 % 2]
        assurance = Assurance.LOW if choice % 4 else Assurance.HIGH
        window = ("now", "now", "long", "short", "later")[choice // 7 % 5]
        return self.give(consumer, provider, assurance, window, 1 + choice // 5 % 3)

    @rule(choice=which, is_fresh=often, is_signed=often)
    def grant(self, choice, is_fresh, is_signed):
        given = self.a_consent(choice, is_fresh)
        signature = given.signature if is_signed else bytes(65)
        expected = self.model.grant_refusal(given, is_signed)
        call = self.send(STRANGER, "ConsentToken", "grant", given.opened.sealed().arguments(), signature)
        if self.attempt("grant", expected, call):
            given.is_granted = True

    @rule(choice=which, is_described=st.booleans(), by=most(["subject", "subject", "relayer", "stranger"]))
    def withdraw(self, choice, is_described, by):
        if not self.model.given:
            return
        funded = [given for given in self.model.given if given.latest and given.latest.state == "Funded"]
        given = funded[choice % len(funded)] if funded and choice % 4 else self.a_consent(choice, is_fresh=False)
        subject = given.opened.subject
        expected = "ConsentTokenNotSubject" if by == "stranger" else None
        if given.withdrawn_at:
            expected = "ConsentTokenWithdrawn"
        case = given.latest
        words = self.described(case, is_wrong=False, is_delivered=False) if case and is_described else NO_EXCHANGE
        signature = b""
        if by == "relayer":
            domain = TypedDomain("consent_token", CHAIN_ID, self.network.addresses["ConsentToken"])
            message = {"consent": given.id, "subject": subject}
            signature = _signed(domain, KEYS[subject], "Withdrawal", message)
        sender = subject if by == "subject" else STRANGER
        call = self.send(sender, "ConsentToken", "withdraw", given.opened.sealed().arguments(), words, signature)
        if self.attempt("withdraw", expected, call):
            given.withdrawn_at, given.is_granted = self.model.now, False
            if case and case.state == "Funded":
                if is_described:
                    self.model.refund(case)
                    reached["withdraw: returns the fee"] += 1
                else:
                    case.step("RefundDue")
                    reached["withdraw: leaves the fee due"] += 1

    # ------------------------------------------------------------- the three ways in

    def order(self, given, market, coordinator, version, is_priced, timing):
        """Return an order for the next use, what refuses it by itself, and its fee and shares."""
        model, spans, opened = self.model, self.model.spans, given.opened
        number = self.number()
        fund_by, deliver_by, challenge_seconds = model.now + HOUR, model.now + DAY, DAY
        expected = None
        if timing == "late":
            fund_by, expected = model.now - 1, "FeeEscrowOrderExpired"
        elif timing == "far":
            fund_by, expected = model.now + spans.order_life_seconds + 1, "FeeEscrowOrderTooLong"
        elif timing == "no time":
            deliver_by, expected = model.now, "FeeEscrowDeliveryDeadlineInvalid"
        elif timing == "no challenge":
            challenge_seconds, expected = spans.shortest_challenge_seconds - 1, "FeeEscrowChallengeInvalid"
        elif timing == "edge":
            fund_by, deliver_by = model.now, model.now + spans.delivery_seconds
            challenge_seconds = spans.longest_challenge_seconds
        fee, shares = 0, Shares(10_000, 0, 0, 0, 0)
        if 0 < version <= len(model.versions):
            fee, shares = model.quote(version, opened.assurance, opened.consumer, opened.provider)
        order = Order(
            recipient_key_hash=keccak(text=f"one-time key {number}"),
            coordinator=coordinator,
            schedule_version=version,
            fee=fee if is_priced else fee + 1,
            fund_by=fund_by,
            deliver_by=deliver_by,
            challenge_seconds=challenge_seconds,
            signer=opened.consumer,
        )
        return order, expected, fee, shares

    def open_refusal(self, given, market, order, expected, fee, is_signed, is_consumers):
        """Return why a use is not taken, in the order in which it is found out."""
        model, opened = self.model, given.opened
        expected = expected or model.use_refusal(given, market, is_signed)
        expected = expected or model.coordinator_refusal(order.coordinator, opened.consumer)
        if expected is None and not is_consumers:
            expected = "FeeEscrowSignatureInvalid"
        expected = expected or model.price_refusal(order.schedule_version)
        if expected is None and fee != order.fee:
            expected = "FeeEscrowFeeMismatch"
        if expected is None and fee > model.available(market, opened.consumer):
            expected = "FeeEscrowPrepaidTooLow"
        return expected

    def opened(self, given, market, order, fee, shares):
        """Note a use that was taken, and the exchange that it opened."""
        given.uses += 1
        case = Case(
            id=exchange_id_of(given.id, given.uses),
            given=given,
            use=given.uses,
            market=market,
            coordinator=order.coordinator,
            fee=fee,
            shares=shares,
            deliver_by=order.deliver_by,
            challenge_seconds=order.challenge_seconds,
            key_hash=order.recipient_key_hash,
        )
        given.latest = case
        market.cases.append(case)
        market.prepaid[given.opened.consumer].balance -= fee
        return case

    def version(self, back):
        return max(len(self.model.versions) - back, 0)

    @rule(
        market=markets, choice=which, is_fresh=st.booleans(), is_signed=often, is_consumers=often, is_priced=often,
        coordinator=most([FACILITATOR] * 5 + [LICENCES, TENANCY]), back=most([0] * 6 + [1, 99]),
        timing=most(["right"] * 12 + ["edge", "late", "far", "no time", "no challenge"]), where_it_is=often,
    )  # fmt: skip
    def fund(
        self, market, choice, is_fresh, is_signed, is_consumers, is_priced, coordinator, back, timing, where_it_is
    ):
        chosen = self.model.markets[self.model.current if where_it_is else market]
        given = self.a_consent(choice, is_fresh)
        order, expected, fee, shares = self.order(given, chosen, coordinator, self.version(back), is_priced, timing)
        expected = self.open_refusal(given, chosen, order, expected, fee, is_signed, is_consumers)
        sender = given.opened.consumer if is_consumers else STRANGER
        signature = given.signature if is_signed else b""
        values = (given.opened.arguments(), order.arguments(), signature, b"")
        if self.attempt("fund", expected, self.send_at(chosen, sender, "FeeEscrow", "fund", *values)):
            self.opened(given, chosen, order, fee, shares).step("Funded")

    @rule(
        market=markets, choice=which, is_fresh=often, is_accepted=st.booleans(), is_delivered=often, is_named=often,
        is_priced=often, coordinator=most([FACILITATOR] * 5 + [LICENCES, TENANCY]), where_it_is=often,
    )  # fmt: skip
    def exchange(
        self, market, choice, is_fresh, is_accepted, is_delivered, is_named, is_priced, coordinator, where_it_is
    ):
        """Take all steps at once, as the provider: the consumer signed its order, and its acceptance if it has."""
        chosen = self.model.markets[self.model.current if where_it_is else market]
        given = self.a_consent(choice, is_fresh)
        opened = given.opened
        order, expected, fee, shares = self.order(given, chosen, coordinator, self.version(0), is_priced, "right")
        expected = self.open_refusal(given, chosen, order, expected, fee, True, True)
        ciphertext_hash = keccak(text=f"ciphertext {self.number()}") if is_named else bytes(32)
        if expected is None and not is_named:
            expected = "FeeEscrowCiphertextHashMissing"
        if expected is None and not is_delivered:
            expected = "FeeEscrowSignatureInvalid"
        domain = self.domain(chosen, "fee_escrow", "FeeEscrow")
        use = given.uses + 1
        order_signature = _signed(domain, KEYS[opened.consumer], "Order", order.message(given.id, use))
        acceptance = b""
        if is_accepted:
            message = {
                "exchange": exchange_id_of(given.id, use), "ciphertextHash": ciphertext_hash, "signer": opened.consumer,
            }  # fmt: skip
            acceptance = _signed(domain, KEYS[opened.consumer], "Acceptance", message)
        sender = opened.provider if is_delivered else STRANGER
        values = (
            opened.arguments(), order.arguments(), ciphertext_hash, order_signature, NOBODY, b"",
            opened.consumer if is_accepted else NOBODY, acceptance, given.signature,
        )  # fmt: skip
        call = self.send_at(chosen, sender, "FeeEscrow", "exchange", *values)
        if self.attempt("exchange accepted" if is_accepted else "exchange", expected, call):
            case = self.opened(given, chosen, order, fee, shares)
            case.ciphertext_hash, case.delivered_at = ciphertext_hash, self.model.now
            if is_accepted:
                self.model.settle(case)
            else:
                case.step("Delivered")

    @rule(
        market=markets, consumer=most((TENANCY, TENANCY, UTILITY, UTILITY, LICENCES)), provider=most(PROVIDERS), fresh=st.integers(0, 3), former=which,
        is_signed=often, is_priced=often, is_timely=often, coordinator=most([FACILITATOR] * 6 + [TENANCY]),
        is_theirs=often, where_it_is=often,
    )  # fmt: skip
    def exchange_batch(
        self, market, consumer, provider, fresh, former, is_signed, is_priced, is_timely, coordinator, is_theirs,
        where_it_is,
    ):  # fmt: skip
        model = self.model
        chosen = model.markets[model.current if where_it_is else market]
        before = [
            given
            for given in model.given
            if given.opened.nonce < ALLOTTED_NONCES
            and (given.opened.consumer, given.opened.provider) == (consumer, provider)
        ]
        items = [before[former % len(before)]] if before and former % 3 else []
        windows = ("now", "long", "later")
        items += [
            self.give(consumer, provider, Assurance.LOW, windows[(former + i) % 3], 1, nonce=self.number())
            for i in range(fresh)
        ]
        version = self.version(0)
        fee, shares = model.quote(version, Assurance.LOW, consumer, provider)
        batch = Batch(
            consumer=consumer,
            provider=provider,
            coordinator=coordinator,
            schema=identifier_of(SCHEMA),
            purpose=identifier_of(PURPOSE),
            assurance=Assurance.LOW,
            schedule_version=version,
            fee=fee if is_priced else fee + 1,
            relayer=None if is_theirs else FACILITATOR,
            deadline=model.now + HOUR if is_timely else model.now - 1,
            nonce=self.number(),
        )
        wrapped = [
            BatchItem(
                given.opened, given.signature, keccak(text=f"key {self.number()}"), keccak(text=f"text {self.numbers}")
            )
            for given in items
        ]
        domain = self.domain(chosen, "exchange_batches", "ExchangeBatches")
        sender = consumer if is_theirs else STRANGER
        signature = _signed(domain, KEYS[provider], "Batch", batch.message(wrapped, provider)) if is_signed else b""
        consumers = b"" if is_theirs else _signed(domain, KEYS[consumer], "Batch", batch.message(wrapped, consumer))

        used = [given for index, given in enumerate(items) if given not in items[:index] and not model.batched_fault(given)]
        expected = None
        if not items:
            expected = "ExchangeBatchesSizeInvalid"
        elif not is_signed and provider != sender:
            expected = "ExchangeBatchesSignatureInvalid"
        elif not is_theirs:
            expected = "ExchangeBatchesNotRelayer"
        elif not is_timely:
            expected = "FeeEscrowOrderExpired"
        elif chosen.index != model.current:
            expected = "ConsentTokenNotEscrow"
        elif model.now < model.uses_paused_until:
            expected = "ConsentTokenUsesPaused"
        elif consumer == provider:
            expected = "ConsentTokenSameParty"
        expected = expected or model.parties_refusal(consumer, provider, Assurance.LOW, MOST)
        expected = expected or model.coordinator_refusal(coordinator, consumer)
        if expected is None and not is_priced:
            expected = "FeeEscrowFeeMismatch"
        if expected is None and fee * len(used) > model.available(chosen, consumer):
            expected = "FeeEscrowPrepaidTooLow"
        if expected is None and not used:
            expected = "ExchangeBatchesEmpty"
        values = (
            batch.arguments(), [item.arguments() for item in wrapped], (NOBODY, consumers), (NOBODY, signature),
        )  # fmt: skip
        call = self.send_at(chosen, sender, "ExchangeBatches", "exchangeBatch", *values)
        if self.attempt("exchange batch", expected, call):
            if len(used) < len(items):
                reached["exchange batch: passes over an item"] += 1
            for given in used:
                given.uses_in_batches += 1
                model.spent.add((consumer, given.opened.nonce))
                chosen.prepaid[consumer].balance -= fee
                chosen.pay(consumer, provider, coordinator, fee, shares)

    @rule(choice=which)
    def use_an_allotted_consent_alone(self, choice):
        """Try a consent that was given for a batch by itself, before or after the batch."""
        allotted = [given for given in self.model.given if given.opened.nonce < ALLOTTED_NONCES]
        if not allotted:
            return
        given, chosen = allotted[-1 - choice % min(len(allotted), 4)], self.model.markets[self.model.current]
        order, expected, fee, shares = self.order(given, chosen, FACILITATOR, self.version(0), True, "right")
        expected = self.open_refusal(given, chosen, order, expected, fee, True, True)
        values = (given.opened.arguments(), order.arguments(), given.signature, b"")
        call = self.send_at(chosen, given.opened.consumer, "FeeEscrow", "fund", *values)
        if self.attempt("fund allotted", expected, call):
            self.opened(given, chosen, order, fee, shares).step("Funded")

    # ------------------------------------------------------------- steps of an exchange

    def word(self, case, party, by):
        """Return who calls, who is named as signer, and what refuses it."""
        if by == "party":
            return party, NOBODY, None
        if by == "stranger":
            return STRANGER, NOBODY, "FeeEscrowSignatureInvalid"
        return STRANGER, STRANGER, "IdentityRegistryNotActor"

    @rule(choice=which, is_wrong=seldom, is_named=often, by=most(["party"] * 6 + ["stranger", "impostor"]))
    def deliver(self, choice, is_wrong, is_named, by):
        case = self.a_case(choice, {"Funded"})
        if case is None:
            return
        expected = self.stands(case, "Funded", is_wrong)
        if expected is None and self.model.now > case.deliver_by:
            expected = "FeeEscrowDeliveryTooLate"
        ciphertext_hash = keccak(text=f"ciphertext {self.number()}") if is_named else bytes(32)
        if expected is None and not is_named:
            expected = "FeeEscrowCiphertextHashMissing"
        sender, signer, refusal = self.word(case, case.provider, by)
        words = self.described(case, is_wrong, is_delivered=False)
        call = self.send_at(case.market, sender, "FeeEscrow", "deliver", words, ciphertext_hash, signer, b"")
        if self.attempt("deliver", expected or refusal, call):
            case.step("Delivered")
            case.ciphertext_hash, case.delivered_at = ciphertext_hash, self.model.now

    @rule(choice=which, is_wrong=seldom, by=most(["party"] * 3 + ["stranger", "impostor"]), is_rare=st.booleans())
    def decline(self, choice, is_wrong, by, is_rare):
        case = self.a_case(choice, {"Funded"})
        if case is None or not is_rare:
            return
        sender, signer, refusal = self.word(case, case.provider, by)
        expected = self.stands(case, "Funded", is_wrong) or refusal
        words = self.described(case, is_wrong, is_delivered=False)
        call = self.send_at(case.market, sender, "FeeEscrow", "decline", words, keccak(text="no"), signer, b"")
        if self.attempt("decline", expected, call):
            self.model.refund(case)

    @rule(choice=which, is_wrong=seldom, by=most(["party"] * 4 + ["stranger", "impostor"]))
    def accept(self, choice, is_wrong, by):
        case = self.a_case(choice, {"Delivered"})
        if case is None:
            return
        sender, signer, refusal = self.word(case, case.consumer, by)
        expected = self.stands(case, "Delivered", is_wrong) or refusal
        words = self.described(case, is_wrong)
        call = self.send_at(case.market, sender, "FeeEscrow", "accept", words, case.delivered_at, signer, b"")
        if self.attempt("accept", expected, call):
            self.model.settle(case)

    @rule(choice=which, is_wrong=seldom, by=most(["party"] * 6 + ["stranger", "impostor"]))
    def dispute(self, choice, is_wrong, by):
        case = self.a_case(choice, {"Delivered"})
        if case is None:
            return
        model = self.model
        expected = self.stands(case, "Delivered", is_wrong)
        if expected is None and model.now > case.delivered_at + case.challenge_seconds:
            expected = "FeeEscrowChallengeOver"
        sender, signer, refusal = self.word(case, case.consumer, by)
        bond = case.fee * model.spans.dispute_bond_bps // 10_000
        expected = expected or refusal
        if expected is None and bond > model.available(case.market, case.consumer):
            expected = "FeeEscrowPrepaidTooLow"
        values = (self.described(case, is_wrong), case.delivered_at, keccak(text="wrong"), signer, b"")
        if self.attempt("dispute", expected, self.send_at(case.market, sender, "FeeEscrow", "dispute", *values)):
            case.step("Disputed")
            case.bond, case.disputed_at = bond, model.now
            case.market.prepaid[case.consumer].balance -= bond

    @rule(choice=which, is_wrong=seldom)
    def settle_unchallenged(self, choice, is_wrong):
        case = self.a_case(choice, {"Delivered"})
        if case is None:
            return
        expected = self.stands(case, "Delivered", is_wrong)
        if expected is None and self.model.now <= case.delivered_at + case.challenge_seconds:
            expected = "FeeEscrowChallengeRunning"
        values = (self.described(case, is_wrong), case.delivered_at)
        call = self.send_at(case.market, STRANGER, "FeeEscrow", "settleUnchallenged", *values)
        if self.attempt("settle unchallenged", expected, call):
            self.model.settle(case)

    @rule(choice=which, is_wrong=seldom)
    def refund_undelivered(self, choice, is_wrong):
        case = self.a_case(choice, {"Funded"})
        if case is None:
            return
        expected = self.stands(case, "Funded", is_wrong)
        if expected is None and self.model.now <= case.deliver_by:
            expected = "FeeEscrowDeliveryNotDue"
        words = self.described(case, is_wrong, is_delivered=False)
        call = self.send_at(case.market, STRANGER, "FeeEscrow", "refundUndelivered", words)
        if self.attempt("refund undelivered", expected, call):
            self.model.refund(case)

    @rule(choice=which, is_wrong=seldom)
    def refund_withdrawn(self, choice, is_wrong):
        case = self.a_case(choice, {"RefundDue"})
        if case is None:
            return
        if case.state == "Funded":
            expected = "FeeEscrowNotWithdrawn"
        else:
            expected = self.stands(case, "RefundDue", is_wrong)
        words = self.described(case, is_wrong, is_delivered=False)
        call = self.send_at(case.market, STRANGER, "FeeEscrow", "refundWithdrawn", words, case.given.id, case.use)
        if self.attempt("refund withdrawn", expected, call):
            self.model.refund(case)

    # ------------------------------------------------------------- disputes

    def dispute_words(self, case, is_wrong):
        return (self.described(case, is_wrong), case.delivered_at, case.bond, case.disputed_at)

    @rule(choice=which, is_wrong=seldom, is_providers=often)
    def file_ciphertext(self, choice, is_wrong, is_providers):
        case = self.a_case(choice, {"Disputed"})
        if case is None:
            return
        expected = self.stands(case, "Disputed", is_wrong)
        if expected is None and not is_providers:
            expected = "IdentityRegistryNotActor"
        if expected is None and self.model.now > case.disputed_at + self.model.spans.evidence_seconds:
            expected = "DisputesEvidenceTooLate"
        if expected is None and case.is_filed:
            expected = "DisputesCiphertextFiled"
        sender = case.provider if is_providers else STRANGER
        values = self.dispute_words(case, is_wrong)
        call = self.send_at(case.market, sender, "Disputes", "fileCiphertext", *values)
        if self.attempt("file ciphertext", expected, call):
            case.is_filed = True

    @rule(choice=which, is_wrong=seldom)
    def submit(self, choice, is_wrong):
        case = self.a_case(choice, {"Disputed"})
        if case is None:
            return
        expected = self.stands(case, "Disputed", is_wrong)
        if expected is None and case.number is not None:
            expected = "DisputesSubmitted"
        if expected is None and self.model.now > case.disputed_at + self.model.spans.dispute_seconds:
            expected = "DisputesSubmissionTooLate"
        answer = []
        call = self.send_at(case.market, STRANGER, "Disputes", "submit", *self.dispute_words(case, is_wrong))
        if self.attempt("submit", expected, lambda: answer.extend(call())):
            case.number = answer[0]

    @rule(choice=which, ruling=most([0, 1, 3_334, 10_000, 10_001, 10_001, 10_002]), is_panel=often)
    def decide(self, choice, ruling, is_panel):
        case = self.a_case(choice, {"Disputed"})
        if case is None or case.number is None:
            return
        expected = None if is_panel else "DisputesUnknown"
        if expected is None and case.ruling is not None:
            expected = "DisputesRuled"
        if expected is None and ruling > 10_001:
            expected = "DisputesRulingInvalid"
        if expected is None and self.model.now > case.disputed_at + self.model.spans.dispute_seconds:
            expected = "DisputesRulingTooLate"
        sender = self.network.addresses["ArbitrationPanel"] if is_panel else STRANGER
        if self.attempt("decide", expected, self.send_at(case.market, sender, "Disputes", "rule", case.number, ruling)):
            case.ruling = ruling

    @rule(choice=which, is_wrong=seldom)
    def execute(self, choice, is_wrong):
        case = self.a_case(choice, {"Disputed"})
        if case is None:
            return
        expected, provider_bps, is_bond_forfeit = self.model.outcome(case)
        expected = expected or self.stands(case, "Disputed", is_wrong)
        call = self.send_at(case.market, STRANGER, "Disputes", "execute", *self.dispute_words(case, is_wrong))
        if self.attempt("execute", expected, call):
            self.model.resolve(case, provider_bps, is_bond_forfeit)
            reached[f"execute: bond {'forfeit' if is_bond_forfeit else 'returned'}"] += 1

    # ------------------------------------------------------------- what seldom follows by chance alone

    @rule(choice=which, consumer=most((TENANCY, UTILITY)), provider=most(PROVIDERS), way=most(["fund", "exchange", "both"]))
    def use_a_new_consent(self, choice, consumer, provider, way):
        """A consent that is used at once, by the parties that it names."""
        given = self.give(consumer, provider, Assurance.LOW, "long", 3)
        if way != "exchange":
            self.fund(0, 0, False, True, True, True, FACILITATOR, 0, "edge" if choice % 3 else "right", True)
        if way == "both":
            self.go_on(0, 0, False)
        if way != "fund":
            self.exchange(0, 0, False, choice % 2 == 0, True, True, True, FACILITATOR, True)
        assert given is self.model.given[-1]

    @rule(choice=which, turn=which, is_late=st.booleans())
    def go_on(self, choice, turn, is_late):
        """The next step of an exchange that is open, by whoever may take it; or a step that its time allows by then."""
        cases = [case for market in self.model.markets for case in market.cases if case.held]
        if not cases:
            return
        case = cases[-1 - choice % len(cases)]
        same = [other for market in self.model.markets for other in market.cases if other.state == case.state]
        self_again = _choice(same.index(case), len(same))
        if case.state == "Funded":
            if is_late and turn % 4 == 0:
                self.pass_time(15 * DAY)
                self.refund_undelivered(self_again, False)
            else:
                self.deliver(self_again, False, True, "party")
        elif case.state == "RefundDue":
            self.refund_withdrawn(self_again, False)
        elif case.state == "Delivered":
            if turn % 2:
                self.dispute(self_again, False, "party")
            elif is_late:
                self.pass_time(8 * DAY)
                self.settle_unchallenged(self_again, False)
            else:
                self.accept(self_again, False, "party")
        else:
            self.dispute_on(case, self_again, turn, is_late)

    def dispute_on(self, case, choice, turn, is_late):
        if not case.is_filed and turn % 5:
            self.file_ciphertext(choice, False, True)
        if case.number is None:
            self.submit(choice, False)
        if turn % 3:
            self.decide(choice, (0, 1, 3_334, 10_001, 10_001)[turn % 5], True)
        if is_late:
            self.pass_time(15 * DAY)
        self.execute(choice, False)

    # ------------------------------------------------------------- what must hold

    @invariant()
    def holds_what_is_owed_and_no_more(self):
        storage, credit = self.network.evm.storage, self.network.addresses["NetworkCredit"]
        for market, place in zip(self.model.markets, self.places, strict=True):
            escrow = place["FeeEscrow"]
            assert storage(credit, self.slots["credit", escrow][0]) == market.held
            accrued = 0
            for person in MEMBERS:
                prepaid, earned, coordinated = (storage(escrow, slot) for slot in self.slots["escrow", person])
                assert prepaid & MOST == market.prepaid[person].balance
                assert (earned & _HALF) + (coordinated & _HALF) == market.earned[person]
                assert earned >> 128 == market.waiting[person]
                accrued += coordinated >> 128
            assert accrued == market.accrued
            assert storage(escrow, 10) == market.credited <= market.accrued
        for person in (*MEMBERS, STRANGER):
            assert storage(credit, self.slots["credit", person][0]) == self.model.credit[person]

    @invariant()
    def takes_each_use_once_and_none_after_a_withdrawal(self):
        storage, token = self.network.evm.storage, self.network.addresses["ConsentToken"]
        for given in self.model.given:
            record = storage(token, _word_slot(given.id, 3))
            assert record >> 160 & 0xFFFFFFFF == given.uses
            assert record >> 208 == given.withdrawn_at
            assert (record & 2**160 - 1 != 0) == given.is_granted
            assert given.uses + given.uses_in_batches <= given.opened.max_uses

    @invariant()
    def ends_each_exchange_once(self):
        storage = self.network.evm.storage
        for market, place in zip(self.model.markets, self.places, strict=True):
            for case in market.cases:
                kept = STATES[storage(place["FeeEscrow"], _word_slot(case.id, 4)) & 0xFF]
                assert kept == ("None" if case.state == "Settled" else case.state)
                assert sum(state in TERMINAL for state in case.path) == (case.state in TERMINAL)
                bond = case.bond if case.state == "Resolved" else 0
                assert case.state not in TERMINAL or case.paid + case.returned in (case.fee, case.fee + bond)

    def teardown(self):
        """Let everybody take out what is theirs, as things stand by then."""
        if hasattr(self, "slots"):
            self.is_over = True
            self.end_every_exchange()
            self.pay_everybody_out()

    def end_every_exchange(self):
        self.pass_time(40 * DAY)
        for market in self.model.markets:
            for case in market.cases:
                if case.state == "Funded":
                    words = self.described(case, False, is_delivered=False)
                    call = self.send_at(market, STRANGER, "FeeEscrow", "refundUndelivered", words)
                    self.attempt("refund undelivered", None, call)
                    self.model.refund(case)
                elif case.state == "RefundDue":
                    words = (self.described(case, False, is_delivered=False), case.given.id, case.use)
                    call = self.send_at(market, STRANGER, "FeeEscrow", "refundWithdrawn", *words)
                    self.attempt("refund withdrawn", None, call)
                    self.model.refund(case)
                elif case.state == "Delivered":
                    words = (self.described(case, False), case.delivered_at)
                    call = self.send_at(market, STRANGER, "FeeEscrow", "settleUnchallenged", *words)
                    self.attempt("settle unchallenged", None, call)
                    self.model.settle(case)
                elif case.state == "Disputed":
                    _, provider_bps, is_bond_forfeit = self.model.outcome(case)
                    words = self.dispute_words(case, False)
                    self.attempt("execute", None, self.send_at(market, STRANGER, "Disputes", "execute", *words))
                    self.model.resolve(case, provider_bps, is_bond_forfeit)

    def pay_everybody_out(self):
        for market in self.model.markets:
            for host in HOSTS:
                self.claim(market.index, host)
            for person in RECRUITERS:
                self.credit_recruiter(market.index, person)
            for person in MEMBERS:
                self.withdraw_earned(market.index, person, is_own=True)
                self.announce(market.index, person, is_own=True, parts=4)
        self.pass_time(self.model.spans.notice_seconds)
        for market, place in zip(self.model.markets, self.places, strict=True):
            for person in MEMBERS:
                self.withdraw_prepaid(market.index, person, is_own=True)
            left = self.network.evm.storage(
                self.network.addresses["NetworkCredit"], self.slots["credit", place["FeeEscrow"]][0]
            )
            # Nothing but what hosts have not been given: fractions of a unit, and all of it while no host has weight.
            assert left == market.accrued - market.credited
            assert left - (market.accrued - market.divided) <= len(HOSTS)
        self.holds_what_is_owed_and_no_more()


_HALF = 2**128 - 1
_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_POINT_X = 0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798
"""secp256k1: its order, and its generator's x; the generator's y is even."""

STATES = ("None", "Funded", "Delivered", "Disputed", "RefundDue", "Settled", "Refunded", "Resolved")


def _choice(index, length):
    """Return a number that stands for an index of so many, and for no exchange whatever it is."""
    return next(number for number in range(index, index + 9 * length, length) if number % 8)


@cache
def _word_slot(word, slot):
    return int.from_bytes(keccak(encode(["bytes32", "uint256"], [word, slot])), "big")


@cache
def _slot(person, slot):
    return int.from_bytes(keccak(encode(["address", "uint256"], [person, slot])), "big")


def _signed(domain, key, kind, message):
    """Sign with the generator itself as the signature's point: quick, and it gives away keys that everybody knows."""
    scalar = (int.from_bytes(domain.digest(kind, message), "big") + _POINT_X * int.from_bytes(key.key, "big")) % _ORDER
    is_high = scalar > _ORDER // 2
    return b"".join(number.to_bytes(32, "big") for number in (_POINT_X, _ORDER - scalar if is_high else scalar)) + bytes(
        [28 if is_high else 27]
    )


STEPS_WANTED = (
    "accept", "accredit", "announce", "claim", "credit recruiter", "decide", "decline", "deliver", "deposit",
    "deposit own", "dispute", "exchange", "exchange accepted", "exchange batch",
    "exchange batch: passes over an item", "execute", "execute: bond forfeit", "execute: bond returned",
    "file ciphertext", "fund", "fund allotted", "grant", "issue", "pause grants by council",
    "pause grants by guardian", "pause uses by council", "pause uses by guardian", "publish prices", "redeem",
    "refund undelivered", "refund withdrawn", "reinstate", "remove", "replace escrow", "resign",
    "settle unchallenged", "submit", "suspend", "transfer", "weigh", "withdraw", "withdraw accreditation",
    "withdraw earned", "withdraw prepaid", "withdraw: leaves the fee due", "withdraw: returns the fee",
)  # fmt: skip
REFUSALS_WANTED = (
    "ConsentTokenAlreadyGranted", "ConsentTokenConsumerNotAccredited", "ConsentTokenConsumerNotActive",
    "ConsentTokenEscrowInvalid", "ConsentTokenExhausted", "ConsentTokenExpired", "ConsentTokenGrantsPaused",
    "ConsentTokenMissing", "ConsentTokenNonceAllotted", "ConsentTokenNotEscrow", "ConsentTokenNotSubject",
    "ConsentTokenNotYetValid", "ConsentTokenPauseSpent", "ConsentTokenProviderNotAccredited",
    "ConsentTokenProviderNotActive", "ConsentTokenSameParty", "ConsentTokenSignatureInvalid",
    "ConsentTokenUsesPaused", "ConsentTokenWithdrawn", "DisputesEvidenceTooLate", "DisputesSubmitted",
    "DisputesUndecided", "ERC20InsufficientBalance", "ExchangeBatchesEmpty", "ExchangeBatchesNotRelayer",
    "ExchangeBatchesSignatureInvalid", "ExchangeBatchesSizeInvalid", "FeeEscrowAmountInvalid",
    "FeeEscrowAnnouncementLapsed", "FeeEscrowChallengeInvalid", "FeeEscrowChallengeOver", "FeeEscrowChallengeRunning",
    "FeeEscrowCiphertextHashMissing", "FeeEscrowCoordinatorInvalid", "FeeEscrowDeliveryDeadlineInvalid",
    "FeeEscrowDeliveryNotDue", "FeeEscrowDeliveryTooLate", "FeeEscrowExchangeMismatch", "FeeEscrowFeeMismatch",
    "FeeEscrowNotAccountHolder", "FeeEscrowNotConsentToken", "FeeEscrowNotDisputes", "FeeEscrowNotHostRewards",
    "FeeEscrowNotWithdrawn", "FeeEscrowNothingAnnounced", "FeeEscrowNothingEarned", "FeeEscrowNothingForRecruiter",
    "FeeEscrowNoticeRunning", "FeeEscrowOrderExpired", "FeeEscrowOrderTooLong", "FeeEscrowParticipantNotActive",
    "FeeEscrowPrepaidTooLow", "FeeEscrowSignatureInvalid", "FeeEscrowStateInvalid", "FeeScheduleVersionSuperseded",
    "FeeScheduleVersionUnknown", "HostRewardsNotAccountHolder", "HostRewardsNotActiveHost", "HostRewardsNothingOwed",
    "HostRewardsWeightUnchanged", "IdentityRegistryNotActor", "IdentityRegistryStatusInvalid",
    "NetworkCreditAmountZero", "NetworkCreditNotMember", "NetworkCreditNothingToReclaim",
    "NetworkCreditReceiverRefused", "NetworkCreditRedemptionPending", "NetworkCreditRedemptionTooLow",
    "SchemaRegistryConsumerNotAccredited", "SchemaRegistryNotActive",
)  # fmt: skip


def play(runs, phases=tuple(Phase)):
    reached.clear()
    run_state_machine_as_test(
        ExchangeMachine,
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


@pytest.fixture
def machine():
    started = ExchangeMachine()
    started.found()
    return started


def test_a02_a15_h081_h082_holds_every_unit_and_takes_every_step_as_the_model_does():
    started = time.monotonic()
    play(RUNS)
    calls = sum(reached.values())
    print(f"{calls} calls, {calls / (time.monotonic() - started):.0f} a second", dict(sorted(reached.items())))
    refusals = Counter()
    for step, times in reached.items():
        if re.match("[A-Z]", step.rpartition(": ")[2]):
            refusals[step.rpartition(": ")[2]] += times

    assert [step for step in STEPS_WANTED if reached[step] < LEAST_OF_EACH] == []
    assert [error for error in REFUSALS_WANTED if refusals[error] < LEAST_OF_EACH] == []


@pytest.mark.parametrize(
    ("where", "sabotage"),
    [
        ("refund", lambda case: case.step("Refunded")),
        ("settle", lambda case: (case.step("Settled"), setattr(case, "paid", case.fee))),
        ("coordinator_refusal", lambda coordinator, consumer: None),
        ("use_refusal", lambda given, market, is_signed: None),
    ],
)
def test_notices_a_model_that_is_broken(monkeypatch, where, sabotage):
    monkeypatch.setattr(Model, where, lambda self, *values: sabotage(*values))

    with pytest.raises(AssertionError):
        play(60, phases=(Phase.generate,))


def test_notices_a_unit_that_moved(machine):
    machine.holds_what_is_owed_and_no_more()
    escrow = machine.places[0]["FeeEscrow"]
    prepaid, earned, coordinated = machine.slots["escrow", TENANCY]
    for slot, change in ((prepaid, 1), (earned, 1), (earned, 1 << 128), (coordinated, 1 << 128), (10, 1)):
        kept = machine.network.evm.storage(escrow, slot)
        machine.network.evm.insert_account_storage(escrow, slot, kept + change)

        with pytest.raises(AssertionError):
            machine.holds_what_is_owed_and_no_more()

        machine.network.evm.insert_account_storage(escrow, slot, kept)
    machine.holds_what_is_owed_and_no_more()


def test_notices_a_use_that_was_given_back(machine):
    machine.use_a_new_consent(1, TENANCY, BANK, "fund")
    (given,) = machine.model.given
    machine.takes_each_use_once_and_none_after_a_withdrawal()
    token, slot = machine.network.addresses["ConsentToken"], _word_slot(given.id, 3)
    record = machine.network.evm.storage(token, slot)
    machine.network.evm.insert_account_storage(token, slot, record - (1 << 160))

    with pytest.raises(AssertionError):
        machine.takes_each_use_once_and_none_after_a_withdrawal()


def test_notices_an_exchange_that_came_back(machine):
    machine.use_a_new_consent(1, TENANCY, BANK, "exchange")
    machine.use_a_new_consent(2, TENANCY, BANK, "exchange")
    states = {case.state: case for case in machine.model.markets[0].cases}
    assert states.keys() == {"Delivered", "Settled"}
    machine.ends_each_exchange_once()
    escrow, storage = machine.places[0]["FeeEscrow"], machine.network.evm.storage
    delivered = storage(escrow, _word_slot(states["Delivered"].id, 4))
    machine.network.evm.insert_account_storage(escrow, _word_slot(states["Settled"].id, 4), delivered)

    with pytest.raises(AssertionError):
        machine.ends_each_exchange_once()


def test_takes_the_steps_that_the_accounting_core_lists():
    core = (ROOT / "contracts" / "libraries" / "ExchangeAccounting.sol").read_text(encoding="utf-8")
    table = core[core.index("function isStep(") : core.index("function isTerminal(")]
    listed = {
        state: set(re.findall(r"to == ExchangeState\.(\w+)", follow))
        for state, follow in re.findall(r"from == ExchangeState\.(\w+)\)(.*?);", table, re.DOTALL)
    }

    assert listed == LEADS_TO
