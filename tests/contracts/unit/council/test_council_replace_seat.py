"""Council.replaceSeat: a seat goes from one identity to another, and there are as many as before."""

import pytest

from tests.helpers import network
from tests.helpers.votes import DEFEATED, FOR, GROWTH, SIGN_SECONDS


@pytest.fixture
def next_seat(votes, newcomers):
    """Somebody who has signed the first charter, and has no seat."""
    votes.sign_charter(1, newcomers[0])
    return newcomers[0]


@pytest.fixture
def replacing(council_contract, votes, founder, next_seat):
    """What puts `next_seat` in the founder's place: queued, and its delay is over."""
    return votes.queued((council_contract, "replaceSeat", founder, next_seat))


def test_hands_the_seat_on_when_it_was_voted_in_the_pilot(
    council_contract, votes, founder, second_founder, third_founder, next_seat, replacing, told_by
):
    tx = votes.execute(replacing)

    told = [event for event in told_by(tx) if event[0].startswith("Seat")]
    assert told == [
        ("SeatLeft", {"seat": founder, "seats": 2, "byVote": True}),
        ("SeatTaken", {"seat": next_seat, "seats": 3}),
    ]
    assert {*council_contract.seats()} == {next_seat, second_founder, third_founder}
    assert (council_contract.seatedSince(founder), council_contract.seatedSince(next_seat)) == (0, tx.timestamp)
    assert (council_contract.seatOf(founder), council_contract.seatOf(next_seat)) == (network.NOBODY, next_seat)
    assert [council_contract.quorum(at) for at in (tx.timestamp - 1, tx.timestamp)] == [2, 2]


def test_speaks_and_decides_with_it_when_it_took_the_seat(
    council_contract, votes, action, founder, second_founder, next_seat, replacing, system, reverts_with
):
    votes.execute(replacing)
    with reverts_with("GovernorInsufficientProposerVotes", founder, 0, 1):
        votes.propose(action, by=founder)

    proposal = votes.propose(action, by=second_founder)
    votes.opine(proposal)
    votes.vote(proposal, next_seat, second_founder)
    votes.end(proposal)
    votes.queue(proposal)
    votes.wait(proposal)
    votes.execute(proposal)

    assert system.credit.ceiling() == action[2]


def test_a17_counts_the_former_ones_vote_no_more_when_it_was_replaced(
    council_contract, votes, action, founder, second_founder, next_seat, replacing, reverts_with
):
    proposal = votes.propose(action)
    votes.opine(proposal)
    votes.vote(proposal, founder, second_founder)
    assert tuple(council_contract.tallyOf(proposal.id)) == (2, 2)

    votes.execute(replacing)

    # Nor does the other one vote in its place: voting began before.
    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 2)
    for seat in (founder, next_seat):
        with reverts_with("CouncilNotSeat", seat):
            council_contract.castVote.call(proposal.id, FOR, {"from": seat})
    votes.end(proposal)
    assert votes.state(proposal) == DEFEATED


def test_a17_counts_its_vote_when_it_took_the_seat_before_voting_began(
    council_contract, votes, action, founder, next_seat, replacing, reverts_with
):
    proposal = votes.propose(action)
    votes.execute(replacing)

    votes.vote(proposal, next_seat)

    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 2)
    with reverts_with("CouncilNotSeat", founder):
        council_contract.castVote(proposal.id, FOR, {"from": founder})


def test_a17_does_not_count_again_when_the_seat_comes_back(
    council_contract, votes, action, founder, second_founder, next_seat, replacing, reverts_with
):
    # Carried by those who stay: the founder's vote for it will not count once it is replaced.
    back = votes.voted((council_contract, "replaceSeat", next_seat, founder), voters=votes.seats[1:])
    votes.queue(back)
    votes.wait(back)
    proposal = votes.propose(action)
    votes.opine(proposal)
    votes.vote(proposal, founder, second_founder)

    votes.execute(replacing)
    votes.execute(back)

    assert council_contract.seatOf(founder) == founder
    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 2)
    with reverts_with("CouncilNotSeat", founder):
        council_contract.castVote(proposal.id, FOR, {"from": founder})


