"""A consumer: asks, orders, opens what it gets, and believes no word that was not checked."""

from __future__ import annotations

from dataclasses import astuple, replace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.client import Assurance
from consentry.client.errors import (
    ArgumentInvalid,
    ConsentRefused,
    CredentialRefused,
    ExchangeRefused,
    FeeEscrowOrderExpired,
    FeeSchedulePriceMissing,
    IdentityRegistryNotActor,
    RequestRefused,
)
from consentry.client.exchanges import ExchangeState, SettlementCause
from consentry.client.identities import ISSUER_KEY
from consentry.credentials import (
    CredentialError,
    CredentialExpiredError,
    CredentialNotYetValidError,
    CredentialSignatureError,
    IssuerKey,
    MissingAttributeError,
    SchemaMismatchError,
    SdJwt,
    SubjectKey,
    UnexpectedAttributeError,
    UnknownIssuerKeyError,
    UnreferencedDisclosureError,
    WrongCredentialTypeError,
    WrongIssuerError,
    WrongSubjectKeyError,
    issue,
)
from consentry.credentials.sdjwt import write_disclosure
from consentry.delivery import (
    CiphertextHashMismatchError,
    MalformedDeliveryError,
    OneTimeKey,
    UndecryptableDeliveryError,
    WrongExchangeError,
    WrongRecipientKeyError,
    ciphertext_hash,
    encrypt,
)
from consentry.demo.bring_up import ACCOUNT, IDENTITY, issuer_key_of
from consentry.demo.cast import BANK, LICENCE_OFFICE, RENTAL_AGENCY, SECOND_BANK, STRANGER
from consentry.errors import ConsentryError
from consentry.schemas import SchemaError
from tests.python.client.conftest import ASK

pytestmark = pytest.mark.asyncio

CLAIMS = {"given_name": "Zoë", "family_name": "Nguyễn", "birthdate": "1990-02-28"}
DAY = 86_400


# ------------------------------------------------------------- asking


async def test_asks_with_a_fresh_key_at_the_price_of_the_schedule(parties):
    first, second = await parties.request(), await parties.request()

    for name in ("recipient_key", "nonce"):
        assert getattr(first.request, name) != getattr(second.request, name)
    assert first.request.terms.request_id != second.request.terms.request_id
    assert (first.request.fee, first.request.schedule_version) == (2_500_000, 1)
    now = await parties.network.now()
    assert (first.request.expires_at, first.request.terms.valid_until) == (now + 900, now + 3_600)
    assert first.request.terms.erase_by == now + 3_600 + ASK.retention_seconds
    assert first.request.coordinator == BANK.identity


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"schema": "urn:imagined:1"}, SchemaError),
        ({"attributes": ("blood_type",)}, SchemaError),
        ({"purpose": "urn:imagined"}, SchemaError),
        ({"assurance": Assurance.LOW}, FeeSchedulePriceMissing),
        ({"valid_seconds": 1 << 50}, ArgumentInvalid),
        ({"retention_seconds": -(1 << 40)}, ArgumentInvalid),
        ({"max_uses": 1 << 32}, ArgumentInvalid),
    ],
)
async def test_asks_for_nothing_that_nobody_could_answer(parties, changes, refusal):
    with pytest.raises(refusal):
        await parties.request(**changes)


# ------------------------------------------------------------- ordering


async def test_orders_the_next_use_of_a_consent(parties):
    request = await parties.request(max_uses=2)
    given = await parties.consent(request)
    await parties.present(request, given)
    first = await parties.fund(request, given)
    await parties.coordinator.deliver(await parties.provider.prepare(first))

    second = await parties.fund(request, given)

    assert (first.use, second.use) == (1, 2)
    assert (first.consent, first.recipient_key_hash) == (second.consent, second.recipient_key_hash)


async def test_orders_nothing_for_a_request_of_somebody_else(parties):
    other = parties.open_consumer(RENTAL_AGENCY)
    request = await parties.request()
    given = await parties.consent(request)
    changed = replace(request, request=replace(request.request, fee=1))

    with pytest.raises(RequestRefused, match="that request was not made here"):
        await other.order(request, given)
    with pytest.raises(RequestRefused, match="that request was not made here"):
        await parties.consumer.order(changed, given)


async def test_orders_nothing_by_a_consent_to_another_request(parties):
    first, second = await parties.request(), await parties.request()
    given = await parties.consent(first)

    with pytest.raises(ConsentRefused, match="do not agree in 'request'"):
        await parties.consumer.order(second, given)


