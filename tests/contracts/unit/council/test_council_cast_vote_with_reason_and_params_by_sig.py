"""Council.castVoteWithReasonAndParamsBySig: a seat's one vote, with reason and params, that anyone carries."""

import pytest

from tests.helpers.votes import AGAINST, FOR, SUCCEEDED, ballot_signature

REASON, PARAMS = "it pays for itself", b"\1"


@pytest.fixture
def sign_vote(system, council_contract):
    """Sign a vote with reason and params: a function of the account, the proposal and what shall be different."""

    def sign(account, proposal, *, chain_id=None, contract=None, **changes):
        voter = changes.get("voter", account.address)
        message = {
            "proposalId": proposal.id,
            "support": FOR,
            "voter": voter,
            "nonce": council_contract.nonces(voter),
            "reason": REASON,
            "params": PARAMS,
            **changes,
        }
        return ballot_signature(system, account, message, chain_id=chain_id, contract=contract)

    return sign


@pytest.fixture
def carry(council_contract, stranger):
    """Carry a vote as a stranger: a function of proposal, voter and signature, and of what shall be different."""

    def send(proposal, voter, signature, *, support=FOR, reason=REASON, params=PARAMS):
        arguments = proposal.id, support, voter, reason, params, signature
        return council_contract.castVoteWithReasonAndParamsBySig(*arguments, {"from": stranger})

    return send


def test_counts_it_when_a_stranger_carries_it(
    council_contract, votes, open_proposal, sign_vote, carry, founder, second_founder, told_by
):
    for seat in (founder, second_founder):
        tx = carry(open_proposal, seat, sign_vote(seat, open_proposal))
        told = {"voter": seat, "proposalId": open_proposal.id, "support": FOR, "weight": 1, "reason": REASON}
        assert told_by(tx) == [("VoteCastWithParams", {**told, "params": PARAMS})]
        assert council_contract.hasVoted(open_proposal.id, seat) is True
        assert council_contract.nonces(seat) == 1

    assert tuple(council_contract.tallyOf(open_proposal.id)) == (2, 2)
    votes.end(open_proposal)
    assert votes.state(open_proposal) == SUCCEEDED


def test_counts_it_when_there_is_no_reason_and_no_param(council_contract, open_proposal, sign_vote, carry, founder):
    carry(open_proposal, founder, sign_vote(founder, open_proposal, reason="", params=b""), reason="", params=b"")

    assert council_contract.tallyOf(open_proposal.id)[0] == 1


def test_counts_it_when_a_contract_owns_the_seat(
    ContractWallet, system, council_contract, votes, action, sign_vote, carry, member_seat, stranger
):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})
    system.identities.changeOwner(member_seat, wallet, {"from": member_seat})
    proposal = votes.propose(action, by=votes.seats[1])
    votes.begin(proposal)

    carry(proposal, wallet, sign_vote(stranger, proposal, voter=wallet.address))

    assert council_contract.tallyOf(proposal.id)[0] == 1
    assert council_contract.hasVoted(proposal.id, wallet) is True


@pytest.mark.parametrize(
    "changes", [{"support": AGAINST}, {"reason": "another"}, {"reason": ""}, {"params": b"\2"}, {"params": b""}]
)
def test_h018_reverts_when_the_carrier_changes_a_word(
    open_proposal, sign_vote, carry, founder, changes, reverts_with
):
    signature = sign_vote(founder, open_proposal)

    with reverts_with("GovernorInvalidSignature", founder):
        carry(open_proposal, founder, signature, **changes)


def test_h018_reverts_when_it_is_for_another_proposal_or_voter(
    votes, action, open_proposal, sign_vote, carry, founder, second_founder, reverts_with
):
    other = votes.propose(action)
    votes.begin(other)
    signature = sign_vote(founder, open_proposal)

    with reverts_with("GovernorInvalidSignature", founder):
        carry(other, founder, signature)
    with reverts_with("GovernorInvalidSignature", second_founder):
        carry(open_proposal, second_founder, signature)


