"""Council.castVoteWithReasonAndParams: a seat's one vote; what comes as params is told, and counts for nothing."""

import pytest

from tests.helpers.votes import AGAINST, FOR

REASON = "it pays for itself"


@pytest.mark.parametrize("params", [b"\1", (2**256 - 1).to_bytes(32, "big"), bytes(1_000)])
def test_counts_one_vote_when_the_params_say_anything(council_contract, open_proposal, founder, told_by, params):
    arguments = open_proposal.id, FOR, REASON, params
    tx = council_contract.castVoteWithReasonAndParams(*arguments, {"from": founder})

    told = {"voter": founder, "proposalId": open_proposal.id, "support": FOR, "weight": 1, "reason": REASON}
    assert told_by(tx) == [("VoteCastWithParams", {**told, "params": params})]
    assert tuple(council_contract.tallyOf(open_proposal.id)) == (1, 2)


def test_counts_one_vote_when_there_are_no_params(council_contract, open_proposal, founder, told_by):
    tx = council_contract.castVoteWithReasonAndParams(open_proposal.id, FOR, REASON, b"", {"from": founder})

    told = {"voter": founder, "proposalId": open_proposal.id, "support": FOR, "weight": 1, "reason": REASON}
    assert told_by(tx) == [("VoteCast", told)]
    assert tuple(council_contract.tallyOf(open_proposal.id)) == (1, 2)


def test_a17_reverts_when_the_seat_has_voted_by_any_way(
    council_contract, open_proposal, founder, second_founder, reverts_with
):
    council_contract.castVoteWithReasonAndParams(open_proposal.id, FOR, REASON, b"\1", {"from": founder})
    council_contract.castVoteWithReason(open_proposal.id, FOR, REASON, {"from": second_founder})

    for seat in (founder, second_founder):
        for params in (b"", b"\1", b"\2"):
            with reverts_with("GovernorAlreadyCastVote", seat):
                arguments = open_proposal.id, AGAINST, REASON, params
                council_contract.castVoteWithReasonAndParams.call(*arguments, {"from": seat})
    assert council_contract.tallyOf(open_proposal.id)[0] == 2


def test_reverts_when_it_is_no_way_to_vote(council_contract, open_proposal, founder, reverts_with):
    with reverts_with("CouncilSupportInvalid", 255):
        council_contract.castVoteWithReasonAndParams.call(open_proposal.id, 255, REASON, b"\1", {"from": founder})


def test_a01_h036_reverts_when_the_caller_has_no_seat(
    council_contract, open_proposal, council, guardian, coordinator, regulator, stranger, reverts_with
):
    for caller in (council, guardian, coordinator, regulator, stranger):
        for params in (b"", b"\1"):
            with reverts_with("CouncilNotSeat", caller):
                arguments = open_proposal.id, FOR, REASON, params
                council_contract.castVoteWithReasonAndParams.call(*arguments, {"from": caller})
