"""Batches: many exchanges of one consumer and one provider, delivered off chain and settled at once.

For institutions that give each other credit. Each consent in a batch is for one use, under a nonce that the consumer
allotted; its subject's signature comes along. Both institutions sign the batch once, and it is final.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from web3.logs import DISCARD as _DISCARD
from web3.types import EventData

from consentry.client.assurance import Assurance
from consentry.client.consents import ALLOTTED_NONCES, ConsentFault, ConsentId, OpenedConsent
from consentry.client.encoding import NOBODY, encoded
from consentry.client.errors import ArgumentInvalid
from consentry.client.exchanges import Shares
from consentry.client.signing import Message, Signature, TypedDomain
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

BatchId = NewType("BatchId", bytes)
"""Struct hash of ``Batch`` with a signer of zero, 32 bytes."""

_ITEM_TYPE = "(address,bytes32,bytes32,uint256,bytes32,bytes32,bytes32,bytes32)"


@dataclass(frozen=True, slots=True)
class Batch:
    """What both institutions sign, together with the items.

    Attributes:
        consumer: Who asked for all of it.
        provider: Who delivered all of it.
        coordinator: Who drove it.
        schema: Schema id of every item.
        purpose: Purpose id of every item.
        assurance: Level of assurance of every item.
        schedule_version: Version of the fee schedule.
        fee: Of one item, in token units.
        relayer: Who may submit it beside the two; None for nobody.
        deadline: Last instant to submit it, Unix seconds.
        nonce: Sets batches apart that are otherwise the same, 256 bits.
    """

    consumer: ChecksumAddress
    provider: ChecksumAddress
    coordinator: ChecksumAddress
    schema: bytes
    purpose: bytes
    assurance: Assurance
    schedule_version: int
    fee: int
    relayer: ChecksumAddress | None
    deadline: int
    nonce: int

    @classmethod
    def of(
        cls,
        items: Sequence[BatchItem],
        *,
        coordinator: ChecksumAddress,
        schedule_version: int,
        fee: int,
        relayer: ChecksumAddress | None,
        deadline: int,
        nonce: int,
    ) -> Batch:
        """Return the batch of some items, which says once what their consents have in common.

        Args:
            items: At least one.
            coordinator: Who drove it.
            schedule_version: Version of the fee schedule.
            fee: Of one item, in token units.
            relayer: Who may submit it beside the two; None for nobody.
            deadline: Last instant to submit it, Unix seconds.
            nonce: Sets batches apart that are otherwise the same, 256 bits.

        Raises:
            ArgumentInvalid: There is no item, or two differ in a party, schema, purpose or level.
        """
        common = {
            (one.opened.consumer, one.opened.provider, one.opened.schema, one.opened.purpose, one.opened.assurance)
            for one in items
        }
        if len(common) != 1:
            raise ArgumentInvalid("all consents of a batch are for the same parties, schema, purpose and level")
        ((consumer, provider, schema, purpose, assurance),) = common
        return cls(
            consumer,
            provider,
            coordinator,
            schema,
            purpose,
            assurance,
            schedule_version,
            fee,
            relayer,
            deadline,
            nonce,
        )

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        fields = (self.consumer, self.provider, self.coordinator, self.schema, self.purpose, int(self.assurance))
        return (
            *fields,
            self.schedule_version,
            self.fee,
            self.relayer or NOBODY,
            self.deadline,
            self.nonce,
        )

    def message(self, items: Sequence[BatchItem], signer: ChecksumAddress) -> Message:
        """Return the typed message for some items and who signs."""
        return {
            "consumer": self.consumer,
            "provider": self.provider,
            "coordinator": self.coordinator,
            "schema": self.schema,
            "purpose": self.purpose,
            "assurance": int(self.assurance),
            "scheduleVersion": self.schedule_version,
            "fee": self.fee,
            "items": items_hash(items),
            "relayer": self.relayer or NOBODY,
            "deadline": self.deadline,
            "nonce": self.nonce,
            "signer": signer,
        }


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One delivered exchange of a batch.

    Attributes:
        opened: The consent: for one use, under an allotted nonce.
        signature: Its subject's, 65 bytes.
        recipient_key_hash: keccak256 of the request's one-time key, 32 bytes.
        ciphertext_hash: keccak256 of the JWE, 32 bytes.

    Raises:
        ArgumentInvalid: The consent cannot be part of a batch, or the signature has another length.
    """

    opened: OpenedConsent
    signature: Signature
    recipient_key_hash: bytes
    ciphertext_hash: bytes

    def __post_init__(self) -> None:
        if self.opened.max_uses != 1 or not 0 <= self.opened.nonce < ALLOTTED_NONCES:
            raise ArgumentInvalid("a consent in a batch is for one use and has a nonce that its consumer allotted")
        if len(self.signature) != 65:
            raise ArgumentInvalid(f"a subject's signature has 65 bytes, not {len(self.signature)}")

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        opened, signature = self.opened, self.signature
        window = opened.valid_from << 168 | opened.valid_until << 120 | opened.erase_by << 72
        return (
            opened.subject,
            opened.seed,
            opened.terms,
            window | opened.nonce << 8 | signature[64],
            self.recipient_key_hash,
            self.ciphertext_hash,
            bytes(signature[:32]),
            bytes(signature[32:64]),
        )


