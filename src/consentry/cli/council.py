"""`consentry council`: propose, hear opinions, vote, queue, carry out, and see what is missing."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from consentry.cli.choices import OpinionWord, VoteWord
from consentry.cli.connection import (
    DirectoryOption,
    JsonOption,
    KeystoreOption,
    NetworkOption,
    RpcOption,
    address,
    connect,
    file_bytes,
    instant,
    jurisdiction_of,
    signer,
)
from consentry.cli.errors import CommandRefused, CommandUnclear

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from eth_typing import ChecksumAddress

    from consentry.client import Network
    from consentry.client.contract import Action
    from consentry.client.council import Awaited, Proposal, ProposalId, ProposalStatus
    from consentry.client.transactions import Mined
    from consentry.records import JsonValue

app = typer.Typer(help="Propose, vote and carry out what the council decides.", no_args_is_help=True)

ProposalArgument = Annotated[str, typer.Argument(help="Id of the proposal.", metavar="PROPOSAL")]
DescriptionOption = Annotated[
    Optional[str], typer.Option("--description", help="In words; the same can be proposed again with other words.")
]


@app.command("propose")
def propose(
    action: Annotated[
        Optional[str], typer.Argument(help="What to do, as in ConsentToken.setUsesPausedUntil.", metavar="[FUNCTION]")
    ] = None,
    arguments: Annotated[
        Optional[list[str]],
        typer.Argument(help="Of the function: text, or JSON for lists and structs.", metavar="[ARGUMENT]..."),
    ] = None,
    actions: Annotated[
        Optional[Path],
        typer.Option("--actions", help="JSON list of several, each with 'function' and 'arguments'.", metavar="FILE"),
    ] = None,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose one action, or several from a file. By the owner of a seat."""
    from consentry.client.actions import read_action, read_actions

    if (action is None) == (actions is None):
        raise CommandUnclear("give one function with its arguments, or --actions FILE")
    key = signer(keystore)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            if actions is not None:
                made = read_actions(connected, file_bytes(actions))
            else:
                made = (read_action(connected, str(action), [_argument(text) for text in arguments or []]),)
            await propose_and_tell(connected, made, description, key)

    asyncio.run(run())


async def propose_and_tell(
    network: Network, actions: Sequence[Action], description: str | None, key: LocalAccount
) -> None:
    """Propose actions, and print the proposal and what it waits for."""
    words = description or ", ".join(action.name for action in actions)
    proposal, mined = await network.council.propose(actions, words, key)
    print(f"proposed: {words} ({mined.gas_used:,} gas)")
    print(f"proposal 0x{proposal.id:064x}")
    await _tell_awaited(network, proposal)


