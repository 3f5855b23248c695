"""Fees: the schedule's versions and what it quotes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.client.assurance import Assurance
from consentry.client.contract import Action
from consentry.client.exchanges import Shares
from consentry.client.schemas import identifier_of

if TYPE_CHECKING:
    from consentry.client.identities import Participant
    from consentry.client.network import Network


@dataclass(frozen=True, slots=True)
class Quote:
    """What one exchange costs and how it is shared.

    Attributes:
        version: Version of the schedule.
        fee: Token units.
        shares: Shares of this exchange, missing ones already given to the provider.
    """

    version: int
    fee: int
    shares: Shares


@dataclass(frozen=True, slots=True)
class Rates:
    """What a version of the schedule says of every exchange.

    Attributes:
        shares: How a fee is shared while no share is missing.
        consumer_recruiter_sunset_seconds: For how long the consumer's recruiter has its share.
        provider_recruiter_sunset_seconds: For how long the provider's recruiter has its share.
        host_discount_bps: Off the price where the consumer is a host too; below 10,000.
    """

    shares: Shares
    consumer_recruiter_sunset_seconds: int
    provider_recruiter_sunset_seconds: int
    host_discount_bps: int


@dataclass(frozen=True, slots=True)
class Price:
    """The price of one exchange.

    Attributes:
        schema: URN.
        assurance: Level of assurance.
        units: Token units, above zero.
    """

    schema: str
    assurance: Assurance
    units: int


class Fees:
    """The FeeSchedule of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("FeeSchedule")

    async def current_version(self) -> int:
        """Return the schedule's version in force."""
        version: int = await self._network.ask(self.contract.function("currentVersion").call())
        return version

    def publish(self, rates: Rates, prices: Sequence[Price]) -> Action:
        """Publish a version, which supersedes the one in force. By vote."""
        return self.contract.action(
            "publish",
            (
                rates.shares.pack(),
                rates.consumer_recruiter_sunset_seconds,
                rates.provider_recruiter_sunset_seconds,
                rates.host_discount_bps,
            ),
            [(identifier_of(price.schema), int(price.assurance), price.units) for price in prices],
        )

    async def quote(
        self, version: int, schema: str, assurance: Assurance, consumer: Participant, provider: Participant | None
    ) -> Quote:
        """Return the fee and shares of an exchange that would be funded now.

        Args:
            version: Version of the schedule.
            schema: URN.
            assurance: Level of assurance.
            consumer: The consumer's record.
            provider: The provider's record; None while the person has not chosen (shares are then without a
                provider's recruiter; the fee is the same).

        Raises:
            ContractError: No such version or price, or superseded for too long.
        """
        hosts_present = await self._network.ask(self._network.exchanges.contract.function("areHostsPresent").call())
        call = self.contract.function(
            "quote",
            version,
            identifier_of(schema),
            int(assurance),
            consumer.admitted_at if consumer.recruiter else 0,
            provider.admitted_at if provider and provider.recruiter else 0,
            consumer.is_host,
            hosts_present,
        )
        fee, shares = await self._network.ask(call.call())
        return Quote(version, fee, Shares.unpack(shares))
