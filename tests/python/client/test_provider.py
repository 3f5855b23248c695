"""A provider: whose record it reads, and for which exchange it delivers."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
import pytest_asyncio
from eth_utils.crypto import keccak

from consentry.client import Wallet
from consentry.client.consumer import SignedOrder
from consentry.client.errors import (
    ArgumentInvalid,
    ConsentRefused,
    ExchangeRefused,
    FeeEscrowDeliveryTooLate,
    FeeEscrowStateInvalid,
    IdentityRegistryNotActor,
    RequestRefused,
)
from consentry.client.exchanges import ExchangeState, RefundCause
from consentry.client.identities import Admission, Role
from consentry.client.requests import SignedRequest
from consentry.credentials import SdJwt
from consentry.delivery import ciphertext_hash, decrypt
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, STRANGER
from consentry.sources import (
    AuthenticationError,
    ConsentBoundElsewhere,
    SessionBoundElsewhere,
    SessionExpired,
    SessionId,
    Sessions,
    SessionUnknown,
)
from tests.python.client.conftest import ASK, SEED

pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture
async def parties(parties):
    """Who takes part in an exchange; the bank is open."""
    await parties.open_bank()
    return parties


# ------------------------------------------------------------- presenting a consent


async def test_takes_a_consent_in_the_session_of_the_person_who_presents_it(parties):
    request = await parties.request()
    given = await parties.consent(request)
    session = (await parties.bank.sign_in(parties.person)).session_id

    consent_id = await parties.provider.present(session, request, given)

    assert consent_id == given.opened.sealed().id(parties.network.consents.domain)
    # Doing so again changes nothing.
    assert await parties.provider.present(session, request, given) == consent_id


async def test_refuses_a_consent_in_nobodys_session(parties):
    request = await parties.request()
    given = await parties.consent(request)

    with pytest.raises(SessionUnknown):
        await parties.provider.present(SessionId("guessed"), request, given)


async def test_refuses_a_consent_in_another_customers_session(parties):
    request = await parties.request()
    given = await parties.consent(request)
    await parties.present(request, given)
    other = (await parties.bank.sign_in(parties.other_person)).session_id

    with pytest.raises(ConsentBoundElsewhere):
        await parties.provider.present(other, request, given)


async def test_refuses_a_second_consent_in_one_session(parties):
    request = await parties.request()
    session = await parties.present(request, await parties.consent(request))
    strangers = await parties.consent(request, Wallet(parties.network, SEED[::-1]))

    with pytest.raises(SessionBoundElsewhere):
        await parties.provider.present(session, request, strangers)


async def test_refuses_a_consent_in_a_session_that_is_over(parties):
    now = [1_000.0]
    sessions = Sessions(session_seconds=60, clock=lambda: now[0])
    provider = parties.open_provider(sessions=sessions)
    request = await parties.request()
    given = await parties.consent(request)
    record = await parties.bank.source.find(parties.person.identifier(BANK))
    session = sessions.open(record).session_id
    now[0] += 60

    with pytest.raises(SessionExpired):
        await provider.present(session, request, given)


async def test_refuses_a_consent_that_names_another_provider(parties):
    request = await parties.request()
    given = await parties.consent(request)
    elsewhere = parties.open_provider(LICENCE_OFFICE)
    session = (await parties.bank.sign_in(parties.person)).session_id

    with pytest.raises(ConsentRefused, match="the consent names another provider"):
        await elsewhere.present(session, request, given)
    # Nothing half done: the session still takes it where it belongs.
    await parties.provider.present(session, request, given)


async def test_refuses_a_consent_to_another_request(parties):
    given = await parties.consent(await parties.request())
    other = await parties.request()
    session = (await parties.bank.sign_in(parties.person)).session_id

    with pytest.raises(ConsentRefused, match="do not agree in 'request'"):
        await parties.provider.present(session, other, given)


async def test_refuses_a_request_whose_one_time_key_was_swapped_on_the_way(parties):
    request = await parties.request()
    given = await parties.consent(request)
    session = (await parties.bank.sign_in(parties.person)).session_id
    swapped = (await parties.request()).request.recipient_key

    changed = SignedRequest(replace(request.request, recipient_key=swapped), request.signature)
    with pytest.raises(RequestRefused, match="changed after it was signed"):
        await parties.provider.present(session, changed, given)


# ------------------------------------------------------------- preparing a delivery


async def test_delivers_just_what_was_asked_of_the_person_who_signed_in(parties):
    request, given, exchange = await parties.funded()

    signed = await parties.provider.prepare(exchange)
    await parties.coordinator.deliver(signed)
    ciphertext = await parties.provider.hand_over(exchange)

    assert ciphertext_hash(ciphertext) == signed.ciphertext_hash
    _, key, _ = parties.consumer._requests[request.request.recipient_key_hash]
    parts = SdJwt.parse(decrypt(ciphertext, key, exchange_id=exchange.id).decode())
    assert len(parts.disclosures) == len(ASK.attributes)
    record = await parties.bank.source.find(parties.person.identifier(BANK))
    expected = await parties.bank.source.read(record, ASK.schema, ASK.attributes)
    credential = await parties.consumer.open(exchange, given, ciphertext)
    assert credential.claims == expected


async def test_refuses_an_exchange_whose_consent_nobody_presented(parties):
    request = await parties.request()
    exchange = await parties.fund(request, await parties.consent(request))

    with pytest.raises(ConsentRefused, match="no authenticated person presented that consent here"):
        await parties.provider.prepare(exchange)


async def test_refuses_an_exchange_that_is_not_funded(parties):
    _, _, exchange = await parties.funded()
    unknown = replace(exchange, use=2)
    with pytest.raises(ExchangeRefused, match="the exchange is none"):
        await parties.provider.prepare(unknown)

    signed = await parties.provider.prepare(exchange)
    await parties.coordinator.deliver(signed)
    with pytest.raises(ExchangeRefused, match="the exchange is delivered"):
        await parties.provider.prepare(exchange)


async def test_refuses_an_exchange_whose_consent_was_withdrawn(parties):
    _, given, exchange = await parties.funded()
    signed = await parties.provider.prepare(exchange)
    await parties.coordinator.withdraw(given.opened.sealed(), exchange, parties.wallet.withdrawal(given))

    with pytest.raises(ExchangeRefused, match="the exchange is refunded"):
        await parties.provider.prepare(exchange)
    with pytest.raises(FeeEscrowStateInvalid) as raised:
        await parties.coordinator.deliver(signed)
    assert raised.value.values == {"exchangeId": exchange.id, "state": ExchangeState.REFUNDED}
    with pytest.raises(ExchangeRefused, match="the delivery is not on chain"):
        await parties.provider.hand_over(exchange)


async def test_refuses_an_exchange_that_is_not_as_it_was_funded(parties):
    _, _, exchange = await parties.funded()
    changes = {
        "recipient_key_hash": keccak(text="another key"),
        "coordinator": STRANGER.address,
        "consumer": STRANGER.address,
        "provider": STRANGER.address,
        "fee": 1,
        "shares": replace(exchange.shares, provider=0),
        "deliver_by": 1,
        "challenge_seconds": 1,
    }
    for field, value in changes.items():
        with pytest.raises(ExchangeRefused, match="not as it was funded; nothing is sent"):
            await parties.provider.prepare(replace(exchange, **{field: value}))


async def fund_otherwise(parties, **changes):
    """Fund an exchange by an order that is not the one of the request, as a dishonest consumer can."""
    request, given = await parties.consented()
    signed = await parties.consumer.order(request, given)
    order = replace(signed.order, **changes)
    consent_id = given.opened.sealed().id(parties.network.consents.domain)
    signature = parties.network.exchanges.sign_order(order, consent_id, 1, RENTAL_AGENCY.key)
    funding, _ = await parties.coordinator.fund(given.opened, given.signature, SignedOrder(order, signature))
    return funding.exchange


async def test_refuses_an_exchange_to_another_key_than_the_person_saw(parties):
    exchange = await fund_otherwise(parties, recipient_key_hash=keccak(text="another key"))

    with pytest.raises(ExchangeRefused, match="not about the request that the person saw; nothing is delivered"):
        await parties.provider.prepare(exchange)


async def test_refuses_an_exchange_by_another_coordinator_than_the_person_saw(parties, carry_out):
    admission = Admission(STRANGER.address, Role.COORDINATOR, "CA", keccak(text="another coordinator"))
    await parties.network.charter.apply(admission, STRANGER, STRANGER)
    carry_out(parties.network.identities.admit(admission))
    exchange = await fund_otherwise(parties, coordinator=STRANGER.address)

    with pytest.raises(ExchangeRefused, match="not about the request that the person saw"):
        await parties.provider.prepare(exchange)


async def test_delivers_nothing_once_the_session_is_over(parties):
    request = await parties.request()
    given = await parties.consent(request)
    session = await parties.present(request, given)
    exchange = await parties.fund(request, given)
    parties.bank.sessions.end(session)

    with pytest.raises(AuthenticationError):
        await parties.provider.prepare(exchange)


async def test_hands_over_what_was_delivered_when_it_was_prepared_twice(parties):
    _, given, exchange = await parties.funded()
    first, second = await asyncio.gather(parties.provider.prepare(exchange), parties.provider.prepare(exchange))
    assert first.ciphertext_hash != second.ciphertext_hash

    await parties.coordinator.deliver(first)

    ciphertext = await parties.provider.hand_over(exchange)
    assert ciphertext_hash(ciphertext) == first.ciphertext_hash
    await parties.consumer.open(exchange, given, ciphertext)


# ------------------------------------------------------------- handing over


async def test_hands_nothing_over_before_the_delivery_is_on_chain(parties):
    _, _, exchange = await parties.funded()
    signed = await parties.provider.prepare(exchange)
    with pytest.raises(ExchangeRefused, match="the delivery is not on chain; deliver first, hand over after"):
        await parties.provider.hand_over(exchange)

    await parties.coordinator.deliver(signed)
    assert ciphertext_hash(await parties.provider.hand_over(exchange)) == signed.ciphertext_hash


async def test_hands_nothing_over_that_was_prepared_elsewhere(parties):
    delivered = await parties.delivered()

    with pytest.raises(ExchangeRefused, match="was not prepared here"):
        await parties.open_provider().hand_over(delivered.exchange)


# ------------------------------------------------------------- declining, deadlines, delegates


async def test_declines_and_the_fee_is_back(parties):
    _, _, exchange = await parties.funded()
    before = await parties.network.exchanges.prepaid_of(RENTAL_AGENCY.identity)

    await parties.coordinator.decline(await parties.provider.decline(exchange, keccak(text="no capacity")))

    after = await parties.network.exchanges.prepaid_of(RENTAL_AGENCY.identity)
    assert after.available - before.available == exchange.fee
    assert (exchange.id, RefundCause.DECLINED) in await parties.network.exchanges.refunds()
    with pytest.raises(ExchangeRefused, match="the exchange is refunded"):
        await parties.provider.prepare(exchange)


async def test_refuses_a_reason_that_is_not_32_bytes(parties):
    _, _, exchange = await parties.funded()
    for reason in (b"", b"\x01" * 31, b"\x01" * 33):
        with pytest.raises(ArgumentInvalid, match=r"Decline\.reason must be bytes32"):
            await parties.provider.decline(exchange, reason)


async def test_cannot_deliver_after_the_deadline(parties, travel_to):
    _, _, exchange = await parties.funded(deliver_within_seconds=600)
    signed = await parties.provider.prepare(exchange)
    travel_to(exchange.deliver_by + 1)

    with pytest.raises(FeeEscrowDeliveryTooLate) as raised:
        await parties.coordinator.deliver(signed)
    assert raised.value.values == {"exchangeId": exchange.id, "deliverBy": exchange.deliver_by}


async def test_a_delegate_of_kind_delivery_delivers_for_it(parties):
    await parties.network.identities.add_delegate(BANK.identity, "delivery", STRANGER.address, 3_600, BANK.key)
    parties.provider = parties.open_provider(key=STRANGER)

    delivered = await parties.delivered()

    assert (await parties.network.exchanges.state_of(delivered.exchange))[0] is ExchangeState.DELIVERED
    await parties.consumer.open(
        delivered.exchange, delivered.given, await parties.provider.hand_over(delivered.exchange)
    )


async def test_a_delegate_of_another_kind_cannot_deliver_for_it(parties):
    for kind in ("exchange", "deposit", "veriKey"):
        await parties.network.identities.add_delegate(BANK.identity, kind, STRANGER.address, 3_600, BANK.key)
    _, _, exchange = await parties.funded()
    delegate = parties.open_provider(key=STRANGER)
    delegate._presented = parties.provider._presented

    with pytest.raises(IdentityRegistryNotActor) as raised:
        await parties.coordinator.deliver(await delegate.prepare(exchange))
    assert raised.value.values["actor"] == STRANGER.address
    with pytest.raises(IdentityRegistryNotActor):
        await parties.coordinator.decline(await delegate.decline(exchange, bytes(32)))
