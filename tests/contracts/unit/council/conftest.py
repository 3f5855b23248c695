"""A council of three, of four and of five, and what needs an opinion and what does not."""

import pytest

from tests.helpers import events, network

CEILING = 123_000_000


@pytest.fixture
def council_contract(system):
    """The network's council; `council` acts as its timelock."""
    return system.council


@pytest.fixture
def action(system):
    """Something that needs a regulator's opinion."""
    return system.credit, "setCeiling", CEILING


@pytest.fixture
def exempt_action(system):
    """Something that needs none."""
    return system.identities, "setAdmissionsPausedUntil", 0


@pytest.fixture
def open_proposal(votes, action):
    """A proposal with a favourable opinion on which a council of three can vote."""
    made = votes.propose(action)
    votes.opine(made)
    votes.begin(made)
    return made


@pytest.fixture
def newcomers(unused_account):
    """Two identities that may get seats."""
    return unused_account(), unused_account()


@pytest.fixture
def grown(votes, newcomers):
    """The same council in the growth phase, with five seats: the newcomers have the last two."""
    return votes.grow(*newcomers)


@pytest.fixture
def second_regulator(participant_in):
    """Another Active regulator."""
    return participant_in("active", network.REGULATOR)


@pytest.fixture
def member_seat(system, council, founder):
    """The first seat, whose identity is a participant too, so that its owner can change."""
    network.admit(system, council, founder, network.COORDINATOR)
    return founder


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""
    return events.told_by
