"""Erasures: a consumer's duties to erase what exchanges brought it, on record, confirmed or overdue."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.logs import DISCARD as _DISCARD
from web3.types import EventData

from consentry.client.batches import Batches, BatchId, merkle_proof
from consentry.client.consents import Consent, OpenedConsent, salt_of
from consentry.client.encoding import NOBODY
from consentry.client.errors import ArgumentInvalid
from consentry.client.exchanges import ExchangeId
from consentry.client.signing import Signature, TypedDomain
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

ERASED = bytes(32)
"""The statement of a consumer that erased everything."""

MOST_CONFIRMED = 500
"""Duties that one confirmation can name."""

_PAGE = 500


class ErasureState(enum.IntEnum):
    """Where a duty to erase stands; as in the contracts."""

    NONE = 0
    DUE = 1
    OVERDUE = 2
    ERASED = 3
    KEPT = 4


@dataclass(frozen=True, slots=True)
class Opening:
    """What proves that a consent was for a consumer: the consent as signed, the consumer, and its salt."""

    consent: Consent
    consumer: ChecksumAddress
    salt: bytes

    @classmethod
    def of(cls, opened: OpenedConsent) -> Opening:
        """Return the opening of the consumer alone: provider, schema and purpose stay hidden."""
        return cls(opened.sealed(), opened.consumer, salt_of(opened.seed, 0))


@dataclass(frozen=True, slots=True)
class Erasure:
    """A duty on record.

    Attributes:
        exchange_id: Of the exchange that brought the data.
        consumer: Who has to erase it.
        due_at: Last instant to confirm it in time, Unix seconds.
        state: Where it stands.
    """

    exchange_id: ExchangeId
    consumer: ChecksumAddress
    due_at: int
    state: ErasureState


class Erasures:
    """The ErasureRegister of a network: the one in force, or a former one that still takes confirmations."""

    def __init__(self, network: Network, register: ChecksumAddress | None = None) -> None:
        """Speak to a register.

        Args:
            network: The network.
            register: Its address; the one in force when None.
        """
        self._network = network
        self.contract = network.contract("ErasureRegister", register)
        self.domain = TypedDomain("erasure_register", network.chain_id, self.contract.address)

    def sign_confirmation(
        self, consumer: ChecksumAddress, exchanges: Sequence[ExchangeId], statement: bytes, signer: LocalAccount
    ) -> Signature:
        """Sign that what these exchanges brought is erased, or kept by a statement with this hash."""
        return self.domain.sign(
            signer,
            "Confirmation",
            {
                "consumer": consumer,
                "exchanges": list(exchanges),
                "statement": statement,
                "signer": signer.address,
            },
        )

    # ------------------------------------------------------------- steps; any key may send them

    async def open(self, opening: Opening, use: int, sender: LocalAccount) -> tuple[Erasure, Mined]:
        """Put the duty on record that follows from a use (1 for the first) of a consent.

        Args:
            opening: Of the consent, to its consumer.
            use: Number of the use.
            sender: The key that pays the gas.
        """
        mined = await self._network.transactions.send(
            self.contract.function("open", opening.consent.arguments(), use, opening.consumer, opening.salt), sender
        )
        return self._opened(mined), mined

    async def open_for_batch(self, opening: Opening, batch_id: BatchId, sender: LocalAccount) -> tuple[Erasure, Mined]:
        """Put the duty on record that follows from an item of a batch, whichever escrow settled it.

        Args:
            opening: Of the item's consent, to its consumer.
            batch_id: Id of the batch.
            sender: The key that pays the gas.

        Raises:
            ArgumentInvalid: No batch of this id was settled, or it did not use the consent.
        """
        escrow_index, batches = await self._batches_of(batch_id)
        consents = [item.consent for item in await batches.items_of(batch_id)]
        proof = merkle_proof(consents, opening.consent.id(self._network.consents.domain))
        mined = await self._network.transactions.send(
            self.contract.function(
                "openForBatch",
                opening.consent.arguments(),
                opening.consumer,
                opening.salt,
                escrow_index,
                batch_id,
                list(proof),
            ),
            sender,
        )
        return self._opened(mined), mined

    async def confirm(
        self,
        consumer: ChecksumAddress,
        exchanges: Sequence[ExchangeId],
        statement: bytes,
        signer: ChecksumAddress,
        signature: bytes,
        sender: LocalAccount,
    ) -> Mined:
        """Confirm duties of a consumer, at most `MOST_CONFIRMED` at once; late ones too.

        Args:
            consumer: Whose they are.
            exchanges: Ids of the exchanges that brought the data.
            statement: `ERASED`, or keccak256 of the statement by which legal duty it is kept.
            signer: The consumer, or its delegate of kind ``exchange``.
            signature: The signer's; empty when the sender is the signer.
            sender: The key that pays the gas.
        """
        named = NOBODY if signer == consumer else signer
        return await self._network.transactions.send(
            self.contract.function("confirm", consumer, list(exchanges), statement, named, signature), sender
        )

    async def report(self, exchange_id: ExchangeId, sender: LocalAccount) -> Mined:
        """Say that a duty was not confirmed in time: its consumer funds nothing until it confirms."""
        return await self._network.transactions.send(self.contract.function("report", exchange_id), sender)

    # ------------------------------------------------------------- what is on record

    async def duty_of(self, exchange_id: ExchangeId) -> Erasure | None:
        """Return the duty that follows from an exchange, or None where there is none on record."""
        with self._network.answers():
            consumer, due_at, state = await self.contract.function("dutyOf", exchange_id).call()
            if ErasureState(state) is ErasureState.NONE:
                return None
            return Erasure(exchange_id, to_checksum_address(consumer), due_at, ErasureState(state))

    async def on_record(self, consumer: ChecksumAddress | None = None) -> tuple[Erasure, ...]:
        """Return the duties that were ever put on record, oldest first, as they stand now.

        Args:
            consumer: Whose; everybody's when None.
        """
        filters = {} if consumer is None else {"consumer": consumer}
        events = self.contract.events
        erasures = {
            bytes(found["args"]["exchangeId"]): _erasure(found)
            for found in await self._network.logs(events.ErasureDue(), **filters)
        }
        for found in await self._network.logs(events.ErasureReported(), **filters):
            _move(erasures, found, ErasureState.OVERDUE)
        for found in await self._network.logs(events.ErasureConfirmed(), **filters):
            is_erased = bytes(found["args"]["statement"]) == ERASED
            _move(erasures, found, ErasureState.ERASED if is_erased else ErasureState.KEPT)
        return tuple(erasures.values())

    async def overdue(self) -> tuple[Erasure, ...]:
        """Return every duty that was reported and is not confirmed: what whoever supervises reads."""
        found: list[Erasure] = []
        with self._network.answers():
            while True:
                page = await self.contract.function("overdueAt", len(found), _PAGE).call()
                found += [
                    Erasure(ExchangeId(exchange_id), to_checksum_address(consumer), due_at, ErasureState.OVERDUE)
                    for exchange_id, consumer, due_at in page
                ]
                if len(page) < _PAGE:
                    return tuple(found)

    async def overdue_count_of(self, consumer: ChecksumAddress) -> int:
        """Return how many duties of a consumer are overdue; it funds nothing while any is."""
        count: int = await self._network.ask(self.contract.function("overdueCountOf", consumer).call())
        return count

    async def _batches_of(self, batch_id: BatchId) -> tuple[int, Batches]:
        consents = self._network.consents.contract
        _, latest = await self._network.ask(consents.function("currentEscrow").call())
        for index in range(latest, 0, -1):
            escrow = to_checksum_address(await self._network.ask(consents.function("escrowAt", index).call()))
            parts = await self._network.ask(self._network.contract("FeeEscrow", escrow).function("wiring").call())
            batches = self._network.at({"ExchangeBatches": to_checksum_address(parts[-1])}).batches
            if await batches.root_of(batch_id) is not None:
                return index, batches
        raise ArgumentInvalid("no escrow of this network settled a batch of this id")

    def _opened(self, mined: Mined) -> Erasure:
        with self._network.answers():
            (event,) = self.contract.events.ErasureDue().process_receipt(mined.receipt, _DISCARD)
            return _erasure(event)


def _erasure(event: EventData) -> Erasure:
    fields = event["args"]
    exchange_id = ExchangeId(bytes(fields["exchangeId"]))
    return Erasure(exchange_id, to_checksum_address(fields["consumer"]), int(fields["dueAt"]), ErasureState.DUE)


def _move(erasures: dict[bytes, Erasure], event: EventData, state: ErasureState) -> None:
    exchange_id = bytes(event["args"]["exchangeId"])
    former = erasures[exchange_id]
    erasures[exchange_id] = Erasure(former.exchange_id, former.consumer, former.due_at, state)
