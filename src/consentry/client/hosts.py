"""Hosts: their weights and what they are owed of the fees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network


class Hosts:
    """The HostRewards of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("HostRewards")

    async def owed_to(self, host: ChecksumAddress) -> int:
        """Return what a host can claim into its earnings, in token units."""
        owed: int = await self._network.ask(self.contract.function("owedTo", host).call())
        return owed

    async def set_weight(self, host: ChecksumAddress, weight: int, sender: LocalAccount) -> Mined:
        """Set a host's weight; 0 ends its share. By vote."""
        return await self._network.transactions.send(self.contract.function("setWeight", host, weight), sender)

    async def claim(self, host: ChecksumAddress, sender: LocalAccount) -> Mined:
        """Move what a host is owed into its earnings; anyone may send it."""
        return await self._network.transactions.send(self.contract.function("claim", host), sender)
