"""ErasureRegister.confirm: the consumer says that it erased, or must keep by law; a late word lifts the block."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.client.erasures import ERASED, MOST_CONFIRMED, ErasureState
from consentry.deployment.roles import Role
from tests.helpers.network import CONSUMER, NOBODY

EXCHANGE, DELIVERY, DEPOSIT = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery", b"deposit"))
DAY_SECONDS = 86_400
STATEMENT = keccak(text="kept for six years under the tax code")


@pytest.fixture
def exchange_delegate(system, consumer, delegate):
    """The consumer's delegate of kind `exchange`."""
    system.identities.addDelegate(consumer, EXCHANGE, delegate, 365 * DAY_SECONDS, {"from": consumer})
    return delegate


def blocks_of(system, consumer):
    """Return how many registers block, as funding sees it too."""
    count = system.identities.erasureBlocksOf(consumer)
    assert (system.identities.participantOf(consumer).dict()["flags"] & 1 << 3 != 0) is (count != 0)
    return count


# ------------------------------------------------------------- in time


@pytest.mark.parametrize(("statement", "state"), [(ERASED, ErasureState.ERASED), (STATEMENT, ErasureState.KEPT)])
def test_ends_the_duty_when_the_consumer_says_so(due, confirm, consumer, state_of, told_by, statement, state):
    duty = due()

    tx = confirm(consumer, consumer, duty, statement=statement)

    values = {"exchangeId": duty.id, "consumer": consumer, "statement": statement}
    assert told_by(tx) == [("ErasureConfirmed", values)]
    assert state_of(duty.id) == (consumer, duty.due_at, state)


def test_h051_counts_in_the_last_second(due, confirm, consumer, travel_to, state_of):
    duty = due()

    travel_to(duty.due_at)
    tx = confirm(consumer, consumer, duty)

    assert tx.timestamp == duty.due_at
    assert state_of(duty.id)[2] == ErasureState.ERASED


def test_ends_many_at_once(due, confirm, consumer, state_of, told_by):
    duties = [due() for _ in range(5)]

    tx = confirm(consumer, consumer, *duties)

    assert [values["exchangeId"] for _, values in told_by(tx)] == [duty.id for duty in duties]
    assert {state_of(duty.id)[2] for duty in duties} == {ErasureState.ERASED}


# ------------------------------------------------------------- too late


def test_lifts_the_block_when_it_comes_late(system, register, overdue, confirm, consumer, told_by, state_of):
    (duty,) = overdue()
    assert blocks_of(system, consumer) == 1

    tx = confirm(consumer, consumer, duty)

    assert [name for name, _ in told_by(tx)] == ["ErasureConfirmed", "ErasureOverdueSet"]
    assert told_by(tx)[1][1] == {"identity": consumer, "register": register, "overdue": False}
    assert blocks_of(system, consumer) == 0
    assert (register.overdueCount(), register.overdueCountOf(consumer)) == (0, 0)
    assert state_of(duty.id) == (consumer, duty.due_at, ErasureState.ERASED)


def test_keeps_the_block_until_the_last_one(system, register, overdue, due, confirm, consumer):
    first, second, third = overdue(3)
    fourth = due()

    confirm(consumer, consumer, third, fourth)
    assert (register.overdueCountOf(consumer), blocks_of(system, consumer)) == (2, 1)
    confirm(consumer, consumer, first)
    assert (register.overdueCountOf(consumer), blocks_of(system, consumer)) == (1, 1)
    confirm(consumer, consumer, second, statement=STATEMENT)

    assert (register.overdueCountOf(consumer), blocks_of(system, consumer)) == (0, 0)


def test_keeps_the_list_whole_whichever_leaves_it(register, overdue, confirm, consumer):
    duties = overdue(4)
    left = {duty.id: duty for duty in duties}

    for number in (1, 3, 0, 2):
        confirm(consumer, consumer, left.pop(duties[number].id))

        listed = register.overdueAt(0, 10)
        assert {bytes(entry[0]): entry[2] for entry in listed} == {key: each.due_at for key, each in left.items()}
        assert len(listed) == register.overdueCount() == len(left)


