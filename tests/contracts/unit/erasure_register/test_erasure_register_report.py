"""ErasureRegister.report: anyone says that a duty was not confirmed in time, and its consumer is blocked."""

import pytest

from consentry.client.erasures import ErasureState


def is_blocked(system, consumer, register):
    """Return whether the registry has the block, by the flag that funding reads and by the register."""
    flagged = bool(system.identities.participantOf(consumer).dict()["flags"] & 1 << 3)
    assert flagged is (system.identities.erasureBlocksOf(consumer) != 0)
    return flagged and system.identities.isBlockedForErasure(consumer, register)


def test_blocks_the_consumer_when_the_deadline_is_over(
    system, register, due, consumer, relayer, travel_to, state_of, told_by
):
    duty = due()

    travel_to(duty.due_at + 1)
    tx = register.report(duty.id, {"from": relayer})

    assert told_by(tx) == [
        ("ErasureReported", {"exchangeId": duty.id, "consumer": consumer}),
        ("ErasureOverdueSet", {"identity": consumer, "register": register, "overdue": True}),
    ]
    assert state_of(duty.id) == (consumer, duty.due_at, ErasureState.OVERDUE)
    assert (register.overdueCount(), register.overdueCountOf(consumer)) == (1, 1)
    assert is_blocked(system, consumer, register)


def test_blocks_once_when_several_are_overdue(system, register, overdue, due, consumer, relayer, travel_to, told_by):
    overdue(2)
    third = due()

    travel_to(third.due_at + 1)
    tx = register.report(third.id, {"from": relayer})

    assert told_by(tx) == [("ErasureReported", {"exchangeId": third.id, "consumer": consumer})]
    assert register.overdueCountOf(consumer) == 3
    assert system.identities.erasureBlocksOf(consumer) == 1


def test_h051_reverts_in_the_last_second_to_confirm(
    register, due, consumer, relayer, travel_to, reverts_with, state_of
):
    duty = due()

    travel_to(duty.due_at)

    with reverts_with("ErasureRegisterNotOverdue", duty.id, duty.due_at):
        register.report(duty.id, {"from": relayer})
    assert state_of(duty.id)[2] == ErasureState.DUE


def test_reverts_when_nothing_is_on_record(register, give, exchange_id_of, relayer, reverts_with):
    unknown = exchange_id_of(give())

    with reverts_with("ErasureRegisterStateInvalid", unknown, ErasureState.NONE):
        register.report(unknown, {"from": relayer})


def test_reverts_when_it_is_reported_already(register, overdue, relayer, reverts_with):
    (duty,) = overdue()

    with reverts_with("ErasureRegisterStateInvalid", duty.id, ErasureState.OVERDUE):
        register.report(duty.id, {"from": relayer})


@pytest.mark.parametrize(("statement", "state"), [(bytes(32), ErasureState.ERASED), (b"\x01" * 32, ErasureState.KEPT)])
def test_reverts_when_it_was_confirmed(
    register, due, confirm, consumer, relayer, mine_at, reverts_with, statement, state
):
    duty = due()
    confirm(consumer, consumer, duty, statement=statement)

    mine_at(duty.due_at + 1)

    with reverts_with("ErasureRegisterStateInvalid", duty.id, state):
        register.report(duty.id, {"from": relayer})


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_blocks_whatever_the_standing_of_the_consumer(system, register, overdue, bring_to, consumer, standing):
    bring_to(consumer, standing)

    overdue()

    assert is_blocked(system, consumer, register)


def test_reverts_when_the_register_may_not_block(
    ErasureRegister, system, consents, due, council, relayer, mine_at, reverts_with
):
    stranger = ErasureRegister.deploy(system.access, system.identities, consents, 1, {"from": council})
    duty = due(where=stranger)

    mine_at(duty.due_at + 1)

    with reverts_with("AccessManagedUnauthorized", stranger):
        stranger.report(duty.id, {"from": relayer})