def test_a17_notes_the_number_of_seats_rightly_when_seats_come_go_and_change_in_one_second(
    council_contract, grown, newcomers, founder, second_founder, unused_account, action
):
    fourth, fifth = unused_account(), unused_account()
    grown.sign_charter(2, fourth, fifth)
    tx = grown.carry(
        (council_contract, "removeSeat", newcomers[0]),
        (council_contract, "replaceSeat", founder, fourth),
        (council_contract, "addSeat", newcomers[0]),
        (council_contract, "replaceSeat", fourth, founder),
        (council_contract, "replaceSeat", second_founder, fifth),
        (council_contract, "addSeat", fourth),
    )

    assert {*council_contract.seats()} == {*grown.seats, fourth, fifth} - {second_founder}
    assert council_contract.seatCount() == 6
    # Two thirds of five before, and of six from this second on.
    assert [council_contract.quorum(at) for at in (tx.timestamp - 1, tx.timestamp)] == [4, 4]
    assert [council_contract.seatedSince(seat) for seat in (founder, fifth, fourth)] == [tx.timestamp] * 3
    proposal = grown.propose(action, by=grown.seats[2])
    grown.begin(proposal)
    assert council_contract.tallyOf(proposal.id)[1] == 4


def test_signs_a_charter_that_waits_when_it_took_the_seat(
    system, council_contract, votes, founder, next_seat, second_founder, third_founder, replacing, council, reverts_with
):
    system.charter.proposeVersion(b"\1" * 32, GROWTH, 5, SIGN_SECONDS, {"from": council})
    votes.sign_charter(2, second_founder, third_founder)

    votes.execute(replacing)

    with reverts_with("NetworkCharterUnsigned", 2, next_seat):
        system.charter.bringIntoForce({"from": founder})
    votes.sign_charter(2, next_seat)
    assert system.charter.currentVersion() == 2


def test_reverts_when_there_is_no_such_seat(council_contract, votes, stranger, next_seat, reverts_with):
    for nobody in (stranger.address, network.NOBODY, next_seat.address):
        with reverts_with("CouncilSeatUnknown", nobody):
            votes.carry((council_contract, "replaceSeat", nobody, next_seat))


def test_reverts_when_the_other_has_a_seat(council_contract, votes, founder, second_founder, reverts_with):
    for seated in (second_founder, founder):
        with reverts_with("CouncilSeatTaken", seated):
            votes.carry((council_contract, "replaceSeat", founder, seated))


def test_reverts_when_the_other_has_not_signed_the_charter_in_force(
    council_contract, votes, founder, newcomers, next_seat, reverts_with
):
    with reverts_with("CouncilCharterNotSigned", newcomers[1], 1):
        votes.carry((council_contract, "replaceSeat", founder, newcomers[1]))
    # Having signed the one before is not enough.
    growing = votes.grow()
    with reverts_with("CouncilCharterNotSigned", next_seat, 2):
        growing.carry((council_contract, "replaceSeat", founder, next_seat))


def test_h038_reverts_when_the_other_is_nobody(council_contract, votes, founder, reverts_with):
    # Nobody and the council itself sign no charter.
    for nobody in (network.NOBODY, council_contract.address):
        with reverts_with("CouncilCharterNotSigned", nobody, 1):
            votes.carry((council_contract, "replaceSeat", founder, nobody))


def test_reverts_when_it_would_need_no_opinion(council_contract, votes, reverts_with):
    selector = council_contract.replaceSeat.signature

    with reverts_with("CouncilExemptionInvalid", council_contract, selector):
        votes.carry((council_contract, "setExemption", council_contract, selector, True))


def test_h036_reverts_when_it_was_not_voted(
    council_contract, founder, second_founder, guardian, deployer, council, next_seat, reverts_with
):
    for caller in (founder, second_founder, guardian, deployer, next_seat):
        with reverts_with("GovernorOnlyExecutor", caller):
            council_contract.replaceSeat.call(founder, next_seat, {"from": caller})
    # Not even by the timelock, outside of a proposal that is being carried out.
    with reverts_with("Panic", 0x31):
        council_contract.replaceSeat.call(founder, next_seat, {"from": council})
