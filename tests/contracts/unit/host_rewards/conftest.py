"""Hosts, and HostRewards over an escrow that can accrue any amount."""

import pytest

from tests.contracts.unit.standings import add_delegates, admit, bring_to, participant_in, rotate_owner, spare  # noqa: F401

ROLE_HOST = 8


@pytest.fixture
def accruing_escrow(AccruingEscrow, council):
    """An escrow in which any amount can accrue."""
    return AccruingEscrow.deploy({"from": council})


@pytest.fixture
def rewards(HostRewards, system, accruing_escrow, council):
    """HostRewards over that escrow; nobody has weight."""
    return HostRewards.deploy(system.access, system.identities, accruing_escrow, {"from": council})


@pytest.fixture
def hosts(participant_in):
    """Three Active hosts without weight."""
    return [participant_in("active", ROLE_HOST) for _ in range(3)]