@dataclass(frozen=True, slots=True)
class SettledItem:
    """A BatchItemSettled event: a consent that a batch used, its nonce, and what was delivered under it."""

    consent: ConsentId
    nonce: int
    recipient_key_hash: bytes
    ciphertext_hash: bytes


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An AllottedConsentSkipped event: a consent that a batch passed over, and why."""

    consent: ConsentId
    nonce: int
    fault: ConsentFault


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """What became of a batch.

    Attributes:
        id: Its id.
        consumer: Who paid.
        provider: Who delivered.
        coordinator: Who drove it.
        count: How many exchanges were settled.
        fee: Of each, in token units.
        shares: Of each fee.
        root: Root of the Merkle tree over the consents used, 32 bytes.
        block_number: Height of its block.
    """

    id: BatchId
    consumer: ChecksumAddress
    provider: ChecksumAddress
    coordinator: ChecksumAddress
    count: int
    fee: int
    shares: Shares
    root: bytes
    block_number: int


def items_hash(items: Sequence[BatchItem]) -> bytes:
    """Return the hash of a batch's items: keccak256 over the eight words of each."""
    return keccak(b"".join(encoded([_ITEM_TYPE], [item.arguments()], "an item of a batch") for item in items))


def merkle_root(consents: Sequence[bytes]) -> bytes:
    """Return the root of the Merkle tree over the consents that a batch used, in the order of their events.

    Pairs are sorted before they are hashed, and a node without a neighbour rises as it is (OpenZeppelin's MerkleProof).

    Args:
        consents: Ids, at least one.
    """
    nodes = list(consents)
    while len(nodes) > 1:
        nodes = _above(nodes)
    return nodes[0]


def merkle_proof(consents: Sequence[bytes], consent: bytes) -> tuple[bytes, ...]:
    """Return the proof that a batch used a consent, for OpenZeppelin's MerkleProof.

    Args:
        consents: Ids of all that it used, in the order of their events.
        consent: One of them.

    Raises:
        ArgumentInvalid: It is not one of them.
    """
    if consent not in consents:
        raise ArgumentInvalid("the batch did not use this consent")
    nodes, place, proof = list(consents), list(consents).index(consent), []
    while len(nodes) > 1:
        neighbour = place ^ 1
        if neighbour < len(nodes):
            proof.append(nodes[neighbour])
        nodes, place = _above(nodes), place // 2
    return tuple(proof)


class Batches:
    """The network's ExchangeBatches."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("ExchangeBatches")
        self.domain = TypedDomain("exchange_batches", network.chain_id, self.contract.address)

    def sign(self, batch: Batch, items: Sequence[BatchItem], signer: LocalAccount) -> Signature:
        """Sign a batch with its items, for the consumer or for the provider."""
        return self.domain.sign(signer, "Batch", batch.message(items, signer.address))

    async def exchange_batch(
        self,
        batch: Batch,
        items: Sequence[BatchItem],
        consumer_word: tuple[ChecksumAddress, bytes],
        provider_word: tuple[ChecksumAddress, bytes],
        sender: LocalAccount,
    ) -> tuple[SettledBatch, Mined]:
        """Settle a batch.

        Args:
            batch: What both signed.
            items: 1 to 500.
            consumer_word: Who signed for the consumer, and the signature; empty where it is the sender.
            provider_word: Likewise for the provider.
            sender: A party, its signer, or the relayer.
        """
        mined = await self._network.transactions.send(
            self.contract.function(
                "exchangeBatch",
                batch.arguments(),
                [item.arguments() for item in items],
                consumer_word,
                provider_word,
            ),
            sender,
        )
        with self._network.answers():
            (event,) = self.contract.events.BatchSettled().process_receipt(mined.receipt, _DISCARD)
            return _settled(event), mined

    async def root_of(self, batch_id: BatchId) -> bytes | None:
        """Return the root over the consents that a batch used, or None when there is no such batch."""
        root: bytes = await self._network.ask(self.contract.function("batchRootOf", batch_id).call())
        return root if any(root) else None

    async def settled(self) -> tuple[SettledBatch, ...]:
        """Return every batch that was settled, oldest first."""
        events = await self._network.logs(self.contract.events.BatchSettled())
        with self._network.answers():
            return tuple(_settled(event) for event in events)

    async def items_of(self, batch_id: BatchId) -> tuple[SettledItem, ...]:
        """Return what a batch settled, in the order of its events."""
        events = await self._network.logs(self.contract.events.BatchItemSettled(), batchId=batch_id)
        with self._network.answers():
            return tuple(
                SettledItem(ConsentId(e["consent"]), e["nonce"], e["recipientKeyHash"], e["ciphertextHash"])
                for e in (event["args"] for event in events)
            )

    def skipped_in(self, mined: Mined) -> tuple[SkippedItem, ...]:
        """Return the items that a batch's transaction passed over."""
        with self._network.answers():
            events = self._network.consents.contract.events.AllottedConsentSkipped().process_receipt(
                mined.receipt, _DISCARD
            )
            return tuple(
                SkippedItem(ConsentId(e["consentId"]), e["nonce"], ConsentFault(e["fault"]))
                for e in (event["args"] for event in events)
            )


def _settled(event: EventData) -> SettledBatch:
    fields = event["args"]
    return SettledBatch(
        id=BatchId(bytes(fields["batchId"])),
        consumer=fields["consumer"],
        provider=fields["provider"],
        coordinator=fields["coordinator"],
        count=fields["count"],
        fee=fields["fee"],
        shares=Shares.unpack(fields["shares"]),
        root=bytes(fields["root"]),
        block_number=event["blockNumber"],
    )


def _above(nodes: list[bytes]) -> list[bytes]:
    pairs = [keccak(min(pair) + max(pair)) for pair in zip(nodes[::2], nodes[1::2], strict=False)]
    return pairs + nodes[-1:] if len(nodes) % 2 else pairs