@pytest.mark.parametrize(
    "times", [{"fund_within_seconds": 1 << 48}, {"deliver_within_seconds": -(1 << 40)}, {"challenge_seconds": -1}]
)
async def test_orders_nothing_with_times_that_no_order_can_hold(parties, times):
    request = await parties.request()
    given = await parties.consent(request)

    with pytest.raises(ArgumentInvalid, match=r"Order\."):
        await parties.consumer.order(request, given, **times)


async def test_an_order_is_good_until_its_last_instant(parties, travel_to):
    request = await parties.request()
    given = await parties.consent(request)
    order = await parties.consumer.order(request, given, fund_within_seconds=600)
    travel_to(order.order.fund_by + 1)

    with pytest.raises(FeeEscrowOrderExpired) as raised:
        await parties.coordinator.fund(given.opened, given.signature, order)
    assert raised.value.values == {"fundBy": order.order.fund_by}


# ------------------------------------------------------------- opening what is true


async def test_opens_what_the_provider_delivered(parties):
    delivered = await parties.delivered()

    credential = await parties.consumer.open(
        delivered.exchange, delivered.given, await parties.provider.hand_over(delivered.exchange)
    )

    assert set(credential.claims) == set(ASK.attributes)
    assert credential.issuer == parties.network.did(BANK.identity)
    assert credential.subject_address == delivered.given.opened.subject.lower()
    assert (credential.vct, credential.status) == (IDENTITY, None)


async def test_opens_what_was_signed_before_the_provider_rotated_its_key(parties, mine_at):
    delivered = await parties.delivered()
    identities, old, new = parties.network.identities, issuer_key_of(BANK), IssuerKey.generate()
    mine_at(await parties.network.now() + 60)
    await identities.set_attribute(BANK.identity, ISSUER_KEY, new.public_bytes, DAY, BANK.key)
    await identities.revoke_attribute(BANK.identity, ISSUER_KEY, old.public_bytes, BANK.key)
    assert await identities.issuer_keys(BANK.identity) == (new.public_bytes,)

    await parties.consumer.open(
        delivered.exchange, delivered.given, await parties.provider.hand_over(delivered.exchange)
    )


async def test_refuses_what_was_signed_with_a_key_that_was_revoked_before(parties):
    _, given, exchange = await parties.funded()
    old = issuer_key_of(BANK).public_bytes
    await parties.network.identities.revoke_attribute(BANK.identity, ISSUER_KEY, old, BANK.key)
    await parties.coordinator.deliver(await parties.provider.prepare(exchange))

    with pytest.raises(UnknownIssuerKeyError):
        await parties.consumer.open(exchange, given, await parties.provider.hand_over(exchange))


# ------------------------------------------------------------- opening what is forged


async def committed(parties, funded, plaintext):
    """Encrypt a plaintext for a funded exchange and let the bank commit to it.

    Returns:
        The exchange, the consent, and the ciphertext.
    """
    request, given, exchange = funded
    ciphertext = encrypt(plaintext.encode(), request.request.recipient_key, exchange_id=exchange.id)
    await parties.commit(exchange, ciphertext_hash(ciphertext))
    return exchange, given, ciphertext


async def credential_for(parties, funded, **changes):
    """Issue a credential for a funded exchange that is right but for the changes."""
    _, given, exchange = funded
    now = await parties.network.now()
    arguments = {
        "claims": CLAIMS,
        "vct": IDENTITY,
        "issuer": parties.network.did(BANK.identity),
        "holder_key": SubjectKey.recover(exchange.consent, given.signature),
        "issued_at": now,
        "expires_at": now + DAY,
        "signing_key": issuer_key_of(BANK),
        **changes,
    }
    return issue(arguments.pop("claims"), **arguments)


def key_of(account):
    """Return an account's public key."""
    digest = keccak(text="any")
    return SubjectKey.recover(digest, bytes(account.unsafe_sign_hash(digest).signature))


async def test_opens_what_a_provider_makes_by_itself_when_it_is_right(parties):
    funded = await parties.funded()
    text = (await credential_for(parties, funded)).serialize()

    credential = await parties.consumer.open(*await committed(parties, funded, text))

    assert credential.claims == CLAIMS


