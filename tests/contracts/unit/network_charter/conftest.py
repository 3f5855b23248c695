"""A charter that nobody has signed, a version that waits for signatures, and applications as they are signed."""

import itertools
from dataclasses import replace

import brownie
import pytest
from eth_utils.crypto import keccak

from tests.helpers import events, network
from tests.helpers.votes import GROWTH, charter_signature

DOCUMENT, AGREEMENT = keccak(text="a charter"), keccak(text="an agreement")
NEXT_DOCUMENT = keccak(text="the next charter")
SIGN_SECONDS = 86_400
INVITED_SECONDS = 3_600


@pytest.fixture
def charter(system):
    """The network's charter, which its founders have signed."""
    return system.charter


@pytest.fixture
def unfounded(NetworkCharter, system, stranger):
    """A charter of the same council that nobody has signed."""
    wiring = system.access, system.identities, system.council
    return NetworkCharter.deploy(*wiring, DOCUMENT, AGREEMENT, {"from": stranger})


@pytest.fixture
def sign(system):
    """Sign a version of a charter: a function of the charter, the version and the account that signs."""
    return lambda charter, version, owner, **changes: charter_signature(
        replace(system, charter=charter), version, owner, **changes
    )


@pytest.fixture
def sign_all(sign, relayer):
    """Let accounts sign a version of a charter: a function of the charter, the version and the accounts."""

    def sign_each(charter, version, *owners):
        for owner in owners:
            charter.sign(version, owner, sign(charter, version, owner), {"from": relayer})

    return sign_each


@pytest.fixture
def pending(charter, council):
    """Version 2, which takes the network to its growth phase, waits for signatures: until when."""
    tx = charter.proposeVersion(NEXT_DOCUMENT, GROWTH, 7, SIGN_SECONDS, {"from": council})
    return tx.timestamp + SIGN_SECONDS


class Application:
    """What somebody applies with, and what was signed for it."""

    def __init__(self, system, signer_of, owner, inviter_key, **fields):
        self.system, self.signer_of, self.owner, self.inviter_key = system, signer_of, owner, inviter_key
        self.fields = {name: getattr(value, "address", value) for name, value in fields.items()}

    def but(self, **changes):
        """Return another one, signed anew."""
        named = {name: changes.pop(name, getattr(self, name)) for name in ("owner", "inviter_key")}
        return Application(self.system, self.signer_of, **named, **{**self.fields, **changes})

    def values(self, **changes):
        """Return it as the charter takes it; what is changed is not what was signed."""
        changed = {name: getattr(value, "address", value) for name, value in changes.items()}
        return tuple({**self.fields, **changed}.values())

    def agreement(self, **changes):
        """Sign the agreement as the applicant's owner."""
        names = {"legal_id": "legalId", "identity": "participant"}
        terms = ("identity", "roles", "jurisdiction", "legal_id", "inviter", "nonce")
        message = {names.get(name, name): self.fields[name] for name in terms}
        document = bytes(self.system.charter.agreement())
        signer = self.system.identities.identityOwner(self.fields["identity"])
        signed = {"document": document, **message, "signer": signer, **changes}
        return network.charter_domain(self.system).sign(self.signer_of(self.owner), "Agreement", signed)

    def invitation(self, **changes):
        """Sign the invitation as the inviter's owner."""
        if self.fields["inviter"] == network.NOBODY:
            return b""
        message = {
            "invitee": self.fields["identity"],
            "roles": self.fields["roles"],
            "jurisdiction": self.fields["jurisdiction"],
            "inviter": self.fields["inviter"],
            "expiresAt": self.fields["expires_at"],
            "nonce": self.fields["invitation_nonce"],
            "signer": self.system.identities.identityOwner(self.fields["inviter"]),
            **changes,
        }
        return network.charter_domain(self.system).sign(self.signer_of(self.inviter_key), "Invitation", message)

    def arguments(self):
        """Return all that the charter takes."""
        return self.values(), self.invitation(), self.agreement()

    def admission(self):
        """Return what the council decides on."""
        return tuple(self.fields[name] for name in ("identity", "roles", "jurisdiction", "inviter", "legal_id"))


@pytest.fixture
def application_of(system, signer_of):
    """Make an application, not invited unless it names an inviter: a function of an account and of what differs."""
    nonces = itertools.count(50_000)

    def make(applicant, **changes):
        inviter = changes.get("inviter", network.NOBODY)
        owner, inviter_key = changes.pop("owner", applicant), changes.pop("inviter_key", inviter)
        is_invited = inviter != network.NOBODY
        fields = {
            "identity": applicant,
            "roles": network.CONSUMER,
            "jurisdiction": network.JURISDICTION,
            "legal_id": network.legal_id_of(applicant),
            "inviter": inviter,
            "expires_at": brownie.chain[-1].timestamp + INVITED_SECONDS if is_invited else 0,
            "invitation_nonce": next(nonces) if is_invited else 0,
            "nonce": next(nonces),
        }
        return Application(system, signer_of, owner, inviter_key, **{**fields, **changes})

    return make


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by
