"""The council: seats, proposals, votes, opinions, and what they carry out."""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.logs import DISCARD as _DISCARD
from web3.types import EventData

from consentry.client.contract import Action
from consentry.client.encoding import encoded, read_address, read_jurisdiction
from consentry.client.errors import ArgumentInvalid, ContractError, NodeFailed, ProposalRefused
from consentry.client.signing import Message, Signature, TypedDomain
from consentry.client.transactions import Mined
from consentry.records import JsonError, JsonObject, canonical_bytes, parse_json

if TYPE_CHECKING:
    from consentry.client.network import Network

ProposalId = NewType("ProposalId", int)
"""Hash of a proposal's actions and description, 256 bits."""


class Support(enum.IntEnum):
    """A vote; as in the contracts."""

    AGAINST = 0
    FOR = 1
    ABSTAIN = 2


class Opinion(enum.IntEnum):
    """A regulator's opinion; as in the contracts."""

    NONE = 0
    FAVOURABLE = 1
    NEUTRAL = 2
    ADVERSE = 3


class ProposalState(enum.IntEnum):
    """Where a proposal stands; as in the contracts (OpenZeppelin Governor)."""

    PENDING = 0
    ACTIVE = 1
    CANCELED = 2
    DEFEATED = 3
    SUCCEEDED = 4
    QUEUED = 5
    EXPIRED = 6
    EXECUTED = 7


@dataclass(frozen=True, slots=True)
class Periods:
    """Spans of a proposal, in seconds.

    Attributes:
        voting_delay: From the proposal to the start of voting.
        voting: Length of voting.
        opinion: From the proposal to the last instant for opinions.
    """

    voting_delay: int
    voting: int
    opinion: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was proposed.

    Attributes:
        actions: What is carried out, in order.
        description: In words.
        proposer: Who proposed it.
        starts_at: Voting begins after it, Unix seconds.
        ends_at: Last instant to vote, Unix seconds.
    """

    actions: tuple[Action, ...]
    description: str
    proposer: ChecksumAddress
    starts_at: int
    ends_at: int

    @property
    def id(self) -> ProposalId:
        """The proposal's id."""
        kinds = ["address[]", "uint256[]", "bytes[]", "bytes32"]
        return ProposalId(int.from_bytes(keccak(encoded(kinds, self.arguments(), "the proposal's actions")), "big"))

    def arguments(self) -> tuple[list[ChecksumAddress], list[int], list[bytes], bytes]:
        """Return what queueing and execution take."""
        return (
            [action.target for action in self.actions],
            [0] * len(self.actions),
            [action.data for action in self.actions],
            keccak(text=self.description),
        )


@dataclass(frozen=True, slots=True)
class SignedVote:
    """A vote that somebody else can carry.

    Attributes:
        proposal_id: The proposal.
        support: The vote.
        voter: Whose it is: the owner of a seat.
        signature: The voter's.
    """

    proposal_id: ProposalId
    support: Support
    voter: ChecksumAddress
    signature: Signature

    def to_json(self) -> str:
        """Return the vote as a JSON text, to hand to whoever carries it."""
        document: JsonObject = {
            "proposal": f"0x{self.proposal_id:064x}",
            "support": self.support.name.lower(),
            "voter": self.voter,
            "signature": "0x" + self.signature.hex(),
        }
        return canonical_bytes(document).decode()

    @classmethod
    def from_json(cls, text: str | bytes) -> SignedVote:
        """Read a vote.

        Raises:
            ProposalRefused: It is none; the field that is wrong is named.
        """
        try:
            document = parse_json(text, limit_bytes=LARGEST_VOTE_BYTES)
        except JsonError as cause:
            raise ProposalRefused(f"the vote cannot be read: {cause}") from cause
        if not isinstance(document, dict):
            raise ProposalRefused("the vote cannot be read: it is not a JSON object")
        fields: dict[str, str] = {}
        for name, pattern in _VOTE_FIELDS.items():
            value = document.get(name)
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                raise ProposalRefused(f"the vote's field '{name}' is missing or not as it must be")
            fields[name] = value
        try:
            voter = read_address(fields["voter"])
        except ArgumentInvalid as cause:
            raise ProposalRefused("the vote's field 'voter' has a wrong checksum") from cause
        return cls(
            ProposalId(int(fields["proposal"], 16)),
            Support[fields["support"].upper()],
            voter,
            Signature(bytes.fromhex(fields["signature"][2:])),
        )


LARGEST_VOTE_BYTES = 4_096
_VOTE_FIELDS = {
    "proposal": "0x[0-9a-f]{64}",
    "support": "for|against|abstain",
    "voter": "0x[0-9a-fA-F]{40}",
    "signature": "0x([0-9a-f]{2}){1,1024}",
}


