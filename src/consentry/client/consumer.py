"""A consumer: asks a person for facts, funds the exchange, opens what it gets, and accepts it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.assurance import Assurance
from consentry.client.consents import Consents, GivenConsent
from consentry.client.errors import CredentialRefused, ExchangeRefused, RequestRefused
from consentry.client.exchanges import (
    AheadDelivery,
    Delivery,
    Exchange,
    ExchangeId,
    Exchanges,
    Order,
    exchange_id_of,
)
from consentry.client.requests import Request, SignedRequest
from consentry.client.signing import Signature
from consentry.credentials import Credential
from consentry.credentials import verify as verify_credential
from consentry.delivery import OneTimeKey, decrypt
from consentry.records import Controller, Notice, RequestedTerms
from consentry.schemas import load_purpose

if TYPE_CHECKING:
    from consentry.client.network import Network


@dataclass(frozen=True, slots=True)
class Ask:
    """What a consumer wants to know, and the promises that it makes for it.

    Attributes:
        schema: URN of the schema.
        attributes: Names of its attributes, no more than are needed.
        purpose: URN of the purpose.
        assurance: Least level of assurance.
        notice: The privacy notice.
        jurisdiction: ISO 3166-1 alpha-2.
        storage_locations: ISO 3166 codes of where the facts are kept.
        recipients: Who gets to see them.
        withdrawal_method: How the person withdraws: a URL or a sentence.
        valid_seconds: How long the consent may be used, from now on.
        retention_seconds: How long the facts are kept after the consent's end.
        max_uses: How often the consent may be used.
    """

    schema: str
    attributes: tuple[str, ...]
    purpose: str
    assurance: Assurance
    notice: Notice
    jurisdiction: str
    storage_locations: tuple[str, ...]
    recipients: tuple[str, ...]
    withdrawal_method: str
    valid_seconds: int = 3_600
    retention_seconds: int = 90 * 86_400
    max_uses: int = 1


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """An order and the consumer's signature of it."""

    order: Order
    signature: Signature


@dataclass(frozen=True, slots=True)
class SignedDispute:
    """A consumer's word that what was delivered is not right."""

    exchange: Exchange
    delivery: Delivery
    reason: bytes
    signer: ChecksumAddress
    signature: Signature


@dataclass(frozen=True, slots=True)
class SignedAcceptance:
    """A consumer's word that what was delivered is right."""

    exchange: Exchange
    delivery: Delivery
    signer: ChecksumAddress
    signature: Signature


