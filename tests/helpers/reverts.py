"""Assert by which named error a contract refuses, with which values, on any chain client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from types import EllipsisType

import brownie
import pytest
from brownie.exceptions import VirtualMachineError
from eth_abi.abi import decode
from eth_utils.abi import abi_to_signature, collapse_if_tuple, function_signature_to_4byte_selector
from eth_utils.address import is_address, to_checksum_address

from tests.helpers.clock import is_ganache

BUILT_IN_ERRORS = (
    {"type": "error", "name": "Error", "inputs": [{"name": "reason", "type": "string"}]},
    {"type": "error", "name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


@contextmanager
def reverts_with(name: str, *values: object) -> Iterator[None]:
    """Expect the body to be refused with this error and exactly these values.

    Args:
        name: Name of the error; `Error` for a text and `Panic` for a code that the compiler made.
        values: One for each of its parameters: addresses as accounts, contracts or text, byte strings as bytes or
            0x-prefixed text, structs and lists as tuples; `...` where the value cannot be known.
    """
    try:
        yield
    except (VirtualMachineError, ValueError) as error:
        data = revert_data(error)
        if data is None:
            raise
    else:
        pytest.fail(f"it was not refused; {name}{values!r} was expected")
    found = decode_error(data)
    assert found is not None, f"it was refused with data that no contract here declares: 0x{data.hex()}"
    found_name, types, found_values = found
    assert found_name == name, f"it was refused with {found_name}{found_values!r}; {name}{values!r} was expected"
    assert len(values) == len(types), (
        f"{name} has {len(types)} values and {len(values)} were expected: {found_values!r}"
    )
    for position, (kind, wanted, value) in enumerate(zip(types, values, found_values, strict=True)):
        if not isinstance(wanted, EllipsisType):
            plain = _plain(kind, wanted)
            assert value == plain, f"value {position} of {name} is {value!r}; {plain!r} was expected"


def revert_data(error: BaseException) -> bytes | None:
    """Return what the contract reverted with, or None when the error is about something else.

    Args:
        error: As Brownie or web3 raised it. A call's carries the data; a mined transaction is traced.
    """
    tx_hash = getattr(error, "txid", "")
    if isinstance(tx_hash, str) and len(tx_hash) == 66:
        return _returned_by(tx_hash)
    cause: BaseException | None = error
    while cause is not None:
        for source in (getattr(cause, "data", None), getattr(cause, "rpc_response", None), *cause.args):
            data = _data_in(source)
            if data is not None:
                return data
        cause = cause.__cause__ or cause.__context__
    return None


def decode_error(data: bytes) -> tuple[str, Sequence[str], tuple[object, ...]] | None:
    """Return name, types and values of an error, or None when no contract of the project declares it.

    Addresses have their checksum, byte strings are 0x-prefixed text.
    """
    error = declared_errors().get(data[:4])
    if error is None:
        return None
    types = [collapse_if_tuple(item) for item in error["inputs"]]
    values = decode(types, data[4:])
    return error["name"], types, tuple(_plain(kind, value) for kind, value in zip(types, values, strict=True))


@lru_cache(maxsize=1)
def declared_errors() -> Mapping[bytes, dict]:
    """Return every error of the project's contracts by its selector."""
    project = brownie.project.get_loaded_projects()[0]
    found = {}
    for item in (*BUILT_IN_ERRORS, *(item for contract in project for item in contract.abi)):
        if item["type"] == "error":
            found[function_signature_to_4byte_selector(abi_to_signature(item))] = item
    return found


def _returned_by(tx_hash: str) -> bytes:
    if not is_ganache():
        returned = _trace(tx_hash, disableMemory=True, disableStack=True, enableReturnData=True)["returnValue"]
        return bytes.fromhex(returned.removeprefix("0x"))
    # Ganache leaves out what a revert returns: it is what its last step points to in memory.
    last = _trace(tx_hash)["structLogs"][-1]
    memory = bytes.fromhex("".join(last["memory"]))
    offset, length = (int(word, 16) for word in last["stack"][:-3:-1])
    return memory[offset : offset + length] if last["op"] == "REVERT" else b""


def _trace(tx_hash: str, **options: bool) -> dict:
    parameters = [tx_hash, {"disableStorage": True, **options}]
    return brownie.web3.provider.make_request("debug_traceTransaction", parameters)["result"]


def _data_in(source: object) -> bytes | None:
    if isinstance(source, str) and source.startswith("0x") and len(source) >= 10 and len(source) != 66:
        return bytes.fromhex(source[2:])
    if isinstance(source, Mapping):
        for key in ("data", "error", "reason", "result", "0x"):
            data = _data_in(source.get(key))
            if data is not None:
                return data
    return None


def _plain(kind: str, value: object) -> object:
    """Put a value into the one form in which values of its type are compared."""
    if kind.endswith("]"):
        inner = kind[: kind.rindex("[")]
        return tuple(_plain(inner, item) for item in value)
    if kind.startswith("("):
        return tuple(_plain(inner, item) for inner, item in zip(_members(kind), value, strict=True))
    if kind == "address":
        text = getattr(value, "address", value)
        assert is_address(text), f"{value!r} is not an address"
        return to_checksum_address(text)
    if kind.startswith("bytes"):
        raw = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else bytes(value)
        return "0x" + (raw.ljust(int(kind[5:]), b"\0") if kind[5:] else raw).hex()
    if kind.startswith(("uint", "int")):
        return int(value)
    return value


def _members(kind: str) -> list[str]:
    """Split `(a,(b,c)[],d)` at its own commas."""
    members, depth, start = [], 0, 1
    for index, letter in enumerate(kind):
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
        if (letter == "," and depth == 1) or (letter == ")" and depth == 0):
            members.append(kind[start:index])
            start = index + 1
    return members
