"""Put several transactions into one block, in a chosen order, on any chain client."""

from __future__ import annotations

from collections.abc import Sequence

import brownie
from brownie.network.account import Account
from brownie.network.contract import ContractTx
from brownie.network.transaction import TransactionReceipt

from tests.helpers.clock import is_ganache

GAS = 2_000_000
GAS_PRICE = 100 * 10**9

Call = tuple[Account, ContractTx, Sequence[object]]
"""Who calls which function with which arguments."""


class Refused(ValueError):
    """A transaction that was mined and reverted, as `reverts_with` takes it."""

    def __init__(self, tx_hash: str) -> None:
        super().__init__(tx_hash)
        self.txid = tx_hash


def mine_together(*calls: Call) -> list[TransactionReceipt]:
    """Mine one block with these calls and nothing else, and return their receipts in the same order.

    A call that reverts is in the block as well: see `raise_if_refused`.
    """
    _hold_mining(on=True)
    try:
        # A miner takes the best paid first.
        hashes = [_send(call, GAS_PRICE - place * 10**9) for place, call in enumerate(calls)]
        # Ganache answers with an error where one of them reverts; they are mined all the same, as is asserted below.
        brownie.web3.provider.make_request("evm_mine", [])
    finally:
        _hold_mining(on=False)
    receipts = [TransactionReceipt(tx_hash, silent=True) for tx_hash in hashes]
    assert [receipt.txindex for receipt in receipts] == list(range(len(calls))), "they were mined in another order"
    assert len({receipt.block_number for receipt in receipts}) == 1, "they were mined in several blocks"
    return receipts


def raise_if_refused(receipt: TransactionReceipt) -> None:
    """Raise what `reverts_with` expects when a transaction was mined and reverted."""
    if not receipt.status:
        raise Refused(receipt.txid)


def _hold_mining(*, on: bool) -> None:
    if is_ganache():
        method, arguments = "miner_stop" if on else "miner_start", []
    else:
        method, arguments = "evm_setAutomine", [not on]
    answer = brownie.web3.provider.make_request(method, arguments)
    assert "error" not in answer, answer["error"]


def _send(call: Call, gas_price: int) -> str:
    sender, function, arguments = call
    transaction = {
        "from": sender.address,
        "to": function._address,
        "data": function.encode_input(*arguments),
        "gas": GAS,
        "gasPrice": gas_price,
    }
    return "0x" + bytes(brownie.web3.eth.send_transaction(transaction)).hex()
