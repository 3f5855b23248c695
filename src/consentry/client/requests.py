"""Requests: what a consumer asks a person for, signed so that nobody who carries it can change a word.

A request is an EIP-712 message of type ``Request`` under the ConsentToken's domain, signed by the consumer's owner key
or its delegate of kind ``exchange``. It carries the one-time X25519 public key to encrypt to: fresh for this exchange.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.encoding import read_address
from consentry.client.errors import (
    ArgumentInvalid,
    ContractError,
    RequestRefused,
    SchemaMismatch,
    SignatureInvalid,
)
from consentry.client.identities import Role
from consentry.client.schemas import identifier_of
from consentry.client.signing import Digest, Message, Signature, TypedDomain, recover
from consentry.delivery import DeliveryError
from consentry.delivery.keys import import_recipient_key
from consentry.records import (
    Controller,
    InvalidIdentifierError,
    JsonError,
    JsonObject,
    JsonValue,
    Notice,
    RecordError,
    RequestedTerms,
    canonical_bytes,
    canonical_hash,
    hex_hash,
    parse_did,
    parse_hex_hash,
    parse_json,
)
from consentry.schemas import SchemaError, load_purpose

if TYPE_CHECKING:
    from consentry.client.network import Network

LARGEST_REQUEST_BYTES = 32_768


@dataclass(frozen=True, slots=True)
class Request:
    """What a consumer asks for.

    Attributes:
        terms: Who asks, for what, why, where and for how long: what the person is shown and the record holds.
        recipient_key: X25519 public key, 32 bytes, fresh for this request.
        coordinator: Who drives the exchange.
        schedule_version: Version of the fee schedule that the consumer will order by.
        fee: The fee, in token units.
        expires_at: Last instant to act on the request, Unix seconds.
        nonce: Random, at most 256 bits.
        signer: Who signs it for the consumer.
    """

    terms: RequestedTerms
    recipient_key: bytes
    coordinator: ChecksumAddress
    schedule_version: int
    fee: int
    expires_at: int
    nonce: int
    signer: ChecksumAddress

    @property
    def consumer(self) -> ChecksumAddress:
        """The consumer's identity, from its DID.

        Raises:
            InvalidIdentifierError: It is not such a DID.
        """
        return to_checksum_address(parse_did(self.terms.consumer.did).rsplit(":", 1)[1])

    @property
    def assurance(self) -> Assurance:
        """The least level of assurance.

        Raises:
            RequestRefused: It is none.
        """
        level = self.terms.assurance_level
        if level not in (Assurance.LOW, Assurance.SUBSTANTIAL, Assurance.HIGH):
            raise RequestRefused("the request's field 'assurance_level' must be 1 (low), 2 (substantial) or 3 (high)")
        return Assurance(level)

    @property
    def recipient_key_hash(self) -> bytes:
        """keccak256 of the one-time key: what the order names on chain."""
        return keccak(self.recipient_key)

    def message(self) -> Message:
        """Return the typed message that is signed; ``details`` is the hash of all the terms in RFC 8785 form.

        Raises:
            RequestRefused: There is no such level of assurance.
            RecordError: The consumer's DID or the notice's hash is not in its one form, or the terms have no JSON form.
        """
        terms = self.terms
        return {
            "consumer": self.consumer,
            "schema": identifier_of(terms.schema_id),
            "attributes": list(terms.attributes),
            "purpose": identifier_of(terms.purpose_id),
            "assurance": int(self.assurance),
            "notice": terms.notice.url,
            "noticeHash": parse_hex_hash(terms.notice.text_hash),
            "jurisdiction": terms.jurisdiction,
            "validFrom": terms.valid_from,
            "validUntil": terms.valid_until,
            "eraseBy": terms.erase_by,
            "maxUses": terms.max_uses,
            "details": canonical_hash(_terms_json(terms)),
            "recipientKey": self.recipient_key,
            "coordinator": self.coordinator,
            "scheduleVersion": self.schedule_version,
            "fee": self.fee,
            "expiresAt": self.expires_at,
            "nonce": self.nonce,
            "signer": self.signer,
        }


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request and the consumer's signature of it: what travels to the wallet and the provider."""

    request: Request
    signature: Signature

    def to_json(self) -> str:
        """Return the request as a JSON text: bytes in lower-case hex, 256-bit numbers as text."""
        request = self.request
        document: JsonObject = {
            "terms": _terms_json(request.terms),
            "recipient_key": "0x" + request.recipient_key.hex(),
            "coordinator": request.coordinator,
            "schedule_version": request.schedule_version,
            "fee": str(request.fee),
            "expires_at": request.expires_at,
            "nonce": str(request.nonce),
            "signer": request.signer,
            "signature": "0x" + self.signature.hex(),
        }
        return canonical_bytes(document).decode()

    @classmethod
    def from_json(cls, text: str) -> SignedRequest:
        """Read a request.

        Raises:
            RequestRefused: It is too large, not JSON, or has a field missing, unknown or of the wrong kind (named).
        """
        try:
            document = _Fields("request", parse_json(text, limit_bytes=LARGEST_REQUEST_BYTES), _REQUEST_FIELDS)
        except JsonError as cause:
            raise RequestRefused(f"the request cannot be read: {cause}") from cause
        request = Request(
            terms=_terms(document.value("terms")),
            recipient_key=document.octets("recipient_key", 32),
            coordinator=document.address("coordinator"),
            schedule_version=document.integer("schedule_version", 32),
            fee=document.decimal("fee"),
            expires_at=document.integer("expires_at", 48),
            nonce=document.decimal("nonce"),
            signer=document.address("signer"),
        )
        return cls(request, Signature(document.octets("signature", 65)))


