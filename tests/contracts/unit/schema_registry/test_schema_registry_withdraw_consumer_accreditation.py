"""SchemaRegistry.withdrawConsumerAccreditation: ends it now, whoever the consumer is by then."""

import pytest

from tests.helpers.network import NOBODY


def kept(schemas, schema, purpose, consumer):
    return tuple(schemas.accreditationsOf(schema, purpose, consumer, NOBODY)[0])


def test_ends_the_accreditation_when_called_by_council(
    schemas, schema, purpose, consumer, council, consumer_accredited
):
    tx = schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})

    assert kept(schemas, schema, purpose, consumer) == (consumer_accredited, tx.timestamp, 0)
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is False
    assert len(tx.events) == 1
    event = tx.events["ConsumerAccreditationWithdrawn"]
    assert (bytes(event["schema"]), bytes(event["purpose"])) == (schema, purpose)
    assert event["consumer"] == consumer
    assert event["withdrawnAt"] == tx.timestamp


def test_leaves_other_purposes_when_one_is_withdrawn(
    schemas, schema, purpose, other_purpose, consumer, council, consumer_accredited, expires_at
):
    schemas.accreditConsumer(schema, other_purpose, consumer, expires_at, {"from": council})

    schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})

    assert schemas.isConsumerAccredited(schema, other_purpose, consumer) is True


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_ends_the_accreditation_when_the_consumer_is_no_longer_active(
    schemas, schema, purpose, consumer, council, consumer_accredited, bring_to, standing
):
    bring_to(consumer, standing)

    tx = schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})

    assert kept(schemas, schema, purpose, consumer)[1] == tx.timestamp


def test_h042_reverts_when_caller_is_not_the_council(
    schemas, schema, purpose, consumer, stranger, guardian, consumer_accredited, reverts_with
):
    for caller in (stranger, consumer, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": caller})


def test_reverts_when_it_was_never_granted(
    schemas, schema, purpose, other_purpose, consumer, council, consumer_accredited, reverts_with
):
    with reverts_with("SchemaRegistryConsumerNotAccredited", schema, other_purpose, consumer):
        schemas.withdrawConsumerAccreditation(schema, other_purpose, consumer, {"from": council})


def test_h046_reverts_when_withdrawn_twice(
    schemas, schema, purpose, consumer, council, consumer_accredited, reverts_with
):
    schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})

    with reverts_with("SchemaRegistryConsumerNotAccredited", schema, purpose, consumer):
        schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})


def test_h051_reverts_when_it_has_ended_by_itself(
    schemas, schema, purpose, consumer, council, consumer_accredited, expires_at, mine_at, reverts_with
):
    mine_at(expires_at)

    with reverts_with("SchemaRegistryConsumerNotAccredited", schema, purpose, consumer):
        schemas.withdrawConsumerAccreditation(schema, purpose, consumer, {"from": council})
