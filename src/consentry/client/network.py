"""One entry point to a network: its chain, its contracts by the directory, and a facade per noun."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import AbstractContextManager
from typing import TypeVar

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.contract.async_contract import AsyncContractEvent
from web3.types import EventData

from consentry.client.batches import Batches
from consentry.client.charter import Charter
from consentry.client.consents import Consents
from consentry.client.contract import Contract
from consentry.client.council import Council
from consentry.client.credit import Credit
from consentry.client.disputes import Disputes
from consentry.client.encoding import padded, read_address
from consentry.client.erasures import Erasures
from consentry.client.errors import ArgumentInvalid, ContractError, NodeFailed, WrongChain
from consentry.client.exchanges import ExchangeId, Exchanges
from consentry.client.fees import Fees
from consentry.client.hosts import Hosts
from consentry.client.identities import Identities
from consentry.client.node import Node
from consentry.client.requests import Requests
from consentry.client.schemas import Schemas
from consentry.client.transactions import Transactions
from consentry.records import Did, parse_did

T = TypeVar("T")

CONTRACT_NAMES = (
    "IdentityRegistry",
    "SchemaRegistry",
    "ConsentToken",
    "ErasureRegister",
    "FeeSchedule",
    "FeeEscrow",
    "ExchangeBatches",
    "HostRewards",
    "NetworkCredit",
    "NetworkAccess",
    "NetworkCharter",
    "CouncilTimelock",
    "Council",
    "ArbitrationPanel",
    "Disputes",
)
"""What a network's directory lists."""

LOG_RANGE_BLOCKS = 10_000
"""Blocks asked for at once; fewer where the node finds that too many."""


