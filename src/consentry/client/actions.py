"""Actions as people write and read them: a function of the network's contracts by name, and its arguments in JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_typing import ABIFunction
from eth_utils.abi import abi_to_signature, function_abi_to_4byte_selector, get_abi_input_types
from eth_utils.address import to_checksum_address

from consentry.client.contract import Action, Contract, packaged_abi
from consentry.client.encoding import read_address
from consentry.client.errors import ArgumentInvalid, ProposalRefused
from consentry.records import JsonError, JsonValue, parse_json

if TYPE_CHECKING:
    from consentry.client.network import Network

LARGEST_FILE_BYTES = 1_048_576

_HEX = re.compile("0x(?:[0-9a-fA-F]{2})*")
_WHOLE = re.compile("0x[0-9a-fA-F]+|[0-9]+")


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a function.

    Attributes:
        name: The parameter's name.
        kind: Its Solidity type.
        value: As `read_action` takes it: whole numbers as decimal text, structs as objects by name.
    """

    name: str
    kind: str
    value: JsonValue


@dataclass(frozen=True, slots=True)
class WrittenAction:
    """What an action does, for people.

    Attributes:
        contract: The contract's name in the directory; None where the network has none at that address.
        signature: Function and types, as in ``suspend(address)``; None where the contract has no such function.
        arguments: What it is called with, in order; None where its data is not exactly a call of a known function.
    """

    contract: str | None
    signature: str | None
    arguments: tuple[Argument, ...] | None


def write_action(network: Network, action: Action) -> WrittenAction:
    """Return what an action does, read by the packaged ABIs: what `read_action` makes the same action of.

    Args:
        network: Whose contracts are known.
        action: Anything that was proposed.
    """
    addresses = {**network.addresses, "NetworkDirectory": network.directory}
    contract = next((name for name, address in addresses.items() if address == action.target), None)
    if contract is None:
        return WrittenAction(None, None, None)
    for item in packaged_abi(contract):
        if item["type"] == "function" and function_abi_to_4byte_selector(item) == action.data[:4]:
            return WrittenAction(contract, abi_to_signature(item), _arguments(item, action.data[4:]))
    return WrittenAction(contract, None, None)


def read_action(network: Network, function: str, arguments: Sequence[JsonValue]) -> Action:
    """Read an action: a function of a contract of the network, and its arguments.

    Args:
        network: Whose contracts are meant.
        function: Contract and function, as in ``ConsentToken.setUsesPausedUntil``.
        arguments: As JSON has them: addresses and bytes as 0x-prefixed text, numbers as numbers or as text, structs as
            lists of their fields in order or as objects by name.

    Raises:
        ProposalRefused: The network has no such contract, or the contract no such function that changes something.
        ArgumentInvalid: The arguments are not what the function takes.
    """
    name, _, wanted = function.partition(".")
    contract = _contract(network, name)
    found = [
        item
        for item in packaged_abi(name)
        if item["type"] == "function"
        and item["name"] == wanted
        and item.get("stateMutability") not in ("view", "pure")
    ]
    if not found:
        raise ProposalRefused(f"{name} has no function '{wanted}' that changes something; see docs/roles.md")
    for item in found:
        inputs = item.get("inputs", [])
        if len(inputs) == len(arguments):
            values = [
                _value(parameter, argument, f"{function}: {parameter.get('name')}")
                for parameter, argument in zip(inputs, arguments, strict=True)
            ]
            return contract.action(wanted, *values)
    names = ", ".join(str(parameter.get("name")) for parameter in found[0].get("inputs", []))
    raise ArgumentInvalid(f"{function} takes ({names}), not {len(arguments)} argument(s)")


