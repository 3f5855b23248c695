"""Hosts, and HostRewards over an escrow that can accrue any amount."""

import pytest

from tests.helpers.network import HOST

DAY_SECONDS = 24 * 3600


@pytest.fixture(scope="session")
def accruing_escrow(AccruingEscrow, council):
    """An escrow in which any amount can accrue."""
    return AccruingEscrow.deploy({"from": council})


@pytest.fixture(scope="session")
def rewards(HostRewards, system, accruing_escrow, council):
    """HostRewards over that escrow; nobody has weight."""
    return HostRewards.deploy(system.access, system.identities, accruing_escrow, {"from": council})


@pytest.fixture
def hosts(participant_in):
    """Three Active hosts without weight."""
    return [participant_in("active", HOST) for _ in range(3)]


@pytest.fixture
def add_delegates(system, unused_account):
    """Give a participant a delegate of each kind, and one of no kind at all: a function of the participant."""

    def add(participant):
        delegates = []
        for kind in (b"exchange", b"delivery", b"deposit", b"sigAuth", b""):
            delegates.append(unused_account())
            padded = kind.ljust(32, b"\0")
            system.identities.addDelegate(participant, padded, delegates[-1], DAY_SECONDS, {"from": participant})
        return delegates

    return add
