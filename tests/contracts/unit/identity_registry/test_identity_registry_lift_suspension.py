"""IdentityRegistry.liftSuspension: anyone ends a guardian's suspension that is over."""

import pytest

from tests.helpers.network import CONSUMER, HOST

URGENT_SECONDS = 72 * 3_600


@pytest.fixture
def suspended_until(identities, consumer, guardian):
    """The guardian suspended the consumer: until when."""
    return identities.suspendUrgently(consumer, {"from": guardian}).timestamp + URGENT_SECONDS


def test_reinstates_when_the_72_hours_are_over(identities, consumer, stranger, suspended_until, travel_to, told_by):
    count = identities.roleCount(CONSUMER)
    travel_to(suspended_until)

    tx = identities.liftSuspension(consumer, {"from": stranger})

    assert told_by(tx) == [("ParticipantReinstated", {"identity": consumer, "byVote": False})]
    assert identities.hasActiveRole(consumer, CONSUMER) is True
    assert identities.roleCount(CONSUMER) == count + 1
    assert tuple(identities.suspensionOf(consumer)) == (0, True)


def test_is_for_anyone_to_say_when_the_72_hours_are_over(
    identities, consumer, guardian, council, deployer, suspended_until, mine_at
):
    mine_at(suspended_until + 365 * 86_400)

    for caller in (consumer, guardian, council, deployer):
        identities.liftSuspension.call(consumer, {"from": caller})
    identities.liftSuspension(consumer, {"from": consumer})

    assert identities.hasActiveRole(consumer, CONSUMER) is True


def test_a17_counts_the_roles_it_has_by_now_when_the_council_changed_them(
    identities, consumer, council, stranger, suspended_until, travel_to
):
    counts = [identities.roleCount(role) for role in (CONSUMER, HOST)]
    identities.setRoles(consumer, HOST, {"from": council})
    travel_to(suspended_until)

    identities.liftSuspension(consumer, {"from": stranger})

    assert [identities.roleCount(role) for role in (CONSUMER, HOST)] == [counts[0], counts[1] + 1]


def test_h014_reverts_when_a_second_is_left(identities, consumer, guardian, suspended_until, travel_to, reverts_with):
    travel_to(suspended_until - 1)

    with reverts_with("IdentityRegistrySuspensionRunning", consumer, suspended_until):
        identities.liftSuspension(consumer, {"from": guardian})


def test_reverts_when_the_council_suspended_it(identities, consumer, bring_to, stranger, chain, mine_at, reverts_with):
    bring_to(consumer, "suspended")
    mine_at(chain[-1].timestamp + 365 * 86_400)

    with reverts_with("IdentityRegistrySuspensionRunning", consumer, 0):
        identities.liftSuspension(consumer, {"from": stranger})


def test_reverts_when_it_was_lifted_removed_or_never_suspended(
    identities, consumer, provider, stranger, bring_to, suspended_until, travel_to, reverts_with
):
    travel_to(suspended_until)
    identities.liftSuspension(consumer, {"from": stranger})
    bring_to(consumer, "removed")

    for participant in (consumer, provider, stranger):
        with reverts_with("IdentityRegistrySuspensionRunning", participant, 0):
            identities.liftSuspension.call(participant, {"from": stranger})
