"""What subjects and institutions say, made and signed: consents, withdrawals, orders and the steps of an exchange."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import brownie
from brownie.network.account import Account
from brownie.network.transaction import TransactionReceipt
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.batches import Batch, BatchItem
from consentry.client.consents import ALLOTTED_NONCES, Consent, ConsentId, OpenedConsent
from consentry.client.exchanges import Exchange, Order
from consentry.client.signing import Signature, TypedDomain
from tests.helpers.network import System

VALID_SECONDS = 3_600
RETENTION_SECONDS = 90 * 86_400
FUND_SECONDS = 3_600
DELIVER_SECONDS = 86_400
CHALLENGE_SECONDS = 86_400
FIRST_SCHEDULE = 1

NO_EXCHANGE = (bytes(32), "0x" + "00" * 20, "0x" + "00" * 20, "0x" + "00" * 20, 0, bytes(32))
"""What is brought along with a withdrawal when there is no exchange to describe."""


EXCHANGE_TYPES = ("bytes32", "address", "address", "address", "uint256", "bytes32")
"""Types of the fields of an exchange, as the contracts take them."""


@dataclass(frozen=True)
class Given:
    """A consent, opened and sealed, its id, and its subject's key and signature."""

    opened: OpenedConsent
    sealed: Consent
    id: ConsentId
    subject: LocalAccount
    signature: Signature


@dataclass(frozen=True)
class Funded:
    """An exchange in state Funded, and what led there."""

    given: Given
    order: Order
    exchange: Exchange
    tx: TransactionReceipt


