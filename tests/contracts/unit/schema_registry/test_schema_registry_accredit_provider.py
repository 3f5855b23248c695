"""SchemaRegistry.accreditProvider: a grant, a renewal, a change of level."""

import pytest

from tests.helpers.network import NOBODY, PROVIDER

LOW, SUBSTANTIAL, HIGH = 1, 2, 3


def kept(schemas, schema, provider):
    return tuple(schemas.accreditationsOf(schema, bytes(32), NOBODY, provider)[1])


def test_keeps_the_accreditation_when_the_provider_is_active(schemas, schema, provider, council, expires_at):
    tx = schemas.accreditProvider(schema, provider, HIGH, expires_at, {"from": council})

    assert kept(schemas, schema, provider) == (tx.timestamp, expires_at, HIGH)
    assert schemas.isProviderAccredited(schema, provider, HIGH) is True
    assert len(tx.events) == 1
    event = tx.events["ProviderAccredited"]
    assert bytes(event["schema"]) == schema
    assert event["provider"] == provider
    assert (event["assurance"], event["grantedAt"], event["expiresAt"]) == (HIGH, tx.timestamp, expires_at)


def test_renews_without_a_gap_when_granted_again(
    schemas, schema, provider, council, provider_accredited, expires_at, mine_at
):
    mine_at(provider_accredited + 1000)
    tx = schemas.accreditProvider(schema, provider, SUBSTANTIAL, expires_at + 1000, {"from": council})

    assert tx.timestamp >= provider_accredited + 1000
    assert kept(schemas, schema, provider) == (tx.timestamp, expires_at + 1000, SUBSTANTIAL)
    mine_at(expires_at)
    assert schemas.isProviderAccredited(schema, provider, SUBSTANTIAL) is True


def test_lowers_the_level_when_granted_again_at_a_lower_one(
    schemas, schema, provider, council, provider_accredited, expires_at
):
    schemas.accreditProvider(schema, provider, LOW, expires_at, {"from": council})

    assert schemas.isProviderAccredited(schema, provider, LOW) is True
    assert schemas.isProviderAccredited(schema, provider, SUBSTANTIAL) is False


def test_touches_one_schema_only_when_granted(schemas, schema, other_schema, provider, council, expires_at):
    schemas.accreditProvider(schema, provider, HIGH, expires_at, {"from": council})

    assert kept(schemas, other_schema, provider) == (0, 0, 0)
    assert schemas.isProviderAccredited(other_schema, provider, LOW) is False


def test_h042_reverts_when_caller_is_not_the_council(
    schemas, schema, provider, stranger, guardian, expires_at, reverts_with
):
    for caller in (stranger, provider, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.accreditProvider(schema, provider, HIGH, expires_at, {"from": caller})


def test_reverts_when_the_schema_is_unknown(schemas, purpose, provider, council, expires_at, reverts_with):
    for unknown in (bytes(32), purpose):
        with reverts_with("SchemaRegistrySchemaUnknown", unknown):
            schemas.accreditProvider(unknown, provider, HIGH, expires_at, {"from": council})


def test_reverts_when_the_level_is_none(schemas, schema, provider, council, expires_at, reverts_with):
    with reverts_with("SchemaRegistryAssuranceMissing", schema, provider):
        schemas.accreditProvider(schema, provider, 0, expires_at, {"from": council})


def test_h051_reverts_when_it_would_have_ended(schemas, schema, provider, council, chain, reverts_with):
    now = chain[-1].timestamp
    for expires_at in (0, now - 1, now):
        with reverts_with("SchemaRegistryExpiryPast", expires_at, now):
            schemas.accreditProvider.call(schema, provider, HIGH, expires_at, {"from": council})


@pytest.mark.parametrize("standing", ["never_registered", "suspended", "removed"])
def test_h030_reverts_when_the_provider_is_not_active(
    schemas, schema, participant_in, standing, council, expires_at, reverts_with
):
    participant = participant_in(standing, PROVIDER)

    with reverts_with("SchemaRegistryNotActive", participant, PROVIDER):
        schemas.accreditProvider(schema, participant, HIGH, expires_at, {"from": council})


def test_h042_reverts_when_the_participant_is_no_provider(schemas, schema, consumer, council, expires_at, reverts_with):
    with reverts_with("SchemaRegistryNotActive", consumer, PROVIDER):
        schemas.accreditProvider(schema, consumer, HIGH, expires_at, {"from": council})
