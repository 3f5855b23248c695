"""IdentityRegistry.blockForErasure: a register blocks a consumer whose duty to erase is overdue there."""

import pytest

from tests.helpers.network import CONSUMER, NONE

ERASURE_OVERDUE = 1 << 3


def test_blocks_when_a_register_says_so(identities, registers, consumer, told_by):
    before = identities.participantOf(consumer).dict()

    tx = identities.blockForErasure(consumer, {"from": registers[0]})

    values = {"identity": consumer, "register": registers[0], "overdue": True}
    assert told_by(tx) == [("ErasureOverdueSet", values)]
    assert identities.participantOf(consumer).dict() == {**before, "flags": ERASURE_OVERDUE}
    assert identities.erasureBlocksOf(consumer) == 1
    assert [identities.isBlockedForErasure(consumer, each) for each in registers] == [True, False]


def test_h120_blocks_once_for_each_register(identities, registers, consumer):
    for register in registers:
        identities.blockForErasure(consumer, {"from": register})

    assert identities.erasureBlocksOf(consumer) == 2
    assert [identities.isBlockedForErasure(consumer, each) for each in registers] == [True, True]


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_blocks_in_any_standing(identities, registers, participant_in, standing):
    participant = participant_in(standing, CONSUMER)
    before = identities.participantOf(participant).dict()

    identities.blockForErasure(participant, {"from": registers[0]})

    assert identities.participantOf(participant).dict() == {**before, "flags": ERASURE_OVERDUE}


def test_stays_whatever_becomes_of_the_participant(
    identities, registers, consumer, bring_to, council, unused_account
):
    identities.blockForErasure(consumer, {"from": registers[0]})

    def is_blocked():
        flags = identities.participantOf(consumer).dict()["flags"]
        return bool(flags & ERASURE_OVERDUE) and identities.erasureBlocksOf(consumer) == 1

    for standing in ("suspended", "active", "removed", "active"):
        bring_to(consumer, standing)
        assert is_blocked(), standing
    owner = unused_account()
    identities.changeOwner(consumer, owner, {"from": consumer})
    assert is_blocked()
    identities.setRoles(consumer, 3, {"from": council})
    assert is_blocked()
    identities.recoverOwner(consumer, consumer, {"from": council})
    assert is_blocked()
    identities.deactivate(consumer, {"from": consumer})
    assert is_blocked()


def test_changes_nothing_else_of_the_participant(identities, registers, consumer, delegate):
    identities.blockForErasure(consumer, {"from": registers[0]})

    kind = b"exchange".ljust(32, b"\0")
    identities.addDelegate(consumer, kind, delegate, 1_000, {"from": consumer})
    assert identities.validDelegate(consumer, kind, delegate)
    assert identities.identityOwner(consumer) == identities.accountHolderOf(consumer) == consumer
    assert identities.hasActiveRole(consumer, CONSUMER)
    assert identities.memberSinceOf(consumer) == 0


def test_reverts_when_the_register_blocks_already(identities, registers, consumer, reverts_with):
    identities.blockForErasure(consumer, {"from": registers[0]})

    with reverts_with("IdentityRegistryErasureOverdue", consumer, registers[0]):
        identities.blockForErasure(consumer, {"from": registers[0]})


def test_reverts_when_it_was_never_registered(identities, registers, stranger, reverts_with):
    with reverts_with("IdentityRegistryStatusInvalid", stranger, NONE):
        identities.blockForErasure(stranger, {"from": registers[0]})


def test_h036_reverts_when_the_caller_has_no_role_for_it(
    identities, consumer, others, council, reverts_with
):
    for caller in (*others, consumer, council):
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.blockForErasure.call(consumer, {"from": caller})
