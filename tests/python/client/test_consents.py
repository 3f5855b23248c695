"""Consents: what the parties hold must agree in every field, and the one cause for which one cannot be used."""

from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.client import Assurance, GivenConsent
from consentry.client.consents import ALLOTTED_NONCES, ConsentFault, TokenState, random_nonce
from consentry.client.errors import (
    ArgumentInvalid,
    ConsentRefused,
    ConsentTokenAlreadyGranted,
    ConsentTokenSignatureInvalid,
    ConsentTokenWithdrawn,
)
from consentry.client.exchanges import ExchangeState
from consentry.client.schemas import identifier_of
from consentry.demo.bring_up import ACCOUNT
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, SECOND_BANK, STRANGER
from consentry.records import ConsentState, DataSource, Did

pytestmark = pytest.mark.asyncio


def as_signed(network, given, key, **opened):
    """Change what is opened, seal and sign it anew with the same key."""
    changed = replace(given.opened, **opened)
    return GivenConsent(given.record, changed, network.consents.sign(changed.sealed(), key))


# ------------------------------------------------------------- record, opened consent and request agree


async def test_tells_the_id_when_record_consent_and_request_agree(parties):
    request = await parties.request()
    given = await parties.consent(request)

    consent_id = parties.network.consents.check(given, request.request)

    hashed = parties.network.consents.contract.function("hashConsent", given.opened.sealed().arguments()).call()
    assert consent_id == await parties.network.ask(hashed)
    opened = parties.network.consents.contract.function("hashOpenedConsent", given.opened.arguments()).call()
    assert consent_id == await parties.network.ask(opened)


CHANGED_OPENINGS = {
    "subject": lambda opened: Account.create().address,
    "consumer": lambda opened: SECOND_BANK.identity,
    "provider": lambda opened: LICENCE_OFFICE.identity,
    "schema": lambda opened: identifier_of(ACCOUNT),
    "purpose": lambda opened: keccak(text="another purpose"),
    "assurance": lambda opened: Assurance.HIGH,
    "terms": lambda opened: keccak(text="other terms"),
    "valid_from": lambda opened: opened.valid_from - 1,
    "valid_until": lambda opened: opened.valid_until + 1,
    "erase_by": lambda opened: opened.erase_by + 1,
    "max_uses": lambda opened: opened.max_uses + 1,
}


async def test_names_the_field_in_which_the_consent_does_not_agree(parties):
    request = await parties.request()
    given = await parties.consent(request)
    key = parties.wallet._key(0)
    for field, change in CHANGED_OPENINGS.items():
        changed = as_signed(parties.network, given, key, **{field: change(given.opened)})
        with pytest.raises(ConsentRefused, match=f"do not agree in '{field}'; ask the person to consent again"):
            parties.network.consents.check(changed, request.request)


CHANGED_RECORDS = {
    "state": lambda record: record.followed_by(
        ConsentState.WITHDRAWN, indicated_at=record.events[0].indicated_at, indicated_by=record.subject
    ),
    "request": lambda record: replace(record, request=replace(record.request, attributes=("given_name",))),
    "provider": lambda record: replace(record, provider=DataSource(Did("did:ethr:0x7a69:0x" + "ab" * 20), "Bank")),
    "terms": lambda record: replace(record, salt="0x" + secrets.token_hex(32)),
}


async def test_names_the_field_in_which_the_record_does_not_agree(parties):
    request = await parties.request()
    given = await parties.consent(request)
    for field, change in CHANGED_RECORDS.items():
        changed = replace(given, record=change(given.record))
        with pytest.raises(ConsentRefused, match=f"do not agree in '{field}'"):
            parties.network.consents.check(changed, request.request)

    refused = await parties.wallet.refuse(await parties.wallet.show(request), BANK.identity, BANK.name)
    with pytest.raises(ConsentRefused, match="do not agree in 'state'"):
        parties.network.consents.check(replace(given, record=refused), request.request)


async def test_names_the_request_when_it_is_another(parties):
    given = await parties.consent(await parties.request())
    another = await parties.request()

    with pytest.raises(ConsentRefused, match="do not agree in 'request'"):
        parties.network.consents.check(given, another.request)


async def test_refuses_it_when_another_key_signed(parties):
    request = await parties.request()
    given = await parties.consent(request)
    signature = parties.network.consents.sign(given.opened.sealed(), STRANGER)

    with pytest.raises(ConsentRefused, match="only the subject's own key counts"):
        parties.network.consents.check(replace(given, signature=signature), request.request)


@pytest.mark.parametrize("change", [lambda s: b"", lambda s: s[:64], lambda s: s + b"\0", lambda s: s[:64] + b"\x01"])
async def test_refuses_it_when_the_signature_is_none(parties, change):
    request = await parties.request()
    given = await parties.consent(request)

    with pytest.raises(ConsentRefused, match="the consent is not signed by its subject: "):
        parties.network.consents.check(replace(given, signature=change(given.signature)), request.request)


async def test_refuses_another_opening_of_the_same_commitments(parties):
    request = await parties.request()
    given = await parties.consent(request)
    for change in ({"seed": bytes(32)}, {"nonce": 1 << 70}):
        other = replace(given, opened=replace(given.opened, **change))
        with pytest.raises(ConsentRefused, match="only the subject's own key counts"):
            parties.network.consents.check(other, request.request)
    for change in ({"seed": bytes(31)}, {"nonce": -1}):
        other = replace(given, opened=replace(given.opened, **change))
        with pytest.raises(ArgumentInvalid):
            parties.network.consents.check(other, request.request)


