"""A person's wallet: shows, consents with a fresh key, refuses, withdraws."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentry.client import Wallet
from consentry.client.errors import ArgumentInvalid, ConsentRefused, RequestRefused
from consentry.client.identities import Role, Status
from consentry.client.signing import recover
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, STRANGER
from consentry.records import ConsentState, RecordError, terms_hash
from tests.python.client.conftest import SEED

pytestmark = pytest.mark.asyncio


async def test_shows_who_asks_as_the_network_knows_them(parties):
    request = await parties.request()

    shown = await parties.wallet.show(request)

    assert shown.terms == request.request.terms
    assert (shown.consumer.identity, shown.consumer.roles) == (RENTAL_AGENCY.identity, Role.CONSUMER)
    assert shown.consumer.status is Status.ACTIVE


async def test_shows_nothing_that_must_not_be_acted_on(parties):
    request = await parties.request()
    changed = replace(request, request=replace(request.request, fee=1))

    with pytest.raises(RequestRefused):
        await parties.wallet.show(changed)


async def test_consents_to_exactly_what_was_shown(parties):
    request = await parties.request()

    given = await parties.consent(request)

    opened, terms = given.opened, request.request.terms
    assert (opened.consumer, opened.provider) == (RENTAL_AGENCY.identity, BANK.identity)
    assert (opened.valid_from, opened.valid_until, opened.erase_by, opened.max_uses) == (
        terms.valid_from,
        terms.valid_until,
        terms.erase_by,
        terms.max_uses,
    )
    assert opened.terms == terms_hash(given.record)
    assert (given.record.request, given.record.provider.name) == (terms, BANK.name)
    assert given.record.state is ConsentState.GIVEN
    assert given.record.subject == opened.subject.lower()
    consent_id = parties.network.consents.check(given, request.request)
    assert recover(consent_id, given.signature) == opened.subject


async def test_uses_a_fresh_key_seed_salt_and_nonce_for_each_consent(parties):
    request = await parties.request()
    given = [await parties.consent(request) for _ in range(4)]

    for name in ("subject", "seed", "nonce", "terms"):
        assert len({getattr(each.opened, name) for each in given}) == 4, name
    sealed = [each.opened.sealed() for each in given]
    for name in ("consumer", "provider", "scope"):
        assert len({getattr(each, name) for each in sealed}) == 4, name
    assert len({each.record.record_id for each in given}) == len({each.record.salt for each in given}) == 4
    assert parties.wallet.keys_used == 4


async def test_derives_the_same_keys_from_the_same_seed(parties):
    request = await parties.request()
    first = [(await parties.consent(request)).opened.subject for _ in range(2)]
    again = Wallet(parties.network, SEED)
    second = [(await parties.consent(request, again)).opened.subject for _ in range(2)]
    third = (await parties.consent(request, Wallet(parties.network, SEED, keys_used=1))).opened.subject

    assert first == second
    assert third == first[1]
    other = Wallet(parties.network, SEED[::-1])
    assert (await parties.consent(request, other)).opened.subject not in first


@pytest.mark.parametrize("seed", [b"", b"\x01" * 15, b"\x01" * 65])
async def test_refuses_a_seed_that_is_too_short_or_too_long(network, seed):
    with pytest.raises(ArgumentInvalid, match="16 to 64 bytes"):
        Wallet(network, seed)


async def test_never_pays_gas(parties):
    given = await parties.consent(await parties.request())

    assert await parties.network.web3.eth.get_balance(given.opened.subject) == 0
    assert await parties.network.web3.eth.get_transaction_count(given.opened.subject) == 0


async def test_refuses_a_provider_that_is_the_consumer(parties):
    shown = await parties.wallet.show(await parties.request())

    with pytest.raises(ConsentRefused, match="same participant; pick another provider"):
        await parties.wallet.consent(shown, RENTAL_AGENCY.identity, RENTAL_AGENCY.name)
    assert parties.wallet.keys_used == 0


@pytest.mark.parametrize("provider", [LICENCE_OFFICE.identity, STRANGER.address])
async def test_refuses_a_provider_that_is_not_accredited(parties, provider):
    shown = await parties.wallet.show(await parties.request())

    with pytest.raises(ConsentRefused, match=f"{provider} is not accredited to provide urn:consentry:schema"):
        await parties.wallet.consent(shown, provider, "Some Office")
    assert parties.wallet.keys_used == 0


@pytest.mark.parametrize("provider", ["nonsense", "bank.eth", "0x12", BANK.identity.lower(), None, 7])
async def test_refuses_a_provider_that_is_no_address(parties, provider):
    shown = await parties.wallet.show(await parties.request())

    with pytest.raises(ArgumentInvalid):
        await parties.wallet.consent(shown, provider, BANK.name)


async def test_signs_nothing_that_a_record_cannot_hold(parties):
    shown = await parties.wallet.show(await parties.request(jurisdiction="Canada"))

    with pytest.raises(RecordError):
        await parties.wallet.consent(shown, BANK.identity, BANK.name)
    with pytest.raises(RecordError):
        await parties.wallet.refuse(shown, BANK.identity, "\u202eknaB")


async def test_refusing_leaves_a_record_and_no_trace(parties):
    request = await parties.request()
    block = await parties.network.web3.eth.block_number

    record = await parties.wallet.refuse(await parties.wallet.show(request), BANK.identity, BANK.name)

    assert record.state is ConsentState.REFUSED
    assert record.request == request.request.terms
    assert await parties.network.web3.eth.block_number == block
    given = await parties.consent(request)
    assert record.subject != given.record.subject


async def test_withdraws_what_it_gave_and_nothing_else(parties):
    request = await parties.request()
    given = await parties.consent(request)
    other = Wallet(parties.network, SEED[::-1])
    theirs = await parties.consent(request, other)

    signature = parties.wallet.withdrawal(given)

    consents = parties.network.consents
    message = {"consent": given.opened.sealed().id(consents.domain), "subject": given.opened.subject}
    assert recover(consents.domain.digest("Withdrawal", message), signature) == given.opened.subject
    with pytest.raises(ConsentRefused, match="this wallet did not give that consent; open the wallet that did"):
        parties.wallet.withdrawal(theirs)


async def test_withdraws_also_what_it_gave_before_it_was_closed(parties):
    request = await parties.request()
    given = [await parties.consent(request) for _ in range(3)]

    again = Wallet(parties.network, SEED, keys_used=parties.wallet.keys_used)

    for each in given:
        assert again.withdrawal(each) == parties.wallet.withdrawal(each)
    with pytest.raises(ConsentRefused):
        Wallet(parties.network, SEED, keys_used=2).withdrawal(given[2])
