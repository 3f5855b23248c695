"""The compiled contracts that the package carries."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Final, cast

from eth_abi.abi import encode
from eth_typing import ABIElement, ABIEvent, ABIFunction
from eth_utils.abi import abi_to_signature, collapse_if_tuple, function_abi_to_4byte_selector
from eth_utils.crypto import keccak

from consentry.deployment.errors import ArtifactInvalid
from consentry.deployment.files import JsonValue

AbiValue = bool | int | str | bytes | Sequence["AbiValue"]

MOST_CODE_BYTES: Final = 24_576
"""EIP-170: the longest code that a chain takes."""


@dataclass(frozen=True, slots=True)
class Immutable:
    """A value that the constructor writes into the code.

    Attributes:
        name: As declared in the source.
        places: First byte of each copy in the runtime code; each is 32 bytes long.
    """

    name: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A compiled contract.

    Attributes:
        name: Name of the contract.
        abi: Its interface.
        bytecode: What creates it, without the constructor's arguments.
        runtime_code: What the chain then holds, with zeros for immutables.
        immutables: What those zeros are filled with.
        privileged: Selectors of the functions that a modifier keeps for some callers.
        compiler: Version and settings.
    """

    name: str
    abi: tuple[ABIElement, ...]
    bytecode: bytes
    runtime_code: bytes
    immutables: tuple[Immutable, ...]
    privileged: frozenset[bytes]
    compiler: Mapping[str, JsonValue]

    def creation(self, arguments: Sequence[AbiValue]) -> bytes:
        """Return the data of the transaction that creates the contract.

        Args:
            arguments: Of the constructor.
        """
        inputs = next((item.get("inputs", ()) for item in self.abi if item["type"] == "constructor"), ())
        types = [collapse_if_tuple(cast("dict[str, object]", item)) for item in inputs]
        return self.bytecode + encode(types, list(arguments))

    def call(self, function: str, arguments: Sequence[AbiValue]) -> bytes:
        """Return the data of a call.

        Args:
            function: Name or canonical signature of the function.
            arguments: Of the call.
        """
        found = self.function(function)
        types = [collapse_if_tuple(cast("dict[str, object]", item)) for item in found.get("inputs", ())]
        return function_abi_to_4byte_selector(found) + encode(types, list(arguments))

    def function(self, function: str) -> ABIFunction:
        """Return a function's interface.

        Args:
            function: Its name, where no other has the same, or its canonical signature.

        Raises:
            ArtifactInvalid: The contract has none, or several.
        """
        is_signature = "(" in function
        found = [
            item for item in self.functions() if (abi_to_signature(item) if is_signature else item["name"]) == function
        ]
        if len(found) != 1:
            raise ArtifactInvalid(self.name, f"has {len(found)} functions {function}")
        return found[0]

    def selector(self, function: str) -> bytes:
        """Return a function's selector."""
        return function_abi_to_4byte_selector(self.function(function))

    def selector_of(self, function: ABIFunction) -> bytes:
        """Return the selector of one of the contract's functions."""
        return function_abi_to_4byte_selector(function)

    def functions(self) -> tuple[ABIFunction, ...]:
        """Return every external function."""
        return tuple(item for item in self.abi if item["type"] == "function")

    def writes(self) -> tuple[ABIFunction, ...]:
        """Return every external function that changes state."""
        return tuple(item for item in self.functions() if item.get("stateMutability") not in ("view", "pure"))

    def events(self) -> tuple[ABIEvent, ...]:
        """Return every event."""
        return tuple(item for item in self.abi if item["type"] == "event")


@lru_cache(maxsize=64)
def load_artifact(name: str) -> Artifact:
    """Read a compiled contract from the package.

    Args:
        name: Name of the contract.

    Returns:
        The compiled contract.

    Raises:
        ArtifactInvalid: It is missing, cannot be read, or is longer than chains take.
    """
    file = resources.files("consentry").joinpath("contracts").joinpath(f"{name}.json")
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ArtifactInvalid(name, "is not in the package") from error
    except ValueError as error:
        raise ArtifactInvalid(name, "is not JSON") from error
    try:
        artifact = Artifact(
            name=name,
            abi=tuple(document["abi"]),
            bytecode=_code(document["bytecode"]),
            runtime_code=_code(document["deployedBytecode"]),
            immutables=_immutables(document["immutableReferences"]),
            privileged=frozenset(_code(selector) for selector in document["privilegedFunctions"]),
            compiler=document["compiler"],
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ArtifactInvalid(name, f"is not as exported ({error})") from error
    if not artifact.bytecode or len(artifact.runtime_code) > MOST_CODE_BYTES:
        raise ArtifactInvalid(name, f"has {len(artifact.runtime_code)} bytes of code, and chains take 1 to 24576")
    return artifact


def fingerprint(artifacts: Sequence[Artifact]) -> str:
    """Return one hash over the creation code of several contracts, as 0x-prefixed hexadecimal digits."""
    return "0x" + keccak(b"".join(keccak(text=item.name) + keccak(item.bytecode) for item in artifacts)).hex()


def _code(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _immutables(value: Mapping[str, Sequence[Mapping[str, int]]]) -> tuple[Immutable, ...]:
    found: list[Immutable] = []
    for name, places in value.items():
        if any(place["length"] != 32 for place in places):
            raise ValueError(f"immutable {name} is not a word")
        found.append(Immutable(name, tuple(place["start"] for place in places)))
    return tuple(found)
