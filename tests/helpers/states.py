"""Put storage and code on a chain that no transaction put there, on any chain client."""

from __future__ import annotations

import brownie
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from tests.helpers.clock import is_ganache


def slot_of(key: str, mapping_slot: int) -> int:
    """Return the storage slot of an address's value in a mapping (Solidity's layout)."""
    return int.from_bytes(keccak(encode(["address", "uint256"], [key, mapping_slot])), "big")


def write_storage(account: str, slot: int, value: int) -> None:
    """Overwrite a storage slot of an account."""
    _request("evm_setAccountStorageAt" if is_ganache() else "anvil_setStorageAt", account, _word(slot), _word(value))


def write_code(account: str, code: bytes) -> None:
    """Overwrite the code of an account."""
    _request("evm_setAccountCode" if is_ganache() else "anvil_setCode", account, "0x" + code.hex())


def _word(value: int) -> str:
    return f"0x{value:064x}"


def _request(method: str, *arguments: object) -> None:
    answer = brownie.web3.provider.make_request(method, list(arguments))
    assert "error" not in answer, answer["error"]