def test_h120_leaves_the_block_of_another_register(system, register, deploy_register, overdue, confirm, consumer):
    successor = deploy_register()
    (here,), (there,) = overdue(), overdue(where=successor)
    assert blocks_of(system, consumer) == 2

    confirm(consumer, consumer, there, where=successor)
    assert blocks_of(system, consumer) == 1
    assert system.identities.isBlockedForErasure(consumer, register)
    confirm(consumer, consumer, here)

    assert blocks_of(system, consumer) == 0


def test_h120_lifts_the_block_when_the_register_lost_its_role(system, register, overdue, confirm, consumer, council):
    (duty,) = overdue()
    system.access.revokeRole(Role.ERASURE_REGISTER, register, {"from": council})
    system.access.setTargetClosed(system.identities, True, {"from": council})

    confirm(consumer, consumer, duty)

    assert blocks_of(system, consumer) == 0


# ------------------------------------------------------------- who


def test_takes_the_word_of_its_exchange_delegate(due, confirm, consumer, exchange_delegate, state_of):
    duty = due()

    confirm(exchange_delegate, consumer, duty)

    assert state_of(duty.id)[2] == ErasureState.ERASED


def test_takes_a_signature_whoever_carries_it(
    register, due, sign_confirmation, signer_of, consumer, exchange_delegate, relayer, state_of
):
    by_owner, by_delegate = due(), due()
    owner_key, delegate_key = signer_of(consumer), signer_of(exchange_delegate)

    signature = sign_confirmation(owner_key, consumer, [by_owner.id])
    register.confirm(consumer, [by_owner.id], ERASED, NOBODY, signature, {"from": relayer})
    signature = sign_confirmation(delegate_key, consumer, [by_delegate.id], STATEMENT)
    register.confirm(consumer, [by_delegate.id], STATEMENT, exchange_delegate, signature, {"from": relayer})

    assert state_of(by_owner.id)[2] == ErasureState.ERASED
    assert state_of(by_delegate.id)[2] == ErasureState.KEPT


def test_takes_the_signature_of_a_contract(
    ContractWallet, system, register, due, sign_confirmation, signer_of, consumer, founder, relayer, state_of
):
    duty, wallet = due(), ContractWallet.deploy(founder, {"from": founder})
    system.identities.changeOwner(consumer, wallet, {"from": consumer})

    signature = sign_confirmation(signer_of(founder), consumer, [duty.id], signer=wallet)
    register.confirm(consumer, [duty.id], ERASED, wallet, signature, {"from": relayer})

    assert state_of(duty.id)[2] == ErasureState.ERASED


def test_h034_the_former_owner_speaks_no_more(due, confirm, consumer, rotate_owner, state_of, reverts_with):
    duty = due()
    owner = rotate_owner(consumer)

    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, consumer):
        confirm(consumer, consumer, duty)
    confirm(owner, consumer, duty)

    assert state_of(duty.id)[2] == ErasureState.ERASED


def test_takes_the_word_of_the_last_owner_when_it_is_deactivated(
    system, due, confirm, consumer, exchange_delegate, state_of, reverts_with
):
    duty = due()
    system.identities.deactivate(consumer, {"from": consumer})

    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, exchange_delegate):
        confirm(exchange_delegate, consumer, duty)
    confirm(consumer, consumer, duty)

    assert state_of(duty.id)[2] == ErasureState.ERASED


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_counts_whatever_the_standing_of_the_consumer(
    system, overdue, confirm, bring_to, consumer, state_of, standing
):
    (duty,) = overdue()
    bring_to(consumer, standing)

    confirm(consumer, consumer, duty)

    assert state_of(duty.id)[2] == ErasureState.ERASED
    assert blocks_of(system, consumer) == 0


def test_h036_reverts_when_somebody_else_says_so(
    system, due, confirm, consumer, provider, stranger, council, unused_account, reverts_with
):
    duty, others = due(), [provider, stranger, council]
    for kind in (DELIVERY, DEPOSIT, bytes(32)):
        others.append(unused_account())
        system.identities.addDelegate(consumer, kind, others[-1], DAY_SECONDS, {"from": consumer})

    for other in others:
        with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, other):
            confirm(other, consumer, duty)


# ------------------------------------------------------------- signatures


