"""Exchanges: one use of a consent, from funding to its end, and the money behind it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, NewType

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from web3.logs import DISCARD as _DISCARD
from web3.types import EventData

from consentry.client.assurance import Assurance
from consentry.client.consents import ConsentId, OpenedConsent
from consentry.client.encoding import NOBODY, encoded
from consentry.client.signing import Message, Signature, TypedDomain
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

ExchangeId = NewType("ExchangeId", bytes)
"""keccak256 of consent id and use number, 32 bytes."""


def exchange_id_of(consent: ConsentId, use: int) -> ExchangeId:
    """Return the id of the exchange that is a use (1 for the first) of a consent."""
    return ExchangeId(keccak(encoded(["bytes32", "uint32"], [consent, use], "consent and use")))


class ExchangeState(enum.IntEnum):
    """Where an exchange stands; as in the contracts."""

    NONE = 0
    FUNDED = 1
    DELIVERED = 2
    DISPUTED = 3
    REFUND_DUE = 4
    SETTLED = 5
    REFUNDED = 6
    RESOLVED = 7


class SettlementCause(enum.IntEnum):
    """Why an exchange was settled."""

    ACCEPTED = 0
    CHALLENGE_WINDOW_ENDED = 1


class RefundCause(enum.IntEnum):
    """Why an exchange was refunded."""

    DECLINED = 0
    NOT_DELIVERED = 1
    CONSENT_WITHDRAWN = 2


@dataclass(frozen=True, slots=True)
class Order:
    """What a consumer signs to fund one use of a consent. Instants in Unix seconds, inclusive; fee in token units."""

    recipient_key_hash: bytes
    coordinator: ChecksumAddress
    schedule_version: int
    fee: int
    fund_by: int
    deliver_by: int
    challenge_seconds: int
    signer: ChecksumAddress

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        return astuple(self)

    def message(self, consent_id: ConsentId, use: int) -> Message:
        """Return the typed message for a use (1 for the first) of a consent."""
        return {
            "consent": consent_id,
            "use": use,
            "recipientKeyHash": self.recipient_key_hash,
            "coordinator": self.coordinator,
            "scheduleVersion": self.schedule_version,
            "fee": self.fee,
            "fundBy": self.fund_by,
            "deliverBy": self.deliver_by,
            "challengeSeconds": self.challenge_seconds,
            "signer": self.signer,
        }

    def exchange(self, opened: OpenedConsent, consent_id: ConsentId, use: int, shares: Shares) -> Exchange:
        """Return the exchange that this order leads to: what a provider signs that delivers before it is funded.

        Args:
            opened: The consent.
            consent_id: Its id.
            use: Which use of it; 1 for the first.
            shares: As the fee schedule quotes them.
        """
        return Exchange(
            consent=consent_id,
            use=use,
            consumer=opened.consumer,
            provider=opened.provider,
            coordinator=self.coordinator,
            recipient_key_hash=self.recipient_key_hash,
            fee=self.fee,
            shares=shares,
            deliver_by=self.deliver_by,
            challenge_seconds=self.challenge_seconds,
        )


@dataclass(frozen=True, slots=True)
class Shares:
    """How a fee is shared, in basis points that sum to 10,000; missing shares already given to the provider."""

    provider: int
    coordinator: int
    hosts: int
    consumer_recruiter: int
    provider_recruiter: int

    @classmethod
    def unpack(cls, packed: int) -> Shares:
        """Read the contracts' packed form: five times 16 bits, the provider's highest."""
        return cls(*((packed >> shift) & 0xFFFF for shift in (64, 48, 32, 16, 0)))

    def pack(self) -> int:
        """Return the contracts' packed form."""
        packed = 0
        for share in astuple(self):
            packed = packed << 16 | share
        return packed

    def split(self, fee: int) -> Shares:
        """Return the amounts of a fee: each share rounded down, and the rest to the provider."""
        coordinator, hosts, consumer_recruiter, provider_recruiter = (
            fee * share // 10_000 for share in astuple(self)[1:]
        )
        rest = fee - coordinator - hosts - consumer_recruiter - provider_recruiter
        return Shares(rest, coordinator, hosts, consumer_recruiter, provider_recruiter)


