"""A schema and a purpose of their own, so that no test leans on what the network starts with."""

import pytest
from eth_utils import keccak

LOW, SUBSTANTIAL, HIGH = 1, 2, 3
URI = "https://schemas.example/residence/1.json"
URN = "urn:consentry:purpose:unit-test"
ATTRIBUTES = ["given_name", "family_name", "resident_address"]
CONTENT_HASH = bytes.fromhex("ab" * 32)
YEAR_SECONDS = 365 * 24 * 3600


@pytest.fixture
def schemas(system):
    """The network's schema registry."""
    return system.schemas


@pytest.fixture
def schema(schemas, council):
    """Id of a registered schema."""
    schemas.registerSchema(keccak(text=URI), CONTENT_HASH, URI, ATTRIBUTES, {"from": council})
    return keccak(text=URI)


@pytest.fixture
def purpose(schemas, council):
    """Id of a registered purpose."""
    schemas.registerPurpose(keccak(text=URN), URN, {"from": council})
    return keccak(text=URN)


@pytest.fixture
def expires_at(chain):
    """An instant a year from now."""
    return chain[-1].timestamp + YEAR_SECONDS


@pytest.fixture
def provider_accredited(schemas, schema, provider, council, expires_at):
    """The provider may vouch for the schema at level Substantial; the instant of the grant."""
    return schemas.accreditProvider(schema, provider, SUBSTANTIAL, expires_at, {"from": council}).timestamp


@pytest.fixture
def consumer_accredited(schemas, schema, purpose, consumer, council, expires_at):
    """The consumer may ask for the schema for the purpose; the instant of the grant."""
    return schemas.accreditConsumer(schema, purpose, consumer, expires_at, {"from": council}).timestamp


@pytest.fixture
def other_schema(schemas, council):
    """Id of a second registered schema."""
    uri = URI + "#other"
    schemas.registerSchema(keccak(text=uri), CONTENT_HASH, uri, ATTRIBUTES, {"from": council})
    return keccak(text=uri)


@pytest.fixture
def other_purpose(schemas, council):
    """Id of a second registered purpose."""
    urn = URN + ":other"
    schemas.registerPurpose(keccak(text=urn), urn, {"from": council})
    return keccak(text=urn)
