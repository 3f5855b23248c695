"""Transactions: build, sign, send, decode.

A call is first tried against the latest block, so that a refusal is the contract's own named error before gas is spent.
Nonces are given out per key under a lock; a key is used by one connection at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from eth_account.datastructures import SignedTransaction
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress, HexStr
from hexbytes import HexBytes
from web3.contract.async_contract import AsyncContractFunction
from web3.exceptions import TransactionIndexingInProgress, TransactionNotFound
from web3.types import BlockIdentifier, StateOverride, TxParams, TxReceipt, Wei

from consentry.client.contract import Action
from consentry.client.errors import ChainUnreachable, ClientError, NodeFailed, TransactionFailed
from consentry.client.node import Node
from consentry.pauses import pauses

GAS_MARGIN_PERCENT = 25
"""Added to the node's estimate: state may move between the estimate and the block."""

RECEIPT_TIMEOUT_SECONDS = 120.0
"""How long to wait until a transaction is mined."""


@dataclass(frozen=True, slots=True)
class Mined:
    """A transaction that was mined and did not revert.

    Attributes:
        transaction_hash: 32 bytes.
        block_number: Height of its block.
        gas_used: Gas units.
        receipt: The node's receipt with all logs.
    """

    transaction_hash: bytes
    block_number: int
    gas_used: int
    receipt: TxReceipt


