"""SchemaRegistry.registerSchema: once and for all, under the hash of its URI."""

import pytest
from eth_utils import keccak

URI = "https://schemas.example/residence/1.json"
ID = keccak(text=URI)
CONTENT_HASH = bytes.fromhex("ab" * 32)
ATTRIBUTES = ["given_name", "family_name", "resident_address"]


def test_keeps_the_schema_when_called_by_council(schemas, council):
    assert schemas.isSchemaRegistered(ID) is False

    tx = schemas.registerSchema(ID, CONTENT_HASH, URI, ATTRIBUTES, {"from": council})

    assert schemas.isSchemaRegistered(ID) is True
    content_hash, registered_at, uri, attributes = schemas.schemaOf(ID)
    assert bytes(content_hash) == CONTENT_HASH
    assert registered_at == tx.timestamp
    assert uri == URI
    assert list(attributes) == ATTRIBUTES


def test_emits_all_that_rebuilds_the_schema_when_registered(schemas, council):
    tx = schemas.registerSchema(ID, CONTENT_HASH, URI, ATTRIBUTES, {"from": council})

    assert len(tx.events) == 1
    event = tx.events["SchemaRegistered"]
    assert bytes(event["schema"]) == ID
    assert bytes(event["contentHash"]) == CONTENT_HASH
    assert event["uri"] == URI
    assert list(event["attributes"]) == ATTRIBUTES


def test_h040_takes_the_longest_when_at_the_bounds(schemas, council):
    uri = "u" * 512
    attributes = [f"{index:064d}" for index in range(64)]

    schemas.registerSchema(keccak(text=uri), CONTENT_HASH, uri, attributes, {"from": council})

    assert list(schemas.schemaOf(keccak(text=uri))[3]) == attributes


def test_keeps_attributes_apart_when_only_case_or_accent_differs(schemas, council):
    attributes = ["name", "Name", "姓名", "prénom", "prenom"]

    schemas.registerSchema(ID, CONTENT_HASH, URI, attributes, {"from": council})

    assert list(schemas.schemaOf(ID)[3]) == attributes


def test_reverts_when_caller_is_not_the_council(schemas, stranger, provider, guardian, reverts_with):
    for caller in (stranger, provider, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.registerSchema(ID, CONTENT_HASH, URI, ATTRIBUTES, {"from": caller})


def test_reverts_when_the_id_is_not_the_hash_of_the_uri(schemas, council, reverts_with):
    wrong = keccak(text=URI + "/")

    with reverts_with("SchemaRegistryIdMismatch", wrong, ID):
        schemas.registerSchema(wrong, CONTENT_HASH, URI, ATTRIBUTES, {"from": council})


def test_h043_reverts_when_the_schema_is_registered(schemas, council, reverts_with):
    registered_at = schemas.registerSchema(ID, CONTENT_HASH, URI, ATTRIBUTES, {"from": council}).timestamp

    with reverts_with("SchemaRegistrySchemaRegistered", ID, registered_at):
        schemas.registerSchema(ID, bytes.fromhex("cd" * 32), URI, ["other"], {"from": council})

    assert bytes(schemas.schemaOf(ID)[0]) == CONTENT_HASH
    assert list(schemas.schemaOf(ID)[3]) == ATTRIBUTES


def test_reverts_when_the_content_hash_is_missing(schemas, council, reverts_with):
    with reverts_with("SchemaRegistryContentHashMissing", ID):
        schemas.registerSchema(ID, bytes(32), URI, ATTRIBUTES, {"from": council})


@pytest.mark.parametrize("length", [0, 513, 65_536])
def test_h040_reverts_when_the_uri_is_empty_or_too_long(schemas, council, length, reverts_with):
    uri = "u" * length

    with reverts_with("SchemaRegistryUriLengthInvalid", length, 512):
        schemas.registerSchema(keccak(text=uri), CONTENT_HASH, uri, ATTRIBUTES, {"from": council})


@pytest.mark.parametrize("count", [0, 65])
def test_reverts_when_there_is_no_attribute_or_too_many(schemas, council, count, reverts_with):
    with reverts_with("SchemaRegistryAttributeCountInvalid", count, 64):
        schemas.registerSchema(ID, CONTENT_HASH, URI, [f"a{index}" for index in range(count)], {"from": council})


@pytest.mark.parametrize("attribute", ["", "a" * 65, "姓" * 22])
def test_h040_reverts_when_an_attribute_is_empty_or_too_long(schemas, council, attribute, reverts_with):
    with reverts_with("SchemaRegistryAttributeLengthInvalid", 1, len(attribute.encode()), 64):
        schemas.registerSchema(ID, CONTENT_HASH, URI, ["first", attribute], {"from": council})


def test_reverts_when_an_attribute_is_named_twice(schemas, council, reverts_with):
    with reverts_with("SchemaRegistryAttributeDuplicate", 2, "given_name"):
        schemas.registerSchema(ID, CONTENT_HASH, URI, ["given_name", "birth_date", "given_name"], {"from": council})
