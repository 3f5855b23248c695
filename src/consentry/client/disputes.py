"""Disputes: what becomes of a disputed exchange, before any ERC-792 arbitrator and before the council's panel."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NewType

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.logs import DISCARD as _DISCARD

from consentry.client.contract import Action, Contract
from consentry.client.encoding import NOBODY
from consentry.client.errors import ArgumentInvalid
from consentry.client.exchanges import Delivery, Dispute, Exchange, ExchangeId
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

Ruling = NewType("Ruling", int)
"""What an arbitrator said: 0 where it refused to rule, else the provider's basis points of the fee and one."""

REFUSED: Final = Ruling(0)
"""The arbitrator refused to rule: fee and bond go back to the consumer."""

WHOLE_BPS: Final = 10_000
"""All of a fee, in basis points."""


class Outcome(enum.IntEnum):
    """What decided a dispute; as in the contracts."""

    CIPHERTEXT_MISSING = 0
    RULED = 1
    NOT_RULED = 2


@dataclass(frozen=True, slots=True)
class Submission:
    """A dispute before an arbitrator.

    Attributes:
        arbitrator: The arbitrator; it keeps the case, whichever is in force later.
        dispute_id: The dispute as the arbitrator numbers it.
    """

    arbitrator: ChecksumAddress
    dispute_id: int


@dataclass(frozen=True, slots=True)
class Case:
    """How far a dispute came.

    Attributes:
        submission: Where it is heard, or None until it is submitted.
        is_ciphertext_filed: Whether the provider said that the arbiters have the ciphertext.
        ruling: What the arbitrator said, or None until it does.
    """

    submission: Submission | None
    is_ciphertext_filed: bool
    ruling: Ruling | None


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last instants of a dispute, Unix seconds, inclusive.

    Attributes:
        evidence_until: For evidence and for the provider's word that the arbiters have the ciphertext.
        ruling_until: For a ruling.
    """

    evidence_until: int
    ruling_until: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How the panel's votes on a dispute stand.

    Attributes:
        ruling: What has the most votes, or None where nobody voted.
        votes: Votes for it that count.
        required: Votes that it takes.
    """

    ruling: Ruling | None
    votes: int
    required: int


def ruling_for(provider_bps: int) -> Ruling:
    """Return the ruling that gives the provider a part of the fee.

    Args:
        provider_bps: Basis points, 0 to 10,000.

    Raises:
        ArgumentInvalid: Fewer or more.
    """
    if not 0 <= provider_bps <= WHOLE_BPS:
        raise ArgumentInvalid(f"a ruling gives the provider 0 to {WHOLE_BPS} basis points")
    return Ruling(provider_bps + 1)


