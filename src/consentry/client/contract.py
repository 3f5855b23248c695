"""A contract of a network, by its packaged ABI."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from eth_abi.exceptions import EncodingError
from eth_typing import ABI, ChecksumAddress
from web3.contract.async_contract import AsyncContractEvents, AsyncContractFunction
from web3.exceptions import Web3Exception

from consentry.client.errors import ArgumentInvalid
from consentry.client.node import Node


class Contract:
    """A contract on a chain.

    Attributes:
        name: Its name.
        address: Where it stands.
        events: What it emits.
    """

    def __init__(self, node: Node, name: str, address: ChecksumAddress) -> None:
        self._contract = node.web3.eth.contract(address=address, abi=packaged_abi(name))
        self.name = name
        self.address = address
        self.events: AsyncContractEvents = self._contract.events

    def function(self, name: str, *arguments: object) -> AsyncContractFunction:
        """Prepare a call of a function.

        Args:
            name: Of the function.
            arguments: As the function takes them: addresses with checksum, structs as tuples in the order of fields.

        Raises:
            ArgumentInvalid: There are more or fewer, or one is not what its type can hold.
        """
        try:
            # Encoded once before it is sent: so far only types were compared, and a name passes for an address.
            self._contract.encode_abi(name, arguments)
            call: AsyncContractFunction = self._contract.functions[name](*arguments)
        except (Web3Exception, EncodingError, ValueError, TypeError):
            # Without its cause, which shows every value: what is opened of a consent is for its parties alone.
            raise ArgumentInvalid(
                f"an argument of {self.name}.{name} is of another type, length or range than the function takes"
            ) from None
        return call


@cache
def packaged_abi(name: str) -> ABI:
    """Return the ABI of a contract by its name, as packaged."""
    text = resources.files("consentry.contracts").joinpath(f"{name}.json").read_text("utf-8")
    abi: ABI = json.loads(text)["abi"]
    return abi
