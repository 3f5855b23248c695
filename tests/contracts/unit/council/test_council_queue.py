"""Council.queue: what carried by the rule of this moment goes to the timelock."""

import pytest

from tests.helpers.votes import (
    ACTIVE,
    ADVERSE,
    DEFEATED,
    EXPIRED,
    FAVOURABLE,
    NO_OPINION,
    PENDING,
    QUEUED,
    SUCCEEDED,
    only,
)

ONLY_SUCCEEDED = only(SUCCEEDED)
EXPIRY_SECONDS = 30 * 86_400


def test_queues_it_when_it_carried(system, council_contract, votes, action, told_by):
    proposal = votes.voted(action, voters=votes.seats[:2])

    tx = votes.queue(proposal)

    eta = tx.timestamp + system.parameters.council.timelock_seconds
    assert ("ProposalQueued", {"proposalId": proposal.id, "etaSeconds": eta}) in told_by(tx)
    assert council_contract.proposalEta(proposal.id) == eta
    assert votes.state(proposal) == QUEUED
    operation = system.timelock.hashOperationBatch(*proposal.batch(council_contract))
    assert system.timelock.getTimestamp(operation) == eta


@pytest.mark.parametrize(
    ("opinion", "in_favour", "state"),
    [
        (FAVOURABLE, 1, DEFEATED),
        (FAVOURABLE, 2, SUCCEEDED),
        (ADVERSE, 2, DEFEATED),
        (ADVERSE, 3, SUCCEEDED),
        (NO_OPINION, 2, DEFEATED),
        (NO_OPINION, 3, SUCCEEDED),
    ],
)
def test_asks_for_two_thirds_or_for_all_when_the_regulator_has_spoken(
    votes, action, opinion, in_favour, state, reverts_with
):
    proposal = votes.voted(action, opinion=opinion, voters=votes.seats[:in_favour])

    assert votes.state(proposal) == state
    if state == SUCCEEDED:
        votes.queue(proposal)
    else:
        with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, ONLY_SUCCEEDED):
            votes.queue(proposal)


def test_reverts_when_voting_goes_on(votes, action, reverts_with):
    proposal = votes.propose(action)
    with reverts_with("GovernorUnexpectedProposalState", proposal.id, PENDING, ONLY_SUCCEEDED):
        votes.queue(proposal)
    votes.opine(proposal)
    votes.vote(proposal, *votes.seats)

    # A regulator may still speak against it.
    with reverts_with("GovernorUnexpectedProposalState", proposal.id, ACTIVE, ONLY_SUCCEEDED):
        votes.queue(proposal)


def test_reverts_when_it_is_queued(votes, action, reverts_with):
    proposal = votes.voted(action)
    votes.queue(proposal)

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, QUEUED, ONLY_SUCCEEDED):
        votes.queue(proposal)


def test_h014_queues_it_for_30_days_and_no_longer(council_contract, votes, action, travel_to, reverts_with):
    proposals = [votes.propose(action) for _ in range(2)]
    for proposal in proposals:
        votes.opine(proposal)
        votes.vote(proposal, *votes.seats)
    last = council_contract.proposalDeadline(proposals[0].id) + EXPIRY_SECONDS
    travel_to(last)
    votes.queue(proposals[0])
    assert council_contract.proposalEta(proposals[0].id) > last

    travel_to(council_contract.proposalDeadline(proposals[1].id) + EXPIRY_SECONDS + 1)
    with reverts_with("GovernorUnexpectedProposalState", proposals[1].id, EXPIRED, ONLY_SUCCEEDED):
        votes.queue(proposals[1])


# ---------------------------------------------------------------- the larger of two thresholds


def test_a17_asks_for_more_when_a_seat_was_taken_meanwhile(
    council_contract, votes, newcomers, action, reverts_with
):
    pilot = votes.grow()
    pilot.sign_charter(2, newcomers[0])
    joining = pilot.queued((council_contract, "addSeat", newcomers[0]))
    proposal = pilot.voted(action, voters=pilot.seats[:2])
    assert tuple(council_contract.tallyOf(proposal.id)) == (2, 2)

    pilot.execute(joining)

    assert tuple(council_contract.tallyOf(proposal.id)) == (2, 3)
    with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, ONLY_SUCCEEDED):
        pilot.queue(proposal)


def test_a17_asks_for_as_much_when_seats_left_meanwhile(council_contract, grown, newcomers, action, reverts_with):
    proposal = grown.voted(action, voters=grown.seats[:3])
    assert tuple(council_contract.tallyOf(proposal.id)) == (3, 4)

    for newcomer in newcomers:
        council_contract.giveSeatBack({"from": newcomer})

    # Three of three live seats are in favour; it was put to five.
    assert tuple(council_contract.tallyOf(proposal.id)) == (3, 4)
    with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, ONLY_SUCCEEDED):
        grown.queue(proposal)


def test_a17_asks_all_seats_of_the_larger_count_when_it_is_adverse(council_contract, grown, newcomers, action):
    proposal = grown.voted(action, opinion=ADVERSE)
    assert tuple(council_contract.tallyOf(proposal.id)) == (5, 5)

    council_contract.giveSeatBack({"from": newcomers[0]})

    assert tuple(council_contract.tallyOf(proposal.id)) == (4, 5)
    assert grown.state(proposal) == DEFEATED


# ---------------------------------------------------------------- what needs no opinion


def test_queues_it_at_once_when_it_is_exempt_and_has_its_votes(votes, exempt_action):
    proposal = votes.propose(exempt_action)
    votes.vote(proposal, votes.seats[0])
    assert votes.state(proposal) == ACTIVE

    votes.vote(proposal, votes.seats[1])

    assert votes.state(proposal) == SUCCEEDED
    votes.queue(proposal)
    assert votes.state(proposal) == QUEUED


def test_a17_reverts_when_a_vote_for_what_is_exempt_stops_counting(
    council_contract, grown, newcomers, exempt_action, reverts_with
):
    proposal = grown.propose(exempt_action)
    grown.vote(proposal, *grown.seats[:3], newcomers[0])
    assert grown.state(proposal) == SUCCEEDED

    council_contract.giveSeatBack({"from": newcomers[0]})

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, ACTIVE, ONLY_SUCCEEDED):
        grown.queue(proposal)
    # Another vote carries it.
    grown.vote(proposal, newcomers[1])
    grown.queue(proposal)
    assert grown.state(proposal) == QUEUED
