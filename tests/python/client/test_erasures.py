"""Erasures: put on record, confirmed in time or late, kept by law, reported, and read by whoever supervises."""

from __future__ import annotations

import pytest
import pytest_asyncio
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.batches import Batch, BatchId, BatchItem
from consentry.client.consents import ConsentFault, OpenedConsent
from consentry.client.erasures import ERASED, MOST_CONFIRMED, Erasures, ErasureState, Opening
from consentry.client.errors import (
    ArgumentInvalid,
    ConsentTokenErasureOverdue,
    ErasureRegisterConsumerMismatch,
    ErasureRegisterExchangeNotOver,
    ErasureRegisterLengthInvalid,
    ErasureRegisterNotBegun,
    ErasureRegisterNotOverdue,
    ErasureRegisterSignatureInvalid,
    ErasureRegisterStateInvalid,
    IdentityRegistryNotActor,
)
from consentry.client.exchanges import ExchangeId, ExchangeState
from consentry.demo.bring_up import IDENTITY, TENANCY
from consentry.demo.cast import BANK, RENTAL_AGENCY, SECOND_BANK, STRANGER

pytestmark = pytest.mark.asyncio

AGENCY, KEY = RENTAL_AGENCY.identity, RENTAL_AGENCY.key
STATEMENT = keccak(text="kept for six years under the tax code")
UNKNOWN = ExchangeId(keccak(text="an exchange that nobody knows"))


@pytest.fixture
def withdraw(parties):
    """Withdraw a consent, carried by a stranger: a function of it."""

    async def carry(given):
        word = parties.wallet.withdrawal(given)
        await parties.network.consents.withdraw(given.opened.sealed(), None, word, STRANGER)

    return carry


@pytest.fixture
def settle(parties):
    """Take an exchange to where it is settled: a function without arguments."""

    async def make():
        delivered = await parties.delivered()
        await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
        return delivered

    return make


@pytest.fixture
def put_on_record(network, settle, withdraw):
    """Put a duty on record, by a stranger: a function without arguments."""

    async def put():
        settled = await settle()
        await withdraw(settled.given)
        erasure, _ = await network.erasures.open(Opening.of(settled.given.opened), 1, STRANGER)
        return erasure

    return put


@pytest_asyncio.fixture
async def due(put_on_record):
    """A duty on record."""
    return await put_on_record()


@pytest.fixture
def report(network, mine_at):
    """Report a duty once it is overdue: a function of it."""

    async def say(erasure):
        mine_at(erasure.due_at + 1)
        await network.erasures.report(erasure.exchange_id, STRANGER)

    return say


async def state_of(network, erasure):
    return (await network.erasures.duty_of(erasure.exchange_id)).state


# ------------------------------------------------------------- on record


async def test_puts_a_duty_on_record_when_its_consent_was_withdrawn(network, parties, settle, withdraw):
    settled = await settle()
    opening = Opening.of(settled.given.opened)
    with pytest.raises(ErasureRegisterNotBegun):
        await network.erasures.open(opening, 1, STRANGER)
    await withdraw(settled.given)

    erasure, mined = await network.erasures.open(opening, 1, STRANGER)

    seconds = await network.ask(network.erasures.contract.function("erasureSeconds").call())
    opened_at = (await network.web3.eth.get_block(mined.block_number))["timestamp"]
    assert (erasure.exchange_id, erasure.consumer) == (settled.exchange.id, AGENCY)
    assert (erasure.due_at, erasure.state) == (opened_at + seconds, ErasureState.DUE)
    assert await network.erasures.duty_of(settled.exchange.id) == erasure


async def test_puts_none_on_record_where_nothing_is_over(network, parties, withdraw):
    delivered = await parties.delivered()
    await withdraw(delivered.given)

    with pytest.raises(ErasureRegisterExchangeNotOver) as raised:
        await network.erasures.open(Opening.of(delivered.given.opened), 1, STRANGER)

    assert raised.value.values["state"] == ExchangeState.DELIVERED
    assert await network.erasures.duty_of(delivered.exchange.id) is None