class Disputes:
    """The Disputes of a network: those of the escrow in force, or of a former one that ends what is open in it."""

    def __init__(self, network: Network, disputes: ChecksumAddress | None = None) -> None:
        """Speak to a contract.

        Args:
            network: The network.
            disputes: Its address; the one in force when None.
        """
        self._network = network
        self.contract = network.contract("Disputes", disputes)

    # ------------------------------------------------------------- a dispute, step by step

    async def submit(
        self, exchange: Exchange, delivery: Delivery, dispute: Dispute, sender: LocalAccount
    ) -> tuple[Submission, Mined]:
        """Bring a dispute before the arbitrator in force, once; anyone may send it, and pays the arbitrator's cost."""
        mined = await self._network.transactions.send(
            self.contract.function("submit", *_described(exchange, delivery, dispute)),
            sender,
            value=await self.submission_cost(exchange),
        )
        with self._network.answers():
            (event,) = self.contract.events.Dispute().process_receipt(mined.receipt, _DISCARD)
            fields = event["args"]
            return Submission(to_checksum_address(fields["_arbitrator"]), fields["_disputeID"]), mined

    async def file_ciphertext(
        self, exchange: Exchange, delivery: Delivery, dispute: Dispute, sender: LocalAccount
    ) -> Mined:
        """Say that the arbiters have the committed ciphertext, by the evidence deadline.

        Args:
            exchange: The exchange.
            delivery: What was committed to.
            dispute: How it was disputed.
            sender: The provider's owner, or its delegate of kind ``delivery``.
        """
        return await self._network.transactions.send(
            self.contract.function("fileCiphertext", *_described(exchange, delivery, dispute)), sender
        )

    async def submit_evidence(
        self,
        exchange: Exchange,
        delivery: Delivery,
        dispute: Dispute,
        participant: ChecksumAddress,
        evidence: str,
        sender: LocalAccount,
    ) -> Mined:
        """Show the arbiters something, by the evidence deadline.

        Args:
            exchange: The exchange.
            delivery: What was committed to.
            dispute: How it was disputed.
            participant: Its consumer or provider.
            evidence: URI or hash, 1 to 512 bytes; everybody reads it.
            sender: The participant's owner, or its delegate of kind ``exchange`` or ``delivery``.
        """
        return await self._network.transactions.send(
            self.contract.function(
                "submitEvidence", *_described(exchange, delivery, dispute), participant, evidence
            ),
            sender,
        )

    async def execute(
        self, exchange: Exchange, delivery: Delivery, dispute: Dispute, sender: LocalAccount
    ) -> tuple[Outcome, Mined]:
        """End a dispute that is decided; anyone may send it."""
        mined = await self._network.transactions.send(
            self.contract.function("execute", *_described(exchange, delivery, dispute)), sender
        )
        with self._network.answers():
            (event,) = self.contract.events.DisputeExecuted().process_receipt(mined.receipt, _DISCARD)
            return Outcome(event["args"]["outcome"]), mined

    def set_arbitrator(self, arbitrator: ChecksumAddress) -> Action:
        """Send disputes that are submitted from then on to another ERC-792 arbitrator. By vote."""
        return self.contract.action("setArbitrator", arbitrator)

    # ------------------------------------------------------------- the panel

    async def vote(
        self, submission: Submission, seat: ChecksumAddress, ruling: Ruling, owner: LocalAccount
    ) -> Mined:
        """Vote on a dispute before the council's panel, for the first time or again.

        Args:
            submission: The dispute.
            seat: The seat that votes.
            ruling: What it votes for.
            owner: The owner of the seat's identity.
        """
        call = self._panel(submission).function("vote", submission.dispute_id, seat, ruling)
        return await self._network.transactions.send(call, owner)

    async def give(self, submission: Submission, sender: LocalAccount) -> Mined:
        """Count the panel's votes again, seats having come or gone; anyone may send it."""
        call = self._panel(submission).function("give", submission.dispute_id)
        return await self._network.transactions.send(call, sender)

    async def tally_of(self, submission: Submission) -> Tally:
        """Return how the panel's votes on a dispute stand."""
        ruling, votes, required = await self._network.ask(
            self._panel(submission).function("leadingOf", submission.dispute_id).call()
        )
        return Tally(Ruling(ruling) if votes else None, votes, required)

    async def eligible_seats(self, submission: Submission) -> tuple[ChecksumAddress, ...]:
        """Return the seats that may rule on a dispute before the panel now."""
        with self._network.answers():
            seats = await self._panel(submission).function("eligibleSeats", submission.dispute_id).call()
            return tuple(to_checksum_address(seat) for seat in seats)

    # ------------------------------------------------------------- what the chain says

    async def arbitrator(self) -> ChecksumAddress:
        """Return the arbitrator to which disputes go that are submitted now."""
        with self._network.answers():
            return to_checksum_address(await self.contract.function("arbitrator").call())

    async def submission_cost(self, exchange: Exchange) -> int:
        """Return what submitting an exchange's dispute costs now, in the chain's own currency, smallest units."""
        cost: int = await self._network.ask(self.contract.function("submissionCost", exchange.arguments()).call())
        return cost

    async def case_of(self, exchange_id: ExchangeId) -> Case:
        """Return how far an exchange's dispute came."""
        with self._network.answers():
            where, dispute_id, is_filed, is_ruled, ruling = await self.contract.function("caseOf", exchange_id).call()
            submission = None if where == NOBODY else Submission(to_checksum_address(where), dispute_id)
            return Case(submission, is_filed, Ruling(ruling) if is_ruled else None)

    async def deadlines_of(self, dispute: Dispute) -> Deadlines:
        """Return the last instants for evidence and for a ruling in a dispute."""
        evidence_until, ruling_until = await self._network.ask(
            self.contract.function("deadlines", dispute.disputed_at).call()
        )
        return Deadlines(evidence_until, ruling_until)

    def _panel(self, submission: Submission) -> Contract:
        return self._network.contract("ArbitrationPanel", submission.arbitrator)


def _described(exchange: Exchange, delivery: Delivery, dispute: Dispute) -> tuple[object, ...]:
    """Return what each step brings along."""
    return exchange.arguments(delivery), delivery.delivered_at, dispute.bond, dispute.disputed_at
