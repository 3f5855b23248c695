"""Brownie's connection to a local chain: quicker, and steady where the chain is a moment late.

Brownie does much for who sits at its console that no test asks for: after each transaction it takes a snapshot, to undo
that one, and where one reverted it takes the whole trace apart for a text. Here it does neither.
"""

from __future__ import annotations

import time
from typing import Any

import requests
from brownie.exceptions import VirtualMachineError
from brownie.network import account
from brownie.network.account import Account
from brownie.network.transaction import TransactionReceipt
from hexbytes import HexBytes
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint, RPCResponse

LATE_SECONDS = 1.0
ASK_AGAIN_SECONDS = 0.005


class PatientProvider(HTTPProvider):
    """Asks for a receipt again until it is there.

    anvil counts a mined transaction a moment before it shows the receipt. Brownie takes one that is counted and has
    none for lost, and else sleeps a second before it asks again.
    """

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Ask the node."""
        answer = super().make_request(method, params)
        late_at = time.monotonic() + LATE_SECONDS
        while method == "eth_getTransactionReceipt" and answer.get("result") is None and time.monotonic() < late_at:
            time.sleep(ASK_AGAIN_SECONDS)
            answer = super().make_request(method, params)
        return answer


def mend(connection: Web3) -> None:
    """Put a patient provider in the place of Brownie's, that asks once what never changes and looks for no proxies, and
    keep Brownie from what it does beside its tests.

    Args:
        connection: Brownie's, connected over HTTP.
    """
    session = requests.Session()
    session.trust_env = False
    connection.provider = PatientProvider(
        connection.provider.endpoint_uri,
        {"timeout": 60},
        session=session,
        cache_allowed_requests=True,
        cacheable_requests={"eth_chainId", "web3_clientVersion"},
    )
    # It asks for price and latest block before each transaction, and those have their price.
    connection.middleware_onion.remove("gas_price_strategy")
    account.rpc = _RpcWithoutUndo(account.rpc)
    Account._await_confirmation = _raise_where_reverted
    TransactionReceipt._await_confirmation = _take_receipt


class _RpcWithoutUndo:
    """What Brownie's accounts ask of the chain's process, which they take a snapshot of while it is active."""

    def __init__(self, rpc: Any) -> None:
        self.unlock_account = rpc.unlock_account

    def is_active(self) -> bool:
        return False


_await_confirmation = Account._await_confirmation


def _raise_where_reverted(sender: Account, *arguments: Any) -> TransactionReceipt:
    receipt = _await_confirmation(sender, *arguments)
    if receipt.status == 1:
        return receipt
    told = {"error": "revert", "reason": None, "program_counter": None}
    raise VirtualMachineError(ValueError({"message": "it reverted", "code": -32000, "data": {receipt.txid: told}}))


def _take_receipt(transaction: TransactionReceipt, *_: Any) -> None:
    """Take the receipt, which the patient provider waits for, and ask nothing else."""
    receipt = account.web3.eth.get_transaction_receipt(HexBytes(transaction.txid))
    transaction.block_number = receipt["blockNumber"]
    transaction._set_from_receipt(receipt)
    transaction._confirmed.set()
