"""Changes to identities as their owners sign them, and what transactions tell."""

from __future__ import annotations

import itertools

import brownie
import pytest

from consentry.client.signing import TypedDomain
from consentry.deployment.roles import Role
from tests.helpers import blocks, events, network

DEADLINE_SECONDS = 3_600
DELEGATE_SECONDS = 30 * 86_400
KINDS = ("exchange", "delivery", "deposit", "veriKey", "sigAuth", "")


# ---------------------------------------------------------------- who and what


@pytest.fixture
def identities(system):
    """The network's identity registry."""
    return system.identities


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by


@pytest.fixture
def admission_of():
    """Make what the council decides on an identity: a function of it and of what shall be different."""

    def make(identity, **changes):
        decided = {
            "roles": network.CONSUMER,
            "jurisdiction": network.JURISDICTION,
            "recruiter": network.NOBODY,
            "legal_id": network.legal_id_of(identity),
        }
        return (identity, *{**decided, **changes}.values())

    return make


@pytest.fixture(scope="session")
def charter(system):
    """Acts as the charter, through which applications come, without the signatures that it checks."""
    return network.account_of(system.charter)


@pytest.fixture
def enrolled(identities, charter, admission_of):
    """Let somebody apply, and return what the council can admit it on: a function as `admission_of`."""

    def enrol(identity, **changes):
        admission = admission_of(identity, **changes)
        identities.enrol(admission, network.AGREEMENT, {"from": charter})
        return admission

    return enrol


@pytest.fixture
def deactivated(identities, participant_in):
    """A participant that deactivated its DID."""
    participant = participant_in("active", network.CONSUMER)
    identities.deactivate(participant, {"from": participant})
    return participant


@pytest.fixture
def registers(system, council, unused_account):
    """Two accounts that may block as erasure registers do."""
    accounts = [unused_account() for _ in range(2)]
    for account in accounts:
        system.access.grantRole(Role.ERASURE_REGISTER, account, 0, {"from": council})
    return accounts


@pytest.fixture
def others(identities, consumer, provider, founder, guardian, delegate, stranger):
    """Everybody who has no say over `consumer`: others, who holds an office, and its delegate of every kind."""
    for kind in KINDS:
        identities.addDelegate(consumer, kind.encode().ljust(32, b"\0"), delegate, DELEGATE_SECONDS, {"from": consumer})
    return provider, founder, guardian, delegate, stranger


@pytest.fixture(scope="session")
def no_voters(deployer, guardian, treasurer, consumer, coordinator, regulator, stranger):
    """Everybody who cannot act on a vote."""
    return deployer, guardian, treasurer, consumer, coordinator, regulator, stranger


@pytest.fixture(scope="session")
def no_guardians(deployer, council, treasurer, consumer, coordinator, regulator, stranger):
    """Everybody who cannot act in an emergency."""
    return deployer, council, treasurer, consumer, coordinator, regulator, stranger


# ---------------------------------------------------------------- what owners sign


class SignedChange:
    """A change to an identity with its signature, ready to be carried by anyone."""

    def __init__(self, identities, domain, type_name, message, key):
        self._identities, self._domain, self._type_name, self._key = identities, domain, type_name, key
        self.message = message
        self.signature = domain.sign(key, type_name, message)

    def __getattr__(self, name):
        return self.message[name]

    @property
    def function(self):
        """The function that takes it."""
        return getattr(self._identities, f"{self._type_name[0].lower()}{self._type_name[1:]}Signed")

    def arguments(self, signature=None, **changes):
        """Return what its function takes; the signature and what is changed are not the signed ones."""
        signature = self.signature if signature is None else signature
        return (*{**self.message, **plain(changes)}.values(), signature)

    def carry(self, carrier, signature=None, **changes):
        """Send it; the signature and what is changed are not the signed ones."""
        return self.function(*self.arguments(signature, **changes), {"from": carrier})

    def digest(self, **changes):
        """Return the digest that would have been signed, with what is changed."""
        return self._domain.digest(self._type_name, {**self.message, **plain(changes)})

    def but(self, *, by=None, domain=None, **changes):
        """Sign another: with another key, for another domain, with other fields."""
        message = {**self.message, **plain(changes)}
        return SignedChange(self._identities, domain or self._domain, self._type_name, message, by or self._key)


def plain(fields):
    """Return accounts and contracts as their addresses."""
    return {name: getattr(value, "address", value) for name, value in fields.items()}


@pytest.fixture
def domain(system):
    """What the registry's messages are signed for."""
    return TypedDomain("identity_registry", system.manifest.chain_id, system.identities.address)


@pytest.fixture
def sign(identities, domain, signer_of):
    """Sign a change to an identity under a fresh nonce: a function of its type, the identity and the type's own fields.

    Its owner signs, who is the identity itself unless `signer` names another account."""
    nonces = itertools.count(7_000)

    def make(type_name, identity, *, signer=None, **fields):
        owner = signer or identity
        message = {
            "identity": identity,
            **fields,
            "nonce": next(nonces),
            "deadline": brownie.chain[-1].timestamp + DEADLINE_SECONDS,
            "signer": owner,
        }
        return SignedChange(identities, domain, type_name, plain(message), signer_of(owner))

    return make


# ---------------------------------------------------------------- several changes in one block


@pytest.fixture(scope="session")
def mine_together():
    """Mine calls in one block: a function of tuples of sender, function and arguments, to their receipts."""
    return blocks.mine_together


@pytest.fixture(scope="session")
def raise_if_refused():
    """Raise what `reverts_with` expects when a mined transaction reverted: a function of its receipt."""
    return blocks.raise_if_refused
