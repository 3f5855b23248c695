"""Disputes over an escrow that takes whatever is said as disputed, before an arbitrator of somebody else's.

What only has to be refused, with nothing to look at afterwards, is called and not sent.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import brownie
import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, Exchange, Shares

COST = 10**15
EVIDENCE_SECONDS, RULING_SECONDS = 3 * 86_400, 10 * 86_400
DAY_SECONDS = 86_400
SHARES = Shares(6_000, 1_500, 1_500, 500, 500)
CIPHERTEXT_HASH = keccak(text="ciphertext")


@dataclass(frozen=True)
class Disputed:
    """An exchange in dispute. Instants in Unix seconds."""

    exchange: Exchange
    delivered_at: int
    bond: int
    disputed_at: int

    @property
    def id(self) -> bytes:
        return self.exchange.id

    @property
    def evidence_until(self) -> int:
        return self.disputed_at + EVIDENCE_SECONDS

    @property
    def ruling_until(self) -> int:
        return self.disputed_at + RULING_SECONDS

    def description(self) -> tuple:
        """Return what each step brings along."""
        delivery = Delivery(CIPHERTEXT_HASH, self.delivered_at)
        return self.exchange.arguments(delivery), self.delivered_at, self.bond, self.disputed_at


@pytest.fixture(scope="session")
def arbiter(actors):
    """Rules at an arbitrator that knows nothing of the network."""
    return actors["third_founder"]


@pytest.fixture(scope="session")
def disputed_escrow(DisputedEscrow, deployer):
    """An escrow that takes whatever is said as disputed."""
    return DisputedEscrow.deploy({"from": deployer})


@pytest.fixture(scope="session")
def arbitrator(CentralArbitrator, arbiter):
    """The arbitrator in force; it costs something."""
    return CentralArbitrator.deploy(COST, {"from": arbiter})


@pytest.fixture(scope="session")
def other_arbitrator(CentralArbitrator, arbiter):
    """Another one, which costs nothing."""
    return CentralArbitrator.deploy(0, {"from": arbiter})


@pytest.fixture(scope="session")
def disputes(Disputes, system, disputed_escrow, arbitrator, deployer):
    """Disputes of that escrow before that arbitrator."""
    spans = EVIDENCE_SECONDS, RULING_SECONDS
    return Disputes.deploy(system.access, disputed_escrow, system.identities, arbitrator, *spans, {"from": deployer})


@pytest.fixture
def described(consumer, provider, coordinator):
    """Describe an exchange as disputed in the latest block: a function of its shares."""
    numbers = itertools.count(1)

    def describe(shares=SHARES):
        number, now = next(numbers), brownie.chain[-1].timestamp
        exchange = Exchange(
            consent=keccak(text=f"consent {number}"),
            use=1,
            consumer=consumer.address,
            provider=provider.address,
            coordinator=coordinator.address,
            recipient_key_hash=keccak(text=f"one-time key {number}"),
            fee=4_000_000,
            shares=shares,
            deliver_by=now,
            challenge_seconds=DAY_SECONDS,
        )
        return Disputed(exchange, delivered_at=now - 10, bond=400_000, disputed_at=now)

    return describe


@pytest.fixture
def disputed(described, disputed_escrow, deployer):
    """Dispute an exchange in the escrow: a function of its shares."""

    def dispute(*shares):
        made = described(*shares)
        disputed_escrow.dispute(*made.description(), {"from": deployer})
        return made

    return dispute


@pytest.fixture
def submit(disputes, stranger):
    """Submit a dispute as a stranger, and return its number at its arbitrator."""

    def make(case):
        cost = disputes.submissionCost(case.exchange.arguments())
        return disputes.submit(*case.description(), {"from": stranger, "value": cost}).return_value

    return make


@pytest.fixture
def file(disputes, provider):
    """File the ciphertext of a dispute as the provider."""
    return lambda case: disputes.fileCiphertext(*case.description(), {"from": provider})


@pytest.fixture
def ruled(arbitrator, arbiter, submit):
    """Submit a dispute and rule on it: a function of the case and of the ruling."""

    def make(case, ruling):
        arbitrator.giveRuling(submit(case), ruling, {"from": arbiter})

    return make


@pytest.fixture
def add_delegates(system, unused_account):
    """Give a participant a delegate of each kind: a function of the participant, to the delegates by kind."""

    def add(participant):
        delegates = {}
        for kind in ("exchange", "delivery", "deposit", "sigAuth"):
            delegates[kind] = unused_account()
            padded = kind.encode().ljust(32, b"\0")
            system.identities.addDelegate(participant, padded, delegates[kind], DAY_SECONDS, {"from": participant})
        return delegates

    return add
