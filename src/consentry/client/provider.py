"""A provider: authenticates the person itself, reads its own record, and delivers what the consent covers.

A consent signature alone never selects a record: anyone can make a key. The record is that of the session in which the
person, authenticated by the provider, presented the consent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.consents import ConsentId, GivenConsent
from consentry.client.errors import ConsentRefused, ExchangeRefused
from consentry.client.exchanges import AheadDelivery, Exchange, ExchangeId, ExchangeState, exchange_id_of
from consentry.client.requests import SignedRequest
from consentry.client.signing import Signature
from consentry.credentials import IssuerKey, SubjectKey, issue
from consentry.delivery import ciphertext_hash, encrypt

if TYPE_CHECKING:
    from consentry.client.network import Network
    from consentry.sources import SessionId, Sessions, Source

CREDENTIAL_LIFE_SECONDS = 30 * 86_400
"""How long a credential may be relied on after it was issued."""


@dataclass(frozen=True, slots=True)
class SignedDelivery:
    """A provider's commitment to a ciphertext."""

    exchange: Exchange
    ciphertext_hash: bytes
    signer: ChecksumAddress
    signature: Signature


@dataclass(frozen=True, slots=True)
class SignedDecline:
    """A provider's word that it will not deliver."""

    exchange: Exchange
    reason: bytes
    signer: ChecksumAddress
    signature: Signature


