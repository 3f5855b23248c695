"""The receipt: what everyone keeps, so that a third party can check it with the chain and the file.

A receipt is one JSON document in its RFC 8785 form; a file in any other form is refused, so that a
changed blank or order counts like a changed digit. Its id is keccak-256 over the canonical form of
everything else in it. It wraps the consent record as the DPV guide to ISO/IEC TS 27560 says, and
adds the signed consent, the opening of its commitments and the public facts of the exchange.

Whether those facts are what the chain says is checked by whoever reads the chain. Here it is
checked that the file is whole and does not contradict itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from typing import Final

from consentry.records.canonical import (
    JsonObject,
    JsonValue,
    canonical_bytes,
    canonical_hash,
    first_difference,
    parse_json,
)
from consentry.records.errors import (
    InvalidReceiptError,
    InvalidRecordError,
    OversizedJsonError,
    ReceiptIdMismatchError,
    ReceiptNotCanonicalError,
    ReceiptTermsMismatchError,
)
from consentry.records.identifiers import Address, HexHash, hex_hash, is_hex_hash
from consentry.records.record import MAX_INSTANT, ConsentRecord, record_from_json, terms_hash
from consentry.records.validation import (
    array_at,
    first_fault,
    integer_at,
    object_at,
    text_at,
)

MAX_RECEIPT_BYTES: Final = 64 * 1024
"""Greatest length of a receipt file, in bytes."""

RECEIPT_VERSION: Final = 1
"""Version of the file format that this module reads and writes."""

_SCHEMA_FILE: Final = "receipt.schema.json"
_CONTEXT: Final[JsonObject] = {
    "@vocab": "urn:consentry:vocabulary:",
    "created": "dct:created",
    "dct": "http://purl.org/dc/terms/",
    "dct:conformsTo": {"@type": "@id"},
    "dpv": "https://w3id.org/dpv#",
    "receipt_id": "dct:identifier",
    "record": "dpv:hasRecordOfActivity",
}


class ExchangeOutcome(Enum):
    """Where an exchange stood when the receipt was made; the escrow's own words."""

    FUNDED = "Funded"
    DELIVERED = "Delivered"
    DISPUTED = "Disputed"
    REFUND_DUE = "RefundDue"
    SETTLED = "Settled"
    REFUNDED = "Refunded"
    RESOLVED = "Resolved"


class EndCause(Enum):
    """Why an exchange ended; the escrow's own words."""

    ACCEPTED = "Accepted"
    CHALLENGE_WINDOW_ENDED = "ChallengeWindowEnded"
    DECLINED = "Declined"
    NOT_DELIVERED = "NotDelivered"
    CONSENT_WITHDRAWN = "ConsentWithdrawn"
    DISPUTE_RESOLVED = "DisputeResolved"


_CAUSES: Final = {
    ExchangeOutcome.SETTLED: (EndCause.ACCEPTED, EndCause.CHALLENGE_WINDOW_ENDED),
    ExchangeOutcome.REFUNDED: (EndCause.DECLINED, EndCause.NOT_DELIVERED, EndCause.CONSENT_WITHDRAWN),
    ExchangeOutcome.RESOLVED: (EndCause.DISPUTE_RESOLVED,),
}
"""How an exchange ends, and why it can."""


@dataclass(frozen=True, slots=True)
class ContractAddresses:
    """The contracts that a receipt speaks of.

    Attributes:
        directory: NetworkDirectory.
        consent_token: ConsentToken, the verifying contract of the consent's signature.
        escrow: FeeEscrow that the exchange ran in.
        identity_registry: IdentityRegistry.
    """

    directory: Address
    consent_token: Address
    escrow: Address
    identity_registry: Address