class Consumer:
    """One consumer, with the key by which it signs: its owner's, or its delegate's of kind ``exchange``."""

    def __init__(
        self, network: Network, identity: ChecksumAddress, key: LocalAccount, controller: Controller
    ) -> None:
        """Open a consumer.

        Args:
            network: The network.
            identity: Its address in the registry.
            key: Signs requests, orders, acceptances and disputes.
            controller: Its name, address and contact, as the person reads them.
        """
        self._network = network
        self.identity = identity
        self._key = key
        self._controller = controller
        self._requests: dict[bytes, tuple[SignedRequest, OneTimeKey, Consents]] = {}

    async def request(
        self, ask: Ask, coordinator: ChecksumAddress, *, expires_in_seconds: int = 900
    ) -> SignedRequest:
        """Make and sign a request, with a one-time key that is fresh for it.

        Args:
            ask: What is asked for, and the promises made for it.
            coordinator: Who drives the exchange.
            expires_in_seconds: How long the person may act on it.

        Raises:
            ContractError: The schedule has no price for the schema at that level.
            SchemaError: The schema, an attribute or the purpose is unknown.
            SchemaMismatch: The packaged schema is not the one that the network registered.
            ArgumentInvalid: A span or number is out of range.
        """
        await self._network.refresh()
        schema = await self._network.schemas.schema(ask.schema)
        for name in ask.attributes:
            schema.attribute(name)
        purpose = load_purpose(ask.purpose)
        now = await self._network.now()
        participant = await self._network.identities.participant(self.identity)
        version = await self._network.fees.current_version()
        quote = await self._network.fees.quote(version, ask.schema, ask.assurance, participant, None)
        key = OneTimeKey.generate()
        request = Request(
            terms=RequestedTerms(
                request_id=secrets.token_hex(16),
                consumer=self._controller,
                schema_id=schema.urn,
                attributes=ask.attributes,
                purpose_id=purpose.urn,
                purpose_text=purpose.text("en"),
                notice=ask.notice,
                retention_seconds=ask.retention_seconds,
                erase_by=now + ask.valid_seconds + ask.retention_seconds,
                jurisdiction=ask.jurisdiction,
                storage_locations=ask.storage_locations,
                recipients=ask.recipients,
                withdrawal_method=ask.withdrawal_method,
                valid_from=now,
                valid_until=now + ask.valid_seconds,
                max_uses=ask.max_uses,
                assurance_level=int(ask.assurance),
            ),
            recipient_key=key.public_bytes,
            coordinator=coordinator,
            schedule_version=version,
            fee=quote.fee,
            expires_at=now + expires_in_seconds,
            nonce=secrets.randbits(256),
            signer=self._key.address,
        )
        signed = self._network.requests.sign(request, self._key)
        self._requests[request.recipient_key_hash] = (signed, key, self._network.consents)
        return signed

    async def order(
        self,
        signed: SignedRequest,
        given: GivenConsent,
        *,
        fund_within_seconds: int = 600,
        deliver_within_seconds: int = 3_600,
        challenge_seconds: int = 86_400,
    ) -> SignedOrder:
        """Sign the order for the next use of a consent that was given to a request of this consumer.

        Raises:
            RequestRefused: The request is not this consumer's.
            ConsentRefused: Record, consent and request do not agree.
            ArgumentInvalid: A span is out of range.
        """
        request = signed.request
        known = self._requests.get(request.recipient_key_hash)
        if known is None or known[0] != signed:
            raise RequestRefused("that request was not made here; use the one that this consumer signed")
        await self._network.refresh()
        consent_id = self._network.consents.check(given, request)
        state = await self._network.consents.state_of(consent_id)
        now = await self._network.now()
        order = Order(
            recipient_key_hash=request.recipient_key_hash,
            coordinator=request.coordinator,
            schedule_version=request.schedule_version,
            fee=request.fee,
            fund_by=now + fund_within_seconds,
            deliver_by=now + deliver_within_seconds,
            challenge_seconds=challenge_seconds,
            signer=self._key.address,
        )
        return SignedOrder(
            order, self._network.exchanges.sign_order(order, consent_id, state.uses + 1, self._key)
        )

    async def open(self, exchange: Exchange, given: GivenConsent, ciphertext: str) -> Credential:
        """Decrypt what a provider handed over and check every word of it.

        Args:
            exchange: The exchange, as ExchangeFunded tells it.
            given: The consent that it uses.
            ciphertext: The JWE.

        Raises:
            ExchangeRefused: The exchange is not of a request of this consumer, or nothing was delivered.
            ConsentRefused: Record, consent and request do not agree.
            DeliveryError: The ciphertext is not the one that the provider committed to, or does not decrypt.
            CredentialError: Its issuer, key, schema, expiry, attributes or ``cnf`` are not what was asked for.
            CredentialRefused: It names a status, which cannot be looked up here.
        """
        # Another ConsentToken may be listed since; the consent is of the one under which it was asked for.
        signed, key, consents = self._request_of(exchange)
        consent_id = consents.check(given, signed.request)
        if exchange.consent != consent_id or exchange.provider != given.opened.provider:
            raise ExchangeRefused("the exchange is about another consent or provider; use the one that was funded")
        _, delivery = await self._delivery_of(exchange)
        return await self._unseal(signed, key, given, exchange.id, delivery, ciphertext)

    async def open_ahead(self, given: GivenConsent, ahead: AheadDelivery) -> Credential:
        """Decrypt what a provider delivered before it was funded, and check every word of it; raises as `open`."""
        known = self._requests.get(ahead.recipient_key_hash)
        if known is None:
            raise ExchangeRefused("the delivery is not for a request of this consumer; use the consumer that made it")
        signed, key, consents = known
        if consents.check(given, signed.request) != ahead.consent:
            raise ExchangeRefused("the delivery is under another consent; use the one that it was made for")
        delivery = Delivery(ahead.ciphertext_hash, await self._network.now())
        return await self._unseal(signed, key, given, exchange_id_of(ahead.consent, 1), delivery, ahead.ciphertext)

    async def _unseal(
        self,
        signed: SignedRequest,
        key: OneTimeKey,
        given: GivenConsent,
        exchange_id: ExchangeId,
        delivery: Delivery,
        ciphertext: str,
    ) -> Credential:
        provider = given.opened.provider
        serialized = decrypt(
            ciphertext, key, exchange_id=exchange_id, committed_hash=delivery.ciphertext_hash
        ).decode("ascii", "replace")
        terms = signed.request.terms
        schema = await self._network.schemas.schema(terms.schema_id)
        credential = verify_credential(
            serialized,
            issuer=self._network.did(provider),
            issuer_keys=await self._network.identities.issuer_keys(provider, delivery.delivered_at),
            vct=terms.schema_id,
            subject_address=given.opened.subject,
            required_attributes=terms.attributes,
            now=await self._network.now(),
            schema=schema.json_schema,
        )
        if credential.status is not None:
            raise CredentialRefused(
                "the credential names a status, which this network cannot look up yet; ask for one without, or dispute"
            )
        return credential

    async def acceptance(self, exchange: Exchange) -> SignedAcceptance:
        """Sign that what was delivered is right.

        Raises:
            ExchangeRefused: The exchange is not of a request of this consumer, or nothing was delivered.
        """
        self._request_of(exchange)
        escrow, delivery = await self._delivery_of(exchange)
        signature = escrow.sign_acceptance(exchange, delivery.ciphertext_hash, self._key)
        return SignedAcceptance(exchange, delivery, self._key.address, signature)

    async def dispute(self, exchange: Exchange, reason: bytes) -> SignedDispute:
        """Sign that what was delivered is not right.

        Args:
            exchange: The exchange, as ExchangeFunded tells it.
            reason: 32 bytes: hash of what the arbiters will be shown.

        Raises:
            ExchangeRefused: The exchange is not of a request of this consumer, or nothing was delivered.
            ArgumentInvalid: The reason is longer or shorter.
        """
        self._request_of(exchange)
        escrow, delivery = await self._delivery_of(exchange)
        signature = escrow.sign_dispute(exchange, delivery.ciphertext_hash, reason, self._key)
        return SignedDispute(exchange, delivery, reason, self._key.address, signature)

    def _request_of(self, exchange: Exchange) -> tuple[SignedRequest, OneTimeKey, Consents]:
        known = self._requests.get(exchange.recipient_key_hash)
        if known is None or exchange.consumer != self.identity:
            raise ExchangeRefused("the exchange is not of a request of this consumer; use the consumer that made it")
        return known

    async def _delivery_of(self, exchange: Exchange) -> tuple[Exchanges, Delivery]:
        escrow = await self._network.escrow_of(exchange.id)
        delivery = await escrow.delivery_of(exchange.id)
        if delivery is None:
            raise ExchangeRefused("nothing was delivered yet; wait until the exchange is Delivered")
        return escrow, delivery
