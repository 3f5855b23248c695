"""Schemas and accreditations: who may provide what at which level, and who may ask for it and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema as the chain knows it.

    Attributes:
        content_hash: keccak256 of the schema's RFC 8785 form, 32 bytes.
        uri: Its URN.
        attributes: Names of its attributes.
    """

    content_hash: bytes
    uri: str
    attributes: tuple[str, ...]


def identifier_of(urn: str) -> bytes:
    """Return the on-chain id of a schema or purpose: keccak256 of its URN, 32 bytes."""
    return keccak(text=urn)


class Schemas:
    """The SchemaRegistry of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("SchemaRegistry")

    async def is_consumer_accredited(self, consumer: ChecksumAddress, schema: str, purpose: str) -> bool:
        """Return whether a consumer may ask for a schema for a purpose now."""
        answer: bool = await self.contract.functions.isConsumerAccredited(
            identifier_of(schema), identifier_of(purpose), consumer
        ).call()
        return answer

    async def is_provider_accredited(self, provider: ChecksumAddress, schema: str, assurance: Assurance) -> bool:
        """Return whether a provider may vouch for a schema at a level now."""
        answer: bool = await self.contract.functions.isProviderAccredited(
            identifier_of(schema), provider, int(assurance)
        ).call()
        return answer

    async def schema(self, urn: str) -> RegisteredSchema:
        """Return a registered schema.

        Raises:
            ContractError: The network has no such schema.
        """
        content_hash, uri, attributes, *_ = await self.contract.functions.schemaOf(identifier_of(urn)).call()
        return RegisteredSchema(content_hash, uri, tuple(attributes))

    async def accredit_provider(
        self, provider: ChecksumAddress, schema: str, assurance: Assurance, expires_at: int, sender: LocalAccount
    ) -> Mined:
        """Accredit a provider for a schema up to a level, until an instant (Unix seconds, exclusive). By vote."""
        return await self._network.transactions.send(
            self.contract.functions.accreditProvider(identifier_of(schema), provider, int(assurance), expires_at),
            sender,
        )

    async def accredit_consumer(
        self, consumer: ChecksumAddress, schema: str, purpose: str, expires_at: int, sender: LocalAccount
    ) -> Mined:
        """Accredit a consumer for a schema and purpose, until an instant (Unix seconds, exclusive). By vote."""
        return await self._network.transactions.send(
            self.contract.functions.accreditConsumer(
                identifier_of(schema), identifier_of(purpose), consumer, expires_at
            ),
            sender,
        )