def test_h001_reverts_when_it_was_carried_before(open_proposal, sign_vote, carry, founder, reverts_with):
    signature = sign_vote(founder, open_proposal)
    carry(open_proposal, founder, signature)

    with reverts_with("GovernorInvalidSignature", founder):
        carry(open_proposal, founder, signature)


def test_a17_reverts_when_the_seat_has_voted_by_any_way(
    council_contract, votes, open_proposal, sign_vote, carry, founder, second_founder, reverts_with
):
    carry(open_proposal, founder, sign_vote(founder, open_proposal))
    votes.vote(open_proposal, second_founder)

    for seat in (founder, second_founder):
        with reverts_with("GovernorAlreadyCastVote", seat):
            carry(open_proposal, seat, sign_vote(seat, open_proposal))
    with reverts_with("GovernorAlreadyCastVote", founder):
        council_contract.castVote(open_proposal.id, FOR, {"from": founder})
    assert council_contract.tallyOf(open_proposal.id)[0] == 2


def test_h016_reverts_when_the_nonce_is_another(open_proposal, sign_vote, carry, founder, reverts_with):
    for nonce in (1, 2**256 - 1):
        signature = sign_vote(founder, open_proposal, nonce=nonce)
        with reverts_with("GovernorInvalidSignature", founder):
            carry(open_proposal, founder, signature)


def test_h016_reverts_when_the_nonce_was_used_for_the_other_kind_of_vote(
    system, council_contract, votes, action, open_proposal, sign_vote, carry, founder, stranger, reverts_with
):
    other = votes.propose(action)
    votes.begin(other)
    message = {"proposalId": other.id, "support": FOR, "voter": founder.address, "nonce": 0}
    plain, signature = ballot_signature(system, founder, message), sign_vote(founder, open_proposal)
    council_contract.castVoteBySig(other.id, FOR, founder, plain, {"from": stranger})

    with reverts_with("GovernorInvalidSignature", founder):
        carry(open_proposal, founder, signature)


def test_a03_h002_reverts_when_it_was_signed_for_another_council_or_chain(
    system, open_proposal, sign_vote, carry, founder, reverts_with
):
    for elsewhere in ({"chain_id": system.manifest.chain_id + 1}, {"contract": system.charter.address}):
        with reverts_with("GovernorInvalidSignature", founder):
            carry(open_proposal, founder, sign_vote(founder, open_proposal, **elsewhere))


def test_reverts_when_it_was_signed_as_a_plain_vote(
    system, open_proposal, council_contract, carry, founder, stranger, sign_vote, reverts_with
):
    message = {"proposalId": open_proposal.id, "support": FOR, "voter": founder.address, "nonce": 0}
    with reverts_with("GovernorInvalidSignature", founder):
        carry(open_proposal, founder, ballot_signature(system, founder, message), reason="", params=b"")
    # Nor the other way round.
    extended = sign_vote(founder, open_proposal, reason="", params=b"")
    with reverts_with("GovernorInvalidSignature", founder):
        council_contract.castVoteBySig(open_proposal.id, FOR, founder, extended, {"from": stranger})


def test_a01_reverts_when_the_signer_has_no_seat(
    open_proposal, sign_vote, carry, coordinator, council, stranger, reverts_with
):
    for nobody in (coordinator, stranger):
        with reverts_with("CouncilNotSeat", nobody):
            carry(open_proposal, nobody, sign_vote(nobody, open_proposal))
    # Nor does a stranger's signature speak for a seat.
    with reverts_with("GovernorInvalidSignature", council):
        carry(open_proposal, council, sign_vote(stranger, open_proposal, voter=council.address))


def test_h034_reverts_when_the_owner_of_the_seat_changed_since(
    votes, action, sign_vote, carry, member_seat, rotate_owner, reverts_with
):
    proposal = votes.propose(action)
    votes.begin(proposal)
    signature = sign_vote(member_seat, proposal)
    rotate_owner(member_seat)

    with reverts_with("CouncilNotSeat", member_seat):
        carry(proposal, member_seat, signature)