FORGERIES = {
    "another key": ({"signing_key": IssuerKey.from_seed(bytes(32))}, UnknownIssuerKeyError),
    "another cnf": ({"holder_key": key_of(Account.from_key(keccak(text="another subject")))}, WrongSubjectKeyError),
    "another schema": ({"vct": ACCOUNT}, WrongCredentialTypeError),
    "another issuer": ({"issuer": f"did:ethr:0x7a69:{LICENCE_OFFICE.identity.lower()}"}, WrongIssuerError),
    "another chain": ({"issuer": f"did:ethr:0x1:{BANK.identity.lower()}"}, WrongIssuerError),
    "an attribute too few": ({"claims": {"given_name": "Zoë", "birthdate": "1990-02-28"}}, MissingAttributeError),
    "an attribute too many": ({"claims": {**CLAIMS, "nationalities": ["CA"]}}, UnexpectedAttributeError),
    "a value out of the schema": ({"claims": {**CLAIMS, "birthdate": "yesterday"}}, SchemaMismatchError),
    "a status": ({"status": {"status_list": {"idx": 1, "uri": "https://x.example"}}}, CredentialRefused),
}


async def test_refuses_a_forged_credential(parties, undone):
    funded = await parties.funded()
    for forgery, (changes, refusal) in FORGERIES.items():
        with undone():
            text = (await credential_for(parties, funded, **changes)).serialize()
            delivered = await committed(parties, funded, text)
            with pytest.raises(refusal) as raised:
                await parties.consumer.open(*delivered)
            assert isinstance(raised.value, ConsentryError), forgery
            assert not [value for value in CLAIMS.values() if value in str(raised.value)], forgery


async def test_refuses_a_credential_that_is_expired(parties, mine_at):
    funded, now = await parties.funded(), await parties.network.now()
    text = (await credential_for(parties, funded, expires_at=now + 1_000)).serialize()
    delivered = await committed(parties, funded, text)
    mine_at(now + 999)
    await parties.consumer.open(*delivered)

    mine_at(now + 1_000)
    with pytest.raises(CredentialExpiredError):
        await parties.consumer.open(*delivered)


async def test_refuses_a_credential_from_the_future(parties):
    funded, later = await parties.funded(), await parties.network.now() + DAY
    text = (await credential_for(parties, funded, issued_at=later, expires_at=later + DAY)).serialize()

    delivered = await committed(parties, funded, text)
    with pytest.raises(CredentialNotYetValidError):
        await parties.consumer.open(*delivered)


async def test_refuses_a_credential_whose_disclosure_was_changed(parties):
    funded = await parties.funded()
    credential = await credential_for(parties, funded)
    changed = SdJwt(credential.issuer_jwt, (write_disclosure("given_name", "Eve"), *credential.disclosures[1:]))

    delivered = await committed(parties, funded, changed.serialize())
    with pytest.raises(UnreferencedDisclosureError):
        await parties.consumer.open(*delivered)


async def test_refuses_a_credential_whose_signature_is_anothers(parties):
    funded = await parties.funded()
    credential = await credential_for(parties, funded)
    other = await credential_for(parties, funded, claims={**CLAIMS, "given_name": "Eve"})
    head, _, signature = other.issuer_jwt.split(".")
    payload = credential.issuer_jwt.split(".")[1]
    changed = SdJwt(f"{head}.{payload}.{signature}", credential.disclosures)

    delivered = await committed(parties, funded, changed.serialize())
    with pytest.raises(CredentialSignatureError):
        await parties.consumer.open(*delivered)


async def test_refuses_what_is_no_credential(parties, undone):
    funded = await parties.funded()
    for text in ("", "Zoë Nguyễn", "a.b.c~", "~", "\x00" * 100, "{}", "x" * 70_000):
        with undone():
            delivered = await committed(parties, funded, text)
            with pytest.raises(CredentialError) as raised:
                await parties.consumer.open(*delivered)
            assert "Nguyễn" not in str(raised.value)


async def test_refuses_a_ciphertext_that_is_not_the_committed_one(parties):
    funded = request, given, exchange = await parties.funded()
    text = (await credential_for(parties, funded)).serialize()
    _, _, right = await committed(parties, funded, text)
    other = encrypt(text.encode(), request.request.recipient_key, exchange_id=exchange.id)

    for ciphertext in (other, right[:-1], right + "A", "nonsense"):
        with pytest.raises(CiphertextHashMismatchError, match="ask for the right one, or dispute"):
            await parties.consumer.open(exchange, given, ciphertext)
    with pytest.raises(MalformedDeliveryError):
        await parties.consumer.open(exchange, given, "шифр")
    await parties.consumer.open(exchange, given, right)