class Step(enum.Enum):
    """What a proposal can still wait for."""

    OPINION = "opinion"
    VOTE = "vote"
    QUEUEING = "queueing"
    EXECUTION = "execution"


@dataclass(frozen=True, slots=True)
class Awaited:
    """What a proposal waits for, and when.

    Attributes:
        step: What.
        seats: Who can still vote; none for the other steps.
        opens_at: From when, Unix seconds; None for now.
        closes_at: Last instant, Unix seconds.
    """

    step: Step
    seats: tuple[ChecksumAddress, ...]
    opens_at: int | None
    closes_at: int


@dataclass(frozen=True, slots=True)
class ProposalStatus:
    """How a proposal stands, by the rule of this moment.

    Attributes:
        state: Its state.
        votes_for: Votes in favour that count.
        required: Votes in favour that it takes.
        voted: Seats that have voted.
        missing: Seats that have not.
        is_exempt: Whether it needs no opinion.
        opinions: Opinions filed.
        is_adverse: Whether one of them is adverse.
        opinion_until: Last instant for opinions, Unix seconds.
        starts_at: Voting begins after it, Unix seconds.
        ends_at: Last instant to vote, Unix seconds.
        executable_at: Earliest execution once it is queued, Unix seconds; else None.
        expires_at: Last instant to execute it, Unix seconds.
    """

    state: ProposalState
    votes_for: int
    required: int
    voted: tuple[ChecksumAddress, ...]
    missing: tuple[ChecksumAddress, ...]
    is_exempt: bool
    opinions: int
    is_adverse: bool
    opinion_until: int
    starts_at: int
    ends_at: int
    executable_at: int | None
    expires_at: int

    def awaited(self, now: int) -> tuple[Awaited, ...]:
        """Return everything that the proposal waits for at an instant; nothing once it is decided for good.

        Args:
            now: Unix seconds.
        """
        steps = []
        is_open = self.state in (ProposalState.PENDING, ProposalState.ACTIVE)
        if is_open and not self.is_exempt and not self.opinions and now <= self.opinion_until:
            steps.append(Awaited(Step.OPINION, (), None, self.opinion_until))
        if is_open and self.missing:
            starts_at = self.starts_at + 1
            steps.append(Awaited(Step.VOTE, self.missing, starts_at if starts_at > now else None, self.ends_at))
        if self.state is ProposalState.SUCCEEDED:
            steps.append(Awaited(Step.QUEUEING, (), None, self.expires_at))
        if self.state is ProposalState.QUEUED:
            executable_at = self.executable_at if self.executable_at and self.executable_at > now else None
            steps.append(Awaited(Step.EXECUTION, (), executable_at, self.expires_at))
        return tuple(steps)


EXPIRY_SECONDS = 30 * 86_400
"""How long after the end of voting a proposal can be executed."""

TIMESTAMPS_SLOT = 1
"""Where the timelock keeps from when an operation is ready: snapshots/storage-layout.json."""

GOVERNANCE_CALL_SLOT = 5
"""Where the council keeps the queue of calls to itself that it is carrying out; as above."""

_READY = 2
"""An instant long past; 1 stands for what was carried out."""

_EMPTY_ARRAY_POP = 0x31


