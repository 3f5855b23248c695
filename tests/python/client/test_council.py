"""The council: what it proposes, who has to speak yet and until when, and what it carries out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from consentry.client.contract import Action
from consentry.client.council import (
    EXPIRY_SECONDS,
    GOVERNANCE_CALL_SLOT,
    TIMESTAMPS_SLOT,
    Awaited,
    Opinion,
    Periods,
    ProposalId,
    ProposalState,
    ProposalStatus,
    SignedVote,
    Step,
    Support,
)
from consentry.client.errors import (
    ArgumentInvalid,
    ContractError,
    CouncilNotRegulator,
    CouncilNotSeat,
    CouncilOpinionFiled,
    CouncilOpinionNotNeeded,
    CouncilOpinionTooLate,
    CouncilProposalUnknown,
    CouncilSeatsTooFew,
    GovernorInsufficientProposerVotes,
    GovernorInvalidSignature,
    GovernorUnexpectedProposalState,
    IdentityRegistryStatusInvalid,
    ProposalRefused,
    TimelockUnexpectedOperationState,
)
from consentry.client.identities import Status
from consentry.client.signing import Signature
from consentry.demo.cast import (
    BANK,
    FOUNDERS,
    GUARDIAN,
    LICENCE_OFFICE,
    REGULATOR,
    RENTAL_AGENCY,
    SECOND_BANK,
    STRANGER,
    UTILITY,
)

SEATS = tuple(founder.identity for founder in FOUNDERS)
DOCUMENT = keccak(text="opinion")
LAYOUT = Path(__file__).resolve().parents[3] / "snapshots" / "storage-layout.json"


@pytest.fixture
def council(network):
    """The council."""
    return network.council


@pytest.fixture
def spans(brought_up):
    """How long things take, as deployed."""
    return brought_up.parameters.council


@pytest_asyncio.fixture
async def proposal(network):
    """A proposal to remove a consumer: it needs an opinion."""
    made, _ = await network.council.propose(
        [network.identities.remove(RENTAL_AGENCY.identity)], "a consumer that does not pay", BANK.key
    )
    return made


@pytest.fixture
def voting(proposal, mine_at):
    """The proposal, once voting on it has begun."""
    mine_at(proposal.starts_at + 1)
    return proposal


async def file(council, proposal, opinion=Opinion.FAVOURABLE, regulator=REGULATOR):
    """File an opinion as a regulator."""
    return await council.file_opinion(proposal.id, opinion, DOCUMENT, "CA", regulator.identity, regulator.key)


# ------------------------------------------------------------- proposals


@pytest.mark.asyncio
async def test_proposes_and_finds_again_what_was_proposed(network, council, proposal, spans):
    assert proposal.actions == (network.identities.remove(RENTAL_AGENCY.identity),)
    assert [action.name for action in proposal.actions] == ["IdentityRegistry.remove"]
    assert (proposal.description, proposal.proposer) == ("a consumer that does not pay", BANK.identity)
    assert proposal.ends_at - proposal.starts_at == spans.voting_seconds
    assert proposal.starts_at == await network.now() + spans.voting_delay_seconds
    assert (await council.proposals())[-1] == proposal
    assert await council.proposal(proposal.id) == proposal


@pytest.mark.asyncio
async def test_the_same_with_other_words_is_another_proposal(council, proposal):
    again, _ = await council.propose(proposal.actions, "the same in other words", BANK.key)

    assert again.id != proposal.id
    assert await council.proposal(again.id) == again


@pytest.mark.asyncio
async def test_refuses_a_proposal_of_nothing(council):
    with pytest.raises(ProposalRefused, match="a proposal carries out one action at least"):
        await council.propose([], "nothing", BANK.key)


@pytest.mark.asyncio
async def test_refuses_a_proposal_that_could_not_be_carried_out(network, council):
    before = await council.proposals()

    with pytest.raises(IdentityRegistryStatusInvalid) as raised:
        await council.propose([network.identities.remove(STRANGER.address)], "nobody", BANK.key)

    assert raised.value.values == {"identity": STRANGER.address, "status": Status.NONE}
    assert await council.proposals() == before


def hopeless(network):
    """Return what the council cannot do to itself in the pilot, where three seats are the most and the fewest."""
    council, contract = network.council, network.council.contract
    periods = (60, 59, 3_600)
    return {
        "CouncilSeatsTooMany": (council.add_seat(STRANGER.address), {"seats": 4, "cap": 3}),
        "CouncilSeatsTooFew": (council.remove_seat(BANK.identity), {"seats": 2, "fewest": 3}),
        "CouncilSeatUnknown": (council.replace_seat(STRANGER.address, BANK.identity), {"seat": STRANGER.address}),
        "CouncilPeriodsInvalid": (
            council.set_periods(Periods(*periods)),
            dict(zip(("votingDelay", "voting", "opinion"), periods, strict=True)),
        ),
        "CouncilExemptionInvalid": (
            council.set_exemption(contract.address, bytes(4), is_exempt=True),
            {"target": contract.address, "selector": bytes(4)},
        ),
        "CouncilFunctionDisabled": (
            contract.action("relay", BANK.identity, 0, b""),
            {"selector": bytes.fromhex("c28bc2fa")},
        ),
    }


@pytest.mark.asyncio
async def test_refuses_what_the_council_cannot_do_to_itself(network, council):
    before = await council.proposals()

    for name, (action, values) in hopeless(network).items():
        with pytest.raises(ContractError) as raised:
            await council.propose([action], "hopeless", BANK.key)
        assert (raised.value.name, raised.value.values) == (name, values)

    assert await council.proposals() == before


@pytest.mark.asyncio
async def test_tries_actions_one_after_the_other(network, council):
    who = RENTAL_AGENCY.identity
    suspend, reinstate = network.identities.suspend(who), network.identities.reinstate(who)
    periods = council.set_periods(Periods(120, 7_200, 7_200))
    again = council.set_periods(Periods(60, 3_600, 3_600))
    await council.propose([periods, suspend, again, reinstate], "each needs what stands before it", BANK.key)

    for actions in ([reinstate, suspend], [suspend, reinstate, reinstate]):
        with pytest.raises(IdentityRegistryStatusInvalid):
            await council.propose(actions, "in the wrong order", BANK.key)
    with pytest.raises(CouncilSeatsTooFew):
        await council.propose([periods, council.remove_seat(BANK.identity)], "the second cannot be", BANK.key)


@pytest.mark.asyncio
@pytest.mark.parametrize("is_ignored", [True, False])
async def test_tries_the_first_action_alone_on_a_node_that_tries_no_other_storage(relayed, relay, is_ignored):
    def without_storage(request):
        if len(request["params"]) < 3:
            return relay.forward(request)
        if is_ignored:
            return relay.forward({**request, "params": request["params"][:2]})
        return {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -32602, "message": "too many arguments"}}

    relay.tell("eth_call", without_storage)
    council = relayed.council

    for action, name in (
        (relayed.identities.remove(STRANGER.address), "IdentityRegistryStatusInvalid"),
        (council.contract.action("relay", BANK.identity, 0, b""), "CouncilFunctionDisabled"),
    ):
        with pytest.raises(ContractError) as raised:
            await council.propose([action], "hopeless", BANK.key)
        assert raised.value.name == name
    made, _ = await council.propose([council.set_periods(Periods(120, 7_200, 7_200))], "longer", BANK.key)
    assert (await council.status(made.id)).state is ProposalState.PENDING


def test_knows_where_timelock_and_council_keep_what_is_carried_out():
    layout = json.loads(LAYOUT.read_text(encoding="utf-8"))
    slots = {
        (name, variable["label"]): variable["slot"]
        for name in ("CouncilTimelock", "Council")
        for variable in layout[name]["storage"]
    }
    assert slots["CouncilTimelock", "_timestamps"] == TIMESTAMPS_SLOT
    assert slots["Council", "_governanceCall"] == GOVERNANCE_CALL_SLOT


@pytest.mark.asyncio
async def test_refuses_a_proposal_of_who_has_no_seat(network, council):
    with pytest.raises(GovernorInsufficientProposerVotes):
        await council.propose([network.identities.remove(RENTAL_AGENCY.identity)], "x", RENTAL_AGENCY.key)


@pytest.mark.asyncio
async def test_knows_no_proposal_that_was_not_made(council):
    with pytest.raises(ProposalRefused, match="no proposal has the id 7; list them with"):
        await council.proposal(ProposalId(7))
    with pytest.raises(CouncilProposalUnknown) as raised:
        await council.status(ProposalId(7))
    assert raised.value.values == {"proposalId": 7}


# ------------------------------------------------------------- how one stands


@pytest.mark.asyncio
async def test_tells_who_has_to_speak_yet_and_until_when(network, council, proposal, spans, mine_at):
    status, now = await council.status(proposal.id), await network.now()
    opinion_until = now + spans.opinion_seconds
    assert (status.state, status.votes_for, status.required) == (ProposalState.PENDING, 0, 2)
    assert (status.voted, status.missing) == ((), SEATS)
    assert status.expires_at == proposal.ends_at + EXPIRY_SECONDS
    assert status.awaited(now) == (
        Awaited(Step.OPINION, (), None, opinion_until),
        Awaited(Step.VOTE, SEATS, proposal.starts_at + 1, proposal.ends_at),
    )

    await file(council, proposal)
    mine_at(proposal.starts_at + 1)
    await council.vote(proposal.id, Support.AGAINST, UTILITY.key)
    status = await council.status(proposal.id)
    assert (status.opinions, status.is_adverse, status.state) == (1, False, ProposalState.ACTIVE)
    assert (status.voted, status.missing) == ((UTILITY.identity,), (BANK.identity, LICENCE_OFFICE.identity))
    assert status.awaited(await network.now()) == (Awaited(Step.VOTE, status.missing, None, proposal.ends_at),)

    await council.vote(proposal.id, Support.FOR, BANK.key)
    await council.vote(proposal.id, Support.FOR, LICENCE_OFFICE.key)
    status = await council.status(proposal.id)
    assert (status.votes_for, status.required, status.awaited(await network.now())) == (2, 2, ())

    mine_at(proposal.ends_at + 1)
    status = await council.status(proposal.id)
    assert status.state is ProposalState.SUCCEEDED
    assert status.awaited(proposal.ends_at + 1) == (Awaited(Step.QUEUEING, (), None, status.expires_at),)

    await council.queue(proposal, STRANGER)
    status, queued_at = await council.status(proposal.id), await network.now()
    executable_at = queued_at + spans.timelock_seconds
    assert (status.state, status.executable_at) == (ProposalState.QUEUED, executable_at)
    assert status.awaited(queued_at) == (Awaited(Step.EXECUTION, (), executable_at, status.expires_at),)
    assert status.awaited(executable_at) == (Awaited(Step.EXECUTION, (), None, status.expires_at),)
    with pytest.raises(TimelockUnexpectedOperationState):
        await council.execute(proposal, STRANGER)

    mine_at(executable_at)
    await council.execute(proposal, STRANGER)
    status = await council.status(proposal.id)
    assert (status.state, status.awaited(executable_at + 1)) == (ProposalState.EXECUTED, ())
    assert (await network.identities.participant(RENTAL_AGENCY.identity)).status is Status.REMOVED


@pytest.mark.asyncio
async def test_takes_all_seats_when_no_opinion_came_in(council, voting, mine_at):
    for seat in FOUNDERS[:2]:
        await council.vote(voting.id, Support.FOR, seat.key)
    mine_at(voting.ends_at + 1)

    status = await council.status(voting.id)

    assert (status.votes_for, status.required, status.opinions) == (2, 3, 0)
    assert status.state is ProposalState.DEFEATED
    assert status.awaited(voting.ends_at + 1) == ()
    with pytest.raises(GovernorUnexpectedProposalState):
        await council.queue(voting, STRANGER)


@pytest.mark.asyncio
async def test_takes_all_seats_when_an_opinion_is_adverse(council, voting):
    await file(council, voting, Opinion.ADVERSE)

    status = await council.status(voting.id)
    assert (status.required, status.is_adverse) == (3, True)


@pytest.mark.asyncio
async def test_an_exempt_proposal_needs_no_opinion_and_no_wait_for_the_end(network, council, mine_at):
    await network.identities.suspend_urgently(RENTAL_AGENCY.identity, GUARDIAN)
    ratify = network.identities.ratify_suspension(RENTAL_AGENCY.identity)
    made, _ = await council.propose([ratify], "let it stand", BANK.key)
    status = await council.status(made.id)
    assert status.is_exempt
    assert [awaited.step for awaited in status.awaited(await network.now())] == [Step.VOTE]
    with pytest.raises(CouncilOpinionNotNeeded):
        await file(council, made)

    mine_at(made.starts_at + 1)
    for seat in FOUNDERS[:2]:
        await council.vote(made.id, Support.FOR, seat.key)

    assert (await council.status(made.id)).state is ProposalState.SUCCEEDED


STATUS = ProposalStatus(
    state=ProposalState.ACTIVE,
    votes_for=0,
    required=2,
    voted=(),
    missing=SEATS,
    is_exempt=False,
    opinions=0,
    is_adverse=False,
    opinion_until=1_500,
    starts_at=1_000,
    ends_at=2_000,
    executable_at=None,
    expires_at=3_000,
)


@pytest.mark.parametrize(
    ("change", "now", "steps"),
    [
        ({}, 1_500, [Step.OPINION, Step.VOTE]),
        ({}, 1_501, [Step.VOTE]),
        ({"opinions": 1}, 1_200, [Step.VOTE]),
        ({"missing": (), "opinions": 1}, 1_200, []),
        ({"missing": ()}, 1_200, [Step.OPINION]),
        ({"is_exempt": True}, 1_200, [Step.VOTE]),
        *(({"state": state}, 1_200, []) for state in (ProposalState.DEFEATED, ProposalState.EXPIRED)),
        *(({"state": state}, 1_200, []) for state in (ProposalState.CANCELED, ProposalState.EXECUTED)),
    ],
)
def test_waits_for_what_can_still_come(change, now, steps):
    assert [awaited.step for awaited in replace(STATUS, **change).awaited(now)] == steps


# ------------------------------------------------------------- votes


@pytest.mark.asyncio
async def test_carries_a_signed_vote_once(council, voting):
    signature = await council.sign_vote(voting.id, Support.FOR, UTILITY.key)
    await council.vote_signed(voting.id, Support.FOR, UTILITY.identity, signature, STRANGER)

    assert (await council.status(voting.id)).voted == (UTILITY.identity,)
    with pytest.raises(GovernorInvalidSignature) as raised:
        await council.vote_signed(voting.id, Support.FOR, UTILITY.identity, signature, STRANGER)
    assert raised.value.values == {"voter": UTILITY.identity}


@pytest.mark.asyncio
async def test_refuses_a_vote_that_was_signed_otherwise(council, voting):
    signature = await council.sign_vote(voting.id, Support.AGAINST, UTILITY.key)
    for support, voter in ((Support.FOR, UTILITY), (Support.AGAINST, BANK)):
        with pytest.raises(GovernorInvalidSignature):
            await council.vote_signed(voting.id, support, voter.identity, signature, STRANGER)


@pytest.mark.asyncio
async def test_refuses_a_vote_too_early_and_of_who_has_no_seat(council, proposal, mine_at):
    with pytest.raises(GovernorUnexpectedProposalState) as raised:
        await council.vote(proposal.id, Support.FOR, BANK.key)
    assert raised.value.values["current"] == ProposalState.PENDING
    mine_at(proposal.starts_at + 1)
    with pytest.raises(CouncilNotSeat) as raised:
        await council.vote(proposal.id, Support.FOR, SECOND_BANK.key)
    assert raised.value.values == {"account": SECOND_BANK.identity}


VOTES = st.builds(
    SignedVote,
    st.integers(0, 2**256 - 1).map(ProposalId),
    st.sampled_from(Support),
    st.sampled_from(SEATS),
    st.binary(min_size=1, max_size=200).map(Signature),
)
VOTE_FIELDS = ["proposal", "support", "voter", "signature"]


@given(VOTES)
def test_reads_back_every_vote_that_it_writes(vote):
    assert SignedVote.from_json(vote.to_json()) == vote


@given(st.one_of(st.text(), st.binary(), st.recursive(st.none() | st.text(), st.lists, max_leaves=20).map(json.dumps)))
def test_refuses_any_text_that_is_no_vote(text):
    with pytest.raises(ProposalRefused, match="the vote"):
        SignedVote.from_json(text)


@given(VOTES, st.sampled_from(VOTE_FIELDS), st.none() | st.integers(-9, 9) | st.text())
def test_names_the_field_of_a_vote_that_is_wrong(vote, field, value):
    document = {**json.loads(vote.to_json()), field: value}
    if value in ("for", "against", "abstain"):
        document[field] = None
    with pytest.raises(ProposalRefused, match=field):
        SignedVote.from_json(json.dumps(document))


# ------------------------------------------------------------- opinions


@pytest.mark.asyncio
@pytest.mark.parametrize("jurisdiction", ["ca", "ZZZ", "C", "ÇA"])
async def test_files_no_opinion_on_what_is_no_jurisdiction(council, proposal, jurisdiction):
    with pytest.raises(ArgumentInvalid, match="not a jurisdiction: two upper-case letters"):
        await council.file_opinion(
            proposal.id, Opinion.NEUTRAL, DOCUMENT, jurisdiction, REGULATOR.identity, REGULATOR.key
        )


@pytest.mark.asyncio
async def test_files_an_opinion_once_in_time_and_as_a_regulator(council, proposal, mine_at):
    with pytest.raises(CouncilNotRegulator) as raised:
        await file(council, proposal, regulator=BANK)
    assert raised.value.values == {"regulator": BANK.identity, "caller": BANK.identity}
    await file(council, proposal, Opinion.NEUTRAL)
    with pytest.raises(CouncilOpinionFiled) as raised:
        await file(council, proposal)
    assert raised.value.values["opinion"] == Opinion.NEUTRAL

    again, _ = await council.propose(proposal.actions, "too late for an opinion", BANK.key)
    until = (await council.status(again.id)).opinion_until
    mine_at(until + 1)
    with pytest.raises(CouncilOpinionTooLate) as raised:
        await file(council, again)
    assert raised.value.values == {"proposalId": again.id, "opinionUntil": until}


# ------------------------------------------------------------- seats and rules


@pytest.mark.asyncio
async def test_tells_its_seats_and_rules(council, spans):
    assert await council.seats() == SEATS
    assert await council.periods() == Periods(
        spans.voting_delay_seconds, spans.voting_seconds, spans.opinion_seconds
    )
    assert await council.delay_seconds() == spans.timelock_seconds


@pytest.mark.asyncio
async def test_the_last_three_seats_stay(council):
    with pytest.raises(CouncilSeatsTooFew) as raised:
        await council.give_seat_back(BANK.key)
    assert raised.value.values == {"seats": 2, "fewest": 3}


@pytest.mark.asyncio
async def test_hands_a_seat_on_where_there_is_no_room_for_a_fourth(network, council, brought_up, spans, mine_at):
    in_force = await network.charter.in_force()
    await network.charter.sign(in_force, SECOND_BANK.identity, SECOND_BANK.key, STRANGER)
    proposal, _ = await council.propose(
        [council.replace_seat(UTILITY.identity, SECOND_BANK.identity)], "a bank in place of the utility", BANK.key
    )
    await file(council, proposal)
    mine_at(proposal.starts_at + 1)
    for founder in (BANK, LICENCE_OFFICE):
        await council.vote(proposal.id, Support.FOR, founder.key)
    mine_at(proposal.ends_at + 1)
    await council.queue(proposal, STRANGER)
    mine_at(await network.now() + spans.timelock_seconds)
    await council.execute(proposal, STRANGER)

    assert set(await council.seats()) == {BANK.identity, LICENCE_OFFICE.identity, SECOND_BANK.identity}


@pytest.mark.asyncio
async def test_names_what_each_of_its_own_actions_does(network, council):
    selector = bytes.fromhex("12345678")
    names = [
        council.add_seat(SECOND_BANK.identity),
        council.remove_seat(BANK.identity),
        council.replace_seat(BANK.identity, SECOND_BANK.identity),
        council.set_periods(Periods(60, 3_600, 3_600)),
        council.set_exemption(BANK.identity, selector, is_exempt=True),
    ]
    assert [action.name for action in names] == [
        "Council.addSeat",
        "Council.removeSeat",
        "Council.replaceSeat",
        "Council.setPeriods",
        "Council.setExemption",
    ]
    assert {action.target for action in names} == {network.addresses["Council"]}
    assert network.name_of_call(STRANGER.address, selector) == f"{STRANGER.address}.0x12345678"
    assert network.name_of_call(network.addresses["Council"], selector) == "Council.0x12345678"
    assert isinstance(names[0], Action)