def read_actions(network: Network, text: str | bytes) -> tuple[Action, ...]:
    """Read a JSON list of actions, each ``{"function": "Contract.function", "arguments": […]}``.

    Raises:
        ProposalRefused: It is no such list, or names what the network does not have.
        ArgumentInvalid: Arguments are not what their function takes.
    """
    try:
        document = parse_json(text, limit_bytes=LARGEST_FILE_BYTES)
    except JsonError as cause:
        raise ProposalRefused(f"the actions cannot be read: {cause}") from cause
    if not isinstance(document, list):
        raise ProposalRefused("the actions cannot be read: they are not a JSON list")
    actions = []
    for index, entry in enumerate(document):
        function = entry.get("function") if isinstance(entry, dict) else None
        arguments = entry.get("arguments") if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or not isinstance(function, str) or not isinstance(arguments, list):
            raise ProposalRefused(f"action {index + 1} is not an object of 'function' and 'arguments'")
        actions.append(read_action(network, function, arguments))
    return tuple(actions)


def _contract(network: Network, name: str) -> Contract:
    if name in network.addresses:
        return network.contract(name)
    if name == "NetworkDirectory":
        return network.directory_contract()
    known = ", ".join([*network.addresses, "NetworkDirectory"])
    raise ProposalRefused(f"the network has no contract '{name}'; it has {known}")


def _value(parameter: Mapping[str, object], value: JsonValue, where: str) -> object:
    kind = str(parameter["type"])
    if kind.endswith("]"):
        if not isinstance(value, list):
            raise ArgumentInvalid(f"{where} must be a list")
        inner = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_value(inner, member, where) for member in value]
    if kind == "tuple":
        return _struct(parameter, value, where)
    if kind == "bool" and isinstance(value, bool):
        return value
    if kind == "string" and isinstance(value, str):
        return value
    if kind == "address" and isinstance(value, str):
        try:
            return read_address(value)
        except ArgumentInvalid as cause:
            raise ArgumentInvalid(f"{where} is {cause}") from cause
    if kind.startswith("bytes") and isinstance(value, str) and _HEX.fullmatch(value):
        return bytes.fromhex(value[2:])
    if kind.startswith(("uint", "int")) and not isinstance(value, bool):
        if isinstance(value, int):
            return value
        if isinstance(value, str) and _WHOLE.fullmatch(value):
            return int(value, 0 if value.startswith("0x") else 10)
    raise ArgumentInvalid(f"{where} must be of the type {kind}")


def _struct(parameter: Mapping[str, object], value: JsonValue, where: str) -> object:
    members = parameter.get("components")
    if not isinstance(members, list):
        raise ArgumentInvalid(f"{where} has fields that are not known here")
    names = [str(member["name"]) for member in members]
    if isinstance(value, dict) and value.keys() == set(names):
        value = [value[name] for name in names]
    if not isinstance(value, list) or len(value) != len(names):
        raise ArgumentInvalid(f"{where} must hold {', '.join(names)}")
    return tuple(
        _value(member, field, f"{where}.{member['name']}") for member, field in zip(members, value, strict=True)
    )


def _arguments(item: ABIFunction, data: bytes) -> tuple[Argument, ...] | None:
    kinds = get_abi_input_types(item)
    try:
        values = decode(kinds, data)
    except (DecodingError, ValueError, OverflowError):
        return None
    # What does not belong to the arguments would be carried out unseen.
    if encode(kinds, values) != data:
        return None
    return tuple(
        Argument(str(parameter.get("name")), kind, _written(parameter, value))
        for parameter, kind, value in zip(item.get("inputs", []), kinds, values, strict=True)
    )


def _written(parameter: Mapping[str, object], value: object) -> JsonValue:
    """Return a decoded value as JSON has it."""
    kind, members = str(parameter["type"]), parameter.get("components")
    if isinstance(value, (list, tuple)) and kind.endswith("]"):
        inner = {**parameter, "type": kind[: kind.rindex("[")]}
        return [_written(inner, member) for member in value]
    if isinstance(value, tuple) and isinstance(members, list):
        return {str(member["name"]): _written(member, field) for member, field in zip(members, value, strict=True)}
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if kind == "address":
        return to_checksum_address(str(value))
    return value if isinstance(value, bool) else str(value)
