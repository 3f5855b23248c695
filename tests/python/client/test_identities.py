"""Identities: records, delegates by kind, and DID attributes at an instant."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.client.encoding import padded
from consentry.client.errors import (
    ArgumentInvalid,
    IdentityRegistryDeactivated,
    IdentityRegistryJurisdictionInvalid,
    IdentityRegistryNotActor,
    IdentityRegistryNotOwner,
    IdentityRegistryValidityInvalid,
)
from consentry.client.identities import ISSUER_KEY, SERVICE_ENDPOINT, Admission, Attribute, Role, Status
from consentry.demo.bring_up import KEY_VALIDITY_SECONDS, issuer_key_of
from consentry.demo.cast import BANK, CHANNEL_PARTNER, RENTAL_AGENCY, STRANGER

pytestmark = pytest.mark.asyncio

DAY = 86_400
BY_HAND, BY_ITSELF = False, True
"""Whether a chain mines by itself."""
OLD = issuer_key_of(BANK).public_bytes
NEW, NEWER = keccak(text="new"), keccak(text="newer")


@pytest.fixture
def identities(network):
    """The registry."""
    return network.identities


async def publish(identities, value, seconds=DAY, name=ISSUER_KEY):
    """Publish an attribute of the bank and return when."""
    await identities.set_attribute(BANK.identity, name, value, seconds, BANK.key)
    return await identities._network.now()


# ------------------------------------------------------------- participants


async def test_tells_what_the_network_knows_of_a_participant(identities):
    agency = await identities.participant(RENTAL_AGENCY.identity)

    assert (agency.identity, agency.recruiter) == (RENTAL_AGENCY.identity, CHANNEL_PARTNER.identity)
    assert (agency.jurisdiction, agency.roles, agency.status) == ("CA", Role.CONSUMER, Status.ACTIVE)
    assert 0 < agency.admitted_at <= await identities._network.now()
    assert agency.is_active(Role.CONSUMER)
    assert not agency.is_active(Role.PROVIDER)
    assert not agency.is_host


async def test_tells_that_a_stranger_is_none(identities):
    stranger = await identities.participant(STRANGER.address)

    assert (stranger.status, stranger.roles, stranger.recruiter, stranger.jurisdiction) == (
        Status.NONE,
        Role(0),
        None,
        "",
    )
    assert not stranger.is_active(Role.CONSUMER)


async def test_admits_with_every_role_that_was_applied_for(network, identities, carry_out):
    roles = Role.HOST | Role.REGULATOR
    admission = Admission(STRANGER.address, roles, "FR", keccak(text="x"), recruiter=BANK.identity)
    invitation = network.charter.invite(admission, await network.now() + DAY, 1, BANK.key)
    await network.charter.apply(admission, STRANGER, STRANGER, invitation)
    invited = await identities.participant(STRANGER.address)
    assert (invited.status, invited.roles) == (Status.INVITED, Role(0))

    carry_out(identities.admit(admission))

    admitted = await identities.participant(STRANGER.address)
    assert (admitted.roles, admitted.recruiter, admitted.jurisdiction) == (roles, BANK.identity, "FR")
    assert admitted.status is Status.ACTIVE
    assert admitted.is_host
    assert (await identities.members())[-1] == admitted


async def test_admits_nobody_whose_jurisdiction_is_no_code(network, identities):
    for jurisdiction in ("", "F", "FRA", "日本"):
        with pytest.raises(ArgumentInvalid, match=r"IdentityRegistry\.admit"):
            identities.admit(Admission(STRANGER.address, Role.HOST, jurisdiction, keccak(text="x")))
    for jurisdiction in ("fr", "é"):
        admission = Admission(STRANGER.address, Role.HOST, jurisdiction, keccak(text="x"))
        with pytest.raises(IdentityRegistryJurisdictionInvalid) as raised:
            await network.charter.apply(admission, STRANGER, STRANGER)
        assert raised.value.values == {"jurisdiction": jurisdiction.encode()}


# ------------------------------------------------------------- who may speak


async def test_owner_and_delegates_of_the_kind_may_speak(identities, mine_at):
    identity = RENTAL_AGENCY.identity
    await identities.check_actor(identity, "exchange", identity)
    with pytest.raises(IdentityRegistryNotActor):
        await identities.check_actor(identity, "exchange", STRANGER.address)

    await identities.add_delegate(identity, "exchange", STRANGER.address, 60, RENTAL_AGENCY.key)
    await identities.check_actor(identity, "exchange", STRANGER.address)
    for kind in ("delivery", "deposit", "veriKey", "sigAuth"):
        with pytest.raises(IdentityRegistryNotActor) as raised:
            await identities.check_actor(identity, kind, STRANGER.address)
        assert raised.value.values["kind"] == kind.encode().ljust(32, b"\0")

    mine_at(await identities._network.now() + 61)
    with pytest.raises(IdentityRegistryNotActor):
        await identities.check_actor(identity, "exchange", STRANGER.address)


async def test_h034_the_former_owner_speaks_no_more(identities):
    identity = RENTAL_AGENCY.identity
    await identities.change_owner(identity, STRANGER.address, RENTAL_AGENCY.key)

    await identities.check_actor(identity, "exchange", STRANGER.address)
    with pytest.raises(IdentityRegistryNotActor):
        await identities.check_actor(identity, "exchange", identity)
    with pytest.raises(IdentityRegistryNotOwner):
        await identities.add_delegate(identity, "exchange", identity, 60, RENTAL_AGENCY.key)


async def test_only_the_owner_changes_anything(identities):
    identity, eve = BANK.identity, STRANGER
    for attempt in (
        identities.set_attribute(identity, ISSUER_KEY, NEW, DAY, eve),
        identities.revoke_attribute(identity, ISSUER_KEY, OLD, eve),
        identities.add_delegate(identity, "delivery", eve.address, DAY, eve),
        identities.revoke_delegate(identity, "delivery", eve.address, eve),
        identities.change_owner(identity, eve.address, eve),
        identities.deactivate(identity, eve),
    ):
        with pytest.raises(IdentityRegistryNotOwner) as raised:
            await attempt
        assert raised.value.values == {"identity": identity, "caller": eve.address}


@pytest.mark.parametrize("name", ["a name that is longer than 32 bytes", "né à un nom qui est trop long ici"])
async def test_takes_no_name_that_contracts_cannot_write(identities, name):
    with pytest.raises(ArgumentInvalid):
        await identities.set_attribute(BANK.identity, name, NEW, DAY, BANK.key)
    with pytest.raises(ArgumentInvalid):
        await identities.add_delegate(BANK.identity, name, STRANGER.address, DAY, BANK.key)
    with pytest.raises(ArgumentInvalid):
        await identities.check_actor(BANK.identity, name, BANK.identity)


# ------------------------------------------------------------- attributes at an instant


async def test_tells_what_a_provider_publishes(identities):
    attributes = {attribute.name: attribute for attribute in await identities.attributes(BANK.identity)}

    assert set(attributes) == {ISSUER_KEY, SERVICE_ENDPOINT}
    assert attributes[ISSUER_KEY].value == OLD
    assert attributes[SERVICE_ENDPOINT].value == b"https://northern-bank.example/consentry"
    assert attributes[ISSUER_KEY].valid_to > await identities._network.now() + KEY_VALIDITY_SECONDS - DAY
    assert await identities.issuer_keys(BANK.identity) == (OLD,)
    assert await identities.attributes(STRANGER.address) == ()


async def test_h034_tells_the_keys_as_they_were_before_during_and_after_a_rotation(identities, mine_at):
    before = await identities._network.now()
    mine_at(before + 100)
    both = await publish(identities, NEW)
    mine_at(both + 100)
    await identities.revoke_attribute(BANK.identity, ISSUER_KEY, OLD, BANK.key)
    after = await identities._network.now()

    assert await identities.issuer_keys(BANK.identity, before) == (OLD,)
    assert await identities.issuer_keys(BANK.identity, both - 1) == (OLD,)
    assert await identities.issuer_keys(BANK.identity, both) == (OLD, NEW)
    assert await identities.issuer_keys(BANK.identity, after - 1) == (OLD, NEW)
    assert await identities.issuer_keys(BANK.identity, after) == (NEW,)
    assert await identities.issuer_keys(BANK.identity) == (NEW,)
    assert await identities.issuer_keys(BANK.identity, 1) == ()


async def test_a_key_is_valid_to_its_last_second(identities):
    at = await publish(identities, NEW, 60)

    assert NEW in await identities.issuer_keys(BANK.identity, at + 60)
    assert NEW not in await identities.issuer_keys(BANK.identity, at + 61)


async def test_a_key_that_is_published_again_lasts_as_was_said_last(identities):
    at = await publish(identities, NEW, 3_600)
    await publish(identities, NEW, 60)

    assert NEW not in await identities.issuer_keys(BANK.identity, at + 120)


async def test_a_key_that_was_revoked_comes_back_when_it_is_published_again(identities):
    await identities.revoke_attribute(BANK.identity, ISSUER_KEY, OLD, BANK.key)
    assert await identities.issuer_keys(BANK.identity) == ()

    await publish(identities, OLD)
    assert await identities.issuer_keys(BANK.identity) == (OLD,)


async def test_a09_indexes_several_changes_in_one_block(network, identities, ask_chain, mine_at):
    mine_at(await network.now() + 100)
    registry, key, transactions = identities.contract, BANK.key, network.transactions
    calls = [
        registry.function("setAttribute", BANK.identity, padded(ISSUER_KEY), NEW, DAY),
        registry.function("addDelegate", BANK.identity, padded("delivery"), STRANGER.address, DAY),
        registry.function("revokeAttribute", BANK.identity, padded(ISSUER_KEY), OLD),
        registry.function("setAttribute", BANK.identity, padded(ISSUER_KEY), NEWER, DAY),
    ]
    ask_chain("evm_setAutomine", BY_HAND)
    try:
        hashes = [await transactions._broadcast(call, key, 0) for call in calls]
        ask_chain("evm_mine")
    finally:
        ask_chain("evm_setAutomine", BY_ITSELF)
    receipts = [await network.web3.eth.get_transaction_receipt(each) for each in hashes]
    assert len({receipt["blockNumber"] for receipt in receipts}) == 1
    assert {receipt["status"] for receipt in receipts} == {1}

    assert await identities.issuer_keys(BANK.identity) == (NEW, NEWER)
    names = {attribute.name for attribute in await identities.attributes(BANK.identity)}
    assert names == {ISSUER_KEY, SERVICE_ENDPOINT}
    at = await network.now()
    assert await identities.issuer_keys(BANK.identity, at - 1) == (OLD,)


async def test_owners_and_delegates_do_not_change_what_is_published(identities):
    published = await identities.attributes(BANK.identity)
    await identities.add_delegate(BANK.identity, "delivery", STRANGER.address, DAY, BANK.key)
    await identities.change_owner(BANK.identity, STRANGER.address, BANK.key)

    assert await identities.attributes(BANK.identity) == published
    assert all(isinstance(attribute, Attribute) for attribute in published)


async def test_publishes_nothing_once_the_did_is_deactivated(identities, mine_at):
    before = await identities._network.now()
    mine_at(before + 100)
    await identities.deactivate(BANK.identity, BANK.key)

    assert await identities.attributes(BANK.identity) == ()
    assert await identities.issuer_keys(BANK.identity, before) == (OLD,)
    with pytest.raises(IdentityRegistryDeactivated):
        await publish(identities, NEW)


@pytest.mark.parametrize("seconds", [0, 10 * 366 * DAY])
async def test_names_the_refusal_of_a_validity(identities, seconds):
    with pytest.raises(IdentityRegistryValidityInvalid) as raised:
        await publish(identities, NEW, seconds)
    assert raised.value.values["validitySeconds"] == seconds