class Requests:
    """Signs and checks requests by a network's registries."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.domain = TypedDomain("consent_token", network.chain_id, network.addresses["ConsentToken"])

    def sign(self, request: Request, signer: LocalAccount) -> SignedRequest:
        """Sign a request.

        Raises:
            RequestRefused, RecordError: As `Request.message`.
            ArgumentInvalid: A field is not what its type can hold.
        """
        return SignedRequest(request, self.domain.sign(signer, "Request", request.message()))

    def digest(self, request: Request) -> Digest:
        """Return the EIP-712 digest of a request; raises as `sign`."""
        return self.domain.digest("Request", request.message())

    async def check(self, signed: SignedRequest) -> None:
        """Check a request as a wallet and a provider must before anybody acts on it.

        Raises:
            RequestRefused: Not in form, not signed by who may speak for the consumer, of another network, expired, the
                consumer is not Active as one or not accredited for the schema and purpose, the schema, an attribute or
                the purpose is unknown, or the purpose is put into other words than the network's.
        """
        request = signed.request
        try:
            recovered = recover(self.digest(request), signed.signature)
            import_recipient_key(request.recipient_key)
        except SignatureInvalid as cause:
            raise RequestRefused(f"the request's signature is not valid: {cause}") from cause
        except (ArgumentInvalid, RecordError, DeliveryError) as cause:
            raise RequestRefused(f"the request is not in form: {cause}") from cause
        if recovered != request.signer:
            raise RequestRefused("the request was changed after it was signed, or signed by another key")
        if request.terms.consumer.did != self._network.did(request.consumer):
            raise RequestRefused("the request names a consumer of another chain; use the wallet of that network")
        try:
            await self._network.identities.check_actor(request.consumer, "exchange", request.signer)
        except ContractError as cause:
            raise RequestRefused(
                f"{request.signer} may not sign requests for {request.consumer}: not its owner or exchange delegate"
            ) from cause
        now = await self._network.now()
        if now > request.expires_at:
            raise RequestRefused(f"the request expired at {request.expires_at} (Unix seconds); ask for a new one")
        if not now < request.terms.valid_until <= request.terms.erase_by:
            raise RequestRefused("the request's window or retention has ended; ask for a new one")
        consumer = await self._network.identities.participant(request.consumer)
        if not consumer.is_active(Role.CONSUMER):
            raise RequestRefused(f"{request.consumer} is not an active consumer of this network")
        await self._check_terms(request.terms)
        if not await self._network.schemas.is_consumer_accredited(
            request.consumer, request.terms.schema_id, request.terms.purpose_id
        ):
            raise RequestRefused(
                f"{request.consumer} is not accredited to ask for {request.terms.schema_id} for"
                f" {request.terms.purpose_id}"
            )

    async def _check_terms(self, terms: RequestedTerms) -> None:
        try:
            schema = await self._network.schemas.schema(terms.schema_id)
            for name in terms.attributes:
                schema.attribute(name)
            purpose = load_purpose(terms.purpose_id)
        except (SchemaError, SchemaMismatch, ContractError) as cause:
            raise RequestRefused(str(cause)) from cause
        if not terms.attributes or len(set(terms.attributes)) != len(terms.attributes):
            raise RequestRefused(f"the request must name attributes of {schema.urn}, each once")
        if terms.purpose_text not in purpose.texts.values():
            raise RequestRefused(f"the request puts {purpose.urn} into other words than the network's")


def _terms_json(terms: RequestedTerms) -> JsonObject:
    plain: JsonObject = asdict(terms)
    return _listed(plain)


def _listed(plain: JsonObject) -> JsonObject:
    return {
        key: list(value) if isinstance(value, tuple) else _listed(value) if isinstance(value, dict) else value
        for key, value in plain.items()
    }


def _terms(document: JsonValue) -> RequestedTerms:
    terms = _Fields("request's terms", document, tuple(field.name for field in fields(RequestedTerms)))
    consumer = _Fields("request's consumer", terms.value("consumer"), ("did", "name", "address", "contact"))
    notice = _Fields("request's notice", terms.value("notice"), ("url", "language", "text_hash"))
    try:
        return RequestedTerms(
            request_id=terms.text("request_id"),
            consumer=Controller(
                did=parse_did(consumer.text("did")),
                name=consumer.text("name"),
                address=consumer.text("address"),
                contact=consumer.text("contact"),
            ),
            schema_id=terms.text("schema_id"),
            attributes=terms.texts("attributes"),
            purpose_id=terms.text("purpose_id"),
            purpose_text=terms.text("purpose_text"),
            notice=Notice(
                url=notice.text("url"),
                language=notice.text("language"),
                text_hash=hex_hash(parse_hex_hash(notice.text("text_hash"))),
            ),
            retention_seconds=terms.integer("retention_seconds", 48),
            erase_by=terms.integer("erase_by", 48),
            jurisdiction=terms.text("jurisdiction"),
            storage_locations=terms.texts("storage_locations"),
            recipients=terms.texts("recipients"),
            withdrawal_method=terms.text("withdrawal_method"),
            valid_from=terms.integer("valid_from", 48),
            valid_until=terms.integer("valid_until", 48),
            max_uses=terms.integer("max_uses", 32),
            assurance_level=terms.integer("assurance_level", 8),
        )
    except InvalidIdentifierError as cause:
        raise RequestRefused(f"the request cannot be read: {cause}") from cause


_REQUEST_FIELDS = (
    "terms",
    "recipient_key",
    "coordinator",
    "schedule_version",
    "fee",
    "expires_at",
    "nonce",
    "signer",
    "signature",
)


class _Fields:
    """The members of a JSON object, each read as what it must be; what is not is refused by name."""

    def __init__(self, what: str, document: JsonValue, names: tuple[str, ...]) -> None:
        given = set(document) if isinstance(document, dict) else set()
        if not isinstance(document, dict) or given != set(names):
            # What is unknown is counted and not shown: it may say anything.
            missing = ", ".join(name for name in names if name not in given) or "none"
            raise RequestRefused(
                f"the {what} must have the fields {', '.join(names)}, exactly; missing: {missing}; unknown:"
                f" {len(given - set(names))}"
            )
        self._what = what
        self._document = document

    def value(self, name: str) -> JsonValue:
        member: JsonValue = self._document[name]
        return member

    def text(self, name: str) -> str:
        value = self._document[name]
        if not isinstance(value, str) or len(value) > 1_024:
            raise self._refused(name, "a text of at most 1,024 characters")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        value = self._document[name]
        if not isinstance(value, list) or len(value) > 64:
            raise self._refused(name, "a list of at most 64 texts")
        texts = tuple(item for item in value if isinstance(item, str) and len(item) <= 1_024)
        if len(texts) != len(value):
            raise self._refused(name, "a list of at most 64 texts")
        return texts

    def integer(self, name: str, bits: int) -> int:
        value = self._document[name]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << bits:
            raise self._refused(name, f"a whole number of at most {bits} bits")
        return value

    def decimal(self, name: str) -> int:
        value = self._document[name]
        if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 78:
            raise self._refused(name, "a whole number of at most 256 bits, as text")
        if int(value) >= 1 << 256:
            raise self._refused(name, "a whole number of at most 256 bits, as text")
        return int(value)

    def octets(self, name: str, size: int) -> bytes:
        value = self._document[name]
        if not isinstance(value, str) or not re.fullmatch(f"0x[0-9a-f]{{{2 * size}}}", value):
            raise self._refused(name, f"{size} bytes in lower-case hex")
        return bytes.fromhex(value[2:])

    def address(self, name: str) -> ChecksumAddress:
        try:
            return read_address(self.text(name))
        except ArgumentInvalid:
            raise self._refused(name, "an address") from None

    def _refused(self, name: str, form: str) -> RequestRefused:
        return RequestRefused(f"the {self._what}'s field '{name}' must be {form}")