def test_reverts_when_the_signature_is_of_another_confirmation(
    register, due, deploy_register, sign_confirmation, signer_of, consumer, provider, relayer, reverts_with
):
    duty, other, elsewhere = due(), due(), deploy_register()
    key, exchanges = signer_of(consumer), [duty.id]

    def refused(signature, exchanges=exchanges, statement=ERASED):
        with reverts_with("ErasureRegisterSignatureInvalid", consumer, ...):
            register.confirm(consumer, exchanges, statement, NOBODY, signature, {"from": relayer})

    refused(sign_confirmation(key, consumer, exchanges, STATEMENT))
    refused(sign_confirmation(key, consumer, exchanges), statement=STATEMENT)
    refused(sign_confirmation(key, consumer, [other.id]))
    refused(sign_confirmation(key, consumer, [duty.id, other.id]))
    refused(sign_confirmation(key, consumer, [other.id, duty.id]), exchanges=[duty.id, other.id])
    refused(sign_confirmation(key, provider, exchanges))
    refused(sign_confirmation(key, consumer, exchanges, signer=provider))
    refused(sign_confirmation(key, consumer, exchanges, where=elsewhere))
    refused(sign_confirmation(signer_of(provider), consumer, exchanges, signer=consumer))
    refused(b"")
    refused(sign_confirmation(key, consumer, exchanges)[:64])


def test_reverts_when_a_signature_is_carried_again(
    register, due, sign_confirmation, signer_of, consumer, relayer, reverts_with, state_of
):
    duty = due()
    signature = sign_confirmation(signer_of(consumer), consumer, [duty.id])
    register.confirm(consumer, [duty.id], ERASED, NOBODY, signature, {"from": relayer})

    with reverts_with("ErasureRegisterStateInvalid", duty.id, ErasureState.ERASED):
        register.confirm(consumer, [duty.id], ERASED, NOBODY, signature, {"from": relayer})
    assert state_of(duty.id)[2] == ErasureState.ERASED


# ------------------------------------------------------------- what


def test_reverts_when_one_is_not_on_record(due, give, exchange_id_of, register, consumer, state_of, reverts_with):
    duty, unknown = due(), exchange_id_of(give())

    with reverts_with("ErasureRegisterStateInvalid", unknown, ErasureState.NONE):
        register.confirm(consumer, [duty.id, unknown], ERASED, NOBODY, b"", {"from": consumer})

    assert state_of(duty.id)[2] == ErasureState.DUE


@pytest.mark.parametrize(("statement", "state"), [(ERASED, ErasureState.ERASED), (STATEMENT, ErasureState.KEPT)])
def test_reverts_when_one_is_confirmed(due, confirm, consumer, state_of, reverts_with, statement, state):
    first, second = due(), due()
    confirm(consumer, consumer, first, statement=statement)

    with reverts_with("ErasureRegisterStateInvalid", first.id, state):
        confirm(consumer, consumer, second, first)
    with reverts_with("ErasureRegisterStateInvalid", second.id, ErasureState.ERASED):
        confirm(consumer, consumer, second, second)

    assert state_of(second.id)[2] == ErasureState.DUE


def test_reverts_when_one_is_another_consumers(due, confirm, participant_in, consumer, state_of, reverts_with):
    other = participant_in("active", CONSUMER)
    own, foreign = due(), due(consumer=other)

    with reverts_with("ErasureRegisterNotConsumer", foreign.id, other):
        confirm(consumer, consumer, own, foreign)
    with reverts_with("ErasureRegisterNotConsumer", own.id, consumer):
        confirm(other, other, own)

    assert state_of(own.id)[2] == state_of(foreign.id)[2] == ErasureState.DUE


def test_h040_reverts_when_there_are_none_or_too_many(register, consumer, reverts_with):
    for exchanges in ([], [bytes(32)] * (MOST_CONFIRMED + 1)):
        with reverts_with("ErasureRegisterLengthInvalid", len(exchanges), MOST_CONFIRMED):
            register.confirm(consumer, exchanges, ERASED, NOBODY, b"", {"from": consumer})
    with reverts_with("ErasureRegisterStateInvalid", bytes(32), ErasureState.NONE):
        register.confirm(consumer, [bytes(32)] * MOST_CONFIRMED, ERASED, NOBODY, b"", {"from": consumer})