class Council:
    """The Council of a network, and its timelock."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("Council")
        self.timelock = network.contract("CouncilTimelock")
        self.domain = TypedDomain("council", network.chain_id, self.contract.address)

    # ------------------------------------------------------------- proposals

    async def propose(
        self, actions: Sequence[Action], description: str, proposer: LocalAccount
    ) -> tuple[Proposal, Mined]:
        """Propose actions. By a seat.

        Args:
            actions: What is to be carried out, in order.
            description: In words; the same actions can be proposed again with other words.
            proposer: Key of the owner of a seat.

        Raises:
            ProposalRefused: There is no action.
            ContractError: The actions would be refused if they were carried out now, or the proposal is.
        """
        if not actions:
            raise ProposalRefused("a proposal carries out one action at least; give what is to be done")
        await self._try(actions)
        targets, values, datas, _ = Proposal(tuple(actions), description, proposer.address, 0, 0).arguments()
        mined = await self._network.transactions.send(
            self.contract.function("propose", targets, values, datas, description), proposer
        )
        (event,) = self.contract.events.ProposalCreated().process_receipt(mined.receipt, _DISCARD)
        return self._proposal(event), mined

    async def proposals(self) -> tuple[Proposal, ...]:
        """Return everything that was ever proposed, oldest first."""
        events = await self._network.logs(self.contract.events.ProposalCreated())
        return tuple(self._proposal(event) for event in events)

    async def proposal(self, proposal_id: ProposalId) -> Proposal:
        """Return what was proposed.

        Raises:
            ProposalRefused: There is no such proposal.
        """
        for proposal in await self.proposals():
            if proposal.id == proposal_id:
                return proposal
        raise ProposalRefused(f"no proposal has the id {proposal_id}; list them with `consentry council status`")

    async def status(self, proposal_id: ProposalId) -> ProposalStatus:
        """Return how a proposal stands.

        Raises:
            ContractError: There is no such proposal.
        """
        call = self.contract.function
        ask = self._network.ask
        votes_for, required = await ask(call("tallyOf", proposal_id).call())
        is_exempt, opinion_until, opinions, is_adverse = await ask(call("opinionsOn", proposal_id).call())
        ends_at: int = await ask(call("proposalDeadline", proposal_id).call())
        executable_at: int = await ask(call("proposalEta", proposal_id).call())
        seats = await self.seats()
        voted = [seat for seat in seats if await self._has_voted(proposal_id, seat)]
        return ProposalStatus(
            state=ProposalState(await ask(call("state", proposal_id).call())),
            votes_for=votes_for,
            required=required,
            voted=tuple(voted),
            missing=tuple(seat for seat in seats if seat not in voted),
            is_exempt=is_exempt,
            opinions=opinions,
            is_adverse=is_adverse,
            opinion_until=opinion_until,
            starts_at=await ask(call("proposalSnapshot", proposal_id).call()),
            ends_at=ends_at,
            executable_at=executable_at or None,
            expires_at=ends_at + EXPIRY_SECONDS,
        )

    async def vote(self, proposal_id: ProposalId, support: Support, voter: LocalAccount) -> Mined:
        """Vote. By the owner of a seat."""
        return await self._network.transactions.send(
            self.contract.function("castVote", proposal_id, int(support)), voter
        )

    async def sign_vote(self, proposal_id: ProposalId, support: Support, voter: LocalAccount) -> Signature:
        """Sign a vote for somebody else to carry; good until the voter signs and uses another one."""
        nonce: int = await self._network.ask(self.contract.function("nonces", voter.address).call())
        message: Message = {"proposalId": proposal_id, "support": int(support), "voter": voter.address, "nonce": nonce}
        return self.domain.sign(voter, "Ballot", message)

    async def has_voted(self, proposal_id: ProposalId, account: ChecksumAddress) -> bool:
        """Return whether the seat for which an account speaks has voted; it does so once."""
        voted: bool = await self._network.ask(self.contract.function("hasVoted", proposal_id, account).call())
        return voted

    async def vote_signed(
        self,
        proposal_id: ProposalId,
        support: Support,
        voter: ChecksumAddress,
        signature: Signature,
        sender: LocalAccount,
    ) -> Mined:
        """Carry a signed vote; anyone may."""
        return await self._network.transactions.send(
            self.contract.function("castVoteBySig", proposal_id, int(support), voter, signature), sender
        )

    async def file_opinion(
        self,
        proposal_id: ProposalId,
        opinion: Opinion,
        document: bytes,
        jurisdiction: str,
        regulator: ChecksumAddress,
        owner: LocalAccount,
    ) -> Mined:
        """File a regulator's opinion on a proposal, once.

        Args:
            proposal_id: The proposal.
            opinion: Favourable, neutral or adverse.
            document: keccak256 of the opinion's text, 32 bytes.
            jurisdiction: ISO 3166-1 alpha-2.
            regulator: Whose opinion it is.
            owner: The key of the regulator's owner.

        Raises:
            ArgumentInvalid: It is no jurisdiction.
            ContractError: The opinion is refused.
        """
        place = read_jurisdiction(jurisdiction).encode()
        return await self._network.transactions.send(
            self.contract.function(
                "fileOpinion", proposal_id, regulator, int(opinion), document, place
            ),
            owner,
        )

    async def queue(self, proposal: Proposal, sender: LocalAccount) -> Mined:
        """Queue what carried; anyone may. The timelock's delay begins."""
        return await self._network.transactions.send(
            self.contract.function("queue", *proposal.arguments()), sender
        )

    async def execute(self, proposal: Proposal, sender: LocalAccount) -> Mined:
        """Carry out what was queued, once its delay is over; anyone may."""
        return await self._network.transactions.send(
            self.contract.function("execute", *proposal.arguments()), sender
        )

    # ------------------------------------------------------------- seats and rules

    async def seats(self) -> tuple[ChecksumAddress, ...]:
        """Return the identities that have a seat."""
        found = await self._network.ask(self.contract.function("seats").call())
        return tuple(to_checksum_address(seat) for seat in found)

    async def periods(self) -> Periods:
        """Return the periods of a proposal that is made now."""
        return Periods(*await self._network.ask(self.contract.function("periods").call()))

    async def delay_seconds(self) -> int:
        """Return the timelock's delay from queueing to the earliest execution, in seconds."""
        delay: int = await self._network.ask(self.timelock.function("getMinDelay").call())
        return delay

    async def give_seat_back(self, owner: LocalAccount) -> Mined:
        """Give a seat back. By its owner."""
        return await self._network.transactions.send(self.contract.function("giveSeatBack"), owner)

    def add_seat(self, seat: ChecksumAddress) -> Action:
        """Give an identity a seat, once it has signed the charter in force. By vote."""
        return self.contract.action("addSeat", seat)

    def remove_seat(self, seat: ChecksumAddress) -> Action:
        """Take a seat from an identity. By vote."""
        return self.contract.action("removeSeat", seat)

    def replace_seat(self, former: ChecksumAddress, successor: ChecksumAddress) -> Action:
        """Take a seat from one identity and give it to another, once that has signed the charter in force. By vote.

        Args:
            former: Who has the seat; its votes count no more.
            successor: Who gets it; it has no say in what is being voted on already.
        """
        return self.contract.action("replaceSeat", former, successor)

    def set_periods(self, periods: Periods) -> Action:
        """Set the periods of later proposals. By vote."""
        return self.contract.action("setPeriods", (periods.voting_delay, periods.voting, periods.opinion))

    def set_exemption(self, target: ChecksumAddress, selector: bytes, is_exempt: bool) -> Action:
        """Say whether an action needs no opinion. By vote."""
        return self.contract.action("setExemption", target, selector, is_exempt)

    async def _has_voted(self, proposal_id: ProposalId, seat: ChecksumAddress) -> bool:
        owner = await self._network.identities.owner_of(seat)
        return owner is not None and await self.has_voted(proposal_id, owner)

    async def _try(self, actions: Sequence[Action]) -> None:
        """Carry actions out without sending anything, one after the other, as if they had been voted and queued.

        What the timelock has ready and what the council is carrying out stand in storage, and a call can be tried with
        other storage. Where a node cannot do that, or the council in force keeps it elsewhere, the first action alone
        is tried, and of those that the council lets through only while it carries them out nothing is known.

        Raises:
            ContractError: One is refused.
        """
        targets, values, datas, _ = Proposal(tuple(actions), "", self.timelock.address, 0, 0).arguments()
        none = bytes(32)
        batch = (targets, values, datas, none, none)
        kinds = ["address[]", "uint256[]", "bytes[]", "bytes32", "bytes32"]
        operation = keccak(encoded(kinds, batch, "the proposal's actions"))
        own = [keccak(action.data) for action in actions if action.target == self.contract.address]
        storage = {
            self.timelock.address: {keccak(operation + _word(TIMESTAMPS_SLOT)): _word(_READY)},
            self.contract.address: {
                _word(GOVERNANCE_CALL_SLOT): _word(len(own) << 128),
                **{keccak(_word(index) + _word(GOVERNANCE_CALL_SLOT + 1)): call for index, call in enumerate(own)},
            },
        }
        transactions = self._network.transactions
        try:
            call = self.timelock.function("executeBatch", *batch)
            await transactions.simulate(call, self.contract.address, storage=storage)
        except NodeFailed:
            pass
        except ContractError as refused:
            if not (_is_without_queue(refused) or refused.values.get("operationId") == operation):
                raise
        else:
            return
        try:
            await transactions.simulate_action(actions[0], self.timelock.address)
        except ContractError as refused:
            if not _is_without_queue(refused):
                raise

    def _proposal(self, event: EventData) -> Proposal:
        fields = event["args"]
        return Proposal(
            actions=tuple(
                Action(to_checksum_address(target), bytes(data), self._network.name_of_call(target, bytes(data)))
                for target, data in zip(fields["targets"], fields["calldatas"], strict=True)
            ),
            description=fields["description"],
            proposer=to_checksum_address(fields["proposer"]),
            starts_at=fields["voteStart"],
            ends_at=fields["voteEnd"],
        )


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _is_without_queue(refused: ContractError) -> bool:
    """Whether the council refuses because it does not carry the call out itself, not for what the call is."""
    return refused.name == "Panic" and refused.values["code"] == _EMPTY_ARRAY_POP