async def test_refuses_what_does_not_decrypt_even_if_the_provider_committed_to_it(parties, undone):
    funded = request, given, exchange = await parties.funded()
    credential = (await credential_for(parties, funded)).serialize().encode()
    key = request.request.recipient_key
    head, wrapped, nonce, sealed, tag = encrypt(credential, key, exchange_id=exchange.id).split(".")
    changed = ("A" if sealed[0] != "A" else "B") + sealed[1:]
    broken = {
        encrypt(credential, OneTimeKey.generate().public_bytes, exchange_id=exchange.id): WrongRecipientKeyError,
        encrypt(credential, key, exchange_id=keccak(text="another exchange")): WrongExchangeError,
        ".".join((head, wrapped, nonce, changed, tag)): UndecryptableDeliveryError,
        "nonsense": MalformedDeliveryError,
    }
    for ciphertext, refusal in broken.items():
        with undone():
            await parties.commit(exchange, ciphertext_hash(ciphertext))
            with pytest.raises(refusal):
                await parties.consumer.open(exchange, given, ciphertext)


# ------------------------------------------------------------- which exchange


async def test_opens_and_accepts_nothing_before_it_is_delivered(parties):
    _, given, exchange = await parties.funded()

    for attempt in (
        parties.consumer.open(exchange, given, "anything"),
        parties.consumer.acceptance(exchange),
        parties.consumer.dispute(exchange, bytes(32)),
    ):
        with pytest.raises(ExchangeRefused, match="nothing was delivered yet; wait until the exchange is Delivered"):
            await attempt


async def test_opens_and_accepts_nothing_of_another_consumer(parties):
    delivered = await parties.delivered()
    other = parties.open_consumer(SECOND_BANK)
    again = parties.open_consumer()
    ciphertext = await parties.provider.hand_over(delivered.exchange)

    for consumer, exchange in (
        (other, delivered.exchange),
        (again, delivered.exchange),
        (parties.consumer, replace(delivered.exchange, consumer=SECOND_BANK.identity)),
        (parties.consumer, replace(delivered.exchange, recipient_key_hash=keccak(text="another"))),
    ):
        for attempt in (
            consumer.open(exchange, delivered.given, ciphertext),
            consumer.acceptance(exchange),
            consumer.dispute(exchange, bytes(32)),
        ):
            with pytest.raises(ExchangeRefused, match="not of a request of this consumer"):
                await attempt


async def test_opens_nothing_of_another_consent_or_provider(parties):
    delivered = await parties.delivered()
    ciphertext = await parties.provider.hand_over(delivered.exchange)

    for change in ({"provider": LICENCE_OFFICE.identity}, {"consent": keccak(text="another")}):
        with pytest.raises(ExchangeRefused, match="about another consent or provider; use the one that was funded"):
            await parties.consumer.open(replace(delivered.exchange, **change), delivered.given, ciphertext)


# ------------------------------------------------------------- accepting, delegates


async def test_accepts_and_the_fee_is_shared(parties):
    delivered = await parties.delivered()

    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))

    exchanges, exchange = parties.network.exchanges, delivered.exchange
    assert await exchanges.state_of(exchange) == (ExchangeState.SETTLED, None)
    assert (exchange.id, SettlementCause.ACCEPTED) in await exchanges.settlements()
    parts = exchange.shares.split(exchange.fee)
    assert sum(astuple(parts)) == exchange.fee
    assert await exchanges.earned_of(BANK.identity) == parts.provider + parts.coordinator
    assert await exchanges.recruiter_share_of(RENTAL_AGENCY.identity) == parts.consumer_recruiter > 0


async def test_a_delegate_of_kind_exchange_acts_for_it(parties):
    identities = parties.network.identities
    await identities.add_delegate(RENTAL_AGENCY.identity, "exchange", STRANGER.address, DAY, RENTAL_AGENCY.key)
    parties.consumer = parties.open_consumer(key=STRANGER)

    delivered = await parties.delivered()
    await parties.consumer.open(
        delivered.exchange, delivered.given, await parties.provider.hand_over(delivered.exchange)
    )
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))

    assert (await parties.network.exchanges.state_of(delivered.exchange))[0] is ExchangeState.SETTLED


async def test_a_delegate_that_was_revoked_acts_no_more(parties):
    identities, exchanges = parties.network.identities, parties.network.exchanges
    await identities.add_delegate(RENTAL_AGENCY.identity, "exchange", STRANGER.address, DAY, RENTAL_AGENCY.key)
    parties.consumer = parties.open_consumer(key=STRANGER)
    delivered = await parties.delivered()
    await identities.revoke_delegate(RENTAL_AGENCY.identity, "exchange", STRANGER.address, RENTAL_AGENCY.key)

    with pytest.raises(IdentityRegistryNotActor) as raised:
        await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
    assert raised.value.values == {
        "identity": RENTAL_AGENCY.identity,
        "kind": b"exchange".ljust(32, b"\0"),
        "actor": STRANGER.address,
    }
    assert (await exchanges.state_of(delivered.exchange))[0] is ExchangeState.DELIVERED
