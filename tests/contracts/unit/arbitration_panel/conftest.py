"""A panel of the network's three seats, and a contract that brings whatever dispute it is told to.

What only has to be refused, with nothing to look at afterwards, is called and not sent.
"""

import brownie
import pytest

from tests.helpers import network
from tests.helpers.arbitration import extra_data

CHOICES = 3


@pytest.fixture(scope="session")
def panel(ArbitrationPanel, system, deployer):
    """A panel over the network's council, with no dispute."""
    return ArbitrationPanel.deploy(system.council, system.identities, system.host_rewards, {"from": deployer})


@pytest.fixture(scope="session")
def arbitrable(ArbitrableContract, deployer):
    """Brings disputes, and takes every ruling."""
    return ArbitrableContract.deploy({"from": deployer})


@pytest.fixture
def seats(founder, second_founder, third_founder):
    """The three seats."""
    return founder, second_founder, third_founder


@pytest.fixture
def bring(panel, arbitrable, relayer):
    """Bring a dispute of three choices: a function of the interested and of whether the hosts share, to its number."""

    def make(*interested, hosts_share=False):
        tx = arbitrable.bring(panel, CHOICES, extra_data(interested, hosts_share), {"from": relayer})
        return tx.return_value

    return make


@pytest.fixture
def give_weight(system, council):
    """Make a seat a host with weight: a function of the seat."""

    def give(seat):
        if system.identities.participantOf(seat).dict()["status"] == network.NONE:
            network.admit(system, council, seat, network.HOST)
        system.host_rewards.setWeight(seat, 1, {"from": council})

    return give


@pytest.fixture
def replace_seat(votes):
    """Hand a seat from one identity to another by vote: a function of both."""

    def replace(former, newcomer):
        version = votes.system.charter.latestVersion()
        if not votes.system.charter.hasSigned(version, newcomer):
            votes.sign_charter(version, newcomer)
        votes.carry((votes.council, "replaceSeat", former, newcomer))
        # The newcomer last: nobody proposes in the second in which it was seated.
        votes.seats = (*(seat for seat in votes.seats if seat != former), newcomer)

    return replace


@pytest.fixture
def own_second_seat(system, council, founder, second_founder):
    """Let the first seat's owner own the second one too."""
    network.admit(system, council, second_founder, network.COORDINATOR)
    system.identities.changeOwner(second_founder, founder, {"from": second_founder})
    return brownie.accounts.at(second_founder.address, force=True)