@dataclass(frozen=True, slots=True)
class SignedConsent:
    """The EIP-712 message ``Consent`` as the subject signed it.

    Attributes:
        subject: The key that is fresh for this consent.
        consumer: Commitment to the consumer.
        provider: Commitment to the provider.
        scope: Commitment to schema, purpose and level of assurance.
        terms: Hash of the consent record.
        valid_from: First instant of use; Unix seconds.
        valid_until: First instant after it; Unix seconds, exclusive end.
        erase_by: End of retention; Unix seconds.
        max_uses: 1 to 2^32 - 1.
        nonce: 0 to 2^256 - 1.
    """

    subject: Address
    consumer: HexHash
    provider: HexHash
    scope: HexHash
    terms: HexHash
    valid_from: int
    valid_until: int
    erase_by: int
    max_uses: int
    nonce: int


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens the commitments of a consent.

    Attributes:
        seed: The seed that the salts are derived from.
        consumer: The consumer committed to.
        provider: The provider committed to.
        schema_id: The schema committed to, as the chain names it.
        purpose_id: The purpose committed to, as the chain names it.
        assurance_level: The level of assurance committed to; 0 to 3.
    """

    seed: HexHash
    consumer: Address
    provider: Address
    schema_id: HexHash
    purpose_id: HexHash
    assurance_level: int


@dataclass(frozen=True, slots=True)
class ChainStep:
    """Where on the chain a step of an exchange stands.

    Attributes:
        block_number: Number of the block.
        transaction_hash: Hash of the transaction.
    """

    block_number: int
    transaction_hash: HexHash


@dataclass(frozen=True, slots=True)
class ExchangeFacts:
    """The public facts of an exchange, each as the escrow's events state it.

    Attributes:
        exchange_id: The exchange's id.
        use: Which use of the consent it is; 1 for the first.
        coordinator: Who drove it.
        consumer_recruiter: Who has the consumer's recruiter's share; None if nobody has.
        provider_recruiter: Who has the provider's recruiter's share; None if nobody has.
        recipient_key_hash: keccak-256 of the request's one-time key.
        schedule_version: Version of the fee schedule; at least 1.
        fee: The fee, in the escrow token's smallest unit; 0 to 2^256 - 1.
        shares_bps: Provider, coordinator, hosts, consumer's recruiter, provider's recruiter, in
            basis points; they sum to 10,000.
        deliver_by: Last instant for the delivery; Unix seconds, inclusive.
        challenge_seconds: The consumer's time to dispute after the delivery, in seconds.
        ciphertext_hash: What the provider committed to; None if it never delivered.
        delivered_at: When it did; Unix seconds; None if it never did.
        outcome: Where the exchange stood when the receipt was made.
        cause: Why it ended; None while it is open.
        provider_bps: What of the fee a dispute's outcome let go out by the shares, in basis points; None without one.
        funded: The step that funded it.
        delivered: The step that delivered; None if there was none.
        ended: The step that settled or refunded it; None while it is open.
    """

    exchange_id: HexHash
    use: int
    coordinator: Address
    consumer_recruiter: Address | None
    provider_recruiter: Address | None
    recipient_key_hash: HexHash
    schedule_version: int
    fee: int
    shares_bps: tuple[int, int, int, int, int]
    deliver_by: int
    challenge_seconds: int
    ciphertext_hash: HexHash | None
    delivered_at: int | None
    outcome: ExchangeOutcome
    cause: EndCause | None
    provider_bps: int | None
    funded: ChainStep
    delivered: ChainStep | None
    ended: ChainStep | None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt; make one with :meth:`build` or :meth:`parse`.

    Building one checks it: there is no receipt that :meth:`parse` would refuse.

    Attributes:
        created_at: When the receipt was made; Unix seconds.
        chain_id: The chain that it speaks of.
        contracts: The contracts that it speaks of.
        record: The consent record, with later events if there were any.
        consent: The signed consent.
        consent_signature: The subject's signature over it: ``0x`` and 130 lower-case hex digits.
        opening: What opens the consent's commitments.
        exchange: The facts of one exchange; None for a consent that was not used.

    Raises:
        InvalidReceiptError: A field breaks the schema, or two fields contradict each other.
        ReceiptTermsMismatchError: The consent does not carry the record's hash.
        OversizedJsonError: The receipt would be longer than 64 KiB.
    """

    created_at: int
    chain_id: int
    contracts: ContractAddresses
    record: ConsentRecord
    consent: SignedConsent
    consent_signature: str
    opening: Opening
    exchange: ExchangeFacts | None

    def __post_init__(self) -> None:
        _check_meaning(self)
        if (fault := first_fault(self.to_json(), _SCHEMA_FILE)) is not None:
            raise InvalidReceiptError(*fault)
        if (size := len(self.to_bytes())) > MAX_RECEIPT_BYTES:
            raise OversizedJsonError(size, MAX_RECEIPT_BYTES)

    @classmethod
    def build(
        cls,
        *,
        created_at: int,
        chain_id: int,
        contracts: ContractAddresses,
        record: ConsentRecord,
        consent: SignedConsent,
        consent_signature: str,
        opening: Opening,
        exchange: ExchangeFacts | None = None,
    ) -> Receipt:
        """Make a receipt.

        Args:
            created_at: Now; Unix seconds.
            chain_id: The chain that it speaks of.
            contracts: The contracts that it speaks of.
            record: The consent record.
            consent: The signed consent.
            consent_signature: The subject's signature over it.
            opening: What opens its commitments.
            exchange: The facts of one exchange; None for a consent that was not used.

        Returns:
            The receipt.

        Raises:
            InvalidReceiptError: A field breaks the schema, or two fields contradict each other.
            ReceiptTermsMismatchError: The consent does not carry the record's hash.
            OversizedJsonError: The receipt would be longer than 64 KiB.
        """
        return cls(
            created_at=created_at,
            chain_id=chain_id,
            contracts=contracts,
            record=record,
            consent=consent,
            consent_signature=consent_signature,
            opening=opening,
            exchange=exchange,
        )

    @classmethod
    def parse(cls, octets: bytes) -> Receipt:
        """Read a receipt file.

        Args:
            octets: The file, byte for byte.

        Returns:
            The receipt.

        Raises:
            OversizedJsonError: The file is longer than 64 KiB.
            MalformedJsonError: It is not JSON, or JSON that two readers could read differently.
            ReceiptNotCanonicalError: It is not the RFC 8785 form of what it says.
            InvalidReceiptError: It breaks the schema or contradicts itself; names the field.
            ReceiptIdMismatchError: Its id is not the hash of the rest.
            ReceiptTermsMismatchError: The consent does not carry the record's hash.
        """
        document = parse_json(octets, limit_bytes=MAX_RECEIPT_BYTES)
        if canonical_bytes(document) != octets:
            raise ReceiptNotCanonicalError
        # The id first: it is the cheapest check, and tells a damaged file from a badly made one.
        stated = document.get("receipt_id") if isinstance(document, dict) else None
        if isinstance(stated, str) and is_hex_hash(stated):
            computed = _id_of(object_at(document))
            if stated != computed:
                raise ReceiptIdMismatchError(stated, computed)
        if (fault := first_fault(document, _SCHEMA_FILE)) is not None:
            raise InvalidReceiptError(*fault)
        receipt = _from_json(document)
        if (pointer := first_difference(receipt.to_json(), document)) is not None:
            raise InvalidReceiptError(pointer, "it contradicts another field of the receipt")
        return receipt

    @property
    def receipt_id(self) -> HexHash:
        """keccak-256 over the canonical form of everything else in the receipt."""
        return HexHash(text_at(self.to_json(), "receipt_id"))

    def to_json(self) -> JsonObject:
        """Write the receipt as a JSON-LD object.

        Returns:
            The object, its id included.
        """
        body: JsonObject = {
            "@context": _CONTEXT,
            "@type": "dpv:ConsentReceipt",
            "chain_id": self.chain_id,
            "consent": _consent_json(self.consent),
            "consent_signature": self.consent_signature,
            "contracts": {
                "consent_token": self.contracts.consent_token,
                "directory": self.contracts.directory,
                "escrow": self.contracts.escrow,
                "identity_registry": self.contracts.identity_registry,
            },
            "created": _instant(self.created_at),
            "dct:conformsTo": "https://w3id.org/dpv/schema/dpv-27560#receipt",
            "exchange": None if self.exchange is None else _exchange_json(self.exchange),
            "opening": {
                "assurance": self.opening.assurance_level,
                "consumer": self.opening.consumer,
                "provider": self.opening.provider,
                "purpose": self.opening.purpose_id,
                "schema": self.opening.schema_id,
                "seed": self.opening.seed,
            },
            "record": self.record.to_json(),
            "version": RECEIPT_VERSION,
        }
        return {**body, "receipt_id": _id_of(body)}

    def to_bytes(self) -> bytes:
        """Write the receipt file.

        Returns:
            Its canonical form (RFC 8785); the only bytes that :meth:`parse` takes for it.
        """
        return canonical_bytes(self.to_json())


