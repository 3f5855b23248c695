"""Participants in each standing, and the changes that lead there: fixtures that several contracts' tests share."""

from __future__ import annotations

from itertools import count

import pytest
from eth_utils import keccak

NOBODY = "0x" + "00" * 20
FIRST_FREE_ACCOUNT = 24
DAY_SECONDS = 24 * 3600


@pytest.fixture
def spare(accounts):
    """Hand out accounts that play no role in the network, each once."""
    numbers = count(FIRST_FREE_ACCOUNT)
    return lambda: accounts[next(numbers)]


@pytest.fixture
def admit(system, council):
    """Admit an account in some roles."""

    def admit(account, roles):
        legal_id = keccak(text=f"legal id of {account}")
        system.identities.admit((account, roles, b"FR", NOBODY, legal_id), {"from": council})

    return admit


@pytest.fixture
def bring_to(system, council):
    """Bring an Active or Suspended participant to another standing by vote."""

    def bring_to(participant, standing):
        change = {
            "active": system.identities.reinstate,
            "suspended": system.identities.suspend,
            "removed": system.identities.remove,
        }[standing]
        change(participant, {"from": council})

    return bring_to


@pytest.fixture
def participant_in(spare, admit, bring_to):
    """Make an account of some standing, admitted in some roles unless it never was."""

    def participant_in(standing, roles):
        account = spare()
        if standing != "never_registered":
            admit(account, roles)
        if standing in ("suspended", "removed"):
            bring_to(account, standing)
        return account

    return participant_in


@pytest.fixture
def readmit(system, admit, bring_to, chain):
    """Remove a participant and admit it again a day later in the same roles."""

    def readmit(participant):
        roles = system.identities.participantOf(participant)[3]
        bring_to(participant, "removed")
        chain.sleep(DAY_SECONDS)
        admit(participant, roles)

    return readmit


@pytest.fixture
def rotate_owner(system, spare):
    """Hand a participant to a new owner key, and return its account."""

    def rotate_owner(participant):
        owner = spare()
        system.identities.changeOwner(participant, owner, {"from": participant})
        return owner

    return rotate_owner


@pytest.fixture
def add_delegates(system, spare):
    """Give a participant a delegate of each kind, and one of no kind at all."""

    def add_delegates(participant):
        delegates = []
        for kind in (b"exchange", b"delivery", b"deposit", b"sigAuth", b""):
            delegates.append(spare())
            system.identities.addDelegate(
                participant, kind.ljust(32, b"\0"), delegates[-1], DAY_SECONDS, {"from": participant}
            )
        return delegates

    return add_delegates
