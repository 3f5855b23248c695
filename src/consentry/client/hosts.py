"""Hosts: their weights and what they are owed of the fees."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from consentry.client.contract import Action
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

    async def validators(self) -> tuple[ChecksumAddress, ...]:
        """Return the nodes that validate, one for each host with weight."""
        with self._network.answers():
            return tuple(to_checksum_address(node) for node in await self.contract.function("getValidators").call())

    def set_weight(self, host: ChecksumAddress, weight: int) -> Action:
        """Set a host's weight; 0 ends its share. By vote."""
        return self.contract.action("setWeight", host, weight)

    async def resign(self, host: ChecksumAddress, owner: LocalAccount) -> Mined:
        """End a host's own part in what accrues from now on. By its owner."""
        return await self._network.transactions.send(self.contract.function("resign", host), owner)

    async def set_validator(
        self, host: ChecksumAddress, validator: ChecksumAddress, owner: LocalAccount
    ) -> Mined:
        """Say which node validates for a host. By its owner."""
        return await self._network.transactions.send(
            self.contract.function("setValidator", host, validator), owner
        )

    async def claim(self, host: ChecksumAddress, sender: LocalAccount) -> Mined:
        """Move what a host is owed into its earnings; anyone may send it."""
        return await self._network.transactions.send(self.contract.function("claim", host), sender)