def _id_of(document: JsonObject) -> str:
    rest = {name: member for name, member in document.items() if name != "receipt_id"}
    return hex_hash(canonical_hash(rest))


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _consent_json(consent: SignedConsent) -> JsonObject:
    return {
        "consumer": consent.consumer,
        "eraseBy": consent.erase_by,
        "maxUses": consent.max_uses,
        "nonce": str(consent.nonce),
        "provider": consent.provider,
        "scope": consent.scope,
        "subject": consent.subject,
        "terms": consent.terms,
        "validFrom": consent.valid_from,
        "validUntil": consent.valid_until,
    }


def _step_json(step: ChainStep | None) -> JsonObject | None:
    if step is None:
        return None
    return {"block_number": step.block_number, "transaction_hash": step.transaction_hash}


def _exchange_json(facts: ExchangeFacts) -> JsonObject:
    return {
        "cause": None if facts.cause is None else facts.cause.value,
        "challenge_seconds": facts.challenge_seconds,
        "ciphertext_hash": facts.ciphertext_hash,
        "consumer_recruiter": facts.consumer_recruiter,
        "coordinator": facts.coordinator,
        "deliver_by": facts.deliver_by,
        "delivered": _step_json(facts.delivered),
        "delivered_at": facts.delivered_at,
        "ended": _step_json(facts.ended),
        "exchange_id": facts.exchange_id,
        "fee": str(facts.fee),
        "funded": _step_json(facts.funded),
        "outcome": facts.outcome.value,
        "provider_bps": facts.provider_bps,
        "provider_recruiter": facts.provider_recruiter,
        "recipient_key_hash": facts.recipient_key_hash,
        "schedule_version": facts.schedule_version,
        "shares_bps": list(facts.shares_bps),
        "use": facts.use,
    }


