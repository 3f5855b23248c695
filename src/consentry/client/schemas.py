"""Schemas and accreditations: who may provide what at which level, and who may ask for it and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.contract import Action
from consentry.client.errors import ArgumentInvalid, SchemaMismatch
from consentry.schemas import Schema, load_schema

if TYPE_CHECKING:
    from consentry.client.network import Network


def identifier_of(urn: str) -> bytes:
    """Return the on-chain id of a schema or purpose: keccak256 of its URN, 32 bytes.

    Raises:
        ArgumentInvalid: It cannot be written in UTF-8.
    """
    try:
        return keccak(urn.encode())
    except UnicodeEncodeError:
        raise ArgumentInvalid("the name of a schema or purpose holds half of a surrogate pair") from None


class Schemas:
    """The SchemaRegistry of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("SchemaRegistry")
        # A schema is registered once and for all.
        self._registered: dict[str, Schema] = {}

    async def is_consumer_accredited(self, consumer: ChecksumAddress, schema: str, purpose: str) -> bool:
        """Return whether a consumer may ask for a schema for a purpose now."""
        call = self.contract.function(
            "isConsumerAccredited", identifier_of(schema), identifier_of(purpose), consumer
        )
        answer: bool = await self._network.ask(call.call())
        return answer

    async def is_provider_accredited(self, provider: ChecksumAddress, schema: str, assurance: Assurance) -> bool:
        """Return whether a provider may vouch for a schema at a level now."""
        call = self.contract.function("isProviderAccredited", identifier_of(schema), provider, int(assurance))
        answer: bool = await self._network.ask(call.call())
        return answer

    async def schema(self, urn: str) -> Schema:
        """Return a packaged schema that is, word for word, the one that the network registered.

        Raises:
            SchemaError: The package has no such schema.
            ContractError: The network has none.
            SchemaMismatch: The two are not the same.
        """
        if urn not in self._registered:
            packaged = load_schema(urn)
            call = self.contract.function("schemaOf", identifier_of(urn))
            content_hash, _, _, attributes = await self._network.ask(call.call())
            if bytes(content_hash) != packaged.content_hash or tuple(attributes) != packaged.attributes:
                raise SchemaMismatch(
                    f"{urn} in this package is not what the network registered; install the consentry that it uses"
                )
            self._registered[urn] = packaged
        return self._registered[urn]

    def accredit_provider(
        self, provider: ChecksumAddress, schema: str, assurance: Assurance, expires_at: int
    ) -> Action:
        """Accredit a provider for a schema up to a level, until an instant (Unix seconds, exclusive). By vote."""
        return self.contract.action("accreditProvider", identifier_of(schema), provider, int(assurance), expires_at)

    def accredit_consumer(self, consumer: ChecksumAddress, schema: str, purpose: str, expires_at: int) -> Action:
        """Accredit a consumer for a schema and purpose, until an instant (Unix seconds, exclusive). By vote."""
        return self.contract.action(
            "accreditConsumer", identifier_of(schema), identifier_of(purpose), consumer, expires_at
        )

    def withdraw_provider_accreditation(self, provider: ChecksumAddress, schema: str) -> Action:
        """End a provider's accreditation for new exchanges. By vote."""
        return self.contract.action("withdrawProviderAccreditation", identifier_of(schema), provider)

    def withdraw_consumer_accreditation(self, consumer: ChecksumAddress, schema: str, purpose: str) -> Action:
        """End a consumer's accreditation for new exchanges. By vote."""
        return self.contract.action(
            "withdrawConsumerAccreditation", identifier_of(schema), identifier_of(purpose), consumer
        )
