"""Another council takes over by a vote of the former one, which from then on decides nothing."""

from __future__ import annotations

import pytest
from web3.utils.address import get_create_address

from tests.helpers.network import NOBODY
from tests.helpers.votes import QUEUED, Votes

ADMIN_ROLE = 0
PERIODS = (60, 3_600, 3_600)
DELAY_SECONDS = 60
SETBACK_SECONDS = 5 * 86_400


@pytest.fixture
def successor(Council, CouncilTimelock, system, stranger, unused_account):
    """A council of three others with a timelock of its own, which has no power yet."""
    seats = [unused_account() for _ in range(3)]
    deployed_next = get_create_address(stranger.address, stranger.nonce + 1)
    timelock = CouncilTimelock.deploy(DELAY_SECONDS, deployed_next, {"from": stranger})
    wiring = system.identities, system.charter, system.access, system.directory
    council = Council.deploy(timelock, *wiring, seats, PERIODS, [], {"from": stranger})
    assert council.address == deployed_next
    return council, timelock, seats


@pytest.fixture
def take_over(system, votes, successor):
    """Hand the network to the successor, as the council votes it."""

    def take():
        council, timelock, _ = successor
        votes.carry(
            (system.directory, "set", b"Council".ljust(32, b"\0"), council),
            (system.access, "grantRole", ADMIN_ROLE, timelock, 0),
            (system.access, "revokeRole", ADMIN_ROLE, system.timelock),
        )

    return take


@pytest.fixture
def later(system, successor, regulator, relayer):
    """Decide by the successor's own ways."""
    council, _, seats = successor
    made = Votes(system, seats, regulator, relayer)
    made.council = council
    return made


def test_h120_decides_and_the_former_one_does_not_when_another_council_took_over(
    system, votes, later, take_over, reverts_with
):
    queued = votes.queued((system.credit, "setCeiling", 111))
    with reverts_with("AccessManagedUnauthorized", later.council.timelock()):
        later.carry((system.credit, "setCeiling", 222))
    waiting = later.queued((system.credit, "setCeiling", 333))

    take_over()

    with reverts_with("AccessManagedUnauthorized", system.timelock):
        votes.execute(queued)
    assert votes.state(queued) == QUEUED
    later.execute(waiting)
    assert system.credit.ceiling() == 333
    assert system.access.adminCount() == 1
    assert system.directory.addressOf(b"Council".ljust(32, b"\0")) == later.council


def test_h120_h113_leaves_the_network_to_the_former_when_the_successor_is_no_admin_yet(
    system, votes, successor, mine_at, reverts_with
):
    _, timelock, _ = successor
    votes.carry((system.access, "setGrantDelay", ADMIN_ROLE, 365 * 86_400))
    handing_over = votes.queued(
        (system.access, "grantRole", ADMIN_ROLE, timelock, 0),
        (system.access, "revokeRole", ADMIN_ROLE, system.timelock),
    )
    mine_at(system.council.proposalEta(handing_over.id) + SETBACK_SECONDS)  # the delay is in force by then

    with reverts_with("NetworkAccessLastAdmin", system.timelock):
        votes.execute(handing_over)

    assert tuple(system.access.hasRole(ADMIN_ROLE, timelock)) == (False, 0)
    votes.carry((system.credit, "setCeiling", 444))
    assert system.credit.ceiling() == 444


def test_h122_has_a_domain_of_its_own_when_another_council_is_deployed(system, successor):
    council, _, seats = successor

    former, other = (tuple(each.eip712Domain()) for each in (system.council, council))
    assert (former[1], former[2], former[3]) == (other[1], other[2], other[3])
    assert (former[4], other[4]) == (system.council, council)
    assert council.seatOf(system.council.seats()[0]) == NOBODY
    assert [*council.seats()] == seats
