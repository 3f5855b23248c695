"""Network credit: the token that members settle in who pay by bank transfer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

UNITS_PER_CREDIT = 10**6
"""Network credit has six decimals."""


class Credit:
    """The NetworkCredit of a network, and the prepaid balances that it fills."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("NetworkCredit")

    async def issue(
        self, participant: ChecksumAddress, amount: int, invoice_hash: bytes, treasurer: LocalAccount
    ) -> Mined:
        """Issue credit against a paid invoice (its 32-byte hash; each once). By the treasurer."""
        return await self._network.transactions.send(
            self.contract.function("issue", participant, amount, invoice_hash), treasurer
        )

    async def balance_of(self, account: ChecksumAddress) -> int:
        """Return the credit that an account holds, in units."""
        balance: int = await self._network.ask(self.contract.function("balanceOf", account).call())
        return balance

    async def total(self) -> int:
        """Return all credit there is, in units."""
        supply: int = await self._network.ask(self.contract.function("totalSupply").call())
        return supply

    async def allow(self, amount: int, holder: LocalAccount) -> Mined:
        """Let the escrow take up to an amount of the holder's credit when a deposit is made; replaces what it had."""
        escrow = self._network.exchanges.contract.address
        return await self._network.transactions.send(self.contract.function("approve", escrow, amount), holder)

    async def prepay(
        self, amount: int, holder: LocalAccount, *, participant: ChecksumAddress | None = None
    ) -> tuple[Mined, Mined]:
        """Move the holder's credit into a prepaid balance of the escrow in force: an allowance, then the deposit.

        Args:
            amount: Token units.
            holder: Whose credit it is.
            participant: Whose prepaid balance; the holder's own when None.
        """
        await self._network.refresh()
        allowed = await self._network.credit.allow(amount, holder)
        deposited = await self._network.exchanges.deposit(participant or holder.address, amount, holder)
        return allowed, deposited