async def test_opens_a_consent_to_its_consumer_alone(network, settle, withdraw):
    settled = await settle()
    await withdraw(settled.given)
    opening = Opening.of(settled.given.opened)
    shown = {opening.consumer, opening.salt, *opening.consent.arguments()}

    opened = settled.given.opened
    assert not shown & {opened.provider, opened.schema, opened.purpose, opened.seed}
    with pytest.raises(ErasureRegisterConsumerMismatch):
        await network.erasures.open(Opening(opening.consent, SECOND_BANK.identity, opening.salt), 1, STRANGER)


# ------------------------------------------------------------- items of a batch


@pytest.fixture
def settle_batch(network):
    """Settle a batch between the agency and the bank: a function of how many items that returns its id and the keys and
    opened consents of its subjects."""

    async def settle(count):
        now, items, subjects = await network.now(), [], []
        for number in range(count):
            subject = Account.create()
            opened = OpenedConsent(
                subject=subject.address,
                consumer=AGENCY,
                provider=BANK.identity,
                schema=keccak(text=IDENTITY),
                purpose=keccak(text=TENANCY),
                assurance=Assurance.SUBSTANTIAL,
                seed=keccak(text=f"seed {number}"),
                terms=keccak(text=f"terms {number}"),
                valid_from=now,
                valid_until=now + 3_600,
                erase_by=now + 7_200,
                max_uses=1,
                nonce=number,
            )
            signature = network.consents.sign(opened.sealed(), subject)
            items.append(BatchItem(opened, signature, keccak(text=f"key {number}"), keccak(text=f"jwe {number}")))
            subjects.append((subject, opened))
        version = await network.fees.current_version()
        records = [await network.identities.participant(each) for each in (AGENCY, BANK.identity)]
        price = (await network.fees.quote(version, IDENTITY, Assurance.SUBSTANTIAL, *records)).fee
        parties = AGENCY, BANK.identity, BANK.identity
        scope = keccak(text=IDENTITY), keccak(text=TENANCY), Assurance.SUBSTANTIAL
        batch = Batch(*parties, *scope, version, price, None, now + 3_600, 1)
        signed = [(key.address, network.batches.sign(batch, items, key)) for key in (KEY, BANK.key)]
        settled, _ = await network.batches.exchange_batch(batch, items, *signed, KEY)
        return settled.id, subjects

    return settle


async def test_puts_items_of_a_batch_on_record(network, settle_batch):
    batch_id, subjects = await settle_batch(3)

    for subject, opened in subjects:
        consent_id = opened.sealed().id(network.consents.domain)
        word = network.consents.sign_withdrawal(consent_id, subject)
        await network.consents.withdraw(opened.sealed(), None, word, STRANGER)
        erasure, _ = await network.erasures.open_for_batch(Opening.of(opened), batch_id, STRANGER)

        assert erasure.exchange_id == keccak(consent_id + (1).to_bytes(32, "big"))
        assert await network.erasures.duty_of(erasure.exchange_id) == erasure


async def test_refuses_what_is_no_item_of_a_batch(network, settle_batch, settle):
    batch_id, _ = await settle_batch(1)
    opening = Opening.of((await settle()).given.opened)

    with pytest.raises(ArgumentInvalid, match="the batch did not use this consent"):
        await network.erasures.open_for_batch(opening, batch_id, STRANGER)
    with pytest.raises(ArgumentInvalid, match="no escrow of this network settled a batch of this id"):
        await network.erasures.open_for_batch(opening, BatchId(bytes(32)), STRANGER)


# ------------------------------------------------------------- confirmed


@pytest.mark.parametrize(("statement", "state"), [(ERASED, ErasureState.ERASED), (STATEMENT, ErasureState.KEPT)])
async def test_confirms_as_the_consumer(network, due, statement, state):
    await network.erasures.confirm(AGENCY, [due.exchange_id], statement, AGENCY, b"", KEY)

    assert await state_of(network, due) is state


async def test_confirms_by_a_signature_whoever_carries_it(network, due):
    signature = network.erasures.sign_confirmation(AGENCY, [due.exchange_id], ERASED, KEY)
    with pytest.raises(ErasureRegisterSignatureInvalid):
        await network.erasures.confirm(AGENCY, [due.exchange_id], STATEMENT, AGENCY, signature, STRANGER)

    await network.erasures.confirm(AGENCY, [due.exchange_id], ERASED, AGENCY, signature, STRANGER)

    assert await state_of(network, due) is ErasureState.ERASED
    with pytest.raises(ErasureRegisterStateInvalid):
        await network.erasures.confirm(AGENCY, [due.exchange_id], ERASED, AGENCY, signature, STRANGER)


