"""An exchange on its way, and what each of its steps has to bring along."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, Exchange
from tests.helpers.exchanges import Funded

CIPHERTEXT_HASH = keccak(text="ciphertext")
REASON = keccak(text="reason")


@dataclass(frozen=True)
class Running:
    """An exchange and how far it came. Instants in Unix seconds, amounts in smallest token units."""

    funded: Funded
    delivered_at: int = 0
    bond: int = 0
    disputed_at: int = 0

    @property
    def exchange(self) -> Exchange:
        return self.funded.exchange

    @property
    def id(self) -> bytes:
        return self.exchange.id

    @property
    def used(self) -> tuple[bytes, int]:
        """The consent and the number of its use."""
        return self.exchange.consent, self.exchange.use

    @property
    def fee(self) -> int:
        return self.exchange.fee

    @property
    def challenge_until(self) -> int:
        return self.delivered_at + self.exchange.challenge_seconds

    def description(self) -> tuple:
        """Return what a step of a funded exchange brings along."""
        return (self.exchange.arguments(),)

    def withdrawal(self) -> tuple:
        """Return what the refund of an exchange brings along whose consent is withdrawn."""
        return self.exchange.arguments(), self.exchange.consent, self.exchange.use

    def delivery(self) -> tuple:
        """Return what a step of a delivered exchange brings along."""
        return self.exchange.arguments(Delivery(CIPHERTEXT_HASH, self.delivered_at)), self.delivered_at

    def dispute(self) -> tuple:
        """Return what a step of a disputed exchange brings along."""
        return *self.delivery(), self.bond, self.disputed_at