@app.command("vote")
def vote(
    proposal: ProposalArgument,
    support: Annotated[VoteWord, typer.Argument(help="The vote.")],
    sign: Annotated[
        bool, typer.Option("--sign", help="Send nothing: print the signed vote, for somebody else to carry.")
    ] = False,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Vote "for", "against" or "abstain". By the owner of a seat."""
    from consentry.client.council import SignedVote, Support

    key, chosen = signer(keystore), Support[support.name]

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            found = await connected.council.proposal(_proposal_id(proposal))
            await _check_has_vote(connected, found, key.address)
            if sign:
                signature = await connected.council.sign_vote(found.id, chosen, key)
                print(SignedVote(found.id, chosen, key.address, signature).to_json())
                return
            await _check_open(connected, found)
            _tell("voted", await connected.council.vote(found.id, chosen, key))
            await _tell_awaited(connected, found)

    asyncio.run(run())


@app.command("carry-vote")
def carry_vote(
    file: Annotated[Path, typer.Argument(help="What `council vote --sign` printed.", metavar="FILE")],
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Carry somebody's signed vote to the chain. By anyone."""
    from consentry.client.council import SignedVote

    key, signed = signer(keystore), SignedVote.from_json(file_bytes(file))

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            council = connected.council
            found = await council.proposal(signed.proposal_id)
            await _check_has_vote(connected, found, signed.voter)
            await _check_open(connected, found)
            mined = await council.vote_signed(
                signed.proposal_id, signed.support, signed.voter, signed.signature, key
            )
            _tell(f"carried the vote of {signed.voter}", mined)
            await _tell_awaited(connected, found)

    asyncio.run(run())


@app.command("opinion")
def opinion(
    proposal: ProposalArgument,
    opinion: Annotated[OpinionWord, typer.Argument(help="The opinion.")],
    document: Annotated[
        Path, typer.Option("--document", help="The opinion's text; its hash is filed.", metavar="FILE")
    ],
    jurisdiction: Annotated[str, typer.Option("--jurisdiction", help="ISO 3166-1 alpha-2.", metavar="CODE")],
    regulator: Annotated[
        Optional[str],
        typer.Option("--regulator", help="Whose it is; the key's own address without it.", metavar="ADDRESS"),
    ] = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """File a "favourable", "neutral" or "adverse" opinion. By the owner of a regulator."""
    from eth_utils.crypto import keccak

    from consentry.client.council import Opinion

    place = jurisdiction_of(jurisdiction)
    key, text = signer(keystore), file_bytes(document)
    who = key.address if regulator is None else address(regulator)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            found = await connected.council.proposal(_proposal_id(proposal))
            mined = await connected.council.file_opinion(
                found.id, Opinion[opinion.name], keccak(text), place, who, key
            )
            _tell(f"filed: {opinion.value}", mined)
            await _tell_awaited(connected, found)

    asyncio.run(run())


@app.command("queue")
def queue(
    proposal: ProposalArgument,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Queue what carried; the timelock's delay begins. By anyone."""
    key = signer(keystore)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            found = await connected.council.proposal(_proposal_id(proposal))
            await _check_ready(connected, found, "queueing")
            _tell("queued", await connected.council.queue(found, key))
            await _tell_awaited(connected, found)

    asyncio.run(run())


@app.command("execute")
def execute(
    proposal: ProposalArgument,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Carry out what was queued, once its delay is over. By anyone."""
    key = signer(keystore)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            found = await connected.council.proposal(_proposal_id(proposal))
            await _check_ready(connected, found, "execution")
            _tell("carried out", await connected.council.execute(found, key))

    asyncio.run(run())


@app.command("status")
def status(
    proposal: Annotated[
        Optional[str], typer.Argument(help="Id of a proposal; all of them without it.", metavar="[PROPOSAL]")
    ] = None,
    as_json: JsonOption = False,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
) -> None:
    """Show how proposals and the charter stand: which vote, opinion or signature is missing, and until when."""

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            council = connected.council
            if proposal is None:
                found = await council.proposals()
            else:
                found = (await council.proposal(_proposal_id(proposal)),)
            now, charter = await connected.now(), await _charter(connected)
            standing = [(each, await council.status(each.id)) for each in found]
            if as_json:
                described = [_described(connected, each, stands, now) for each, stands in standing]
                print(json.dumps({"now": now, "charter": charter, "proposals": described}, indent=2))
                return
            _print_charter(charter)
            for each, stands in standing:
                _print_proposal(connected, each, stands, now)

    asyncio.run(run())


@app.command("sign-charter")
def sign_charter(
    document: Annotated[Path, typer.Argument(help="The charter's text, which is signed by its hash.", metavar="FILE")],
    version: Annotated[
        Optional[int], typer.Option("--version", help="Which version; the one proposed last without it.")
    ] = None,
    identity: Annotated[
        Optional[str], typer.Option("--identity", help="For whom; the key's own address without it.", metavar="ADDRESS")
    ] = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Sign a version of the charter whose text is at hand."""
    from eth_utils.crypto import keccak

    key, text = signer(keystore), file_bytes(document)
    who = key.address if identity is None else address(identity)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            found = await connected.charter.version(version)
            if keccak(text) != found.document:
                raise CommandRefused(
                    f"{document} is not the text of version {found.number}, whose hash is 0x{found.document.hex()}"
                )
            _tell(f"signed version {found.number} for {who}", await connected.charter.sign(found, who, key, key))
            _print_charter(await _charter(connected))

    asyncio.run(run())


# -------------------------------------------------------------------- what is told


def _tell(what: str, mined: Mined) -> None:
    print(f"{what} ({mined.gas_used:,} gas)")


async def _tell_awaited(network: Network, proposal: Proposal) -> None:
    stands, now = await network.council.status(proposal.id), await network.now()
    for line in _lines(stands, now):
        print(line)


async def _check_has_vote(network: Network, proposal: Proposal, voter: ChecksumAddress) -> None:
    if await network.council.has_voted(proposal.id, voter):
        raise CommandRefused(f"the seat of {voter} has voted on this proposal already; each seat votes once")


async def _check_open(network: Network, proposal: Proposal) -> None:
    """Refuse a vote out of time with when voting is, instead of the state's number."""
    from consentry.client.council import ProposalState

    stands, now = await network.council.status(proposal.id), await network.now()
    if stands.state is ProposalState.PENDING:
        opens, closes = instant(stands.starts_at + 1), instant(stands.ends_at)
        raise CommandRefused(f"voting is not open yet: it opens at {opens} and closes at {closes}")
    if stands.state is not ProposalState.ACTIVE:
        closed = f" at {instant(stands.ends_at)}" if now > stands.ends_at else ""
        raise CommandRefused(f"voting has closed{closed}: {'; '.join(_lines(stands, now))}")


async def _check_ready(network: Network, proposal: Proposal, step: str) -> None:
    """Refuse what the chain would refuse, with what is missing instead of the state's number."""
    stands, now = await network.council.status(proposal.id), await network.now()
    ready = [each for each in stands.awaited(now) if each.step.value == step and each.opens_at is None]
    if not ready:
        raise CommandRefused(f"the proposal is not ready for {step}: {'; '.join(_lines(stands, now))}")


def _lines(stands: ProposalStatus, now: int) -> list[str]:
    """Return one line on how a proposal stands, and one on everything that it waits for."""
    lines = [f"{stands.state.name.lower()}: {stands.votes_for} of {stands.required} votes that it takes"]
    return [*lines, *(_line(awaited) for awaited in stands.awaited(now))]


def _line(awaited: Awaited) -> str:
    window = f"until {instant(awaited.closes_at)}"
    if awaited.opens_at is not None:
        window = f"from {instant(awaited.opens_at)} {window}"
    what = {
        "opinion": "missing: a regulator's opinion; without one it takes all seats",
        "vote": f"missing: the vote of {', '.join(awaited.seats)}",
        "queueing": "to be queued",
        "execution": "to be executed",
    }[awaited.step.value]
    return f"{what}, {window}"


def _described(network: Network, proposal: Proposal, stands: ProposalStatus, now: int) -> dict[str, JsonValue]:
    return {
        "id": f"0x{proposal.id:064x}",
        "description": proposal.description,
        "proposer": proposal.proposer,
        "actions": [_described_action(network, action) for action in proposal.actions],
        "state": stands.state.name.lower(),
        "votes_for": stands.votes_for,
        "required": stands.required,
        "voted": list(stands.voted),
        "is_exempt": stands.is_exempt,
        "opinions": stands.opinions,
        "is_adverse": stands.is_adverse,
        "awaited": [
            {
                "step": awaited.step.value,
                "seats": list(awaited.seats),
                "opens_at": awaited.opens_at,
                "closes_at": awaited.closes_at,
            }
            for awaited in stands.awaited(now)
        ],
    }


def _described_action(network: Network, action: Action) -> dict[str, JsonValue]:
    from consentry.client.actions import write_action

    written = write_action(network, action)
    arguments: list[JsonValue] | None = None
    if written.arguments is not None:
        arguments = [{"name": each.name, "type": each.kind, "value": each.value} for each in written.arguments]
    return {
        "name": action.name,
        "target": action.target,
        "data": "0x" + action.data.hex(),
        "contract": written.contract,
        "signature": written.signature,
        "arguments": arguments,
    }


def _lines_of_action(network: Network, action: Action) -> list[str]:
    """Return a line on what is called, and one on everything that it is called with."""
    from consentry.client.actions import write_action

    written, data = write_action(network, action), f"  data = 0x{action.data.hex()}"
    if written.contract is None:
        return [f"calls {action.target}, which is no contract of this network: what it does is not known", data]
    if written.signature is None:
        selector = action.data[:4].hex()
        return [f"{written.contract}: has no function 0x{selector}, what it does is not known", data]
    called = f"{written.contract}.{written.signature}"
    if written.arguments is None:
        return [f"{called}: its data is not what the function takes, what it does is not known", data]
    return [called, *(f"  {each.name} = {_value(each.value)}" for each in written.arguments)]


def _value(value: JsonValue) -> str:
    """Return an argument for people on one line, in which no character moves the cursor; names also as words."""
    shown = json.dumps(value, ensure_ascii=True)
    if not isinstance(value, str):
        return shown
    if re.fullmatch("0x[0-9a-f]{64}", value):
        words = bytes.fromhex(value[2:]).rstrip(b"\0")
        return f'{value} ("{words.decode("ascii")}")' if re.fullmatch(rb"[\x20-\x7e]+", words) else value
    return value if re.fullmatch("-?[0-9A-Za-z]+", value) else shown


def _words(text: str) -> str:
    """Return what somebody else wrote on one line, in which no character moves the cursor."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


async def _charter(network: Network) -> dict[str, JsonValue]:
    latest, in_force = await network.charter.version(), await network.charter.in_force()
    missing = [] if latest.in_force_at is not None else list(await network.charter.unsigned(latest.number))
    return {
        "in_force": None if in_force is None else in_force.number,
        "phase": None if in_force is None else in_force.phase.name.lower(),
        "seat_cap": None if in_force is None else in_force.seat_cap,
        "seats": list(await network.council.seats()),
        "latest": latest.number,
        "unsigned": list(missing),
        "sign_until": latest.sign_until if missing else None,
    }


def _print_charter(charter: dict[str, JsonValue]) -> None:
    seats, unsigned, until = charter["seats"], charter["unsigned"], charter["sign_until"]
    count = len(seats) if isinstance(seats, list) else 0
    if charter["in_force"] is None:
        print("charter: none is in force")
    else:
        cap = charter["seat_cap"]
        print(f"charter: version {charter['in_force']} is in force, phase {charter['phase']}, {count} of {cap} seats")
    if isinstance(unsigned, list) and unsigned:
        window = f", until {instant(until)}" if isinstance(until, int) else ""
        print(f"missing: the signature on version {charter['latest']} of {', '.join(map(str, unsigned))}{window}")


def _print_proposal(network: Network, proposal: Proposal, stands: ProposalStatus, now: int) -> None:
    print()
    print(f"0x{proposal.id:064x}  {_words(proposal.description)}")
    for action in proposal.actions:
        called, *arguments = _lines_of_action(network, action)
        print(f"  does     {called}")
        for line in arguments:
            print(f"           {line}")
    if not stands.is_exempt:
        adverse = ", adverse" if stands.is_adverse else ""
        print(f"  opinions {stands.opinions}{adverse}")
    for line in _lines(stands, now):
        print(f"  {line}")


def _proposal_id(text: str) -> ProposalId:
    from consentry.client.council import ProposalId

    try:
        number = int(text, 16 if text.startswith("0x") else 10)
    except ValueError:
        number = -1
    if not 0 <= number < 1 << 256:
        raise CommandRefused(f"'{text}' is no id of a proposal; list them with `consentry council status`")
    return ProposalId(number)


def _argument(text: str) -> JsonValue:
    """Read an argument: JSON where it is a list, struct or truth value, else the text itself."""
    if text.startswith(("[", "{")) or text in ("true", "false"):
        from consentry.records import JsonError, parse_json

        try:
            return parse_json(text)
        except JsonError as cause:
            raise CommandRefused(f"the argument {text!r} is {cause}") from cause
    return text
