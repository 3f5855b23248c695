"""Council.castVoteWithReason: a seat's one vote, with a reason that is told and nothing else."""

from tests.helpers.votes import ACTIVE, AGAINST, FOR, PENDING, SUCCEEDED, only

REASON = "it pays for itself"


def test_counts_it_and_tells_the_reason_when_a_seat_votes(council_contract, open_proposal, founder, told_by):
    tx = council_contract.castVoteWithReason(open_proposal.id, FOR, REASON, {"from": founder})

    told = {"voter": founder, "proposalId": open_proposal.id, "support": FOR, "weight": 1, "reason": REASON}
    assert told_by(tx) == [("VoteCast", told)]
    assert tuple(council_contract.tallyOf(open_proposal.id)) == (1, 2)
    assert council_contract.hasVoted(open_proposal.id, founder) is True


def test_carries_it_when_two_of_three_vote_by_different_ways(
    council_contract, votes, open_proposal, founder, second_founder
):
    council_contract.castVoteWithReason(open_proposal.id, FOR, REASON, {"from": founder})
    votes.vote(open_proposal, second_founder)
    votes.end(open_proposal)

    assert votes.state(open_proposal) == SUCCEEDED


def test_a17_reverts_when_the_seat_has_voted_by_any_way(
    council_contract, open_proposal, founder, second_founder, reverts_with
):
    council_contract.castVoteWithReason(open_proposal.id, FOR, REASON, {"from": founder})
    council_contract.castVote(open_proposal.id, FOR, {"from": second_founder})

    for seat in (founder, second_founder):
        for support in (FOR, AGAINST):
            with reverts_with("GovernorAlreadyCastVote", seat):
                council_contract.castVoteWithReason.call(open_proposal.id, support, REASON, {"from": seat})
            with reverts_with("GovernorAlreadyCastVote", seat):
                council_contract.castVote.call(open_proposal.id, support, {"from": seat})
    assert council_contract.tallyOf(open_proposal.id)[0] == 2


def test_reverts_when_voting_has_not_begun(council_contract, votes, action, founder, reverts_with):
    proposal = votes.propose(action)

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, PENDING, only(ACTIVE)):
        council_contract.castVoteWithReason.call(proposal.id, FOR, REASON, {"from": founder})


def test_reverts_when_it_is_no_way_to_vote(council_contract, open_proposal, founder, reverts_with):
    with reverts_with("CouncilSupportInvalid", 3):
        council_contract.castVoteWithReason.call(open_proposal.id, 3, REASON, {"from": founder})


def test_a01_h036_reverts_when_the_caller_has_no_seat(
    council_contract, open_proposal, council, guardian, coordinator, regulator, stranger, reverts_with
):
    for caller in (council, guardian, coordinator, regulator, stranger):
        with reverts_with("CouncilNotSeat", caller):
            council_contract.castVoteWithReason.call(open_proposal.id, FOR, REASON, {"from": caller})
