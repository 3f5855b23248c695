"""How the story's council decides: it proposes, hears the regulator, votes, waits, and carries out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eth_utils.crypto import keccak
from web3.types import RPCEndpoint

from consentry.client.contract import Action
from consentry.client.council import Opinion, Proposal, ProposalState, Support
from consentry.client.network import Network
from consentry.demo.cast import FOUNDERS, REGULATOR, STRANGER, Member


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was mined.

    Attributes:
        who: Whose word it was.
        what: What it did.
        gas_used: Gas units.
    """

    who: str
    what: str
    gas_used: int


Report = Callable[[Step], None]
"""Called after each step."""


async def pass_time(network: Network, seconds: int) -> None:
    """Move the local chain's clock."""
    await network.web3.provider.make_request(RPCEndpoint("evm_increaseTime"), [seconds])
    await network.web3.provider.make_request(RPCEndpoint("evm_mine"), [])


async def pass_time_to(network: Network, instant: int) -> None:
    """Move the local chain's clock to an instant (Unix seconds), unless it is there already."""
    seconds = instant - await network.now()
    if seconds > 0:
        await pass_time(network, seconds)


async def propose_and_vote(
    network: Network,
    actions: Sequence[Action],
    description: str,
    report: Report,
    *,
    opinion: Opinion = Opinion.FAVOURABLE,
    voters: Sequence[Member] = FOUNDERS[:2],
) -> tuple[Proposal, ProposalState]:
    """Propose, hear the regulator's opinion where one is needed, and vote to the end.

    Args:
        network: The network.
        actions: What is to be carried out.
        description: In words.
        report: Called after each step.
        opinion: The regulator's; NONE where it keeps silent.
        voters: Seats that vote in favour; all but the first by a signature that a stranger carries.

    Returns:
        The proposal, and how it stands when voting is over.
    """
    council = network.council
    proposer = voters[0]
    proposal, mined = await council.propose(actions, description, proposer.key)
    report(Step(proposer.name, f"proposes: {description}", mined.gas_used))
    status = await council.status(proposal.id)
    if not status.is_exempt and opinion is not Opinion.NONE:
        document = keccak(text=f"Opinion on: {description}")
        mined = await council.file_opinion(
            proposal.id, opinion, document, REGULATOR.jurisdiction, REGULATOR.identity, REGULATOR.key
        )
        report(Step(REGULATOR.name, f"files its opinion: {opinion.name.lower()}", mined.gas_used))
    await pass_time_to(network, proposal.starts_at + 1)
    mined = await council.vote(proposal.id, Support.FOR, proposer.key)
    report(Step(proposer.name, "votes in favour", mined.gas_used))
    for voter in voters[1:]:
        signature = await council.sign_vote(proposal.id, Support.FOR, voter.key)
        mined = await council.vote_signed(proposal.id, Support.FOR, voter.key.address, signature, STRANGER)
        report(Step(voter.name, "votes in favour, by a signature that a stranger carries", mined.gas_used))
    state = (await council.status(proposal.id)).state
    if state is ProposalState.ACTIVE:
        await pass_time_to(network, proposal.ends_at + 1)
        state = (await council.status(proposal.id)).state
    return proposal, state


async def carry(
    network: Network,
    actions: Sequence[Action],
    description: str,
    report: Report,
    *,
    opinion: Opinion = Opinion.FAVOURABLE,
    voters: Sequence[Member] = FOUNDERS[:2],
) -> None:
    """Propose, vote, queue, wait and carry out; arguments as `propose_and_vote`.

    Raises:
        ContractError: The proposal did not carry, or cannot be carried out.
    """
    proposal, _ = await propose_and_vote(network, actions, description, report, opinion=opinion, voters=voters)
    mined = await network.council.queue(proposal, STRANGER)
    report(Step("stranger", "queues what carried, as anyone may", mined.gas_used))
    await pass_time(network, await network.council.delay_seconds())
    mined = await network.council.execute(proposal, STRANGER)
    report(Step("council", f"{description}: done", mined.gas_used))