class Words:
    """Makes and signs what is said on one network.

    What is made without another word is right: under a fresh nonce, between the network's consumer, provider and
    coordinator, at the schedule's price. Parties are Brownie's accounts or contracts; keys are eth_account's. Where a
    message names its signer, `signer` names another than the key's own address: a contract, or somebody else.
    """

    def __init__(
        self,
        system: System,
        *,
        consumer: Account,
        provider: Account,
        coordinator: Account,
        schema: bytes,
        purpose: bytes,
        assurance: Assurance = Assurance.HIGH,
    ) -> None:
        self._consumer, self._provider, self._coordinator = consumer, provider, coordinator
        self._schema, self._purpose, self._assurance = schema, purpose, assurance
        self._numbers = itertools.count(1)
        chain_id = system.manifest.chain_id
        self.consents = TypedDomain("consent_token", chain_id, system.consents.address)
        self.exchanges = TypedDomain("fee_escrow", chain_id, system.escrow.address)
        self.batches = TypedDomain("exchange_batches", chain_id, system.batches.address)
        self.fee = next(
            price.price
            for price in system.parameters.fees.prices
            if (keccak(text=price.schema), price.assurance) == (schema, assurance)
        )

    # ------------------------------------------------------------- the subject's

    def open(self, subject: LocalAccount, **changes: object) -> OpenedConsent:
        """Make an opened consent: valid from the latest block on, good for one use.

        Args:
            subject: Whose consent it is.
            changes: Fields that shall be different; parties as accounts too.
        """
        number, now = next(self._numbers), brownie.chain[-1].timestamp
        opened = OpenedConsent(
            subject=subject.address,
            consumer=self._consumer.address,
            provider=self._provider.address,
            schema=self._schema,
            purpose=self._purpose,
            assurance=self._assurance,
            seed=keccak(text=f"seed {number}"),
            terms=keccak(text=f"terms {number}"),
            valid_from=now,
            valid_until=now + VALID_SECONDS,
            erase_by=now + VALID_SECONDS + RETENTION_SECONDS,
            max_uses=1,
            nonce=ALLOTTED_NONCES + int.from_bytes(keccak(text=f"nonce {number}")[1:], "big"),
        )
        return replace(opened, **{name: getattr(value, "address", value) for name, value in changes.items()})

    def give(self, subject: LocalAccount, **changes: object) -> Given:
        """Make a consent and sign it."""
        return self.given(self.open(subject, **changes), subject)

    def given(self, opened: OpenedConsent, subject: LocalAccount) -> Given:
        """Sign a consent, with whatever key."""
        sealed = opened.sealed()
        signature = self.consents.sign(subject, "Consent", sealed.message())
        return Given(opened, sealed, sealed.id(self.consents), subject, signature)

    def sign_withdrawal(self, given: Given, subject: LocalAccount | None = None) -> Signature:
        """Sign the withdrawal of a consent, with its subject's key or another."""
        message = {"consent": given.id, "subject": given.opened.subject}
        return self.consents.sign(subject or given.subject, "Withdrawal", message)

    # ------------------------------------------------------------- the consumer's

    def order(self, signer: object = None, **changes: object) -> Order:
        """Make an order: the consumer's own, good from the latest block on.

        Args:
            signer: Who signs it, if not the consumer itself.
            changes: Fields that shall be different.
        """
        now = brownie.chain[-1].timestamp
        order = Order(
            recipient_key_hash=keccak(text=f"one-time key {next(self._numbers)}"),
            coordinator=self._coordinator.address,
            schedule_version=FIRST_SCHEDULE,
            fee=self.fee,
            fund_by=now + FUND_SECONDS,
            deliver_by=now + DELIVER_SECONDS,
            challenge_seconds=CHALLENGE_SECONDS,
            signer=_address(signer or self._consumer),
        )
        return replace(order, **{name: getattr(value, "address", value) for name, value in changes.items()})

    def sign_order(self, order: Order, given: Given, key: LocalAccount, use: int = 1) -> Signature:
        """Sign an order for a use of a consent; 1 is the first."""
        return self.exchanges.sign(key, "Order", order.message(given.id, use))

    def sign_acceptance(
        self, exchange: Exchange, ciphertext_hash: bytes, key: LocalAccount, signer: object = None
    ) -> Signature:
        """Sign that what was delivered is right."""
        message = {"exchange": exchange.id, "ciphertextHash": ciphertext_hash, "signer": _address(signer or key)}
        return self.exchanges.sign(key, "Acceptance", message)

    def sign_dispute(
        self, exchange: Exchange, ciphertext_hash: bytes, reason: bytes, key: LocalAccount, signer: object = None
    ) -> Signature:
        """Sign that what was delivered is disputed."""
        message = {
            "exchange": exchange.id,
            "ciphertextHash": ciphertext_hash,
            "reason": reason,
            "signer": _address(signer or key),
        }
        return self.exchanges.sign(key, "Dispute", message)

    # ------------------------------------------------------------- the provider's

    def sign_delivery(
        self, exchange: Exchange, ciphertext_hash: bytes, key: LocalAccount, signer: object = None
    ) -> Signature:
        """Sign the commitment to a ciphertext."""
        message = {
            "exchange": exchange.id,
            "ciphertextHash": ciphertext_hash,
            "recipientKeyHash": exchange.recipient_key_hash,
            "coordinator": exchange.coordinator,
            "signer": _address(signer or key),
        }
        return self.exchanges.sign(key, "Delivery", message)

    def sign_decline(self, exchange: Exchange, reason: bytes, key: LocalAccount, signer: object = None) -> Signature:
        """Sign that an exchange will not be delivered."""
        message = {"exchange": exchange.id, "reason": reason, "signer": _address(signer or key)}
        return self.exchanges.sign(key, "Decline", message)

    # ------------------------------------------------------------- of many exchanges at once

    def batch(self, **changes: object) -> Batch:
        """Make a batch at the schedule's price, which nobody but the two institutions brings; fields as `order`."""
        batch = Batch(
            consumer=self._consumer.address,
            provider=self._provider.address,
            coordinator=self._coordinator.address,
            schema=self._schema,
            purpose=self._purpose,
            assurance=self._assurance,
            schedule_version=FIRST_SCHEDULE,
            fee=self.fee,
            relayer=None,
            deadline=brownie.chain[-1].timestamp + FUND_SECONDS,
            nonce=next(self._numbers),
        )
        return replace(batch, **{name: getattr(value, "address", value) for name, value in changes.items()})

    def item(self, given: Given, **changes: object) -> BatchItem:
        """Make the item of a batch under a consent."""
        number = next(self._numbers)
        key_hash, ciphertext_hash = keccak(text=f"one-time key {number}"), keccak(text=f"ciphertext {number}")
        return replace(BatchItem(given.opened, given.signature, key_hash, ciphertext_hash), **changes)

    def sign_batch(
        self, batch: Batch, items: Sequence[BatchItem], key: LocalAccount, signer: object = None
    ) -> Signature:
        """Sign a batch, for the consumer or for the provider."""
        return self.batches.sign(key, "Batch", batch.message(items, _address(signer or key)))


def funded_in(tx: TransactionReceipt) -> Exchange:
    """Read the exchange out of the one ExchangeFunded of a transaction."""
    (event,) = tx.events["ExchangeFunded"]
    plain = {name: bytes(value) if isinstance(value, bytes) else value for name, value in event.items()}
    return Exchange.from_event(plain)


def _address(party: object) -> ChecksumAddress:
    return getattr(party, "address", party)
