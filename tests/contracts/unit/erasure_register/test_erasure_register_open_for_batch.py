"""ErasureRegister.openForBatch: the duty that follows from an item of a batch, proved by the batch's Merkle root."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.client.batches import merkle_proof, merkle_root
from consentry.client.erasures import ErasureState
from consentry.client.exchanges import ExchangeState
from tests.contracts.unit.erasure_register.conftest import ERASURE_SECONDS
from tests.helpers.puppet import Answer

BATCH = keccak(text="a batch")
ALLOTTED = 7


@pytest.fixture
def settle_batch(give, puppet, relayer):
    """Settle a batch: a function of how many consents, and of the contract that brings it if the escrow does not,
    that returns them and their ids."""

    def settle(count, where=puppet):
        items = [give(nonce=ALLOTTED + number) for number in range(count)]
        ids = [item.id for item in items]
        where.setBatchRoot(BATCH, merkle_root(ids), {"from": relayer})
        return items, ids

    return settle


@pytest.fixture
def put_item_on_record(register, relayer, opening_of):
    """Open the duty of an item, as anybody: a function of the consent and the proof, and of the escrow's index and the
    batch's id if they are others."""

    def put(given, proof, index=1, batch_id=BATCH):
        consent, consumer, salt = opening_of(given)
        return register.openForBatch(consent, consumer, salt, index, batch_id, proof, {"from": relayer})

    return put


# ------------------------------------------------------------- on record


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8])
def test_h048_is_due_when_it_is_an_item_at_any_place_of_a_batch_of_any_size(
    settle_batch, withdraw, put_item_on_record, exchange_id_of, state_of, consumer, told_by, count
):
    items, ids = settle_batch(count)

    for given in items:
        withdraw(given)
        tx = put_item_on_record(given, merkle_proof(ids, given.id))

        exchange_id, due_at = exchange_id_of(given), tx.timestamp + ERASURE_SECONDS
        values = {"exchangeId": exchange_id, "consumer": consumer, "consentId": given.id, "dueAt": due_at}
        assert told_by(tx) == [("ErasureDue", values)]
        assert state_of(exchange_id) == (consumer, due_at, ErasureState.DUE)


def test_is_due_when_retention_is_over(settle_batch, put_item_on_record, exchange_id_of, state_of, mine_at):
    (given, _), ids = settle_batch(2)

    mine_at(given.opened.erase_by)
    put_item_on_record(given, merkle_proof(ids, given.id))

    assert state_of(exchange_id_of(given))[2] == ErasureState.DUE


def test_h120_is_due_when_a_former_escrow_settled_the_batch(
    settle_batch, withdraw, put_item_on_record, exchange_id_of, state_of, list_escrow, reverts_with
):
    list_escrow()
    (given, _), ids = settle_batch(2)
    withdraw(given)
    proof = merkle_proof(ids, given.id)

    with reverts_with("ErasureRegisterProofInvalid", given.id, BATCH):
        put_item_on_record(given, proof, index=2)
    put_item_on_record(given, proof, index=1)

    assert state_of(exchange_id_of(given))[2] == ErasureState.DUE


# ------------------------------------------------------------- no duty


def test_h048_reverts_when_the_consent_is_not_in_the_batch(
    settle_batch, give, withdraw, put_item_on_record, reverts_with
):
    items, ids = settle_batch(4)
    other = give(nonce=ALLOTTED)  # another consent under a nonce that the batch spent
    withdraw(other)

    for proof in ([], merkle_proof(ids, items[0].id), [ids[0]], ids):
        with reverts_with("ErasureRegisterProofInvalid", other.id, BATCH):
            put_item_on_record(other, proof)


def test_h048_reverts_when_the_proof_is_cut_grown_or_doubled(settle_batch, withdraw, put_item_on_record, reverts_with):
    items, ids = settle_batch(3)
    given = items[0]
    withdraw(given)
    proof = merkle_proof(ids, given.id)

    for wrong in (proof[:-1], (), (*proof, proof[-1]), proof[::-1], (given.id, *proof), (bytes(32), *proof)):
        with reverts_with("ErasureRegisterProofInvalid", given.id, BATCH):
            put_item_on_record(given, wrong)


