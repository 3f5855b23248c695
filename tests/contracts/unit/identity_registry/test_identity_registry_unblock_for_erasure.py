"""IdentityRegistry.unblockForErasure: a register lifts the block that it made, and no other."""

from consentry.deployment.roles import Role
from tests.helpers.network import CONSUMER

ERASURE_OVERDUE = 1 << 3
READMITTED = 1 << 2


def test_lifts_the_block_when_the_register_made_it(identities, registers, consumer, told_by):
    before = identities.participantOf(consumer).dict()
    identities.blockForErasure(consumer, {"from": registers[0]})

    tx = identities.unblockForErasure(consumer, {"from": registers[0]})

    values = {"identity": consumer, "register": registers[0], "overdue": False}
    assert told_by(tx) == [("ErasureOverdueSet", values)]
    assert identities.participantOf(consumer).dict() == before
    assert identities.erasureBlocksOf(consumer) == 0
    assert identities.isBlockedForErasure(consumer, registers[0]) is False


def test_h120_leaves_the_block_of_another_register(identities, registers, consumer):
    for register in registers:
        identities.blockForErasure(consumer, {"from": register})

    identities.unblockForErasure(consumer, {"from": registers[0]})

    assert identities.participantOf(consumer).dict()["flags"] == ERASURE_OVERDUE
    assert identities.erasureBlocksOf(consumer) == 1
    assert [identities.isBlockedForErasure(consumer, each) for each in registers] == [False, True]


def test_keeps_the_other_flags(identities, registers, consumer, bring_to, rotate_owner):
    identities.blockForErasure(consumer, {"from": registers[0]})
    bring_to(consumer, "removed")
    bring_to(consumer, "active")
    rotate_owner(consumer)
    flags = identities.participantOf(consumer).dict()["flags"]

    identities.unblockForErasure(consumer, {"from": registers[0]})

    assert identities.participantOf(consumer).dict()["flags"] == flags & ~ERASURE_OVERDUE
    assert flags == READMITTED | ERASURE_OVERDUE | 1


def test_h120_lifts_the_block_when_the_register_lost_its_role(system, identities, registers, consumer, council):
    identities.blockForErasure(consumer, {"from": registers[0]})
    system.access.revokeRole(Role.ERASURE_REGISTER, registers[0], {"from": council})
    system.access.setTargetClosed(identities, True, {"from": council})

    identities.unblockForErasure(consumer, {"from": registers[0]})

    assert identities.erasureBlocksOf(consumer) == 0


def test_blocks_again_when_it_was_lifted(identities, registers, consumer):
    for _ in range(2):
        identities.blockForErasure(consumer, {"from": registers[0]})
        assert identities.erasureBlocksOf(consumer) == 1
        identities.unblockForErasure(consumer, {"from": registers[0]})

    assert identities.participantOf(consumer).dict()["flags"] == 0


def test_h036_reverts_when_the_caller_has_no_block(
    identities, registers, consumer, participant_in, others, council, reverts_with
):
    identities.blockForErasure(consumer, {"from": registers[0]})
    other = participant_in("active", CONSUMER)

    for caller in (*others, consumer, council, registers[1]):
        with reverts_with("IdentityRegistryErasureNotOverdue", consumer, caller):
            identities.unblockForErasure.call(consumer, {"from": caller})
    with reverts_with("IdentityRegistryErasureNotOverdue", other, registers[0]):
        identities.unblockForErasure.call(other, {"from": registers[0]})
