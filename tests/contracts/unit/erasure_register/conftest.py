"""Duties to erase, in a register over a token whose escrows do as they are told."""

from __future__ import annotations

from dataclasses import dataclass, replace

import brownie
import pytest
from eth_utils.crypto import keccak

from consentry.client.consents import salt_of
from consentry.client.erasures import ERASED
from consentry.client.exchanges import ExchangeState
from consentry.client.signing import TypedDomain
from consentry.deployment.roles import Role
from tests.helpers import events
from tests.helpers.exchanges import NO_EXCHANGE, Given, Words

ERASURE_SECONDS = 30 * 86_400


@dataclass(frozen=True)
class Duty:
    """A duty on record: its exchange's id, the consent behind it, and the last instant to confirm it."""

    id: bytes
    given: Given
    due_at: int


@pytest.fixture(scope="session")
def consents(ConsentToken, PuppetEscrow, system, council):
    """A consent token that lists one escrow, which does as it is told."""
    token = ConsentToken.deploy(system.access, system.identities, system.schemas, {"from": council})
    token.addEscrow(PuppetEscrow.deploy({"from": council}), {"from": council})
    return token


@pytest.fixture(scope="session")
def puppet(PuppetEscrow, consents):
    """The escrow that it lists."""
    return PuppetEscrow.at(consents.escrowAt(1))


@pytest.fixture(scope="session")
def deploy_register(ErasureRegister, system, consents, council):
    """Deploy a register over that token, which may block: a function without arguments."""

    def make():
        register = ErasureRegister.deploy(
            system.access, system.identities, consents, ERASURE_SECONDS, {"from": council}
        )
        system.access.grantRole(Role.ERASURE_REGISTER, register, 0, {"from": council})
        return register

    return make


@pytest.fixture(scope="session")
def register(deploy_register):
    """The register."""
    return deploy_register()


@pytest.fixture(scope="session")
def sayings(system, actors, consents, schema, purpose):
    """Make and sign consents and withdrawals for that token: see tests/helpers/exchanges.py."""
    parties = {role: actors[role] for role in ("consumer", "provider", "coordinator")}
    return Words(replace(system, consents=consents), **parties, schema=schema, purpose=purpose)


@pytest.fixture
def give(sayings, fresh_subject):
    """Make a consent of a fresh subject and sign it: a function of what shall be different."""
    return lambda **changes: sayings.give(fresh_subject(), **changes)


@pytest.fixture
def withdraw(consents, sayings, relayer):
    """Withdraw a consent, relayed: a function of it."""

    def carry(given):
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, sayings.sign_withdrawal(given), {"from": relayer})

    return carry


@pytest.fixture
def end(puppet, relayer):
    """Say where a use of a consent stands: a function of it, and of the state, the use and the escrow if others."""

    def say(given, state=ExchangeState.SETTLED, use=1, escrow=puppet):
        escrow.setState(given.id, use, state, {"from": relayer})

    return say


@pytest.fixture(scope="session")
def exchange_id_of():
    """Return the id of the exchange that is a use of a consent: a function of both."""
    return lambda given, use=1: keccak(given.id + use.to_bytes(32, "big"))


@pytest.fixture(scope="session")
def opening_of():
    """Return what opens a consent to its consumer: a function of it, to consent, consumer and salt."""
    return lambda given: (given.sealed.arguments(), given.opened.consumer, salt_of(given.opened.seed, 0))


@pytest.fixture
def put_on_record(register, relayer, opening_of):
    """Open the duty that follows from a use of a consent, as anybody: a function of both, and of the register if it is
    another, that returns the transaction."""

    def put(given, use=1, where=register):
        consent, consumer, salt = opening_of(given)
        return where.open(consent, use, consumer, salt, {"from": relayer})

    return put


@pytest.fixture
def due(give, end, withdraw, put_on_record, exchange_id_of, register):
    """Put a duty on record for a fresh consent that was used and withdrawn: a function of what of the consent shall be
    different, and of the register if it is another."""

    def make(where=register, **changes):
        given = give(**changes)
        end(given)
        withdraw(given)
        tx = put_on_record(given, where=where)
        return Duty(exchange_id_of(given), given, tx.timestamp + ERASURE_SECONDS)

    return make


@pytest.fixture
def overdue(due, register, relayer, mine_at):
    """Put duties on record, and report them when they are overdue: a function of how many, and as `due`."""

    def make(count=1, where=register, **changes):
        duties = [due(where, **changes) for _ in range(count)]
        mine_at(duties[-1].due_at + 1)
        for duty in duties:
            where.report(duty.id, {"from": relayer})
        return duties

    return make


@pytest.fixture(scope="session")
def sign_confirmation(system, register):
    """Sign a confirmation: a function of the key, the consumer, the exchanges, and of the statement, the signer and the
    register if they are others."""

    def sign(key, consumer, exchanges, statement=ERASED, signer=None, where=register):
        message = {
            "consumer": consumer.address,
            "exchanges": exchanges,
            "statement": statement,
            "signer": getattr(signer, "address", signer) or key.address,
        }
        return TypedDomain("erasure_register", system.manifest.chain_id, where.address).sign(
            key, "Confirmation", message
        )

    return sign


@pytest.fixture(scope="session")
def confirm(register):
    """Confirm duties as the caller: a function of it, the consumer and the duties, and of statement and register if
    they are others, that returns the transaction."""

    def say(caller, consumer, *duties, statement=ERASED, where=register):
        exchanges = [duty.id for duty in duties]
        return where.confirm(consumer, exchanges, statement, caller, b"", {"from": caller})

    return say


@pytest.fixture(scope="session")
def state_of(register):
    """Return a duty's consumer, deadline and state: a function of its exchange's id."""
    return lambda exchange_id: tuple(register.dutyOf(exchange_id))


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by


@pytest.fixture
def now():
    """The instant of the latest block, asked when called."""
    return lambda: brownie.chain[-1].timestamp
