"""Errors of the chain client.

::

    ConsentryError
    └── ClientError
        ├── BridgeClosed          a bridge runs nothing any more
        ├── ChainUnreachable      no node answers at the address
        ├── NodeFailed            the node answers with an error, or not as a node must
        ├── WrongChain            another chain, or no network at the directory
        ├── ArgumentInvalid       a value that its type in the contracts cannot hold
        ├── TransactionFailed     refused by the node, not mined in time, or reverted in its block
        ├── SignatureInvalid      not the signature of who it should be
        ├── RequestRefused        a request that a wallet or provider must not act on
        ├── ConsentRefused        record, consent and request do not agree, or it is not for this party
        ├── ExchangeRefused       not the exchange that the consent and the request are about
        ├── CredentialRefused     a credential whose status cannot be looked up
        ├── SchemaMismatch        a packaged schema is not the one that the network registered
        ├── ApplicationRefused    an application or invitation that is not as it must be
        ├── ProposalRefused       a proposal that cannot be made, or is not there
        ├── ReceiptRefused        the receipt is not what the chain says
        ├── CaseRefused           a case that cannot be opened to, or read by, this regulator
        └── ContractError         one subclass per Solidity error, with its decoded values

The subclasses of `ContractError` are made from the packaged ABIs and are attributes of this module:
``errors.ConsentTokenExpired``; ``errors.Error`` and ``errors.Panic`` are the two that the compiler makes.
``ContractError.values`` maps the names of the Solidity parameters to their values.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import ClassVar, Union

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from consentry.errors import ConsentryError

ErrorValue = Union[str, int, bytes, bool]


class ClientError(ConsentryError):
    """What the chain client refuses or cannot do."""


class BridgeClosed(ClientError):
    """A bridge was closed and runs nothing any more."""


class ChainUnreachable(ClientError):
    """No node answers."""


class NodeFailed(ClientError):
    """A node answered with an error, or not as a node must.

    Attributes:
        where: Its address, without what may be secret in it.
        reason: What it said or did, on one line.
    """

    def __init__(self, where: str, reason: str) -> None:
        self.where = where
        self.reason = reason
        super().__init__(f"the node at {where} failed: {reason}; try again when it is well, or give another RPC URL")


class WrongChain(ClientError):
    """The node serves another chain, or no network stands at the directory's address."""


class ArgumentInvalid(ClientError):
    """A value that its type in the contracts cannot hold. The value is not shown."""


class TransactionFailed(ClientError):
    """A transaction was refused by the node, was not mined in time, or reverted in its block."""


class SignatureInvalid(ClientError):
    """A signature is not that of who it should be."""


class RequestRefused(ClientError):
    """A request that a wallet or a provider must not act on."""


class ConsentRefused(ClientError):
    """A consent whose record, signature and request do not agree, or that is not for this party."""


class ExchangeRefused(ClientError):
    """An exchange that is not the one the consent and the request are about."""


class CredentialRefused(ClientError):
    """A genuine credential that cannot be relied on."""


class SchemaMismatch(ClientError):
    """A packaged schema is not, word for word, the one that the network registered."""


class ApplicationRefused(ClientError):
    """An application for membership, or an invitation to apply, that is not as it must be."""


class ProposalRefused(ClientError):
    """A proposal that cannot be made, or is not there."""


class ReceiptRefused(ClientError):
    """A receipt that the chain does not bear out."""


class CaseRefused(ClientError):
    """A case that cannot be opened to a regulator, or that this regulator cannot read."""


class ContractError(ClientError):
    """A contract refused the call with a named error.

    Attributes:
        name: Name of the Solidity error.
        parameters: Its parameters as (name, type) in order.
        values: Decoded values by parameter name; bytes32 as bytes, addresses with checksum.
    """

    name: ClassVar[str] = "ContractError"
    parameters: ClassVar[tuple[tuple[str, str], ...]] = ()

    def __init__(self, values: Mapping[str, ErrorValue]) -> None:
        self.values = dict(values)
        shown = ", ".join(f"{key}={_shown(value)}" for key, value in self.values.items())
        super().__init__(f"the contract refused: {self.name}({shown})")


class UnknownContractError(ContractError):
    """A contract refused the call with an error that no packaged ABI knows, or with none."""

    name = "UnknownContractError"
    parameters = (("data", "bytes"),)


_MADE_BY_THE_COMPILER = (
    {"name": "Error", "inputs": [{"name": "reason", "type": "string"}]},
    {"name": "Panic", "inputs": [{"name": "code", "type": "uint256"}]},
)


def one_line(text: str) -> str:
    """Return a text that somebody else wrote as one line of at most 300 characters."""
    return " ".join(text.split())[:300]


def _shown(value: ErrorValue) -> str:
    return one_line("0x" + value.hex() if isinstance(value, bytes) else str(value))


@cache
def _by_selector() -> Mapping[bytes, type[ContractError]]:
    classes: dict[bytes, type[ContractError]] = {}
    names: dict[str, bytes] = {}
    for item in _abi_errors():
        types = [str(parameter["type"]) for parameter in item["inputs"]]
        signature = f"{item['name']}({','.join(types)})"
        selector = keccak(text=signature)[:4]
        if selector in classes:
            continue
        name = str(item["name"])
        if name in names:
            raise ValueError(f"two Solidity errors are called {name}: give one of them its contract's name")
        names[name] = selector
        classes[selector] = type(
            name,
            (ContractError,),
            {
                "name": name,
                "parameters": tuple(
                    (parameter["name"] or f"value{index}", kind)
                    for index, (parameter, kind) in enumerate(zip(item["inputs"], types, strict=True))
                ),
                "__doc__": f"Solidity error {signature}.",
                "__module__": __name__,
            },
        )
    return classes


def _abi_errors() -> Iterator[dict]:  # type: ignore[type-arg]
    yield from _MADE_BY_THE_COMPILER
    folder = resources.files("consentry.contracts")
    for entry in sorted(folder.iterdir(), key=lambda path: path.name):
        if entry.name.endswith(".json"):
            for item in json.loads(entry.read_text("utf-8"))["abi"]:
                if item["type"] == "error":
                    yield item


def contract_error(data: bytes) -> ContractError:
    """Turn the data of a revert into the exception of its Solidity error.

    Args:
        data: Revert data: a 4-byte selector and the ABI-encoded values; anything else is an `UnknownContractError`.
    """
    kind = _by_selector().get(data[:4])
    if kind is None:
        return UnknownContractError({"data": data})
    try:
        values = decode([type_name for _, type_name in kind.parameters], data[4:])
    except (DecodingError, UnicodeDecodeError):
        return UnknownContractError({"data": data})
    return kind(
        {
            name: to_checksum_address(value) if type_name == "address" else value
            for (name, type_name), value in zip(kind.parameters, values, strict=True)
        }
    )


def contract_errors() -> tuple[type[ContractError], ...]:
    """Return the exception classes of all Solidity errors: those in the packaged ABIs, and the compiler's two."""
    return tuple(_by_selector().values())


def __getattr__(name: str) -> type[ContractError]:
    for kind in _by_selector().values():
        if kind.name == name:
            return kind
    raise AttributeError(f"module {__name__} has no attribute {name}")