async def test_confirms_by_a_delegate(network, due):
    signature = network.erasures.sign_confirmation(AGENCY, [due.exchange_id], ERASED, STRANGER)
    confirmation = AGENCY, [due.exchange_id], ERASED, STRANGER.address, signature, STRANGER
    with pytest.raises(IdentityRegistryNotActor):
        await network.erasures.confirm(*confirmation)
    await network.identities.add_delegate(AGENCY, "exchange", STRANGER.address, 3_600, KEY)

    await network.erasures.confirm(*confirmation)

    assert await state_of(network, due) is ErasureState.ERASED


async def test_refuses_to_confirm_what_is_not_on_record_or_too_much(network):
    with pytest.raises(ErasureRegisterStateInvalid) as raised:
        await network.erasures.confirm(AGENCY, [UNKNOWN], ERASED, AGENCY, b"", KEY)
    assert raised.value.values == {"exchangeId": UNKNOWN, "state": ErasureState.NONE}
    for count in (0, MOST_CONFIRMED + 1):
        with pytest.raises(ErasureRegisterLengthInvalid):
            await network.erasures.confirm(AGENCY, [UNKNOWN] * count, ERASED, AGENCY, b"", KEY)


# ------------------------------------------------------------- overdue


async def test_reports_what_is_overdue_and_blocks_the_consumer_until_it_confirms(network, parties, due, report):
    with pytest.raises(ErasureRegisterNotOverdue):
        await network.erasures.report(due.exchange_id, STRANGER)
    await report(due)
    assert await network.erasures.overdue_count_of(AGENCY) == 1
    request, given = await parties.consented()
    assert await network.consents.fault_of(given.opened, given.signature) is ConsentFault.CONSUMER_ERASURE_OVERDUE
    with pytest.raises(ConsentTokenErasureOverdue):
        await parties.fund(request, given)

    await network.erasures.confirm(AGENCY, [due.exchange_id], ERASED, AGENCY, b"", KEY)

    assert await network.erasures.overdue_count_of(AGENCY) == 0
    assert await network.consents.fault_of(given.opened, given.signature) is ConsentFault.NONE
    await parties.fund(request, given)


async def test_lists_what_is_overdue_for_whoever_supervises(network, due, put_on_record, report):
    await put_on_record()
    assert await network.erasures.overdue() == ()
    await report(due)

    (listed,) = await network.erasures.overdue()

    assert (listed.exchange_id, listed.consumer, listed.due_at) == (due.exchange_id, AGENCY, due.due_at)
    assert listed.state is ErasureState.OVERDUE
    assert listed == await network.erasures.duty_of(due.exchange_id)


async def test_lists_everything_that_was_ever_on_record_as_it_stands(network, due, put_on_record, report):
    overdue, erased, kept = [await put_on_record() for _ in range(3)]
    await network.erasures.confirm(AGENCY, [erased.exchange_id], ERASED, AGENCY, b"", KEY)
    await network.erasures.confirm(AGENCY, [kept.exchange_id], STATEMENT, AGENCY, b"", KEY)
    await report(overdue)

    listed = await network.erasures.on_record()

    states = {each.exchange_id: each.state for each in listed}
    assert states == {
        due.exchange_id: ErasureState.DUE,
        overdue.exchange_id: ErasureState.OVERDUE,
        erased.exchange_id: ErasureState.ERASED,
        kept.exchange_id: ErasureState.KEPT,
    }
    assert [await network.erasures.duty_of(each.exchange_id) for each in listed] == list(listed)
    assert await network.erasures.on_record(AGENCY) == listed
    assert await network.erasures.on_record(SECOND_BANK.identity) == ()


async def test_speaks_to_a_former_register(network, due):
    former = Erasures(network, network.addresses["ErasureRegister"])

    await former.confirm(AGENCY, [due.exchange_id], ERASED, AGENCY, b"", KEY)

    assert (await former.duty_of(due.exchange_id)).state is ErasureState.ERASED
