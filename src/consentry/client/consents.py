"""Consents: what a subject signs, its commitments, and its token on chain."""

from __future__ import annotations

import enum
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, NewType

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.encoding import NOBODY, encoded
from consentry.client.errors import ConsentRefused, SignatureInvalid
from consentry.client.schemas import identifier_of
from consentry.client.signing import Digest, Message, Signature, TypedDomain, recover
from consentry.client.transactions import Mined
from consentry.records import ConsentRecord, ConsentState, terms_hash

if TYPE_CHECKING:
    from consentry.client.exchanges import Exchange
    from consentry.client.network import Network
    from consentry.client.requests import Request

ConsentId = NewType("ConsentId", bytes)
"""EIP-712 digest of a consent: its id and token id, 32 bytes."""

_NO_EXCHANGE = (bytes(32), NOBODY, NOBODY, NOBODY, 0, bytes(32))

ALLOTTED_NONCES = 1 << 64
"""Nonces below it are allotted by a consumer for a batch; a random one is drawn from above."""


class ConsentFault(enum.IntEnum):
    """The single cause for which a consent cannot be used now; as in the contracts."""

    NONE = 0
    MISSING = 1
    NOT_YET_VALID = 2
    EXPIRED = 3
    EXHAUSTED = 4
    WITHDRAWN = 5
    SAME_PARTY = 6
    CONSUMER_NOT_ACTIVE = 7
    PROVIDER_NOT_ACTIVE = 8
    CONSUMER_NOT_ACCREDITED = 9
    PROVIDER_NOT_ACCREDITED = 10
    EXCHANGE_OPEN = 11
    WINDOW_INVALID = 12
    CONSUMER_ERASURE_OVERDUE = 13


@dataclass(frozen=True, slots=True)
class Consent:
    """What a subject signs: EIP-712 type ``Consent``. Instants in Unix seconds, ``valid_until`` exclusive."""

    subject: ChecksumAddress
    consumer: bytes
    provider: bytes
    scope: bytes
    terms: bytes
    valid_from: int
    valid_until: int
    erase_by: int
    max_uses: int
    nonce: int

    def message(self) -> Message:
        """Return the fields as the typed message that is signed."""
        return {
            "subject": self.subject,
            "consumer": self.consumer,
            "provider": self.provider,
            "scope": self.scope,
            "terms": self.terms,
            "validFrom": self.valid_from,
            "validUntil": self.valid_until,
            "eraseBy": self.erase_by,
            "maxUses": self.max_uses,
            "nonce": self.nonce,
        }

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        return tuple(self.message().values())

    def id(self, domain: TypedDomain) -> ConsentId:
        """Return the consent's id under the domain of a ConsentToken."""
        return ConsentId(domain.digest("Consent", self.message()))


@dataclass(frozen=True, slots=True)
class OpenedConsent:
    """A consent with its commitments opened: what the parties of an exchange know."""

    subject: ChecksumAddress
    consumer: ChecksumAddress
    provider: ChecksumAddress
    schema: bytes
    purpose: bytes
    assurance: Assurance
    seed: bytes
    terms: bytes
    valid_from: int
    valid_until: int
    erase_by: int
    max_uses: int
    nonce: int

    def sealed(self) -> Consent:
        """Return the consent as signed, with its commitments in place of what they hide."""
        return Consent(
            subject=self.subject,
            consumer=party_commitment(self.consumer, salt_of(self.seed, 0)),
            provider=party_commitment(self.provider, salt_of(self.seed, 1)),
            scope=scope_commitment(self.schema, self.purpose, self.assurance, salt_of(self.seed, 2)),
            terms=self.terms,
            valid_from=self.valid_from,
            valid_until=self.valid_until,
            erase_by=self.erase_by,
            max_uses=self.max_uses,
            nonce=self.nonce,
        )

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        return (
            self.subject,
            self.schema,
            self.purpose,
            self.consumer,
            self.provider,
            int(self.assurance),
            self.seed,
            self.terms,
            self.valid_from,
            self.valid_until,
            self.erase_by,
            self.max_uses,
            self.nonce,
        )


def salt_of(seed: bytes, index: int) -> bytes:
    """Return salt ``index`` (0 consumer, 1 provider, 2 scope) of a consent's 32-byte seed."""
    return keccak(encoded(["bytes32", "uint256"], [seed, index], "seed and index"))


def party_commitment(party: ChecksumAddress, salt: bytes) -> bytes:
    """Return the 32-byte commitment to a consumer or provider."""
    return keccak(encoded(["address", "bytes32"], [party, salt], "party and salt"))


def scope_commitment(schema: bytes, purpose: bytes, assurance: Assurance, salt: bytes) -> bytes:
    """Return the 32-byte commitment to what is shared, why, and at which level."""
    kinds = ["bytes32", "bytes32", "uint8", "bytes32"]
    return keccak(encoded(kinds, [schema, purpose, int(assurance), salt], "schema, purpose, assurance and salt"))