# ------------------------------------------------------------- on chain


async def test_grants_withdraws_and_tells_the_state(parties):
    network = parties.network
    given = await parties.consent(await parties.request())
    sealed = given.opened.sealed()
    consent_id = sealed.id(network.consents.domain)
    assert await network.consents.state_of(consent_id) == TokenState(None, 0, None, None)

    granted = await network.consents.grant(sealed, given.signature, STRANGER)
    assert await network.consents.state_of(consent_id) == TokenState(given.opened.subject, 0, None, None)

    await network.consents.withdraw(sealed, None, parties.wallet.withdrawal(given), STRANGER)
    assert await network.consents.state_of(consent_id) == TokenState(None, 0, None, await network.now())
    before = await network.consents.state_of(consent_id, granted.block_number)
    assert before == TokenState(given.opened.subject, 0, None, None)


async def test_names_the_refusals_of_a_grant(parties):
    network = parties.network
    given = await parties.consent(await parties.request())
    sealed = given.opened.sealed()
    consent_id = sealed.id(network.consents.domain)

    with pytest.raises(ConsentTokenSignatureInvalid) as raised:
        await network.consents.grant(sealed, network.consents.sign(sealed, STRANGER), STRANGER)
    assert raised.value.values == {"consentId": consent_id, "subject": sealed.subject}

    await network.consents.grant(sealed, given.signature, STRANGER)
    with pytest.raises(ConsentTokenAlreadyGranted):
        await network.consents.grant(sealed, given.signature, STRANGER)

    await network.consents.withdraw(sealed, None, parties.wallet.withdrawal(given), STRANGER)
    with pytest.raises(ConsentTokenWithdrawn) as raised:
        await network.consents.grant(sealed, given.signature, STRANGER)
    assert raised.value.values == {"consentId": consent_id, "withdrawnAt": await network.now()}


async def test_refuses_a_withdrawal_that_somebody_else_signed(parties):
    network = parties.network
    given = await parties.consent(await parties.request())
    sealed = given.opened.sealed()
    forged = network.consents.domain.sign(
        STRANGER, "Withdrawal", {"consent": sealed.id(network.consents.domain), "subject": sealed.subject}
    )

    with pytest.raises(ConsentTokenSignatureInvalid):
        await network.consents.withdraw(sealed, None, forged, STRANGER)


# ------------------------------------------------------------- why it cannot be used


async def test_a04_tells_the_single_cause_for_which_a_consent_cannot_be_used(parties, carry_out):
    network, consents = parties.network, parties.network.consents
    given = await parties.consent(await parties.request())
    key, opened, signature = parties.wallet._key(0), given.opened, given.signature

    def changed(**changes):
        other = replace(opened, **changes)
        return consents.fault_of(other, consents.sign(other.sealed(), key))

    assert await consents.fault_of(opened, signature) is ConsentFault.NONE
    assert await consents.fault_of(opened) is ConsentFault.MISSING
    assert await changed(valid_from=opened.valid_from + 1_000) is ConsentFault.NOT_YET_VALID
    assert await changed(valid_from=1, valid_until=2) is ConsentFault.EXPIRED
    assert await changed(provider=opened.consumer) is ConsentFault.SAME_PARTY
    assert await changed(consumer=STRANGER.address) is ConsentFault.CONSUMER_NOT_ACTIVE
    assert await changed(provider=STRANGER.address) is ConsentFault.PROVIDER_NOT_ACTIVE
    assert await changed(consumer=SECOND_BANK.identity) is ConsentFault.CONSUMER_NOT_ACCREDITED
    assert await changed(provider=LICENCE_OFFICE.identity) is ConsentFault.PROVIDER_NOT_ACCREDITED
    assert await changed(assurance=Assurance.HIGH) is ConsentFault.PROVIDER_NOT_ACCREDITED

    carry_out(network.identities.suspend(RENTAL_AGENCY.identity))
    assert await consents.fault_of(opened, signature) is ConsentFault.CONSUMER_NOT_ACTIVE


async def test_a04_tells_that_a_consent_is_used_up_open_or_withdrawn(parties):
    consents = parties.network.consents
    _, given, exchange = await parties.funded()
    assert await consents.fault_of(given.opened, given.signature) is ConsentFault.EXHAUSTED
    assert (await parties.network.exchanges.state_of(exchange))[0] is ExchangeState.FUNDED

    twice = await parties.request(max_uses=2)
    given = await parties.consent(twice)
    await parties.fund(twice, given)
    assert await consents.fault_of(given.opened, given.signature) is ConsentFault.EXCHANGE_OPEN

    await consents.withdraw(given.opened.sealed(), None, parties.wallet.withdrawal(given), STRANGER)
    assert await consents.fault_of(given.opened, given.signature) is ConsentFault.WITHDRAWN


# ------------------------------------------------------------- nonces


async def test_a_random_nonce_is_never_an_allotted_one():
    drawn = {random_nonce() for _ in range(100)}

    assert len(drawn) == 100
    assert all(ALLOTTED_NONCES <= nonce < 1 << 256 for nonce in drawn)
