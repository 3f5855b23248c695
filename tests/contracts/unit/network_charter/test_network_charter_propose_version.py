"""NetworkCharter.proposeVersion: the council puts another charter, or another phase, before its seats."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers import network
from tests.helpers.votes import GROWTH, OPEN, PILOT

DOCUMENT = keccak(text="another charter")
HOUR, DAY = 3_600, 86_400


def test_waits_for_signatures_when_the_council_says_so(charter, council, told_by):
    tx = charter.proposeVersion(DOCUMENT, GROWTH, 5, DAY, {"from": council})

    until = tx.timestamp + DAY
    told = {"version": 2, "document": DOCUMENT, "phase": GROWTH, "seatCap": 5, "signUntil": until}
    assert told_by(tx) == [("CharterProposed", told)]
    assert tuple(map(str, charter.versionOf(2))) == ("0x" + DOCUMENT.hex(), str(GROWTH), "5", str(until), "0")
    assert (charter.latestVersion(), charter.currentVersion()) == (2, 1)
    assert charter.seatCap() == 3


@pytest.mark.parametrize(("phase", "seat_cap"), [(PILOT, 3), (GROWTH, 3), (GROWTH, 7), (OPEN, 3), (OPEN, 21)])
def test_takes_the_fewest_and_the_most_seats_when_the_phase_allows_them(charter, council, phase, seat_cap):
    charter.proposeVersion(DOCUMENT, phase, seat_cap, HOUR, {"from": council})

    assert tuple(charter.versionOf(2))[1:3] == (phase, seat_cap)


@pytest.mark.parametrize(
    ("phase", "seat_cap"), [(PILOT, 2), (PILOT, 4), (GROWTH, 2), (GROWTH, 8), (OPEN, 2), (OPEN, 22), (OPEN, 255)]
)
def test_reverts_when_the_phase_does_not_allow_so_few_or_so_many_seats(
    charter, council, phase, seat_cap, reverts_with
):
    with reverts_with("NetworkCharterSeatCapInvalid", phase, seat_cap, 3):
        charter.proposeVersion.call(DOCUMENT, phase, seat_cap, HOUR, {"from": council})


def test_reverts_when_the_council_has_more_seats(charter, votes, unused_account, council, reverts_with):
    votes.grow(unused_account())

    for phase, seat_cap in ((PILOT, 3), (GROWTH, 3)):
        with reverts_with("NetworkCharterSeatCapInvalid", phase, seat_cap, 4):
            charter.proposeVersion(DOCUMENT, phase, seat_cap, HOUR, {"from": council})


@pytest.mark.parametrize("span", [0, HOUR - 1, 90 * DAY + 1])
def test_reverts_when_there_is_too_little_or_too_much_time_to_sign(charter, council, span, reverts_with):
    with reverts_with("NetworkCharterSigningSpanInvalid", span, HOUR, 90 * DAY):
        charter.proposeVersion.call(DOCUMENT, GROWTH, 7, span, {"from": council})


def test_reverts_when_another_one_can_still_be_signed(charter, pending, council, travel_to, reverts_with):
    travel_to(pending)
    with reverts_with("NetworkCharterVersionPending", 2, pending):
        charter.proposeVersion(DOCUMENT, GROWTH, 7, HOUR, {"from": council})

    travel_to(pending + 1)
    charter.proposeVersion(DOCUMENT, GROWTH, 6, HOUR, {"from": council})

    assert (charter.latestVersion(), charter.currentVersion()) == (3, 1)


def test_takes_the_place_of_a_version_when_that_lapsed(
    charter, pending, sign, sign_all, votes, council, relayer, mine_at, reverts_with
):
    sign_all(charter, 2, *votes.seats[:2])
    mine_at(pending + 1)
    charter.proposeVersion(DOCUMENT, GROWTH, 6, HOUR, {"from": council})

    # What was signed for the lapsed one counts for nothing.
    with reverts_with("NetworkCharterUnsigned", 3, votes.seats[0]):
        charter.bringIntoForce({"from": relayer})
    with reverts_with("NetworkCharterVersionLapsed", 2, pending):
        charter.sign(2, votes.seats[2], sign(charter, 2, votes.seats[2]), {"from": relayer})
    sign_all(charter, 3, *votes.seats)

    assert (charter.currentVersion(), charter.seatCap()) == (3, 6)


def test_reverts_when_the_document_is_missing(charter, council, reverts_with):
    with reverts_with("NetworkCharterDocumentMissing"):
        charter.proposeVersion(bytes(32), GROWTH, 7, HOUR, {"from": council})


def test_reverts_when_the_first_is_not_in_force(unfounded, council, reverts_with):
    with reverts_with("NetworkCharterNotInForce"):
        unfounded.proposeVersion(DOCUMENT, GROWTH, 7, HOUR, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(charter, founder, guardian, deployer, stranger, reverts_with):
    for caller in (founder, guardian, deployer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            charter.proposeVersion.call(DOCUMENT, GROWTH, 7, HOUR, {"from": caller})


# ---------------------------------------------------------------- deployment


def test_h118_reverts_when_it_is_deployed_without_a_contract_or_a_document(
    NetworkCharter, system, stranger, reverts_with
):
    wiring = (system.access, system.identities, system.council)
    for index in range(3):
        lacking = (*wiring[:index], network.NOBODY, *wiring[index + 1 :])
        with reverts_with("NetworkCharterAddressInvalid", network.NOBODY):
            NetworkCharter.deploy(*lacking, DOCUMENT, DOCUMENT, {"from": stranger})
    for documents in ((bytes(32), DOCUMENT), (DOCUMENT, bytes(32))):
        with reverts_with("NetworkCharterDocumentMissing"):
            NetworkCharter.deploy(*wiring, *documents, {"from": stranger})