@dataclass(frozen=True, slots=True)
class Exchange:
    """Everything about an exchange that is fixed at funding, as ExchangeFunded tells it."""

    consent: ConsentId
    use: int
    consumer: ChecksumAddress
    provider: ChecksumAddress
    coordinator: ChecksumAddress
    recipient_key_hash: bytes
    fee: int
    shares: Shares
    deliver_by: int
    challenge_seconds: int

    @property
    def id(self) -> ExchangeId:
        """The exchange's id."""
        return exchange_id_of(self.consent, self.use)

    def arguments(self, delivery: Delivery | None = None) -> tuple[object, ...]:
        """Return the fields as the contracts take them.

        Args:
            delivery: What was delivered, once it is: its hash then stands in the place of the key's.
        """
        return (
            self.id,
            self.consumer,
            self.provider,
            self.coordinator,
            self.fee << 152 | self.shares.pack() << 72 | self.deliver_by << 32 | self.challenge_seconds,
            self.recipient_key_hash if delivery is None else delivery.ciphertext_hash,
        )

    @classmethod
    def from_event(cls, fields: Mapping[str, object]) -> Exchange:
        """Read the fields of an ExchangeFunded event."""
        names = ("consent", "use", "consumer", "provider", "coordinator", "recipientKeyHash")
        terms = int(str(fields["terms"]))
        fixed = (terms >> 152, Shares.unpack(terms >> 72), terms >> 32 & (1 << 40) - 1, terms & (1 << 32) - 1)
        return cls(*(fields[name] for name in names), *fixed)  # type: ignore[call-arg, arg-type]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A provider's commitment to a ciphertext.

    Attributes:
        ciphertext_hash: keccak256 of the JWE, 32 bytes.
        delivered_at: Unix seconds.
    """

    ciphertext_hash: bytes
    delivered_at: int


@dataclass(frozen=True, slots=True)
class AheadDelivery:
    """What a provider delivers before it is funded.

    Attributes:
        consent: Under which consent.
        recipient_key_hash: keccak256 of the request's one-time key, 32 bytes.
        ciphertext_hash: keccak256 of the JWE, 32 bytes.
        ciphertext: The JWE, for the consumer alone.
    """

    consent: ConsentId
    recipient_key_hash: bytes
    ciphertext_hash: bytes
    ciphertext: str


@dataclass(frozen=True, slots=True)
class Dispute:
    """A consumer's dispute of a delivery.

    Attributes:
        reason: Hash of what the consumer will show the arbiters, 32 bytes.
        bond: What it staked, in token units.
        disputed_at: Unix seconds.
    """

    reason: bytes
    bond: int
    disputed_at: int


@dataclass(frozen=True, slots=True)
class Funding:
    """An ExchangeFunded event.

    Attributes:
        exchange: What was fixed.
        schema: Schema id.
        purpose: Purpose id.
        assurance: Level of assurance.
        schedule_version: Version of the fee schedule.
        block_number: Height of its block.
        transaction_hash: 32 bytes.
    """

    exchange: Exchange
    schema: bytes
    purpose: bytes
    assurance: Assurance
    schedule_version: int
    block_number: int
    transaction_hash: bytes


@dataclass(frozen=True, slots=True)
class PrepaidBalance:
    """A participant's prepaid balance in token units, and what of it backs new orders."""

    balance: int
    available: int


@dataclass(frozen=True, slots=True)
class Announcement:
    """What a participant will take out of its prepaid balance; from then on it backs no new order.

    Attributes:
        amount: Token units.
        takeable_at: First instant to take it, Unix seconds.
        lapses_at: First instant at which it is too late, Unix seconds.
    """

    amount: int
    takeable_at: int
    lapses_at: int


