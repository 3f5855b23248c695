"""Fees: the schedule's versions and what it quotes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from consentry.client.assurance import Assurance
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


class Fees:
    """The FeeSchedule of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("FeeSchedule")

    async def current_version(self) -> int:
        """Return the schedule's version in force."""
        version: int = await self._network.ask(self.contract.function("currentVersion").call())
        return version

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
        _, hosts_present = await self._network.ask(self._network.exchanges.contract.function("hostRewards").call())
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
