"""Council.propose: a seat puts something to the vote."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers import network
from tests.helpers.votes import PENDING


def test_puts_it_to_the_vote_when_a_seat_says_so(system, council_contract, votes, action, founder, told_by):
    target, function, value = action
    data = getattr(target, function).encode_input(value)

    tx = council_contract.propose([target], [0], [data], "a ceiling", {"from": founder})

    proposal_id = council_contract.hashProposal([target], [0], [data], keccak(text="a ceiling"))
    periods = system.parameters.council
    starts_at = tx.timestamp + periods.voting_delay_seconds
    ends_at = starts_at + periods.voting_seconds
    created, asked = told_by(tx)
    assert created[0] == "ProposalCreated"
    told = created[1]
    assert (told["proposalId"], told["proposer"], told["description"]) == (proposal_id, founder, "a ceiling")
    assert (told["voteStart"], told["voteEnd"]) == (starts_at, ends_at)
    assert [*told["targets"], *map(int, told["values"]), *map(str, told["calldatas"])] == [target, 0, data]
    until = tx.timestamp + periods.opinion_seconds
    assert asked == ("OpinionAsked", {"proposalId": proposal_id, "exempt": False, "opinionUntil": until})
    assert council_contract.state(proposal_id) == PENDING
    assert council_contract.proposalProposer(proposal_id) == founder
    assert tuple(council_contract.opinionsOn(proposal_id)) == (False, until, 0, False)
    assert tuple(council_contract.tallyOf(proposal_id)) == (0, 2)


def test_puts_it_to_the_vote_when_the_new_owner_of_a_seat_says_so(
    council_contract, votes, action, member_seat, rotate_owner, reverts_with
):
    owner = rotate_owner(member_seat)

    with reverts_with("GovernorInsufficientProposerVotes", member_seat, 0, 1):
        votes.propose(action, by=member_seat)
    proposal = votes.propose(action, by=owner)

    assert council_contract.proposalProposer(proposal.id) == owner
    assert council_contract.seatOf(owner) == member_seat


def test_a01_h036_reverts_when_the_caller_has_no_seat(
    votes, action, deployer, council, guardian, coordinator, regulator, stranger, reverts_with
):
    for caller in (deployer, council, guardian, coordinator, regulator, stranger):
        with reverts_with("GovernorInsufficientProposerVotes", caller, 0, 1):
            votes.propose(action, by=caller)


def test_reverts_when_the_caller_is_a_delegate_of_a_seat(system, votes, action, member_seat, delegate, reverts_with):
    for kind in (b"exchange", b"delivery", b"deposit", b"sigAuth"):
        system.identities.addDelegate(member_seat, kind.ljust(32, b"\0"), delegate, 3_600, {"from": member_seat})

    with reverts_with("GovernorInsufficientProposerVotes", delegate, 0, 1):
        votes.propose(action, by=delegate)


def test_a17_reverts_when_the_seat_was_given_back(council_contract, grown, newcomers, action, reverts_with):
    council_contract.giveSeatBack({"from": newcomers[0]})

    with reverts_with("GovernorInsufficientProposerVotes", newcomers[0], 0, 1):
        grown.propose(action, by=newcomers[0])


def test_reverts_when_a_target_is_no_contract(council_contract, votes, action, founder, stranger, reverts_with):
    target, function, value = action
    data = getattr(target, function).encode_input(value)
    for nowhere in (network.NOBODY, stranger.address):
        with reverts_with("CouncilTargetInvalid", nowhere):
            council_contract.propose([target, nowhere], [0, 0], [data, data], "to nowhere", {"from": founder})


@pytest.mark.parametrize(("targets", "values", "calls"), [(0, 0, 0), (1, 0, 1), (1, 1, 0), (1, 2, 1), (2, 2, 1)])
def test_reverts_when_the_lists_are_empty_or_of_unequal_length(
    system, council_contract, founder, targets, values, calls, reverts_with
):
    with reverts_with("GovernorInvalidProposalLength", targets, calls, values):
        arguments = [system.credit] * targets, [0] * values, [b"\1\2\3\4"] * calls, "unequal"
        council_contract.propose(*arguments, {"from": founder})


def test_reverts_when_it_was_proposed_before(council_contract, action, founder, second_founder, reverts_with):
    target, function, value = action
    arguments = [target], [0], [getattr(target, function).encode_input(value)], "once"
    tx = council_contract.propose(*arguments, {"from": founder})
    proposal_id = tx.events["ProposalCreated"]["proposalId"]

    with reverts_with("GovernorUnexpectedProposalState", proposal_id, PENDING, bytes(32)):
        council_contract.propose(*arguments, {"from": second_founder})


def test_reverts_when_its_text_names_another_proposer(council_contract, action, founder, second_founder, reverts_with):
    target, function, value = action
    data = getattr(target, function).encode_input(value)
    text = f"mine #proposer={founder.address.lower()}"

    with reverts_with("GovernorRestrictedProposer", second_founder):
        council_contract.propose([target], [0], [data], text, {"from": second_founder})


# ---------------------------------------------------------------- whether it needs an opinion


def test_asks_for_no_opinion_when_every_action_is_exempt(system, council_contract, votes, exempt_action):
    proposal = votes.propose(exempt_action, (system.consents, "setUsesPausedUntil", 0))

    assert council_contract.opinionsOn(proposal.id)[0] is True


def test_asks_for_an_opinion_when_one_action_of_several_is_not_exempt(
    council_contract, votes, exempt_action, action
):
    for actions in ((exempt_action, action), (action, exempt_action), (exempt_action, action, exempt_action)):
        proposal = votes.propose(*actions)

        assert council_contract.opinionsOn(proposal.id)[0] is False


@pytest.mark.parametrize("way", ["access manager", "multicall", "timelock", "relay", "directory"])
def test_asks_for_an_opinion_when_an_exempt_action_goes_another_way(
    system, council_contract, votes, exempt_action, way
):
    target, function, value = exempt_action
    data = getattr(target, function).encode_input(value)
    within = {
        "access manager": (system.access, "execute", target, data),
        "multicall": (system.access, "multicall", [system.access.execute.encode_input(target, data)]),
        "timelock": (system.timelock, "execute", target, 0, data, bytes(32), bytes(32)),
        "relay": (council_contract, "relay", target, 0, data),
        "directory": (system.directory, "set", b"IdentityRegistry".ljust(32, b"\0"), target),
    }
    proposal = votes.propose(within[way])

    assert council_contract.opinionsOn(proposal.id)[0] is False


def test_asks_for_an_opinion_when_a_call_names_no_function(council_contract, exempt_action, founder):
    target, function, _ = exempt_action
    for data in (b"", bytes.fromhex(getattr(target, function).signature[2:])[:3]):
        tx = council_contract.propose([target], [0], [data], f"short {data.hex()}", {"from": founder})

        assert tx.events["OpinionAsked"]["exempt"] is False
