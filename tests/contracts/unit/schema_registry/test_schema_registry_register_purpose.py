"""SchemaRegistry.registerPurpose: once and for all, under the hash of its name."""

import pytest
from eth_utils import keccak

URN = "urn:consentry:purpose:unit-test"
ID = keccak(text=URN)


def test_keeps_the_purpose_when_called_by_council(schemas, council):
    assert schemas.isPurposeRegistered(ID) is False

    tx = schemas.registerPurpose(ID, URN, {"from": council})

    assert schemas.isPurposeRegistered(ID) is True
    assert tuple(schemas.purposeOf(ID)) == (URN, tx.timestamp)
    assert len(tx.events) == 1
    assert bytes(tx.events["PurposeRegistered"]["purpose"]) == ID
    assert tx.events["PurposeRegistered"]["urn"] == URN


def test_is_no_schema_when_only_the_purpose_is_registered(schemas, purpose):
    assert schemas.isSchemaRegistered(purpose) is False


def test_reverts_when_caller_is_not_the_council(schemas, stranger, consumer, guardian, reverts_with):
    for caller in (stranger, consumer, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.registerPurpose(ID, URN, {"from": caller})


def test_reverts_when_the_id_is_not_the_hash_of_the_name(schemas, council, reverts_with):
    wrong = keccak(text=URN.upper())

    with reverts_with("SchemaRegistryIdMismatch", wrong, ID):
        schemas.registerPurpose(wrong, URN, {"from": council})


def test_reverts_when_the_purpose_is_registered(schemas, council, reverts_with):
    registered_at = schemas.registerPurpose(ID, URN, {"from": council}).timestamp

    with reverts_with("SchemaRegistryPurposeRegistered", ID, registered_at):
        schemas.registerPurpose(ID, URN, {"from": council})


@pytest.mark.parametrize("length", [0, 513])
def test_h040_reverts_when_the_name_is_empty_or_too_long(schemas, council, length, reverts_with):
    urn = "u" * length

    with reverts_with("SchemaRegistryUriLengthInvalid", length, 512):
        schemas.registerPurpose(keccak(text=urn), urn, {"from": council})