def _from_json(document: JsonValue) -> Receipt:
    try:
        record = record_from_json(object_at(document, "record"))
    except InvalidRecordError as error:
        raise InvalidReceiptError(f"/record{error.pointer}", error.reason) from None
    try:
        created = datetime.strptime(text_at(document, "created"), "%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        raise InvalidReceiptError("/created", "there is no such date or time") from None
    has_exchange = object_at(document)["exchange"] is not None
    return Receipt(
        created_at=int(created.replace(tzinfo=timezone.utc).timestamp()),
        chain_id=integer_at(document, "chain_id"),
        contracts=ContractAddresses(
            directory=_address_at(document, "contracts", "directory"),
            consent_token=_address_at(document, "contracts", "consent_token"),
            escrow=_address_at(document, "contracts", "escrow"),
            identity_registry=_address_at(document, "contracts", "identity_registry"),
        ),
        record=record,
        consent=SignedConsent(
            subject=_address_at(document, "consent", "subject"),
            consumer=_hash_at(document, "consent", "consumer"),
            provider=_hash_at(document, "consent", "provider"),
            scope=_hash_at(document, "consent", "scope"),
            terms=_hash_at(document, "consent", "terms"),
            valid_from=integer_at(document, "consent", "validFrom"),
            valid_until=integer_at(document, "consent", "validUntil"),
            erase_by=integer_at(document, "consent", "eraseBy"),
            max_uses=integer_at(document, "consent", "maxUses"),
            nonce=int(text_at(document, "consent", "nonce")),
        ),
        consent_signature=text_at(document, "consent_signature"),
        opening=Opening(
            seed=_hash_at(document, "opening", "seed"),
            consumer=_address_at(document, "opening", "consumer"),
            provider=_address_at(document, "opening", "provider"),
            schema_id=_hash_at(document, "opening", "schema"),
            purpose_id=_hash_at(document, "opening", "purpose"),
            assurance_level=integer_at(document, "opening", "assurance"),
        ),
        exchange=_exchange_from_json(object_at(document, "exchange")) if has_exchange else None,
    )


def _exchange_from_json(facts: JsonObject) -> ExchangeFacts:
    provider, coordinator, hosts, consumer_recruiter, provider_recruiter = (
        integer_at(share) for share in array_at(facts, "shares_bps")
    )
    return ExchangeFacts(
        exchange_id=_hash_at(facts, "exchange_id"),
        use=integer_at(facts, "use"),
        coordinator=_address_at(facts, "coordinator"),
        consumer_recruiter=_optional_address(facts, "consumer_recruiter"),
        provider_recruiter=_optional_address(facts, "provider_recruiter"),
        recipient_key_hash=_hash_at(facts, "recipient_key_hash"),
        schedule_version=integer_at(facts, "schedule_version"),
        fee=int(text_at(facts, "fee")),
        shares_bps=(provider, coordinator, hosts, consumer_recruiter, provider_recruiter),
        deliver_by=integer_at(facts, "deliver_by"),
        challenge_seconds=integer_at(facts, "challenge_seconds"),
        ciphertext_hash=(
            None if facts["ciphertext_hash"] is None else _hash_at(facts, "ciphertext_hash")
        ),
        delivered_at=None if facts["delivered_at"] is None else integer_at(facts, "delivered_at"),
        outcome=ExchangeOutcome(text_at(facts, "outcome")),
        cause=None if facts["cause"] is None else EndCause(text_at(facts, "cause")),
        provider_bps=None if facts["provider_bps"] is None else integer_at(facts, "provider_bps"),
        funded=_step_at(facts, "funded"),
        delivered=None if facts["delivered"] is None else _step_at(facts, "delivered"),
        ended=None if facts["ended"] is None else _step_at(facts, "ended"),
    )


def _address_at(document: JsonValue, *path: str) -> Address:
    return Address(text_at(document, *path))


def _optional_address(facts: JsonObject, name: str) -> Address | None:
    return None if facts[name] is None else _address_at(facts, name)


def _hash_at(document: JsonValue, *path: str) -> HexHash:
    return HexHash(text_at(document, *path))


def _step_at(facts: JsonObject, name: str) -> ChainStep:
    return ChainStep(
        block_number=integer_at(facts, name, "block_number"),
        transaction_hash=_hash_at(facts, name, "transaction_hash"),
    )


def _check_meaning(receipt: Receipt) -> None:
    """Check what the schema cannot say: numbers in range, and parts that go together."""
    numbers = [
        (receipt.created_at, MAX_INSTANT, "/created"),
        (receipt.consent.nonce, 2**256 - 1, "/consent/nonce"),
    ]
    if receipt.exchange is not None:
        numbers.append((receipt.exchange.fee, 2**256 - 1, "/exchange/fee"))
    for number, greatest, pointer in numbers:
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= greatest:
            raise InvalidReceiptError(pointer, f"it must be a whole number from 0 to {greatest}")
    computed = hex_hash(terms_hash(receipt.record.as_signed()))
    if receipt.consent.terms != computed:
        raise ReceiptTermsMismatchError(receipt.consent.terms, computed)
    if receipt.exchange is not None:
        _check_exchange(receipt.exchange)


def _check_exchange(facts: ExchangeFacts) -> None:
    outcome, cause = facts.outcome, facts.cause
    if sum(facts.shares_bps) != 10_000:
        raise InvalidReceiptError("/exchange/shares_bps", "the shares do not sum to 10,000")
    delivery = (facts.ciphertext_hash, facts.delivered_at, facts.delivered)
    was_delivered = facts.delivered is not None
    if any((part is not None) != was_delivered for part in delivery):
        raise InvalidReceiptError(
            "/exchange/delivered", "ciphertext_hash, delivered_at and delivered go together"
        )
    if (facts.ended is not None) != (outcome in _CAUSES):
        raise InvalidReceiptError(
            "/exchange/ended", "it stands there exactly if the exchange ended"
        )
    if cause not in _CAUSES.get(outcome, (None,)):
        raise InvalidReceiptError("/exchange/cause", "it does not go with the outcome")
    if (facts.provider_bps is not None) != (outcome is ExchangeOutcome.RESOLVED):
        raise InvalidReceiptError("/exchange/provider_bps", "it stands there exactly if a dispute was resolved")
    needs_delivery = outcome in (
        ExchangeOutcome.DELIVERED,
        ExchangeOutcome.DISPUTED,
        ExchangeOutcome.SETTLED,
        ExchangeOutcome.RESOLVED,
    )
    if was_delivered != needs_delivery:
        raise InvalidReceiptError("/exchange/delivered", "it does not go with the outcome")
    steps = [step for step in (facts.funded, facts.delivered, facts.ended) if step is not None]
    blocks = [step.block_number for step in steps]
    if blocks != sorted(blocks):
        raise InvalidReceiptError("/exchange/funded", "the steps are not in the order of blocks")