class Provider:
    """One provider, with the key by which it signs: its owner's, or its delegate's of kind ``delivery``."""

    def __init__(
        self,
        network: Network,
        identity: ChecksumAddress,
        key: LocalAccount,
        issuer_key: IssuerKey,
        source: Source,
        sessions: Sessions,
    ) -> None:
        """Open a provider.

        Args:
            network: The network.
            identity: Its address in the registry.
            key: Signs deliveries and declines.
            issuer_key: Signs credentials; its public half stands in the provider's DID attributes.
            source: Its system of record.
            sessions: The sessions of the people whom it has authenticated.
        """
        self._network = network
        self.identity = identity
        self._key = key
        self._issuer_key = issuer_key
        self._source = source
        self._sessions = sessions
        self._presented: dict[ConsentId, tuple[SignedRequest, GivenConsent]] = {}
        self._ciphertexts: dict[bytes, str] = {}

    async def present(self, session: SessionId, signed: SignedRequest, given: GivenConsent) -> ConsentId:
        """Take a consent that a person presents in their session, and bind the session to it.

        Args:
            session: A session that this provider's authenticator opened.
            signed: The request, shown to the person again.
            given: The consent.

        Raises:
            RequestRefused: The request is not what an accredited consumer signed, or expired.
            ConsentRefused: Record, consent and request do not agree, or it names another provider.
            AuthenticationError: No such session, it has ended, or it is bound to another consent.
        """
        await self._network.refresh()
        await self._network.requests.check(signed)
        consent_id = self._network.consents.check(given, signed.request)
        if given.opened.provider != self.identity:
            raise ConsentRefused("the consent names another provider; it was presented at the wrong institution")
        self._sessions.bind(session, consent_id)
        self._presented[consent_id] = (signed, given)
        return consent_id

    async def prepare(self, exchange: Exchange) -> SignedDelivery:
        """Read the person's record, issue the credential, encrypt it, and sign the commitment to the ciphertext.

        Args:
            exchange: The exchange, as ExchangeFunded tells it.

        Raises:
            ExchangeRefused: It is not Funded, or not the one that consent and request are about.
            ConsentRefused: Its consent was not presented here by an authenticated person.
            AuthenticationError: The session in which it was presented is over.
            SourceError: The person or an attribute is not in the system of record.
            CredentialError, DeliveryError: What was read cannot be issued, or is too long to be delivered.
        """
        signed, given = self._presented_under(exchange.consent)
        request = signed.request
        escrow = await self._network.escrow_of(exchange.id)
        state, _ = await escrow.state_of(exchange)
        funding = await escrow.funding_of(exchange.id)
        if state is not ExchangeState.FUNDED or funding is None or funding.exchange != exchange:
            raise ExchangeRefused(f"the exchange is {state.name.lower()}, or not as it was funded; nothing is sent")
        if (
            exchange.recipient_key_hash != request.recipient_key_hash
            or exchange.consumer != request.consumer
            or exchange.provider != self.identity
            or exchange.coordinator != request.coordinator
        ):
            raise ExchangeRefused("the exchange is not about the request that the person saw; nothing is delivered")
        ciphertext = await self._seal(exchange.consent, signed, given, exchange.id)
        committed = ciphertext_hash(ciphertext)
        self._ciphertexts[committed] = ciphertext
        signature = escrow.sign_delivery(exchange, committed, self._key)
        return SignedDelivery(exchange, committed, self._key.address, signature)

    async def deliver_ahead(self, consent_id: ConsentId) -> AheadDelivery:
        """Read, issue and encrypt before anything is funded, at this provider's own risk.

        That is for a batch, or for an exchange in one transaction.

        Args:
            consent_id: A consent that was presented here, for its first use.

        Raises:
            As `prepare`.
        """
        signed, given = self._presented_under(consent_id)
        ciphertext = await self._seal(consent_id, signed, given, exchange_id_of(consent_id, 1))
        return AheadDelivery(consent_id, signed.request.recipient_key_hash, ciphertext_hash(ciphertext), ciphertext)

    async def hand_over(self, exchange: Exchange) -> str:
        """Hand the ciphertext over, off chain, once the chain says Delivered: nobody can read first and withdraw after.

        Raises:
            ExchangeRefused: The delivery is not on chain, or was not prepared here.
        """
        delivery = await (await self._network.escrow_of(exchange.id)).delivery_of(exchange.id)
        if delivery is None:
            raise ExchangeRefused("the delivery is not on chain; deliver first, hand over after")
        ciphertext = self._ciphertexts.get(delivery.ciphertext_hash)
        if ciphertext is None:
            raise ExchangeRefused("what was delivered was not prepared here; ask the provider that prepared it")
        return ciphertext

    async def decline(self, exchange: Exchange, reason: bytes) -> SignedDecline:
        """Sign that an exchange will not be delivered.

        Args:
            exchange: The exchange, as ExchangeFunded tells it.
            reason: 32 bytes: a code that says nothing of the person.

        Raises:
            ArgumentInvalid: The reason is longer or shorter.
        """
        escrow = await self._network.escrow_of(exchange.id)
        signature = escrow.sign_decline(exchange, reason, self._key)
        return SignedDecline(exchange, reason, self._key.address, signature)

    def _presented_under(self, consent_id: ConsentId) -> tuple[SignedRequest, GivenConsent]:
        presented = self._presented.get(consent_id)
        if presented is None:
            raise ConsentRefused("no authenticated person presented that consent here; nothing is delivered for it")
        return presented

    async def _seal(
        self, consent_id: ConsentId, signed: SignedRequest, given: GivenConsent, exchange_id: ExchangeId
    ) -> str:
        """Read the record to which the person's session is bound, issue just what was asked for, and encrypt it."""
        record_key = self._sessions.record_for(consent_id)
        terms = signed.request.terms
        claims = await self._source.read(record_key, terms.schema_id, terms.attributes)
        now = await self._network.now()
        credential = issue(
            claims,
            vct=terms.schema_id,
            issuer=self._network.did(self.identity),
            holder_key=SubjectKey.recover(consent_id, given.signature),
            issued_at=now,
            expires_at=now + CREDENTIAL_LIFE_SECONDS,
            signing_key=self._issuer_key,
        )
        return encrypt(credential.serialize().encode("ascii"), signed.request.recipient_key, exchange_id=exchange_id)
