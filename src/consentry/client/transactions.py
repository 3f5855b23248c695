"""Transactions: build, sign, send, decode.

A call is first tried against the latest block, so that a refusal is the contract's own named error before gas is spent.
Nonces are given out per key under a lock; a key is used by one process at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from aiohttp import ClientError as HttpError
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from hexbytes import HexBytes
from web3 import AsyncWeb3
from web3.contract.async_contract import AsyncContractFunction
from web3.exceptions import ContractCustomError, ContractLogicError, TimeExhausted, Web3RPCError
from web3.types import BlockIdentifier, TxParams, TxReceipt, Wei

from consentry.client.errors import ChainUnreachable, ContractError, TransactionFailed, contract_error

GAS_MARGIN_PERCENT = 25
"""Added to the node's estimate: state may move between the estimate and the block."""

RECEIPT_TIMEOUT_SECONDS = 120.0


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

    def __init__(self, web3: AsyncWeb3) -> None:  # type: ignore[type-arg]
        self._web3 = web3
        self._locks: dict[ChecksumAddress, asyncio.Lock] = {}

    async def send(self, call: AsyncContractFunction, signer: LocalAccount) -> Mined:
        """Sign, send and await a call.

        Args:
            call: A contract function with its arguments.
            signer: The key that sends it and pays its gas.

        Raises:
            ContractError: The contract refuses it (the subclass of its Solidity error); nothing was sent, unless the
                state changed in between.
            TransactionFailed: It reverted without a named error, or was not mined in time.
            ChainUnreachable: No node answers.
        """
        try:
            await self.simulate(call, signer.address)
            transaction_hash = await self._broadcast(call, signer)
            receipt = await self._web3.eth.wait_for_transaction_receipt(
                transaction_hash, timeout=RECEIPT_TIMEOUT_SECONDS, poll_latency=0.02
            )
        except TimeExhausted as cause:
            raise TransactionFailed(
                f"no receipt within {RECEIPT_TIMEOUT_SECONDS:.0f} s; look for the transaction before sending it again"
            ) from cause
        except (HttpError, OSError) as cause:
            raise _unreachable(self._web3) from cause
        if receipt["status"] != 1:
            await self.simulate(call, signer.address, receipt["blockNumber"])
            raise TransactionFailed(f"transaction {HexBytes(transaction_hash).to_0x_hex()} reverted in its block")
        return Mined(bytes(transaction_hash), receipt["blockNumber"], receipt["gasUsed"], receipt)

    async def simulate(
        self, call: AsyncContractFunction, sender: ChecksumAddress, block: BlockIdentifier = "latest"
    ) -> object:
        """Try a call without sending it and return what it returns.

        Raises:
            ContractError: The contract refuses it.
            TransactionFailed: It reverts without a named error.
            ChainUnreachable: No node answers.
        """
        try:
            return await call.call({"from": sender}, block_identifier=block)
        except ContractLogicError as cause:
            raise _refusal(cause) from cause
        except (HttpError, OSError) as cause:
            raise _unreachable(self._web3) from cause

    async def _broadcast(self, call: AsyncContractFunction, signer: LocalAccount) -> HexBytes:
        lock = self._locks.setdefault(signer.address, asyncio.Lock())
        async with lock:
            parameters: TxParams = {
                "from": signer.address,
                "nonce": await self._web3.eth.get_transaction_count(signer.address, "pending"),
                "chainId": await self._web3.eth.chain_id,
                **await self._fees(),  # type: ignore[typeddict-item]
            }
            try:
                estimate = await call.estimate_gas(parameters)
            except ContractLogicError as cause:
                raise _refusal(cause) from cause
            parameters["gas"] = estimate * (100 + GAS_MARGIN_PERCENT) // 100
            transaction = await call.build_transaction(parameters)
            signed = signer.sign_transaction(transaction)  # type: ignore[arg-type]
            try:
                return await self._web3.eth.send_raw_transaction(signed.raw_transaction)
            except Web3RPCError as cause:
                raise TransactionFailed(f"the node refused the transaction: {cause.message}") from cause

    async def _fees(self) -> Mapping[str, Wei]:
        base_fee: Optional[Wei] = (await self._web3.eth.get_block("latest")).get("baseFeePerGas")
        if base_fee is None:  # chains before London, as some consortia run
            return {"gasPrice": await self._web3.eth.gas_price}
        priority = Wei(10**9)
        return {"maxPriorityFeePerGas": priority, "maxFeePerGas": Wei(2 * base_fee + priority)}


def _refusal(cause: ContractLogicError) -> ContractError | TransactionFailed:
    if isinstance(cause, ContractCustomError) or isinstance(cause.data, str):
        return contract_error(bytes(HexBytes(str(cause.data))))
    return TransactionFailed(f"the call reverts without a named error: {cause.message}")


def _unreachable(web3: AsyncWeb3) -> ChainUnreachable:  # type: ignore[type-arg]
    where = getattr(web3.provider, "endpoint_uri", "the configured node")
    return ChainUnreachable(f"no node answers at {where}; start one (consentry devnet) or give its RPC URL")
