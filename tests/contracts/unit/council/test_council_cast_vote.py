"""Council.castVote: one seat, one vote, which counts while the seat is held without a break."""

import pytest

from tests.helpers.votes import ABSTAIN, ACTIVE, AGAINST, DEFEATED, FOR, PENDING, SUCCEEDED, only

ONLY_ACTIVE = only(ACTIVE)


@pytest.fixture
def proposal(votes, action):
    """A proposal with a favourable opinion on which a council of three can vote."""
    made = votes.propose(action)
    votes.opine(made)
    votes.begin(made)
    return made


def test_counts_it_when_a_seat_votes(council_contract, proposal, founder, told_by):
    tx = council_contract.castVote(proposal.id, FOR, {"from": founder})

    told = {"voter": founder, "proposalId": proposal.id, "support": FOR, "weight": 1, "reason": ""}
    assert told_by(tx) == [("VoteCast", told)]
    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 2)
    assert council_contract.hasVoted(proposal.id, founder) is True


def test_carries_it_when_two_of_three_vote_in_favour(votes, proposal, founder, second_founder):
    votes.vote(proposal, founder, second_founder)
    assert votes.state(proposal) == ACTIVE

    votes.end(proposal)

    assert votes.state(proposal) == SUCCEEDED


@pytest.mark.parametrize("support", [AGAINST, ABSTAIN])
def test_does_not_carry_it_when_the_others_vote_otherwise(
    council_contract, votes, proposal, founder, second_founder, third_founder, support
):
    votes.vote(proposal, founder)
    votes.vote(proposal, second_founder, third_founder, support=support)
    votes.end(proposal)

    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 2)
    assert votes.state(proposal) == DEFEATED


def test_reverts_when_voting_has_not_begun(council_contract, votes, action, founder, mine_at, reverts_with):
    proposal = votes.propose(action)
    mine_at(council_contract.proposalSnapshot(proposal.id))

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, PENDING, ONLY_ACTIVE):
        council_contract.castVote.call(proposal.id, FOR, {"from": founder})


def test_h014_counts_it_when_it_is_the_last_second_and_no_later(
    council_contract, proposal, founder, second_founder, travel_to, reverts_with
):
    ends_at = council_contract.proposalDeadline(proposal.id)
    travel_to(ends_at)
    council_contract.castVote(proposal.id, FOR, {"from": founder})
    assert council_contract.hasVoted(proposal.id, founder) is True

    travel_to(ends_at + 1)
    with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, ONLY_ACTIVE):
        council_contract.castVote(proposal.id, FOR, {"from": second_founder})


def test_a17_counts_a_seats_vote_when_another_that_has_voted_was_handed_to_its_account(
    system, council_contract, votes, member_seat, proposal, second_founder, third_founder, reverts_with
):
    council_contract.castVote(proposal.id, AGAINST, {"from": member_seat})
    system.identities.changeOwner(member_seat, second_founder, {"from": member_seat})
    assert council_contract.hasVoted(proposal.id, second_founder) is False

    votes.vote(proposal, second_founder, third_founder)

    assert tuple(council_contract.tallyOf(proposal.id)) == (2, 2)
    assert council_contract.hasVoted(proposal.id, second_founder) is True
    with reverts_with("GovernorAlreadyCastVote", second_founder):
        council_contract.castVote(proposal.id, FOR, {"from": second_founder})


def test_a17_votes_once_for_each_seat_when_an_account_speaks_for_two(
    system, council_contract, member_seat, proposal, second_founder, reverts_with
):
    system.identities.changeOwner(member_seat, second_founder, {"from": member_seat})
    for number in (1, 2):
        council_contract.castVote(proposal.id, FOR, {"from": second_founder})
        assert tuple(council_contract.tallyOf(proposal.id)) == (number, 2)

    with reverts_with("GovernorAlreadyCastVote", second_founder):
        council_contract.castVote(proposal.id, FOR, {"from": second_founder})


def test_reverts_when_the_seat_has_voted(council_contract, votes, proposal, founder, reverts_with):
    votes.vote(proposal, founder)

    for support in (AGAINST, FOR, ABSTAIN):
        with reverts_with("GovernorAlreadyCastVote", founder):
            council_contract.castVote.call(proposal.id, support, {"from": founder})


