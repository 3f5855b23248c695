"""SchemaRegistry.withdrawProviderAccreditation: ends it now, whoever the provider is by then."""

import pytest

from tests.helpers.network import NOBODY, PROVIDER

LOW, SUBSTANTIAL, HIGH = 1, 2, 3


def kept(schemas, schema, provider):
    return tuple(schemas.accreditationsOf(schema, bytes(32), NOBODY, provider)[1])


def test_ends_the_accreditation_when_called_by_council(schemas, schema, provider, council, provider_accredited):
    tx = schemas.withdrawProviderAccreditation(schema, provider, {"from": council})

    assert kept(schemas, schema, provider) == (provider_accredited, tx.timestamp, SUBSTANTIAL)
    assert schemas.isProviderAccredited(schema, provider, LOW) is False
    assert len(tx.events) == 1
    event = tx.events["ProviderAccreditationWithdrawn"]
    assert bytes(event["schema"]) == schema
    assert event["provider"] == provider
    assert event["withdrawnAt"] == tx.timestamp


def test_can_be_granted_anew_when_withdrawn(schemas, schema, provider, council, provider_accredited, expires_at):
    schemas.withdrawProviderAccreditation(schema, provider, {"from": council})
    schemas.accreditProvider(schema, provider, HIGH, expires_at, {"from": council})

    assert schemas.isProviderAccredited(schema, provider, HIGH) is True


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_ends_the_accreditation_when_the_provider_is_no_longer_active(
    schemas, schema, provider, council, provider_accredited, bring_to, standing
):
    bring_to(provider, standing)

    tx = schemas.withdrawProviderAccreditation(schema, provider, {"from": council})

    assert kept(schemas, schema, provider)[1] == tx.timestamp


def test_touches_one_provider_only_when_withdrawn(
    schemas, schema, provider, coordinator, council, provider_accredited, expires_at, participant_in
):
    other = participant_in("active", PROVIDER)
    schemas.accreditProvider(schema, other, LOW, expires_at, {"from": council})

    schemas.withdrawProviderAccreditation(schema, provider, {"from": council})

    assert schemas.isProviderAccredited(schema, other, LOW) is True


def test_h042_reverts_when_caller_is_not_the_council(
    schemas, schema, provider, stranger, guardian, provider_accredited, reverts_with
):
    for caller in (stranger, provider, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            schemas.withdrawProviderAccreditation(schema, provider, {"from": caller})


def test_reverts_when_it_was_never_granted(schemas, schema, consumer, council, reverts_with):
    with reverts_with("SchemaRegistryProviderNotAccredited", schema, consumer):
        schemas.withdrawProviderAccreditation(schema, consumer, {"from": council})


def test_h046_reverts_when_withdrawn_twice(schemas, schema, provider, council, provider_accredited, reverts_with):
    schemas.withdrawProviderAccreditation(schema, provider, {"from": council})
    before = kept(schemas, schema, provider)

    with reverts_with("SchemaRegistryProviderNotAccredited", schema, provider):
        schemas.withdrawProviderAccreditation(schema, provider, {"from": council})

    assert kept(schemas, schema, provider) == before


def test_h051_reverts_when_it_has_ended_by_itself(
    schemas, schema, provider, council, provider_accredited, expires_at, mine_at, reverts_with
):
    mine_at(expires_at)

    with reverts_with("SchemaRegistryProviderNotAccredited", schema, provider):
        schemas.withdrawProviderAccreditation(schema, provider, {"from": council})

    assert kept(schemas, schema, provider)[1] == expires_at