def test_reverts_when_there_is_no_such_batch(settle_batch, withdraw, put_item_on_record, reverts_with):
    (given,), _ = settle_batch(1)
    withdraw(given)

    with reverts_with("ErasureRegisterProofInvalid", given.id, bytes(32)):
        put_item_on_record(given, [], batch_id=bytes(32))


@pytest.mark.parametrize("index", [0, 2, 2**16 - 1])
def test_reverts_when_no_such_escrow_is_listed(settle_batch, withdraw, put_item_on_record, reverts_with, index):
    (given,), _ = settle_batch(1)
    withdraw(given)

    with reverts_with("ErasureRegisterEscrowUnknown", index):
        put_item_on_record(given, [], index=index)


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER, Answer.NOTHING, Answer.WORD])
def test_reverts_when_the_escrow_does_not_answer(
    settle_batch, withdraw, put_item_on_record, puppet, relayer, reverts_with, answer
):
    (given,), _ = settle_batch(1)
    withdraw(given)

    puppet.setAnswers(answer, Answer.PROPER, {"from": relayer})

    with reverts_with("ErasureRegisterProofInvalid", given.id, BATCH):
        put_item_on_record(given, [])


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER, Answer.NOTHING, Answer.WORD])
def test_reverts_when_the_contract_that_brings_batches_does_not_answer(
    PuppetEscrow, settle_batch, withdraw, put_item_on_record, puppet, council, relayer, reverts_with, answer
):
    batches = PuppetEscrow.deploy({"from": council})
    puppet.setBatches(batches, {"from": relayer})
    (given,), _ = settle_batch(1, where=batches)
    withdraw(given)

    batches.setAnswers(answer, Answer.PROPER, {"from": relayer})

    with reverts_with("ErasureRegisterProofInvalid", given.id, BATCH):
        put_item_on_record(given, [])
    batches.setAnswers(Answer.PROPER, Answer.PROPER, {"from": relayer})
    put_item_on_record(given, [])


def test_reverts_when_what_brings_batches_is_no_contract(
    settle_batch, withdraw, put_item_on_record, puppet, stranger, relayer, reverts_with
):
    (given,), _ = settle_batch(1)
    withdraw(given)

    puppet.setBatches(stranger, {"from": relayer})

    with reverts_with("ErasureRegisterProofInvalid", given.id, BATCH):
        put_item_on_record(given, [])


def test_reverts_when_the_duty_has_not_begun(settle_batch, put_item_on_record, reverts_with):
    (given,), _ = settle_batch(1)

    with reverts_with("ErasureRegisterNotBegun", given.id, given.opened.erase_by):
        put_item_on_record(given, [])


def test_reverts_when_it_names_another_consumer(
    register, settle_batch, withdraw, opening_of, provider, relayer, reverts_with
):
    (given,), _ = settle_batch(1)
    withdraw(given)
    consent, _, salt = opening_of(given)

    with reverts_with("ErasureRegisterConsumerMismatch", given.id, provider):
        register.openForBatch(consent, provider, salt, 1, BATCH, [], {"from": relayer})


def test_reverts_when_it_is_on_record(settle_batch, withdraw, put_item_on_record, exchange_id_of, reverts_with):
    (given,), _ = settle_batch(1)
    withdraw(given)
    put_item_on_record(given, [])

    with reverts_with("ErasureRegisterAlreadyOpen", exchange_id_of(given)):
        put_item_on_record(given, [])


def test_is_one_duty_with_the_first_use_of_the_same_consent(
    settle_batch, withdraw, put_item_on_record, put_on_record, exchange_id_of, puppet, end, reverts_with
):
    (given,), _ = settle_batch(1)
    withdraw(given)
    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), puppet, ExchangeState.NONE):
        put_on_record(given)

    put_item_on_record(given, [])
    end(given)

    with reverts_with("ErasureRegisterAlreadyOpen", exchange_id_of(given)):
        put_on_record(given)