def random_nonce() -> int:
    """Draw an unordered nonce that no allotted one can meet: 128 bits, since each more costs whoever brings it."""
    return ALLOTTED_NONCES + secrets.randbelow((1 << 128) - ALLOTTED_NONCES)


@dataclass(frozen=True, slots=True)
class TokenState:
    """What the chain keeps of a consent.

    Attributes:
        subject: Its owner, or None when it is not granted or was withdrawn.
        uses: Uses taken, those in batches apart.
        escrow: The escrow that took the latest use, or None.
        withdrawn_at: Unix seconds, or None.
    """

    subject: ChecksumAddress | None
    uses: int
    escrow: ChecksumAddress | None
    withdrawn_at: int | None


@dataclass(frozen=True, slots=True)
class GivenConsent:
    """What a wallet hands to the parties of an exchange: the record, the opened consent, and the subject's signature.

    The opening travels beside the record, never in it.
    """

    record: ConsentRecord
    opened: OpenedConsent
    signature: Signature


class Consents:
    """The ConsentToken of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("ConsentToken")
        self.domain = TypedDomain("consent_token", network.chain_id, self.contract.address)

    async def grant(self, consent: Consent, signature: Signature, sender: LocalAccount) -> Mined:
        """Record a subject's consent; anyone may send it."""
        return await self._network.transactions.send(
            self.contract.function("grant", consent.arguments(), signature), sender
        )

    async def withdraw(
        self, consent: Consent, exchange: Exchange | None, signature: Signature, sender: LocalAccount
    ) -> Mined:
        """Withdraw a consent for good; anyone may send the subject's signed word.

        Args:
            consent: The consent as signed.
            exchange: Its latest exchange, when it has one: its fee is then back in the same transaction.
            signature: The subject's signature of ``Withdrawal``.
            sender: The key that pays the gas.
        """
        arguments = exchange.arguments() if exchange else _NO_EXCHANGE
        return await self._network.transactions.send(
            self.contract.function("withdraw", consent.arguments(), arguments, signature), sender
        )

    async def fault_of(self, opened: OpenedConsent, signature: bytes = b"") -> ConsentFault:
        """Return the one cause for which a consent cannot be used now, or ``ConsentFault.NONE``."""
        call = self.contract.function("consentFault", opened.arguments(), signature)
        with self._network.answers():
            return ConsentFault(await call.call())

    async def state_of(self, consent_id: ConsentId, block: int | None = None) -> TokenState:
        """Return what the chain keeps of a consent, now or at the end of a block."""
        call = self.contract.function("stateOf", consent_id)
        subject, uses, escrow, withdrawn_at = await self._network.ask(
            call.call(block_identifier="latest" if block is None else block)
        )
        return TokenState(_or_none(subject), uses, _or_none(escrow), withdrawn_at or None)

    def check(self, given: GivenConsent, request: Request) -> ConsentId:
        """Check that record, opened consent and request agree in every field, and that the subject signed.

        Returns:
            The consent's id.

        Raises:
            ConsentRefused: They do not agree (the field is named), or another key signed.
        """
        record, opened = given.record, given.opened
        agreements = {
            "state": record.state is ConsentState.GIVEN and len(record.events) == 1,
            "request": record.request == request.terms,
            "subject": record.subject == opened.subject.lower(),
            "consumer": opened.consumer == request.consumer
            and record.request.consumer.did == self._network.did(opened.consumer),
            "provider": record.provider.did == self._network.did(opened.provider),
            "schema": opened.schema == identifier_of(request.terms.schema_id),
            "purpose": opened.purpose == identifier_of(request.terms.purpose_id),
            "assurance": opened.assurance == request.assurance,
            "terms": opened.terms == terms_hash(record),
            "valid_from": opened.valid_from == request.terms.valid_from,
            "valid_until": opened.valid_until == request.terms.valid_until,
            "erase_by": opened.erase_by == request.terms.erase_by,
            "max_uses": opened.max_uses == request.terms.max_uses,
        }
        for field, agrees in agreements.items():
            if not agrees:
                raise ConsentRefused(
                    f"record, consent and request do not agree in '{field}'; ask the person to consent again"
                )
        consent_id = opened.sealed().id(self.domain)
        try:
            recovered = recover(Digest(consent_id), given.signature)
        except SignatureInvalid as cause:
            raise ConsentRefused(f"the consent is not signed by its subject: {cause}") from cause
        if recovered != opened.subject:
            raise ConsentRefused("the consent is not signed by its subject; only the subject's own key counts")
        return consent_id

    def sign(self, consent: Consent, subject: LocalAccount) -> Signature:
        """Sign a consent with its subject's key."""
        return self.domain.sign(subject, "Consent", consent.message())

    def sign_withdrawal(self, consent_id: ConsentId, subject: LocalAccount) -> Signature:
        """Sign the withdrawal of a consent; it has no deadline and can be kept."""
        return self.domain.sign(subject, "Withdrawal", {"consent": consent_id, "subject": subject.address})


def _or_none(address: str) -> ChecksumAddress | None:
    return to_checksum_address(address) if int(address, 16) else None