class Transactions:
    """Sends the calls of any number of keys to one chain."""

    def __init__(self, node: Node, chain_id: int) -> None:
        """Send nothing yet.

        Args:
            node: Whom to send to.
            chain_id: The chain that transactions are signed for (EIP-155); another one cannot take them.
        """
        self._node = node
        self._chain_id = chain_id
        self._locks: dict[ChecksumAddress, asyncio.Lock] = {}

    async def send(self, call: AsyncContractFunction, signer: LocalAccount, value: int = 0) -> Mined:
        """Sign, send and await a call.

        Args:
            call: A contract function with its arguments.
            signer: The key that sends it and pays its gas.
            value: What goes along of the chain's own currency, smallest units.

        Raises:
            ContractError: The contract refuses it. Nothing was sent, unless the state changed in between.
            TransactionFailed: The node refused it, it was not mined in time, it reverted without saying why, or the
                node failed when it had been sent: then its hash is named.
            NodeFailed: The node answers with an error, or not as a node must. Nothing was sent.
            ChainUnreachable: No node answers; where the transaction may have been sent, its hash is named.
        """
        await self.simulate(call, signer.address, value=value)
        transaction_hash = await self._broadcast(call, signer, value)
        shown = transaction_hash.to_0x_hex()
        try:
            receipt = await self._node.ask(self._receipt(transaction_hash))
        except (ChainUnreachable, NodeFailed) as cause:
            raise _maybe_sent(cause, transaction_hash) from cause
        if receipt is None:
            raise TransactionFailed(
                f"transaction {shown} was not mined within {RECEIPT_TIMEOUT_SECONDS:g} s; look for it before sending it"
                " again"
            )
        with self._node.answers():
            block, has_reverted = int(receipt["blockNumber"]), receipt["status"] != 1
            mined = Mined(bytes(transaction_hash), block, int(receipt["gasUsed"]), receipt)
        if has_reverted:
            await self.simulate(call, signer.address, block, value=value)
            raise TransactionFailed(f"transaction {shown} reverted in its block; look at it there")
        return mined

    async def simulate(
        self,
        call: AsyncContractFunction,
        sender: ChecksumAddress,
        block: BlockIdentifier = "latest",
        storage: Mapping[ChecksumAddress, Mapping[bytes, bytes]] | None = None,
        value: int = 0,
    ) -> object:
        """Try a call without sending it and return what it returns.

        Args:
            call: A contract function with its arguments.
            sender: Who would send it.
            block: After which block.
            storage: Words of contracts' storage that are to differ, by slot, 32 bytes each; not every node can.
            value: What would go along of the chain's own currency, smallest units.

        Raises:
            ContractError: The contract refuses it.
            NodeFailed: The node answers with an error, or not as a node must.
            ChainUnreachable: No node answers.
        """
        override: StateOverride | None = None
        if storage is not None:
            override = {
                contract: {
                    "stateDiff": {HexStr(f"0x{slot.hex()}"): HexStr(f"0x{word.hex()}") for slot, word in words.items()}
                }
                for contract, words in storage.items()
            }
        answer: object = await self._node.ask(
            call.call({"from": sender, "value": Wei(value)}, block_identifier=block, state_override=override)
        )
        return answer

    async def simulate_action(self, action: Action, sender: ChecksumAddress) -> None:
        """Try an action of the council as its timelock would carry it out now; raises as `simulate`."""
        call: TxParams = {"from": sender, "to": action.target, "data": HexBytes(action.data)}
        await self._node.ask(self._node.web3.eth.call(call))

    async def _broadcast(self, call: AsyncContractFunction, signer: LocalAccount, value: int) -> HexBytes:
        ask, eth = self._node.ask, self._node.web3.eth
        async with self._locks.setdefault(signer.address, asyncio.Lock()):
            parameters: TxParams = {
                "from": signer.address,
                "value": Wei(value),
                "nonce": await ask(eth.get_transaction_count(signer.address, "pending")),
                "chainId": self._chain_id,
                **await self._fees(),  # type: ignore[typeddict-item]
            }
            try:
                with self._node.answers():
                    estimate = int(await call.estimate_gas(parameters))
            except NodeFailed as cause:
                raise _refused(cause) from cause
            parameters["gas"] = estimate * (100 + GAS_MARGIN_PERCENT) // 100
            signed = signer.sign_transaction(await ask(call.build_transaction(parameters)))  # type: ignore[arg-type]
            try:
                await self._hand_in(signed)
            except ChainUnreachable as cause:
                raise _maybe_sent(cause, signed.hash) from cause
            return signed.hash

    async def _hand_in(self, signed: SignedTransaction) -> None:
        try:
            await self._node.ask(self._node.web3.eth.send_raw_transaction(signed.raw_transaction))
        except NodeFailed as cause:
            # It may have the transaction already, from a try whose answer was lost.
            if not await self._node.ask(self._is_known(signed.hash)):
                raise _refused(cause) from cause

    async def _is_known(self, transaction_hash: HexBytes) -> bool:
        try:
            await self._node.web3.eth.get_transaction(transaction_hash)
        except TransactionNotFound:
            return False
        return True

    async def _receipt(self, transaction_hash: HexBytes) -> TxReceipt | None:
        """Ask for a receipt at once, and then less and less often; None where the time is over."""
        for pause in pauses(RECEIPT_TIMEOUT_SECONDS):
            with suppress(TransactionNotFound, TransactionIndexingInProgress):
                return await self._node.web3.eth.get_transaction_receipt(transaction_hash)
            await asyncio.sleep(pause)
        return None

    async def _fees(self) -> Mapping[str, Wei]:
        eth = self._node.web3.eth
        with self._node.answers():
            gas_price = await eth.gas_price
            base_fee = (await eth.get_block("latest")).get("baseFeePerGas")
            if base_fee is None:  # chains before London, as some consortia run
                return {"gasPrice": gas_price}
            # What the node asks for beyond the base fee: nothing where gas is free.
            priority = Wei(max(gas_price - base_fee, 0))
            return {"maxPriorityFeePerGas": priority, "maxFeePerGas": Wei(2 * base_fee + priority)}


def _refused(cause: NodeFailed) -> TransactionFailed:
    return TransactionFailed(f"the node at {cause.where} refused the transaction: {cause.reason}")


def _maybe_sent(cause: ChainUnreachable | NodeFailed, transaction_hash: HexBytes) -> ClientError:
    kind = ChainUnreachable if isinstance(cause, ChainUnreachable) else TransactionFailed
    return kind(f"{cause}; look for transaction {transaction_hash.to_0x_hex()} before sending it again")
