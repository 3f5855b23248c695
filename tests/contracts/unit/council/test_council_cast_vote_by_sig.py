"""Council.castVoteBySig: a seat's vote by its signature, carried by anyone."""

import pytest

from consentry.client.signing import TypedDomain
from tests.helpers.votes import ACTIVE, AGAINST, FOR, SUCCEEDED, only


@pytest.fixture
def domain(system):
    """What votes are signed for."""
    return TypedDomain("council", system.manifest.chain_id, system.council.address)


@pytest.fixture
def proposal(votes, action):
    """A proposal with a favourable opinion on which a council of three can vote."""
    made = votes.propose(action)
    votes.opine(made)
    votes.begin(made)
    return made


@pytest.fixture
def sign_vote(council_contract, domain, signer_of):
    """Sign a vote: a function of the key's account and the proposal, and of what shall be different."""

    def sign(account, proposal, **changes):
        voter = changes.get("voter", account.address)
        message = {
            "proposalId": proposal.id,
            "support": FOR,
            "voter": voter,
            "nonce": council_contract.nonces(voter),
            **changes,
        }
        return domain.sign(signer_of(account), "Ballot", message)

    return sign


def test_counts_it_when_a_stranger_carries_it(
    council_contract, votes, proposal, sign_vote, founder, second_founder, stranger
):
    for seat in (founder, second_founder):
        signature = sign_vote(seat, proposal)
        council_contract.castVoteBySig(proposal.id, FOR, seat, signature, {"from": stranger})
        assert council_contract.hasVoted(proposal.id, seat) is True

    votes.end(proposal)
    assert votes.state(proposal) == SUCCEEDED


def test_counts_it_when_a_contract_owns_the_seat(
    ContractWallet, system, council_contract, votes, action, sign_vote, member_seat, stranger, relayer
):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})
    system.identities.changeOwner(member_seat, wallet, {"from": member_seat})
    proposal = votes.propose(action, by=votes.seats[1])
    votes.begin(proposal)

    signature = sign_vote(stranger, proposal, voter=wallet.address)
    council_contract.castVoteBySig(proposal.id, FOR, wallet, signature, {"from": relayer})

    assert council_contract.tallyOf(proposal.id)[0] == 1
    assert council_contract.hasVoted(proposal.id, wallet) is True


def test_reverts_when_it_says_something_else(
    council_contract, votes, action, proposal, sign_vote, founder, second_founder, stranger, reverts_with
):
    other = votes.propose(action)
    votes.begin(other)
    signature = sign_vote(founder, proposal)
    for proposal_id, support, voter in (
        (proposal.id, AGAINST, founder),
        (other.id, FOR, founder),
        (proposal.id, FOR, second_founder),
    ):
        with reverts_with("GovernorInvalidSignature", voter):
            council_contract.castVoteBySig.call(proposal_id, support, voter, signature, {"from": stranger})


def test_h001_reverts_when_it_was_carried_before(
    council_contract, proposal, sign_vote, founder, stranger, reverts_with
):
    signature = sign_vote(founder, proposal)
    council_contract.castVoteBySig(proposal.id, FOR, founder, signature, {"from": stranger})

    with reverts_with("GovernorInvalidSignature", founder):
        council_contract.castVoteBySig(proposal.id, FOR, founder, signature, {"from": stranger})


def test_a03_h002_reverts_when_it_was_signed_for_another_council_or_chain(
    council_contract, system, signer_of, proposal, founder, stranger, reverts_with
):
    message = {"proposalId": proposal.id, "support": FOR, "voter": founder.address, "nonce": 0}
    for chain_id, contract in (
        (system.manifest.chain_id + 1, council_contract.address),
        (system.manifest.chain_id, system.charter.address),
    ):
        signature = TypedDomain("council", chain_id, contract).sign(signer_of(founder), "Ballot", message)
        with reverts_with("GovernorInvalidSignature", founder):
            council_contract.castVoteBySig.call(proposal.id, FOR, founder, signature, {"from": stranger})


def test_h034_reverts_when_the_owner_of_the_seat_changed_since(
    council_contract, votes, action, sign_vote, member_seat, rotate_owner, stranger, reverts_with
):
    proposal = votes.propose(action)
    votes.begin(proposal)
    signature = sign_vote(member_seat, proposal)
    rotate_owner(member_seat)

    with reverts_with("CouncilNotSeat", member_seat):
        council_contract.castVoteBySig(proposal.id, FOR, member_seat, signature, {"from": stranger})


def test_a01_reverts_when_the_signer_has_no_seat(
    council_contract, proposal, sign_vote, coordinator, stranger, reverts_with
):
    signature = sign_vote(coordinator, proposal)

    with reverts_with("CouncilNotSeat", coordinator):
        council_contract.castVoteBySig(proposal.id, FOR, coordinator, signature, {"from": stranger})


def test_ratifies_what_the_guardian_did_when_two_seats_sign(
    system, council_contract, votes, sign_vote, guardian, consumer, stranger
):
    system.identities.suspendUrgently(consumer, {"from": guardian})
    proposal = votes.propose((system.identities, "ratifySuspension", consumer))
    votes.begin(proposal)
    for seat in votes.seats[:2]:
        signature = sign_vote(seat, proposal)
        council_contract.castVoteBySig(proposal.id, FOR, seat, signature, {"from": stranger})

    # No opinion, and no end of voting to wait for.
    votes.queue(proposal)
    votes.wait(proposal)
    votes.execute(proposal)

    assert tuple(system.identities.suspensionOf(consumer)) == (0, False)


def test_reverts_when_what_is_exempt_has_its_votes(
    system, council_contract, votes, exempt_action, sign_vote, third_founder, stranger, reverts_with
):
    proposal = votes.propose(exempt_action)
    votes.vote(proposal, *votes.seats[:2])
    signature = sign_vote(third_founder, proposal)

    with reverts_with("GovernorUnexpectedProposalState", proposal.id, SUCCEEDED, only(ACTIVE)):
        council_contract.castVoteBySig(proposal.id, FOR, third_founder, signature, {"from": stranger})
