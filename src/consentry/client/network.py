"""One entry point to a network: its chain, its contracts by the directory, and a facade per noun."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from aiohttp import ClientError as HttpError
from eth_typing import ABI, ChecksumAddress
from eth_utils.address import is_address, to_checksum_address
from web3 import AsyncHTTPProvider, AsyncWeb3
from web3.contract import AsyncContract
from web3.contract.async_contract import AsyncContractEvent
from web3.exceptions import BadFunctionCallOutput, ContractLogicError, Web3Exception
from web3.types import EventData

from consentry.client.consents import Consents
from consentry.client.credit import Credit
from consentry.client.errors import ChainUnreachable, WrongChain
from consentry.client.exchanges import Exchanges
from consentry.client.fees import Fees
from consentry.client.hosts import Hosts
from consentry.client.identities import Identities
from consentry.client.requests import Requests
from consentry.client.schemas import Schemas
from consentry.client.transactions import Transactions
from consentry.records import Did, parse_did

CONTRACT_NAMES = (
    "IdentityRegistry",
    "SchemaRegistry",
    "ConsentToken",
    "FeeSchedule",
    "FeeEscrow",
    "HostRewards",
    "NetworkCredit",
    "NetworkAccess",
)
"""What a network's directory lists."""

LOG_RANGE_BLOCKS = 10_000
"""Blocks asked for at once: what limited public nodes still answer."""


@cache
def packaged_abi(name: str) -> ABI:
    """Return the ABI of a contract by its name, as packaged."""
    text = resources.files("consentry.contracts").joinpath(f"{name}.json").read_text("utf-8")
    abi: ABI = json.loads(text)["abi"]
    return abi


class Network:
    """A Consentry network on a chain.

    Attributes:
        web3: The connection.
        chain_id: EIP-155 chain id.
        directory: Address of the NetworkDirectory.
        transactions: Sends calls.
        identities, schemas, consents, exchanges, fees, hosts, credit, requests: One facade per noun.
    """

    def __init__(
        self,
        web3: AsyncWeb3,  # type: ignore[type-arg]
        chain_id: int,
        directory: ChecksumAddress,
        addresses: dict[str, ChecksumAddress],
    ) -> None:
        self.web3 = web3
        self.chain_id = chain_id
        self.directory = directory
        self.addresses = addresses
        self.transactions = Transactions(web3)
        self.identities = Identities(self)
        self.schemas = Schemas(self)
        self.consents = Consents(self)
        self.exchanges = Exchanges(self)
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
            WrongChain: Another chain, or no network at the directory's address.
        """
        if not is_address(directory):
            raise WrongChain("the directory's address is not an address; take it from deployments/<chain id>.json")
        web3 = AsyncWeb3(AsyncHTTPProvider(rpc_url))
        try:
            actual = await web3.eth.chain_id
        except (HttpError, OSError, Web3Exception, ValueError) as cause:
            await web3.provider.disconnect()
            raise ChainUnreachable(
                f"no node answers at {rpc_url}; start one (consentry devnet) or give its RPC URL"
            ) from cause
        try:
            if chain_id is not None and actual != chain_id:
                raise WrongChain(f"the node at {rpc_url} serves chain {actual}, not {chain_id}; give the right RPC URL")
            where = to_checksum_address(directory)
            addresses = await _addresses(web3, where, actual)
        except BaseException:
            await web3.provider.disconnect()
            raise
        return cls(web3, actual, where, addresses)

    def contract(self, name: str) -> AsyncContract:
        """Return a contract of this network by the name under which the directory lists it."""
        return self.web3.eth.contract(address=self.addresses[name], abi=packaged_abi(name))

    def at(self, addresses: dict[str, ChecksumAddress]) -> Network:
        """Return this network with other versions of some contracts, over the same connection."""
        return Network(self.web3, self.chain_id, self.directory, {**self.addresses, **addresses})

    async def versions(self, name: str) -> tuple[ChecksumAddress, ...]:
        """Return every contract that the directory ever listed under a name, oldest first."""
        contract = self.web3.eth.contract(address=self.directory, abi=packaged_abi("NetworkDirectory"))
        key = name.encode().ljust(32, b"\0")
        count = await contract.functions.versionOf(key).call()
        return tuple(
            [
                to_checksum_address(await contract.functions.addressAt(key, version).call())
                for version in range(1, count + 1)
            ]
        )

    def did(self, identity: ChecksumAddress) -> Did:
        """Return the DID of a participant."""
        return parse_did(f"did:ethr:{hex(self.chain_id)}:{identity.lower()}")

    async def now(self) -> int:
        """Return the instant of the latest block, Unix seconds: the clock by which contracts judge."""
        return int((await self.web3.eth.get_block("latest"))["timestamp"])

    async def logs(self, event: AsyncContractEvent, **filters: object) -> list[EventData]:
        """Return all events of a kind in order, asked for in ranges that limited nodes answer.

        Args:
            event: An event of one of this network's contracts.
            filters: Values of its indexed parameters.
        """
        latest = await self.web3.eth.block_number
        found: list[EventData] = []
        for start in range(0, latest + 1, LOG_RANGE_BLOCKS):
            found.extend(
                await event.get_logs(
                    from_block=start,
                    to_block=min(start + LOG_RANGE_BLOCKS - 1, latest),
                    argument_filters=dict(filters),
                )
            )
        return found

    async def close(self) -> None:
        """Close the connection."""
        await self.web3.provider.disconnect()

    async def __aenter__(self) -> Network:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _addresses(
    web3: AsyncWeb3,  # type: ignore[type-arg]
    directory: ChecksumAddress,
    chain_id: int,
) -> dict[str, ChecksumAddress]:
    contract = web3.eth.contract(address=directory, abi=packaged_abi("NetworkDirectory"))
    try:
        return {
            name: to_checksum_address(await contract.functions.addressOf(name.encode().ljust(32, b"\0")).call())
            for name in CONTRACT_NAMES
        }
    except (BadFunctionCallOutput, ContractLogicError) as cause:
        raise WrongChain(
            f"no network stands at directory {directory} on chain {chain_id}; take it from deployments/{chain_id}.json"
        ) from cause
