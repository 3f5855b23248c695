"""SchemaRegistry.accreditConsumer: for one schema and one purpose."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY


def kept(schemas, schema, purpose, consumer):
    return tuple(schemas.accreditationsOf(schema, purpose, consumer, NOBODY)[0])


def test_keeps_the_accreditation_when_the_consumer_is_active(schemas, schema, purpose, consumer, council, expires_at):
    tx = schemas.accreditConsumer(schema, purpose, consumer, expires_at, {"from": council})

    assert kept(schemas, schema, purpose, consumer) == (tx.timestamp, expires_at, 0)
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True
    assert len(tx.events) == 1
    event = tx.events["ConsumerAccredited"]
    assert (bytes(event["schema"]), bytes(event["purpose"])) == (schema, purpose)
    assert event["consumer"] == consumer
    assert (event["grantedAt"], event["expiresAt"]) == (tx.timestamp, expires_at)


def test_renews_without_a_gap_when_granted_again(
    schemas, schema, purpose, consumer, council, consumer_accredited, expires_at, mine_at
):
    mine_at(consumer_accredited + 1000)
    tx = schemas.accreditConsumer(schema, purpose, consumer, expires_at + 1000, {"from": council})

    assert kept(schemas, schema, purpose, consumer) == (tx.timestamp, expires_at + 1000, 0)
    mine_at(expires_at)
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True


def test_h057_touches_one_schema_and_purpose_only_when_granted(
    schemas, schema, other_schema, purpose, other_purpose, consumer, council, consumer_accredited
):
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True
    for other in ((other_schema, purpose), (schema, other_purpose), (other_schema, other_purpose)):
        assert kept(schemas, *other, consumer) == (0, 0, 0)
        assert schemas.isConsumerAccredited(*other, consumer) is False


def test_h042_reverts_when_caller_is_not_the_council(
    schemas, schema, purpose, consumer, stranger, guardian, expires_at, reverts_with
):
    for caller in (stranger, consumer, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.accreditConsumer(schema, purpose, consumer, expires_at, {"from": caller})


def test_reverts_when_the_schema_is_unknown(schemas, purpose, consumer, council, expires_at, reverts_with):
    for unknown in (bytes(32), purpose):
        with reverts_with("SchemaRegistrySchemaUnknown", unknown):
            schemas.accreditConsumer(unknown, purpose, consumer, expires_at, {"from": council})


def test_reverts_when_the_purpose_is_unknown(schemas, schema, consumer, council, expires_at, reverts_with):
    for unknown in (bytes(32), schema):
        with reverts_with("SchemaRegistryPurposeUnknown", unknown):
            schemas.accreditConsumer(schema, unknown, consumer, expires_at, {"from": council})


def test_h051_reverts_when_it_would_have_ended(schemas, schema, purpose, consumer, council, chain, reverts_with):
    now = chain[-1].timestamp
    for expires_at in (0, now - 1, now):
        with reverts_with("SchemaRegistryExpiryPast", expires_at, now):
            schemas.accreditConsumer.call(schema, purpose, consumer, expires_at, {"from": council})


@pytest.mark.parametrize("standing", ["never_registered", "suspended", "removed"])
def test_h030_reverts_when_the_consumer_is_not_active(
    schemas, schema, purpose, participant_in, standing, council, expires_at, reverts_with
):
    participant = participant_in(standing, CONSUMER)

    with reverts_with("SchemaRegistryNotActive", participant, CONSUMER):
        schemas.accreditConsumer(schema, purpose, participant, expires_at, {"from": council})


def test_reverts_when_the_participant_is_no_consumer(schemas, schema, purpose, host, council, expires_at, reverts_with):
    with reverts_with("SchemaRegistryNotActive", host, CONSUMER):
        schemas.accreditConsumer(schema, purpose, host, expires_at, {"from": council})
