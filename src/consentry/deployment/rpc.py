"""The few requests that a deployment makes of a chain's node, with one typed error for each way they fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, TypeVar, cast
from urllib.parse import urlsplit

from eth_typing import BlockNumber, ChecksumAddress, HexStr
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import HTTPError, RequestException, Timeout
from web3 import HTTPProvider, Web3
from web3._utils.error_formatters_utils import raise_contract_logic_error_on_revert
from web3.exceptions import (
    ContractLogicError,
    TransactionIndexingInProgress,
    TransactionNotFound,
    Web3Exception,
    Web3RPCError,
)
from web3.providers.base import BaseProvider
from web3.types import BlockIdentifier, FilterParams, LogReceipt, RPCEndpoint, TxParams, TxReceipt

from consentry.deployment.errors import RpcFailed, RpcUnreachable
from consentry.pauses import pauses

_REQUEST_SECONDS: Final = 60.0
_MOST_BLOCKS: Final = 50_000

_T = TypeVar("_T")


class Refused(Exception):
    """Say that the chain would revert a call; the caller turns it into an error with a name."""

    def __init__(self, reason: str, data: bytes) -> None:
        self.reason = reason
        self.data = data
        super().__init__(reason)


class Rpc:
    """Ask one node.

    Args:
        connection: A connected Web3, or an RPC address (http or https).
    """

    def __init__(self, connection: Web3 | str) -> None:
        if isinstance(connection, str):
            self.where = _without_secrets(connection)
            provider: BaseProvider = HTTPProvider(connection, request_kwargs={"timeout": _REQUEST_SECONDS})
        else:
            self.where = _without_secrets(str(getattr(connection.provider, "endpoint_uri", "") or "the given provider"))
            provider = connection.provider
        # Without middleware: what it adds here is a second request, for the chain id, with every request.
        self.web3 = Web3(provider, middleware=[])

    def chain_id(self) -> int:
        """Return the EIP-155 chain id."""
        return self._ask("eth_chainId", lambda: int(self.web3.eth.chain_id))

    def genesis_hash(self) -> str:
        """Return the hash of block 0, as 0x-prefixed hexadecimal digits."""
        return self._ask("eth_getBlockByNumber(0)", lambda: _hex(self.web3.eth.get_block(0)["hash"]))

    def latest_block(self) -> tuple[int, int]:
        """Return the number of the latest block and its instant in Unix seconds."""

        def ask() -> tuple[int, int]:
            block = self.web3.eth.get_block("latest")
            return int(block["number"]), int(block["timestamp"])

        return self._ask("eth_getBlockByNumber", ask)

    def block_gas_limit(self) -> int:
        """Return the gas limit of the latest block."""
        return self._ask("eth_getBlockByNumber", lambda: int(self.web3.eth.get_block("latest")["gasLimit"]))

    def nonce(self, account: ChecksumAddress, *, pending: bool = False) -> int:
        """Return how many transactions an account has sent."""
        block: str = "pending" if pending else "latest"
        return self._ask(
            "eth_getTransactionCount",
            lambda: int(self.web3.eth.get_transaction_count(account, cast("HexStr", block))),
        )

    def balance_wei(self, account: ChecksumAddress) -> int:
        """Return an account's balance in wei."""
        return self._ask("eth_getBalance", lambda: int(self.web3.eth.get_balance(account)))

    def gas_price_wei(self) -> int:
        """Return the price of gas that the node suggests, in wei."""
        return self._ask("eth_gasPrice", lambda: int(self.web3.eth.gas_price))

    def code(self, address: ChecksumAddress, block: int | None = None) -> bytes:
        """Return the code at an address, as of a block or the latest."""
        return self._ask("eth_getCode", lambda: bytes(self.web3.eth.get_code(address, _block(block))))

    def estimate_gas(self, transaction: TxParams) -> int:
        """Return the gas that a transaction would take.

        Raises:
            Refused: It would revert.
        """
        return self._ask("eth_estimateGas", lambda: int(self.web3.eth.estimate_gas(transaction)))

    def call(
        self, to: ChecksumAddress, data: bytes, block: int | None = None, sender: ChecksumAddress | None = None
    ) -> bytes:
        """Return what a call answers, as of a block or the latest, to a sender or to nobody in particular.

        Raises:
            Refused: It reverts.
        """
        transaction = {"to": to, "data": _hex(data)} | ({} if sender is None else {"from": sender})
        parameters = [transaction, "latest" if block is None else hex(block)]

        def ask() -> bytes:
            # What web3's own call does, without what it does to each field: that takes longer than the node does.
            answer = self.web3.manager.request_blocking(
                RPCEndpoint("eth_call"), parameters, raise_contract_logic_error_on_revert
            )
            if not isinstance(answer, str):
                raise RpcFailed("eth_call", "an answer that is no data")
            return bytes(HexBytes(answer))

        return self._ask("eth_call", ask)

    def send(self, raw: bytes) -> str | None:
        """Send a signed transaction.

        Returns:
            None when the node took it, else why it did not. A node may refuse what it or the chain has already.
        """
        try:
            self._ask("eth_sendRawTransaction", lambda: self.web3.eth.send_raw_transaction(raw))
        except Refused as refused:
            return refused.reason
        except RpcFailed as failed:
            return failed.reason
        return None

    def origin(self, tx_hash: str) -> tuple[ChecksumAddress, int] | None:
        """Return who signed a transaction, mined or waiting, and its nonce; None where the node has none such."""

        def ask() -> tuple[ChecksumAddress, int] | None:
            try:
                transaction = self.web3.eth.get_transaction(cast("HexStr", tx_hash))
            except TransactionNotFound:
                return None
            return to_checksum_address(transaction["from"]), int(transaction["nonce"])

        return self._ask("eth_getTransactionByHash", ask)

    def receipt(self, tx_hash: str) -> TxReceipt | None:
        """Return the receipt of a transaction, or None while it is not mined."""

        def ask() -> TxReceipt | None:
            try:
                return self.web3.eth.get_transaction_receipt(cast("HexStr", tx_hash))
            except (TransactionNotFound, TransactionIndexingInProgress):
                return None

        return self._ask("eth_getTransactionReceipt", ask)

    def wait_for_receipt(self, tx_hash: str, seconds: float) -> TxReceipt | None:
        """Return the receipt of a transaction, or None when it is not mined in time."""
        for pause in pauses(seconds):
            receipt = self.receipt(tx_hash)
            if receipt is not None:
                return receipt
            time.sleep(pause)
        return self.receipt(tx_hash)

    def logs(
        self, address: ChecksumAddress, topics: Sequence[bytes], first_block: int, last_block: int
    ) -> list[LogReceipt]:
        """Return the logs of a contract with one of these first topics, in the order in which they were written.

        Asks for a span of blocks at a time, and for half of it where the node finds that too much.
        """
        found: list[LogReceipt] = []
        start, span = first_block, _MOST_BLOCKS
        while start <= last_block:
            end = min(start + span - 1, last_block)
            wanted: FilterParams = {
                "address": address,
                "fromBlock": start,
                "toBlock": end,
                "topics": [[HexBytes(topic) for topic in topics]],
            }
            try:
                found += self._ask("eth_getLogs", partial(self.web3.eth.get_logs, wanted))
            except RpcFailed:
                if span == 1:
                    raise
                span = max(1, span // 2)
                continue
            start = end + 1
        return found

    def _ask(self, request: str, ask: Callable[[], _T]) -> _T:
        try:
            return ask()
        except ContractLogicError as error:
            raise Refused(_one_line(error.message or str(error)), _revert_data(error.data)) from error
        except Web3RPCError as error:
            response = error.rpc_response or {}
            details = response.get("error", {})
            message = str(details.get("message", error)) if isinstance(details, dict) else str(details)
            raise RpcFailed(request, _one_line(message)) from error
        except (RequestsConnectionError, Timeout, ConnectionError, TimeoutError) as error:
            raise RpcUnreachable(self.where) from error
        except HTTPError as error:
            status = error.response.status_code if error.response is not None else "unknown"
            raise RpcFailed(request, f"HTTP status {status}") from error
        except (Web3Exception, RequestException, ValueError, KeyError) as error:
            raise RpcFailed(request, type(error).__name__) from error


def _without_secrets(address: str) -> str:
    parts = urlsplit(address)
    if not parts.hostname:
        return address
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}"


def _block(number: int | None) -> BlockIdentifier:
    return "latest" if number is None else BlockNumber(number)


def _hex(value: bytes) -> str:
    return "0x" + bytes(value).hex()


def _one_line(text: str) -> str:
    return " ".join(text.split())[:300]


def _revert_data(data: object) -> bytes:
    if isinstance(data, str) and data.startswith("0x"):
        try:
            return bytes.fromhex(data[2:])
        except ValueError:
            return b""
    return b""
