"""ErasureRegister.open: the duty that follows from a use of a consent, for what was delivered and is over alone."""

from dataclasses import replace

import pytest

from consentry.client.consents import salt_of
from consentry.client.erasures import ErasureState
from consentry.client.exchanges import ExchangeState
from tests.contracts.unit.erasure_register.conftest import ERASURE_SECONDS
from tests.helpers.network import NOBODY
from tests.helpers.puppet import Answer

OVER = (ExchangeState.SETTLED, ExchangeState.RESOLVED)
NOT_OVER = tuple(state for state in ExchangeState if state not in OVER)


# ------------------------------------------------------------- on record


@pytest.mark.parametrize("state", OVER)
def test_is_due_when_the_consent_is_withdrawn_and_the_exchange_is_over(
    give, end, withdraw, put_on_record, exchange_id_of, state_of, consumer, told_by, state
):
    given = give()
    end(given, state)
    withdraw(given)

    tx = put_on_record(given)

    exchange_id, due_at = exchange_id_of(given), tx.timestamp + ERASURE_SECONDS
    values = {"exchangeId": exchange_id, "consumer": consumer, "consentId": given.id, "dueAt": due_at}
    assert told_by(tx) == [("ErasureDue", values)]
    assert state_of(exchange_id) == (consumer, due_at, ErasureState.DUE)


def test_is_due_when_retention_is_over(give, end, put_on_record, exchange_id_of, state_of, travel_to):
    given = give()
    end(given)

    travel_to(given.opened.erase_by)
    tx = put_on_record(given)

    assert state_of(exchange_id_of(given))[1:] == (given.opened.erase_by + ERASURE_SECONDS, ErasureState.DUE)
    assert tx.timestamp == given.opened.erase_by


def test_counts_from_when_it_is_opened(give, end, withdraw, put_on_record, exchange_id_of, state_of, travel_to, now):
    given = give()
    end(given)
    withdraw(given)
    later = now() + 10 * ERASURE_SECONDS

    travel_to(later)
    put_on_record(given)

    assert state_of(exchange_id_of(given))[1] == later + ERASURE_SECONDS


def test_keeps_each_use_apart(give, end, withdraw, put_on_record, exchange_id_of, state_of, reverts_with, puppet):
    given = give(max_uses=3)
    end(given, use=1)
    end(given, use=3)
    withdraw(given)

    put_on_record(given, use=1)
    put_on_record(given, use=3)

    states = [state_of(exchange_id_of(given, use))[2] for use in (1, 2, 3)]
    assert states == [ErasureState.DUE, ErasureState.NONE, ErasureState.DUE]
    refusal = exchange_id_of(given, 2), puppet, ExchangeState.NONE
    with reverts_with("ErasureRegisterExchangeNotOver", *refusal):
        put_on_record(given, use=2)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_is_due_whatever_the_standing_of_the_consumer(due, bring_to, consumer, state_of, standing):
    bring_to(consumer, standing)

    assert state_of(due().id)[2] == ErasureState.DUE


# ------------------------------------------------------------- no duty


@pytest.mark.parametrize("state", NOT_OVER)
def test_reverts_when_the_exchange_is_not_over(
    give, end, withdraw, put_on_record, exchange_id_of, puppet, reverts_with, state
):
    given = give()
    end(given, state)
    withdraw(given)

    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), puppet, state):
        put_on_record(given)


@pytest.mark.parametrize("former", NOT_OVER)
def test_h120_reverts_when_a_former_escrow_says_otherwise(
    give, end, withdraw, put_on_record, exchange_id_of, list_escrow, puppet, reverts_with, former
):
    given, successor = give(), list_escrow()
    end(given, former)
    end(given, escrow=successor)
    withdraw(given)

    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), puppet, former):
        put_on_record(given)


def test_h120_is_due_when_every_escrow_says_that_it_is_over(
    give, end, withdraw, put_on_record, exchange_id_of, list_escrow, state_of, reverts_with
):
    given, second, third = give(), list_escrow(), list_escrow()
    end(given)
    end(given, ExchangeState.RESOLVED, escrow=second)
    withdraw(given)
    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), third, ExchangeState.NONE):
        put_on_record(given)

    end(given, escrow=third)
    put_on_record(given)

    assert state_of(exchange_id_of(given))[2] == ErasureState.DUE


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER, Answer.NOTHING, Answer.WORD])
def test_reverts_when_an_escrow_does_not_answer(
    give, end, withdraw, put_on_record, exchange_id_of, puppet, relayer, reverts_with, answer
):
    given = give()
    end(given)
    withdraw(given)

    puppet.setAnswers(answer, Answer.PROPER, {"from": relayer})

    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), puppet, ExchangeState.NONE):
        put_on_record(given)


def test_reverts_when_an_escrow_is_gone(
    give, end, withdraw, put_on_record, exchange_id_of, puppet, stranger, reverts_with
):
    given = give()
    end(given)
    withdraw(given)

    puppet.vanish({"from": stranger})

    with reverts_with("ErasureRegisterExchangeNotOver", exchange_id_of(given), puppet, ExchangeState.NONE):
        put_on_record(given)


def test_reverts_when_there_is_no_such_use(give, end, withdraw, put_on_record, reverts_with):
    given = give()
    end(given, use=0)
    withdraw(given)

    with reverts_with("ErasureRegisterUseInvalid", 0):
        put_on_record(given, use=0)


def test_h058_reverts_in_the_second_before_retention_is_over(give, end, put_on_record, travel_to, reverts_with):
    given = give()
    end(given)

    travel_to(given.opened.erase_by - 1)

    with reverts_with("ErasureRegisterNotBegun", given.id, given.opened.erase_by):
        put_on_record(given)


def test_reverts_when_it_names_another_consumer(
    register, give, end, withdraw, participant_in, consumer, relayer, reverts_with
):
    given, other = give(), participant_in("active", 1)
    end(given)
    withdraw(given)
    sealed, salt = given.sealed.arguments(), salt_of(given.opened.seed, 0)

    for named in (other, given.opened.provider, NOBODY):
        with reverts_with("ErasureRegisterConsumerMismatch", given.id, named):
            register.open(sealed, 1, named, salt, {"from": relayer})
    with reverts_with("ErasureRegisterConsumerMismatch", given.id, consumer):
        register.open(sealed, 1, consumer, salt_of(given.opened.seed, 1), {"from": relayer})


def test_h057_reverts_when_a_field_is_not_as_it_was_signed(
    register, give, end, withdraw, opening_of, puppet, relayer, reverts_with
):
    given = give()
    end(given)
    withdraw(given)
    _, consumer, salt = opening_of(given)

    for changes in ({"erase_by": 0}, {"nonce": given.sealed.nonce + 1}, {"subject": consumer}):
        other = replace(given.sealed, **changes)
        with reverts_with("ErasureRegisterExchangeNotOver", ..., puppet, ExchangeState.NONE):
            register.open(other.arguments(), 1, consumer, salt, {"from": relayer})


def test_reverts_when_it_is_on_record(due, put_on_record, confirm, consumer, reverts_with):
    duty = due()
    with reverts_with("ErasureRegisterAlreadyOpen", duty.id):
        put_on_record(duty.given)

    confirm(consumer, consumer, duty)

    with reverts_with("ErasureRegisterAlreadyOpen", duty.id):
        put_on_record(duty.given)