def test_reverts_when_it_is_no_way_to_vote(council_contract, proposal, founder, reverts_with):
    for support in (3, 255):
        with reverts_with("CouncilSupportInvalid", support):
            council_contract.castVote.call(proposal.id, support, {"from": founder})


def test_a01_h036_reverts_when_the_caller_has_no_seat(
    council_contract, proposal, council, guardian, coordinator, regulator, stranger, reverts_with
):
    for caller in (council, guardian, coordinator, regulator, stranger):
        with reverts_with("CouncilNotSeat", caller):
            council_contract.castVote.call(proposal.id, FOR, {"from": caller})


def test_h034_is_the_new_owners_word_once_when_the_owner_of_a_seat_changes(
    council_contract, votes, action, member_seat, rotate_owner, reverts_with
):
    voted_before, voted_after = votes.propose(action), votes.propose(action)
    votes.vote(voted_before, member_seat)
    owner = rotate_owner(member_seat)
    votes.begin(voted_after)

    with reverts_with("CouncilNotSeat", member_seat):
        council_contract.castVote(voted_after.id, FOR, {"from": member_seat})
    with reverts_with("GovernorAlreadyCastVote", owner):
        council_contract.castVote(voted_before.id, FOR, {"from": owner})
    votes.vote(voted_after, owner)

    assert [council_contract.tallyOf(each.id)[0] for each in (voted_before, voted_after)] == [1, 1]


# ---------------------------------------------------------------- seats that come and go


def test_a17_counts_no_more_when_the_seat_was_given_back(council_contract, grown, newcomers, action):
    proposal = grown.propose(action)
    grown.opine(proposal)
    grown.vote(proposal, *grown.seats[:2], newcomers[0], newcomers[1])
    assert tuple(council_contract.tallyOf(proposal.id)) == (4, 4)

    council_contract.giveSeatBack({"from": newcomers[0]})

    assert tuple(council_contract.tallyOf(proposal.id)) == (3, 4)
    grown.end(proposal)
    assert grown.state(proposal) == DEFEATED


def test_a17_does_not_count_again_when_the_seat_comes_back(
    council_contract, grown, newcomers, action, mine_at, chain, reverts_with
):
    again = grown.propose((council_contract, "addSeat", newcomers[0]))
    grown.opine(again)
    grown.vote(again, *grown.seats[:3], newcomers[1])
    mine_at(council_contract.proposalDeadline(again.id) - 200)
    proposal = grown.propose(action)
    grown.opine(proposal)
    grown.vote(proposal, *grown.seats[:3], newcomers[0])
    council_contract.giveSeatBack({"from": newcomers[0]})
    grown.end(again)
    grown.queue(again)
    grown.wait(again)
    grown.execute(again)

    # It is seated again while the vote goes on: its old vote stays void, and it has no other.
    assert council_contract.seatedSince(newcomers[0]) == chain[-1].timestamp
    assert grown.state(proposal) == ACTIVE
    assert tuple(council_contract.tallyOf(proposal.id)) == (3, 4)
    with reverts_with("CouncilNotSeat", newcomers[0]):
        council_contract.castVote(proposal.id, FOR, {"from": newcomers[0]})
    grown.end(proposal)
    assert grown.state(proposal) == DEFEATED


def test_a17_reverts_when_the_seat_was_taken_after_voting_began(
    council_contract, votes, newcomers, action, reverts_with
):
    four = votes.grow()
    four.sign_charter(2, newcomers[0])
    joining = four.queued((council_contract, "addSeat", newcomers[0]))
    proposal = four.propose(action)
    four.begin(proposal)

    four.execute(joining)

    with reverts_with("CouncilNotSeat", newcomers[0]):
        council_contract.castVote(proposal.id, FOR, {"from": newcomers[0]})
    assert council_contract.tallyOf(proposal.id)[1] == 3


def test_counts_it_when_the_seat_was_taken_before_voting_began(council_contract, votes, newcomers, action):
    four = votes.grow()
    four.sign_charter(2, newcomers[0])
    joining = four.queued((council_contract, "addSeat", newcomers[0]))
    proposal = four.propose(action)

    four.execute(joining)
    four.vote(proposal, newcomers[0])

    assert tuple(council_contract.tallyOf(proposal.id)) == (1, 3)
