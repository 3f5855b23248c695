"""Council.cancel: whoever made a proposal takes it back before voting begins."""

from tests.helpers.votes import CANCELED


def test_takes_it_back_when_its_proposer_says_so(council_contract, votes, action, founder, told_by):
    proposal = votes.propose(action)

    tx = council_contract.cancel(*proposal.arguments(), {"from": founder})

    assert told_by(tx) == [("ProposalCanceled", {"proposalId": proposal.id})]
    assert votes.state(proposal) == CANCELED


def test_reverts_when_voting_has_begun(council_contract, votes, action, founder, reverts_with):
    proposal = votes.propose(action)
    votes.begin(proposal)

    with reverts_with("GovernorUnableToCancel", proposal.id, founder):
        council_contract.cancel(*proposal.arguments(), {"from": founder})


def test_h036_reverts_when_the_caller_did_not_make_it(
    council_contract, votes, action, second_founder, regulator, guardian, council, stranger, reverts_with
):
    proposal = votes.propose(action)

    for caller in (second_founder, regulator, guardian, council, stranger):
        with reverts_with("GovernorUnableToCancel", proposal.id, caller):
            council_contract.cancel.call(*proposal.arguments(), {"from": caller})
