"""A contract of a network, by its packaged ABI."""

from __future__ import annotations

import json
from functools import cache, cached_property
from importlib import resources

from eth_typing import ABI, ChecksumAddress
from eth_utils.abi import get_abi_input_types
from web3.contract.async_contract import AsyncContract, AsyncContractEvents, AsyncContractFunction
from web3.exceptions import Web3Exception

from consentry.client.encoding import encoded
from consentry.client.errors import ArgumentInvalid
from consentry.client.node import Node


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


@cache
def packaged_abi(name: str) -> ABI:
    """Return the ABI of a contract by its name, as packaged."""
    text = resources.files("consentry.contracts").joinpath(f"{name}.json").read_text("utf-8")
    abi: ABI = json.loads(text)["abi"]
    return abi
