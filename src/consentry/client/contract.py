"""A contract of a network, by its packaged ABI."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources

from eth_typing import ABI, ChecksumAddress
from eth_utils.abi import function_abi_to_4byte_selector, get_abi_input_types
from hexbytes import HexBytes
from web3.contract.async_contract import AsyncContract, AsyncContractEvents, AsyncContractFunction
from web3.exceptions import Web3Exception

from consentry.client.encoding import encoded
from consentry.client.errors import ArgumentInvalid
from consentry.client.node import Node


@dataclass(frozen=True, slots=True)
class Action:
    """A call that the council can carry out once it was voted.

    Attributes:
        target: The contract.
        data: Selector and arguments.
        name: Contract and function, for people.
    """

    target: ChecksumAddress
    data: bytes
    name: str


class Contract:
    """A contract on a chain.

    Attributes:
        name: Its name.
        address: Where it stands.
    """

    def __init__(self, node: Node, name: str, address: ChecksumAddress) -> None:
        self._node = node
        self.name = name
        self.address = address

    @property
    def events(self) -> AsyncContractEvents:
        """What it emits."""
        events: AsyncContractEvents = self._contract.events
        return events

    def function(self, name: str, *arguments: object) -> AsyncContractFunction:
        """Prepare a call of a function.

        Args:
            name: Of the function.
            arguments: As the function takes them: addresses with checksum, structs as tuples in the order of fields.

        Raises:
            ArgumentInvalid: There are more or fewer, or one is not what its type can hold.
        """
        try:
            call: AsyncContractFunction = self._contract.functions[name](*arguments)
        except (Web3Exception, ValueError, TypeError):
            # Without its cause, which shows every value: what is opened of a consent is for its parties alone.
            raise ArgumentInvalid(
                f"an argument of {self.name}.{name} is of another type, length or range than the function takes"
            ) from None
        # To web3 a name passes for an address.
        encoded(get_abi_input_types(call.abi), arguments, f"what {self.name}.{name} takes")
        return call

    @cached_property
    def _contract(self) -> AsyncContract:
        # Made when it is first asked something: reading an ABI takes long beside connecting.
        return self._node.web3.eth.contract(address=self.address, abi=packaged_abi(self.name))

    def action(self, name: str, *arguments: object) -> Action:
        """Prepare a call for the council to carry out; raises as `function`."""
        call = self.function(name, *arguments)
        return Action(self.address, bytes(HexBytes(call._encode_transaction_data())), f"{self.name}.{name}")  # noqa: SLF001

    def name_of_call(self, data: bytes) -> str:
        """Return contract and function of a call's data; the bare selector where the contract has no such function."""
        names = [
            item["name"]
            for item in packaged_abi(self.name)
            if item["type"] == "function" and function_abi_to_4byte_selector(item) == data[:4]
        ]
        return f"{self.name}.{names[0] if names else '0x' + data[:4].hex()}"


@cache
def packaged_abi(name: str) -> ABI:
    """Return the ABI of a contract by its name, as packaged."""
    text = resources.files("consentry.contracts").joinpath(f"{name}.json").read_text("utf-8")
    abi: ABI = json.loads(text)["abi"]
    return abi
