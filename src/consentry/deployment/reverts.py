"""Name what a contract refused, from the data of the revert."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, cast

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import ABIError
from eth_utils.abi import abi_to_signature, collapse_if_tuple, function_signature_to_4byte_selector

from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS

_ERROR_TEXT: Final = function_signature_to_4byte_selector("Error(string)")
_PANIC: Final = function_signature_to_4byte_selector("Panic(uint256)")


def describe_revert(data: bytes) -> str | None:
    """Return the named error in a revert's data with its values, or None when no contract here has it.

    Args:
        data: What the call returned.
    """
    selector, body = data[:4], data[4:]
    try:
        if selector == _ERROR_TEXT:
            return str(decode(["string"], body)[0])
        if selector == _PANIC:
            return f"Panic({decode(['uint256'], body)[0]:#x})"
        error = _errors().get(selector)
        if error is None:
            return None
        types = [collapse_if_tuple(cast("dict[str, object]", item)) for item in error.get("inputs", ())]
        values = ", ".join(_text(value) for value in decode(types, body))
    except DecodingError:
        return None
    return f"{error['name']}({values})"


@lru_cache(maxsize=1)
def _errors() -> dict[bytes, ABIError]:
    found: dict[bytes, ABIError] = {}
    for name in CONTRACTS:
        for item in load_artifact(name).abi:
            if item["type"] == "error":
                found[function_signature_to_4byte_selector(abi_to_signature(item))] = item
    return found


def _text(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
