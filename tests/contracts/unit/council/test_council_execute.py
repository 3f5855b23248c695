"""Council.execute: what carried and waited is done, if it still carries by the rule of this moment."""

from tests.helpers.votes import (
    ACTIVE,
    DEFEATED,
    EXECUTED,
    EXPIRED,
    QUEUED,
    SUCCEEDED,
    only,
)

EITHER = only(SUCCEEDED, QUEUED)
EXPIRY_SECONDS = 30 * 86_400
READY = only(2)  # TimelockController.OperationState


def test_does_it_when_it_carried_and_waited(system, votes, action, told_by):
    proposal = votes.queued(action)

    tx = votes.execute(proposal)

    assert ("ProposalExecuted", {"proposalId": proposal.id}) in told_by(tx)
    assert votes.state(proposal) == EXECUTED
    assert system.credit.ceiling() == action[2]


def test_does_all_of_it_or_nothing_when_one_action_is_refused(system, votes, action, consumer, reverts_with):
    ceiling = system.credit.ceiling()
    proposal = votes.queued(action, (system.identities, "reinstate", consumer))

    with reverts_with("IdentityRegistryStatusInvalid", consumer, 2):
        votes.execute(proposal)

    assert system.credit.ceiling() == ceiling
    assert votes.state(proposal) == QUEUED


def test_h014_reverts_when_the_delay_still_runs(
    system, council_contract, votes, action, travel_to, reverts_with
):
    proposal = votes.voted(action)
    votes.queue(proposal)
    eta = council_contract.proposalEta(proposal.id)
    operation = system.timelock.hashOperationBatch(*proposal.batch(council_contract))

    travel_to(eta - 1)
    with reverts_with("TimelockUnexpectedOperationState", operation, READY):
        votes.execute(proposal)
    travel_to(eta)
    votes.execute(proposal)

    assert votes.state(proposal) == EXECUTED


def test_reverts_when_it_was_not_queued(system, council_contract, votes, action, reverts_with):
    proposal = votes.voted(action)
    operation = system.timelock.hashOperationBatch(*proposal.batch(council_contract))

    with reverts_with("TimelockUnexpectedOperationState", operation, READY):
        votes.execute(proposal)


def test_reverts_when_it_was_done(votes, action, reverts_with):
    proposal = votes.queued(action)
    votes.execute(proposal)

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, EXECUTED, EITHER):
        votes.execute(proposal)


def test_h014_does_it_for_30_days_and_no_longer(council_contract, votes, action, travel_to, reverts_with):
    proposals = [votes.queued(action), votes.queued(action)]
    travel_to(council_contract.proposalDeadline(proposals[0].id) + EXPIRY_SECONDS)
    votes.execute(proposals[0])
    assert votes.state(proposals[0]) == EXECUTED

    travel_to(council_contract.proposalDeadline(proposals[1].id) + EXPIRY_SECONDS + 1)
    with reverts_with("GovernorUnexpectedProposalState", proposals[1].id, EXPIRED, EITHER):
        votes.execute(proposals[1])


# ---------------------------------------------------------------- seats that come and go after it was queued


def test_a17_reverts_when_a_seat_was_taken_since_it_was_queued(
    council_contract, votes, newcomers, action, reverts_with
):
    growing = votes.grow()
    growing.sign_charter(2, newcomers[0])
    joining = growing.queued((council_contract, "addSeat", newcomers[0]))
    proposal = growing.voted(action, voters=growing.seats[:2])
    growing.queue(proposal)
    growing.wait(proposal)

    growing.execute(joining)

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, EITHER):
        growing.execute(proposal)


def test_a17_reverts_when_a_voter_left_since_it_was_queued(
    council_contract, grown, newcomers, action, reverts_with
):
    proposal = grown.propose(action)
    grown.opine(proposal)
    grown.vote(proposal, *grown.seats[:3], newcomers[0])
    grown.end(proposal)
    grown.queue(proposal)
    grown.wait(proposal)

    council_contract.giveSeatBack({"from": newcomers[0]})

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, DEFEATED, EITHER):
        grown.execute(proposal)


def test_does_it_when_a_seat_left_that_had_not_voted(system, council_contract, grown, newcomers, action):
    proposal = grown.propose(action)
    grown.opine(proposal)
    grown.vote(proposal, *grown.seats[:4])
    grown.end(proposal)
    grown.queue(proposal)
    grown.wait(proposal)

    council_contract.giveSeatBack({"from": newcomers[1]})
    grown.execute(proposal)

    assert system.credit.ceiling() == action[2]


def test_a17_reverts_when_a_vote_for_what_is_exempt_stops_counting(
    council_contract, grown, newcomers, exempt_action, reverts_with
):
    proposal = grown.propose(exempt_action)
    grown.vote(proposal, *grown.seats[:3], newcomers[0])
    grown.queue(proposal)
    grown.wait(proposal)

    council_contract.giveSeatBack({"from": newcomers[0]})

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, ACTIVE, EITHER):
        grown.execute(proposal)
    grown.vote(proposal, newcomers[1])
    assert grown.state(proposal) == QUEUED
    grown.execute(proposal)
    assert grown.state(proposal) == EXECUTED


# ---------------------------------------------------------------- what votes can and cannot do


def test_a18_ends_a_host_when_the_council_votes_it(system, votes, host):
    votes.carry((system.host_rewards, "setWeight", host, 0))

    assert system.host_rewards.weightOf(host) == 0
    assert tuple(system.host_rewards.getValidators()) == ()


def test_recovers_an_identity_when_its_key_is_lost(system, votes, provider, unused_account, stranger):
    owner = unused_account()
    record, system_paid_to = system.identities.participantOf(provider), stranger
    system.identities.setPayoutAddress(provider, system_paid_to, {"from": provider})

    votes.carry((system.identities, "recoverOwner", provider, owner))

    assert system.identities.identityOwner(provider) == owner
    assert system.identities.payoutAddressOf(provider) == owner
    recovered = system.identities.participantOf(provider).dict()
    assert {**recovered, "flags": 0} == record.dict()


def test_reverts_when_the_timelock_would_be_told_to_schedule_more(
    system, council_contract, votes, action, reverts_with
):
    target, function, value = action
    data = getattr(target, function).encode_input(value)
    within = (system.timelock, "schedule", target, 0, data, bytes(32), bytes(32), 60)
    proposal = votes.queued(within)

    with reverts_with("AccessControlUnauthorizedAccount", system.timelock, system.timelock.PROPOSER_ROLE()):
        votes.execute(proposal)