class Exchanges:
    """A FeeEscrow of a network: the one in force, or a former one that ends what is open in it."""

    def __init__(self, network: Network, escrow: ChecksumAddress | None = None) -> None:
        """Speak to an escrow.

        Args:
            network: The network.
            escrow: Its address; the one in force when None.
        """
        self._network = network
        self.contract = network.contract("FeeEscrow", escrow)
        self.domain = TypedDomain("fee_escrow", network.chain_id, self.contract.address)

    # ------------------------------------------------------------- signed words

    def sign_order(self, order: Order, consent_id: ConsentId, use: int, signer: LocalAccount) -> Signature:
        """Sign an order for a use of a consent."""
        return self.domain.sign(signer, "Order", order.message(consent_id, use))

    def sign_delivery(self, exchange: Exchange, ciphertext_hash: bytes, signer: LocalAccount) -> Signature:
        """Sign the commitment to a ciphertext."""
        return self.domain.sign(
            signer,
            "Delivery",
            {
                "exchange": exchange.id,
                "ciphertextHash": ciphertext_hash,
                "recipientKeyHash": exchange.recipient_key_hash,
                "coordinator": exchange.coordinator,
                "signer": signer.address,
            },
        )

    def sign_decline(self, exchange: Exchange, reason: bytes, signer: LocalAccount) -> Signature:
        """Sign that an exchange will not be delivered."""
        return self.domain.sign(
            signer, "Decline", {"exchange": exchange.id, "reason": reason, "signer": signer.address}
        )

    def sign_acceptance(self, exchange: Exchange, ciphertext_hash: bytes, signer: LocalAccount) -> Signature:
        """Sign that what was delivered is right."""
        return self.domain.sign(
            signer,
            "Acceptance",
            {"exchange": exchange.id, "ciphertextHash": ciphertext_hash, "signer": signer.address},
        )

    def sign_dispute(
        self, exchange: Exchange, ciphertext_hash: bytes, reason: bytes, signer: LocalAccount
    ) -> Signature:
        """Sign that what was delivered is disputed."""
        return self.domain.sign(
            signer,
            "Dispute",
            {
                "exchange": exchange.id,
                "ciphertextHash": ciphertext_hash,
                "reason": reason,
                "signer": signer.address,
            },
        )

    # ------------------------------------------------------------- steps; any key may send them

    async def fund(
        self,
        opened: OpenedConsent,
        order: Order,
        consent_signature: bytes,
        order_signature: bytes,
        sender: LocalAccount,
    ) -> tuple[Funding, Mined]:
        """Use a consent and set its fee aside."""
        brought = replace(order, signer=_named(order.signer, opened.consumer))
        mined = await self._network.transactions.send(
            self.contract.function(
                "fund", opened.arguments(), brought.arguments(), consent_signature, order_signature
            ),
            sender,
        )
        with self._network.answers():
            (event,) = self.contract.events.ExchangeFunded().process_receipt(mined.receipt, _DISCARD)
            return _funding(event), mined

    async def exchange(
        self,
        opened: OpenedConsent,
        order: Order,
        consent_signature: bytes,
        order_signature: bytes,
        ciphertext_hash: bytes,
        delivery: tuple[ChecksumAddress, bytes],
        acceptance: tuple[ChecksumAddress, bytes] | None,
        sender: LocalAccount,
    ) -> tuple[Funding, Delivery, Mined]:
        """Fund, deliver and, with an acceptance, settle in one transaction.

        Args:
            opened: The consent.
            order: What the consumer orders.
            consent_signature: The subject's; empty when the consent was granted.
            order_signature: Empty when the order's signer sends.
            ciphertext_hash: keccak256 of the JWE, 32 bytes.
            delivery: Who signed for the provider, and the signature; empty where it is the sender.
            acceptance: Likewise for the consumer; None when it has not accepted yet.
            sender: The key that pays the gas.
        """
        brought = replace(order, signer=_named(order.signer, opened.consumer))
        accepted = acceptance or (NOBODY, b"")
        if accepted[1]:
            accepted = (_named(accepted[0], opened.consumer), accepted[1])
        mined = await self._network.transactions.send(
            self.contract.function(
                "exchange",
                opened.arguments(),
                brought.arguments(),
                ciphertext_hash,
                order_signature,
                _named(delivery[0], opened.provider),
                delivery[1],
                *accepted,
                consent_signature,
            ),
            sender,
        )
        with self._network.answers():
            (funded,) = self.contract.events.ExchangeFunded().process_receipt(mined.receipt, _DISCARD)
            (delivered,) = self.contract.events.ExchangeDelivered().process_receipt(mined.receipt, _DISCARD)
            return _funding(funded), _delivery(delivered), mined

    async def deliver(
        self,
        exchange: Exchange,
        ciphertext_hash: bytes,
        signer: ChecksumAddress,
        signature: bytes,
        sender: LocalAccount,
    ) -> tuple[Delivery, Mined]:
        """Commit the provider to a ciphertext."""
        mined = await self._network.transactions.send(
            self.contract.function(
                "deliver", exchange.arguments(), ciphertext_hash, _named(signer, exchange.provider), signature
            ),
            sender,
        )
        with self._network.answers():
            (event,) = self.contract.events.ExchangeDelivered().process_receipt(mined.receipt, _DISCARD)
            return _delivery(event), mined

    async def decline(
        self, exchange: Exchange, reason: bytes, signer: ChecksumAddress, signature: bytes, sender: LocalAccount
    ) -> Mined:
        """Return the fee because the provider will not deliver."""
        return await self._network.transactions.send(
            self.contract.function(
                "decline", exchange.arguments(), reason, _named(signer, exchange.provider), signature
            ),
            sender,
        )

    async def accept(
        self,
        exchange: Exchange,
        delivery: Delivery,
        signer: ChecksumAddress,
        signature: bytes,
        sender: LocalAccount,
    ) -> Mined:
        """Settle an exchange."""
        return await self._network.transactions.send(
            self.contract.function(
                "accept",
                exchange.arguments(delivery),
                delivery.delivered_at,
                _named(signer, exchange.consumer),
                signature,
            ),
            sender,
        )

    async def settle_unchallenged(self, exchange: Exchange, delivery: Delivery, sender: LocalAccount) -> Mined:
        """Settle a delivery whose challenge window has passed in silence."""
        return await self._network.transactions.send(
            self.contract.function("settleUnchallenged", exchange.arguments(delivery), delivery.delivered_at), sender
        )

    async def dispute(
        self,
        exchange: Exchange,
        delivery: Delivery,
        reason: bytes,
        signer: ChecksumAddress,
        signature: bytes,
        sender: LocalAccount,
    ) -> tuple[Dispute, Mined]:
        """Dispute a delivery within its challenge window; the bond is taken from the consumer's prepaid balance."""
        mined = await self._network.transactions.send(
            self.contract.function(
                "dispute",
                exchange.arguments(delivery),
                delivery.delivered_at,
                reason,
                _named(signer, exchange.consumer),
                signature,
            ),
            sender,
        )
        with self._network.answers():
            (event,) = self.contract.events.ExchangeDisputed().process_receipt(mined.receipt, _DISCARD)
            return _dispute(event), mined

    async def refund_undelivered(self, exchange: Exchange, sender: LocalAccount) -> Mined:
        """Return the fee of an exchange whose delivery deadline has passed."""
        return await self._network.transactions.send(
            self.contract.function("refundUndelivered", exchange.arguments()), sender
        )

    async def refund_withdrawn(self, exchange: Exchange, sender: LocalAccount) -> Mined:
        """Return the fee of an exchange whose consent was withdrawn before delivery."""
        return await self._network.transactions.send(
            self.contract.function("refundWithdrawn", exchange.arguments(), exchange.consent, exchange.use), sender
        )

    # ------------------------------------------------------------- money in and out

    async def deposit(self, participant: ChecksumAddress, amount: int, payer: LocalAccount) -> Mined:
        """Move the payer's own credit, which it allowed before, into a participant's prepaid balance."""
        return await self._network.transactions.send(self.contract.function("deposit", participant, amount), payer)

    async def deposit_own(self, participant: ChecksumAddress, amount: int, sender: LocalAccount) -> Mined:
        """Move a participant's credit, which it allowed before, into its prepaid balance.

        Args:
            participant: The participant.
            amount: Token units.
            sender: Its owner's key, or its delegate's of kind ``deposit``.
        """
        return await self._network.transactions.send(
            self.contract.function("depositOwn", participant, amount), sender
        )

    async def announce_withdrawal(self, participant: ChecksumAddress, amount: int, owner: LocalAccount) -> Mined:
        """Announce that prepaid money will be taken out; announcing again replaces it, and 0 takes it back."""
        return await self._network.transactions.send(
            self.contract.function("announceWithdrawal", participant, amount), owner
        )

    async def withdraw_prepaid(self, participant: ChecksumAddress, owner: LocalAccount) -> Mined:
        """Pay the announced amount to the participant's payout address, after the notice and before it lapses."""
        return await self._network.transactions.send(self.contract.function("withdrawPrepaid", participant), owner)

    async def credit_recruiter(self, participant: ChecksumAddress, sender: LocalAccount) -> Mined:
        """Move what waits with a participant for its recruiter into the recruiter's earnings."""
        return await self._network.transactions.send(
            self.contract.function("creditRecruiter", participant), sender
        )

    async def withdraw_earned(self, participant: ChecksumAddress, sender: LocalAccount) -> Mined:
        """Pay a participant's earnings to its payout address."""
        return await self._network.transactions.send(
            self.contract.function("withdrawEarned", participant), sender
        )

    # ------------------------------------------------------------- what the chain says

    async def state_of(self, exchange: Exchange, block: int | None = None) -> tuple[ExchangeState, int | None]:
        """Return the state of an exchange that this escrow took, and the instant it was refunded or resolved."""
        call = self.contract.function("stateOf", exchange.consent, exchange.use)
        with self._network.answers():
            state, ended_at = await call.call(block_identifier="latest" if block is None else block)
            return ExchangeState(state), ended_at or None

    async def is_kept(self, exchange_id: ExchangeId) -> bool:
        """Tell whether this escrow keeps a slot of an exchange: it is open, or was refunded or resolved."""
        slot: bytes = await self._network.ask(self.contract.function("slotOf", exchange_id).call())
        return any(slot)

    async def funding_of(self, exchange_id: ExchangeId) -> Funding | None:
        """Return how an exchange was funded, or None when it never was."""
        events = await self._network.logs(self.contract.events.ExchangeFunded(), exchangeId=exchange_id)
        with self._network.answers():
            return _funding(events[0]) if events else None

    async def fundings(self) -> tuple[Funding, ...]:
        """Return every exchange that was ever funded in this escrow, oldest first."""
        events = await self._network.logs(self.contract.events.ExchangeFunded())
        with self._network.answers():
            return tuple(_funding(event) for event in events)

    async def host_shares(self) -> tuple[int, int]:
        """Return the hosts' shares ever accrued, and what of them was credited to hosts, in token units."""
        accrued: int = await self._network.ask(self.contract.function("hostsAccrued").call())
        credited: int = await self._network.ask(self.contract.function("hostsCredited").call())
        return accrued, credited

    async def settlements(self) -> tuple[tuple[ExchangeId, SettlementCause], ...]:
        """Return every exchange that was settled in this escrow and why, oldest first."""
        events = await self._network.logs(self.contract.events.ExchangeSettled())
        with self._network.answers():
            return tuple((ExchangeId(e["args"]["exchangeId"]), SettlementCause(e["args"]["cause"])) for e in events)

    async def refunds(self) -> tuple[tuple[ExchangeId, RefundCause], ...]:
        """Return every exchange that was refunded in this escrow and why, oldest first."""
        events = await self._network.logs(self.contract.events.ExchangeRefunded())
        with self._network.answers():
            return tuple((ExchangeId(e["args"]["exchangeId"]), RefundCause(e["args"]["cause"])) for e in events)

    async def delivery_of(self, exchange_id: ExchangeId) -> Delivery | None:
        """Return what was delivered, or None when nothing was."""
        events = await self._network.logs(self.contract.events.ExchangeDelivered(), exchangeId=exchange_id)
        return _delivery(events[0]) if events else None

    async def dispute_of(self, exchange_id: ExchangeId) -> Dispute | None:
        """Return how an exchange was disputed, or None when it never was."""
        events = await self._network.logs(self.contract.events.ExchangeDisputed(), exchangeId=exchange_id)
        return _dispute(events[0]) if events else None

    async def prepaid_of(self, participant: ChecksumAddress) -> PrepaidBalance:
        """Return a participant's prepaid balance."""
        balance, available = await self._network.ask(self.contract.function("prepaidOf", participant).call())
        return PrepaidBalance(balance, available)

    async def announcement_of(self, participant: ChecksumAddress) -> Announcement | None:
        """Return what a participant announced to take out of its prepaid balance, or None."""
        amount, takeable_at, lapses_at = await self._network.ask(
            self.contract.function("announcementOf", participant).call()
        )
        return Announcement(amount, takeable_at, lapses_at) if amount else None

    async def recruiter_share_of(self, participant: ChecksumAddress) -> int:
        """Return what waits with a participant for its recruiter, in token units."""
        share: int = await self._network.ask(self.contract.function("recruiterShareOf", participant).call())
        return share

    async def earned_of(self, participant: ChecksumAddress) -> int:
        """Return what a participant has earned and not yet taken, in token units."""
        earned: int = await self._network.ask(self.contract.function("earnedOf", participant).call())
        return earned


def _named(signer: ChecksumAddress, participant: ChecksumAddress) -> ChecksumAddress:
    """Return whom a call names as signer: nobody where the participant's own key speaks, which costs less to say."""
    return NOBODY if signer == participant else signer


def _delivery(event: EventData) -> Delivery:
    return Delivery(bytes(event["args"]["ciphertextHash"]), event["args"]["deliveredAt"])


def _dispute(event: EventData) -> Dispute:
    fields = event["args"]
    return Dispute(bytes(fields["reason"]), fields["bond"], fields["disputedAt"])


def _funding(event: EventData) -> Funding:
    fields = event["args"]
    return Funding(
        exchange=Exchange.from_event(fields),
        schema=fields["schema"],
        purpose=fields["purpose"],
        assurance=Assurance(fields["assurance"]),
        schedule_version=fields["scheduleVersion"],
        block_number=event["blockNumber"],
        transaction_hash=bytes(event["transactionHash"]),
    )
