"""The coordinator: carries signed words between the parties and the chain, and pays the gas.

It sees commitments, hashes and signatures; never the consent record, the claims, or who the person is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.consents import Consent, OpenedConsent
from consentry.client.consumer import SignedAcceptance, SignedDispute, SignedOrder
from consentry.client.exchanges import Delivery, Dispute, Exchange, Funding
from consentry.client.provider import SignedDecline, SignedDelivery
from consentry.client.signing import Signature
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network


class Coordinator:
    """One coordinator, with the key that pays for what it carries."""

    def __init__(self, network: Network, identity: ChecksumAddress, key: LocalAccount) -> None:
        self._network = network
        self.identity = identity
        self._key = key

    async def grant(self, consent: Consent, signature: Signature) -> Mined:
        """Record a subject's consent."""
        await self._network.refresh()
        return await self._network.consents.grant(consent, signature, self._key)

    async def fund(self, opened: OpenedConsent, consent_signature: bytes, order: SignedOrder) -> tuple[Funding, Mined]:
        """Use a consent and set its fee aside, in the escrow that takes uses by now: the order must be for that one."""
        await self._network.refresh()
        return await self._network.exchanges.fund(
            opened, order.order, consent_signature, order.signature, self._key
        )

    async def deliver(self, delivery: SignedDelivery) -> tuple[Delivery, Mined]:
        """Commit the provider to a ciphertext."""
        escrow = await self._network.escrow_of(delivery.exchange.id)
        return await escrow.deliver(
            delivery.exchange, delivery.ciphertext_hash, delivery.signer, delivery.signature, self._key
        )

    async def decline(self, decline: SignedDecline) -> Mined:
        """Return the fee because the provider will not deliver."""
        escrow = await self._network.escrow_of(decline.exchange.id)
        return await escrow.decline(decline.exchange, decline.reason, decline.signer, decline.signature, self._key)

    async def accept(self, acceptance: SignedAcceptance) -> Mined:
        """Settle an exchange."""
        escrow = await self._network.escrow_of(acceptance.exchange.id)
        return await escrow.accept(
            acceptance.exchange, acceptance.delivery, acceptance.signer, acceptance.signature, self._key
        )

    async def settle_unchallenged(self, exchange: Exchange, delivery: Delivery) -> Mined:
        """Settle a delivery whose challenge window has passed in silence."""
        escrow = await self._network.escrow_of(exchange.id)
        return await escrow.settle_unchallenged(exchange, delivery, self._key)

    async def dispute(self, dispute: SignedDispute) -> tuple[Dispute, Mined]:
        """Dispute a delivery; the bond is taken from the consumer's prepaid balance."""
        escrow = await self._network.escrow_of(dispute.exchange.id)
        return await escrow.dispute(
            dispute.exchange, dispute.delivery, dispute.reason, dispute.signer, dispute.signature, self._key
        )

    async def withdraw(self, consent: Consent, exchange: Exchange | None, signature: Signature) -> Mined:
        """Withdraw a consent; the fee of its funded exchange is back in the same transaction."""
        return await self._network.consents.withdraw(consent, exchange, signature, self._key)

    async def refund_undelivered(self, exchange: Exchange) -> Mined:
        """Return the fee of an exchange that was not delivered in time."""
        escrow = await self._network.escrow_of(exchange.id)
        return await escrow.refund_undelivered(exchange, self._key)

    async def refund_withdrawn(self, exchange: Exchange) -> Mined:
        """Return the fee of an exchange whose consent was withdrawn before delivery."""
        escrow = await self._network.escrow_of(exchange.id)
        return await escrow.refund_withdrawn(exchange, self._key)