class Network:
    """A Consentry network on a chain.

    It follows the directory, where a vote can put another contract in another's place. What starts something new (a
    consumer's request or order, a wallet that shows a request, a provider to whom a consent is presented, a coordinator
    that grants or funds) calls `refresh` first; who keeps a network open calls it before anything else that should
    reach the contracts in force, such as a deposit. A facade speaks to one contract for good: take it from the network
    each time.

    What is open goes on where it is: the steps of an exchange, its signed words and its receipt go to the escrow that
    `escrow_of` finds, and `escrows` pay out what was earned or prepaid in each. An order is for the escrow that was in
    force when it was signed; sign another where a later one is. A consent is one of the ConsentToken under which it was
    signed, which goes on granting and withdrawing it, and whose uses only its own escrow takes: once another token is
    listed, new consents are signed under that one, and the earlier ones are reached by ``at({"ConsentToken": ...})``.

    Attributes:
        web3: The connection; what it is asked through `ask` fails with the client's own exceptions.
        chain_id: EIP-155 chain id.
        directory: Address of the NetworkDirectory.
        addresses: The contracts in force, by name.
        transactions: Sends calls.
        charter, council, identities, schemas, consents, exchanges, disputes, fees, hosts, credit, requests: One facade
            per noun.
    """

    def __init__(
        self,
        node: Node,
        chain_id: int,
        directory: ChecksumAddress,
        addresses: dict[str, ChecksumAddress],
        transactions: Transactions | None = None,
        kept: dict[str, ChecksumAddress] | None = None,
    ) -> None:
        """Hold what is connected; use `connect` instead.

        Args:
            node: The connection.
            chain_id: EIP-155 chain id.
            directory: Address of the NetworkDirectory.
            addresses: Contracts by name.
            transactions: Sends calls; one of its own when None.
            kept: Contracts by name that stay, whatever the directory lists; none when None.
        """
        self._node = node
        self._kept = kept or {}
        self._read_at = b""
        self._directory = Contract(node, "NetworkDirectory", directory)
        self.web3 = node.web3
        self.chain_id = chain_id
        self.directory = directory
        self.transactions = Transactions(node, chain_id) if transactions is None else transactions
        self._open({**addresses, **self._kept})

    def _open(self, addresses: dict[str, ChecksumAddress]) -> None:
        self.addresses = addresses
        self.charter = Charter(self)
        self.council = Council(self)
        self.identities = Identities(self)
        self.schemas = Schemas(self)
        self.consents = Consents(self)
        self.erasures = Erasures(self)
        self.exchanges = Exchanges(self)
        self.disputes = Disputes(self)
        self.batches = Batches(self)
        self.fees = Fees(self)
        self.hosts = Hosts(self)
        self.requests = Requests(self)
        self.credit = Credit(self)

    @classmethod
    async def connect(cls, rpc_url: str, directory: str, *, chain_id: int | None = None) -> Network:
        """Connect to a network by its directory.

        Args:
            rpc_url: HTTP URL of a node.
            directory: Address of the NetworkDirectory.
            chain_id: The chain it must be; any when None.

        Raises:
            ChainUnreachable: No node answers.
            NodeFailed: What answers is no node, or not well.
            WrongChain: Another chain, or no network at the directory's address.
        """
        try:
            where = read_address(directory)
        except ArgumentInvalid as cause:
            raise WrongChain(f"the directory is {cause}; take it from deployments/<chain id>.json") from cause
        node = Node(rpc_url)
        try:
            with node.answers():
                actual = int(await node.web3.eth.chain_id)
            if chain_id is not None and actual != chain_id:
                raise WrongChain(
                    f"the node at {node.where} serves chain {actual}, not {chain_id}; give the right RPC URL"
                )
            addresses = await _addresses(node, where, actual)
        except BaseException:
            await node.close()
            raise
        return cls(node, actual, where, addresses)

    async def refresh(self) -> None:
        """Read the directory again, and open the facades anew where it lists another contract by now.

        Where there is no new block since it was read, there is nothing new in it.

        Raises:
            WrongChain: The network is not there any more.
            NodeFailed, ChainUnreachable: As `ask`.
        """
        with self.answers():
            block = bytes((await self.web3.eth.get_block("latest"))["hash"])
        if block == self._read_at:
            return
        addresses = {**await _addresses(self._node, self.directory, self.chain_id), **self._kept}
        self._read_at = block
        if addresses != self.addresses:
            self._open(addresses)

    def contract(self, name: str, address: ChecksumAddress | None = None) -> Contract:
        """Return a contract of this network by the name under which the directory lists it.

        Args:
            name: The name.
            address: Of another version; the one in force when None.
        """
        return Contract(self._node, name, address or self.addresses[name])

    def directory_contract(self) -> Contract:
        """Return the NetworkDirectory, by which all others are found."""
        return self._directory

    def at(self, addresses: dict[str, ChecksumAddress]) -> Network:
        """Return this network with other versions of some contracts, which it keeps, over the same connection."""
        kept = {**self._kept, **addresses}
        return Network(self._node, self.chain_id, self.directory, self.addresses, self.transactions, kept)

    async def escrows(self) -> tuple[Exchanges, ...]:
        """Return the exchanges of every escrow that the directory ever listed, oldest first; raises as `ask`."""
        return tuple(Exchanges(self, address) for address in dict.fromkeys(await self.versions("FeeEscrow")))

    async def escrow_of(self, exchange_id: ExchangeId) -> Exchanges:
        """Return the exchanges of the escrow that took one, of that in force where none did; raises as `ask`."""
        current = self.exchanges
        if await current.is_kept(exchange_id):
            return current
        here = current.contract.address
        escrows = [current if escrow.contract.address == here else escrow for escrow in await self.escrows()]
        for escrow in reversed(escrows):
            if await escrow.is_kept(exchange_id):
                return escrow
        if len(escrows) > 1:  # a settled exchange leaves no slot
            for escrow in reversed(escrows):
                if await escrow.funding_of(exchange_id) is not None:
                    return escrow
        return current

    async def disputes_of(self, exchange_id: ExchangeId) -> Disputes:
        """Return the disputes of the escrow that took an exchange; raises as `ask`."""
        escrow = await self.escrow_of(exchange_id)
        *_, disputes, _ = await self.ask(escrow.contract.function("wiring").call())
        return Disputes(self, disputes)

    async def ask(self, asked: Awaitable[T]) -> T:
        """Await something asked of the node; raises as `answers`."""
        return await self._node.ask(asked)

    def answers(self) -> AbstractContextManager[None]:
        """Ask the node and read its answers within: each way in which that fails is an exception of the client.

        Raises:
            ContractError: A contract refuses the call.
            ArgumentInvalid: An address is written without its checksum.
            WrongChain: The network's contracts are not on the chain.
            NodeFailed: The node answers with an error, or not as a node must.
            ChainUnreachable: No node answers.
        """
        return self._node.answers()

    async def versions(self, name: str) -> tuple[ChecksumAddress, ...]:
        """Return every contract that the directory ever listed under a name, oldest first; raises as `ask`."""
        key = padded(name)
        with self.answers():
            count = await self._directory.function("versionOf", key).call()
            return tuple(
                [
                    to_checksum_address(await self._directory.function("addressAt", key, version).call())
                    for version in range(1, count + 1)
                ]
            )

    def name_of_call(self, target: str, data: bytes) -> str:
        """Return contract and function of a call, for people; target and selector where the contract is not ours."""
        for name, address in {**self.addresses, "NetworkDirectory": self.directory}.items():
            if address == target:
                return Contract(self._node, name, address).name_of_call(data)
        return f"{target}.0x{data[:4].hex()}"

    def did(self, identity: ChecksumAddress) -> Did:
        """Return the DID of a participant.

        Raises:
            InvalidIdentifierError: It is not an address.
        """
        return parse_did(f"did:ethr:{hex(self.chain_id)}:{identity.lower()}")

    async def now(self) -> int:
        """Return the instant of the latest block, Unix seconds: the clock by which contracts judge; raises as `ask`."""
        with self.answers():
            return int((await self.web3.eth.get_block("latest"))["timestamp"])

    async def logs(self, event: AsyncContractEvent, **filters: object) -> list[EventData]:
        """Return all events of a kind in order; raises as `ask`.

        Asks for a range of blocks at a time, and for half of it where the node finds that too much.

        Args:
            event: An event of one of this network's contracts.
            filters: Values of its indexed parameters.
        """
        with self.answers():
            latest = int(await self.web3.eth.block_number)
        found: list[EventData] = []
        start, span = 0, LOG_RANGE_BLOCKS
        while start <= latest:
            end = min(start + span - 1, latest)
            try:
                found += await self.ask(
                    event.get_logs(from_block=start, to_block=end, argument_filters=dict(filters))
                )
            except NodeFailed:
                if span == 1:
                    raise
                span //= 2
                continue
            start = end + 1
        return found

    async def close(self) -> None:
        """Close the connection. Does nothing the second time."""
        await self._node.close()

    async def __aenter__(self) -> Network:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _addresses(node: Node, directory: ChecksumAddress, chain_id: int) -> dict[str, ChecksumAddress]:
    contract = Contract(node, "NetworkDirectory", directory)
    try:
        with node.answers():
            asked = (contract.function("addressOf", padded(name)).call() for name in CONTRACT_NAMES)
            found = await asyncio.gather(*asked)
            return {name: to_checksum_address(where) for name, where in zip(CONTRACT_NAMES, found, strict=True)}
    except (ContractError, WrongChain) as cause:
        raise WrongChain(
            f"no network stands at directory {directory} on chain {chain_id}; take it from deployments/{chain_id}.json"
        ) from cause

