"""SchemaRegistry's constructor and views: who is accredited, by every single cause."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY, PROVIDER

LOW, SUBSTANTIAL, HIGH = 1, 2, 3
DAY_SECONDS = 24 * 3600


def both(schemas, schema, purpose, consumer, provider):
    """Both accreditations as plain tuples."""
    return [tuple(each) for each in schemas.accreditationsOf(schema, purpose, consumer, provider)]


def test_h118_reverts_when_a_constructor_argument_is_no_contract(
    SchemaRegistry, system, council, stranger, reverts_with
):
    for wrong in (NOBODY, stranger.address):
        with reverts_with("SchemaRegistryAddressInvalid", wrong):
            SchemaRegistry.deploy(wrong, system.identities, {"from": council})
        with reverts_with("SchemaRegistryAddressInvalid", wrong):
            SchemaRegistry.deploy(system.access, wrong, {"from": council})


def test_tells_its_wiring_when_asked(schemas, system):
    assert schemas.identityRegistry() == system.identities.address
    assert schemas.authority() == system.access.address


def test_reverts_when_a_missing_schema_or_purpose_is_asked_for(schemas, schema, purpose, reverts_with):
    with reverts_with("SchemaRegistrySchemaUnknown", purpose):
        schemas.schemaOf(purpose)
    with reverts_with("SchemaRegistryPurposeUnknown", schema):
        schemas.purposeOf(schema)


def test_returns_both_accreditations_when_both_were_granted(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited, expires_at
):
    assert both(schemas, schema, purpose, consumer, provider) == [
        (consumer_accredited, expires_at, 0),
        (provider_accredited, expires_at, SUBSTANTIAL),
    ]


def test_returns_nothing_when_the_parties_are_swapped(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited
):
    assert both(schemas, schema, purpose, provider, consumer) == [(0, 0, 0), (0, 0, 0)]


def test_packs_both_accreditations_as_told_when_read_as_slots(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited
):
    def packed(accreditation):
        granted_at, expires_at, assurance = accreditation
        return granted_at | expires_at << 48 | assurance << 96

    for parties in ((consumer, provider), (provider, consumer)):
        assert tuple(schemas.packedAccreditations(schema, *parties, purpose)) == tuple(
            packed(accreditation) for accreditation in both(schemas, schema, purpose, *parties)
        )


def test_is_accredited_when_the_level_is_reached(schemas, schema, provider, provider_accredited):
    assert [schemas.isProviderAccredited(schema, provider, level) for level in (0, LOW, SUBSTANTIAL, HIGH)] == [
        True,
        True,
        True,
        False,
    ]


def test_h051_is_not_accredited_when_the_expiry_is_reached(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited, expires_at, mine_at
):
    mine_at(expires_at - 1)
    assert schemas.isProviderAccredited(schema, provider, SUBSTANTIAL) is True
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True

    mine_at(expires_at)
    assert schemas.isProviderAccredited(schema, provider, SUBSTANTIAL) is False
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is False


def test_a04_is_not_accredited_when_never_granted(schemas, schema, purpose, consumer, provider, stranger):
    for participant in (consumer, provider, stranger, NOBODY):
        assert schemas.isProviderAccredited(schema, participant, 0) is False
        assert schemas.isConsumerAccredited(schema, purpose, participant) is False


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_a04_provider_is_not_accredited_when_it_is_not_active(
    schemas, schema, provider, provider_accredited, bring_to, standing
):
    bring_to(provider, standing)

    assert schemas.isProviderAccredited(schema, provider, LOW) is False


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_a04_consumer_is_not_accredited_when_it_is_not_active(
    schemas, schema, purpose, consumer, consumer_accredited, bring_to, standing
):
    bring_to(consumer, standing)

    assert schemas.isConsumerAccredited(schema, purpose, consumer) is False


def test_is_accredited_again_when_a_suspension_ends(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited, bring_to
):
    for participant in (consumer, provider):
        bring_to(participant, "suspended")
        bring_to(participant, "active")

    assert schemas.isProviderAccredited(schema, provider, SUBSTANTIAL) is True
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True


def test_is_not_accredited_when_admitted_again_after_the_grant(
    schemas,
    schema,
    purpose,
    consumer,
    provider,
    council,
    consumer_accredited,
    provider_accredited,
    bring_to,
    chain,
    expires_at,
):
    for participant in (consumer, provider):
        bring_to(participant, "removed")
        chain.sleep(DAY_SECONDS)
        bring_to(participant, "active")

    assert schemas.isProviderAccredited(schema, provider, LOW) is False
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is False

    schemas.accreditProvider(schema, provider, LOW, expires_at, {"from": council})
    schemas.accreditConsumer(schema, purpose, consumer, expires_at, {"from": council})
    assert schemas.isProviderAccredited(schema, provider, LOW) is True
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is True


def test_is_not_accredited_when_the_role_is_taken(
    schemas, schema, purpose, consumer, provider, consumer_accredited, provider_accredited, system, council
):
    system.identities.setRoles(provider, CONSUMER, {"from": council})
    system.identities.setRoles(consumer, PROVIDER, {"from": council})

    assert schemas.isProviderAccredited(schema, provider, LOW) is False
    assert schemas.isConsumerAccredited(schema, purpose, consumer) is False
