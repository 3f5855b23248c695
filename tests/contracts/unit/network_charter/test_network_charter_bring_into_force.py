"""NetworkCharter.bringIntoForce: a version counts when every seat of the moment has signed it."""

from tests.helpers.votes import GROWTH


def test_brings_it_into_force_when_the_seat_that_did_not_sign_left(
    system, charter, votes, unused_account, council, sign_all, stranger, told_by, reverts_with
):
    fourth = unused_account()
    votes.grow(fourth)
    charter.proposeVersion(b"\1" * 32, GROWTH, 5, 86_400, {"from": council})
    sign_all(charter, 3, *votes.seats)
    with reverts_with("NetworkCharterUnsigned", 3, fourth):
        charter.bringIntoForce({"from": stranger})

    system.council.giveSeatBack({"from": fourth})
    tx = charter.bringIntoForce({"from": stranger})

    assert told_by(tx) == [("CharterInForce", {"version": 3, "phase": GROWTH, "seatCap": 5})]
    assert (charter.currentVersion(), charter.seatCap()) == (3, 5)


def test_reverts_when_a_seat_has_not_signed(charter, pending, sign_all, votes, stranger, reverts_with):
    for count, seat in enumerate(votes.seats):
        with reverts_with("NetworkCharterUnsigned", 2, seat):
            charter.bringIntoForce({"from": stranger})
        sign_all(charter, 2, seat)
        assert charter.currentVersion() == (2 if count == 2 else 1)


def test_reverts_when_it_lapsed(
    system, charter, votes, unused_account, council, sign_all, stranger, mine_at, reverts_with
):
    fourth = unused_account()
    votes.grow(fourth)
    tx = charter.proposeVersion(b"\1" * 32, GROWTH, 5, 86_400, {"from": council})
    sign_all(charter, 3, *votes.seats)
    mine_at(tx.timestamp + 86_401)
    system.council.giveSeatBack({"from": fourth})

    with reverts_with("NetworkCharterVersionLapsed", 3, tx.timestamp + 86_400):
        charter.bringIntoForce({"from": stranger})

    assert charter.currentVersion() == 2


def test_reverts_when_seats_were_added_beyond_its_cap(
    system, charter, votes, unused_account, council, sign_all, sign, relayer, reverts_with
):
    fourth = unused_account()
    growing = votes.grow()
    growing.sign_charter(2, fourth)
    charter.proposeVersion(b"\1" * 32, GROWTH, 3, 30 * 86_400, {"from": council})
    growing.carry((system.council, "addSeat", fourth))
    sign_all(charter, 3, *votes.seats)

    with reverts_with("NetworkCharterSeatCapInvalid", GROWTH, 3, 4):
        charter.sign(3, fourth, sign(charter, 3, fourth), {"from": relayer})

    assert charter.currentVersion() == 2


def test_reverts_when_none_waits(charter, stranger, reverts_with):
    with reverts_with("NetworkCharterVersionUnknown", 2):
        charter.bringIntoForce({"from": stranger})


def test_reverts_when_the_founders_have_not_signed(unfounded, votes, stranger, reverts_with):
    with reverts_with("NetworkCharterUnsigned", 1, votes.seats[0]):
        unfounded.bringIntoForce({"from": stranger})
