"""CouncilTimelock.grantRole: its roles are given at deployment and never again."""

import pytest

from tests.helpers.network import NOBODY

ADMIN = bytes(32)


def test_h113_reverts_when_the_timelock_itself_would_change_a_role(
    timelock, council, council_contract, stranger, role_ids, reverts_with
):
    for role in role_ids:
        for account in (stranger, council_contract):
            with reverts_with("CouncilTimelockRolesFixed"):
                timelock.grantRole.call(role, account, {"from": council})


def test_h113_reverts_when_a_vote_would_change_a_role(system, timelock, votes, stranger, role_ids, reverts_with):
    proposal = votes.queued((timelock, "grantRole", role_ids[0], stranger))

    with reverts_with("CouncilTimelockRolesFixed"):
        votes.execute(proposal)

    assert timelock.hasRole(role_ids[0], stranger) is False


def test_h036_reverts_when_anybody_else_calls(timelock, council_contract, others, council, role_ids, reverts_with):
    for caller in {*others, council_contract} - {council}:
        with reverts_with("AccessControlUnauthorizedAccount", caller, ADMIN):
            timelock.grantRole.call(role_ids[0], caller, {"from": caller})


# ---------------------------------------------------------------- who holds them


def test_a01_the_council_alone_holds_them_when_it_is_deployed(
    timelock, council_contract, council, others, role_ids
):
    for role in role_ids[:3]:
        holders = [account for account in (*others, council_contract) if timelock.hasRole(role, account)]
        assert holders == [council_contract]
        assert timelock.hasRole(role, NOBODY) is False  # nobody stands for everybody
    admins = [account for account in (*others, council_contract) if timelock.hasRole(ADMIN, account)]
    assert admins == [council]


def test_h118_reverts_when_it_is_deployed_without_a_council(CouncilTimelock, stranger, reverts_with):
    # As an executor nobody would be everybody.
    with reverts_with("CouncilTimelockAddressInvalid", NOBODY):
        CouncilTimelock.deploy(60, NOBODY, {"from": stranger})


@pytest.mark.parametrize("delay", [0, 59, 7 * 86_400 + 1])
def test_h118_reverts_when_it_is_deployed_with_a_delay_out_of_bounds(
    CouncilTimelock, stranger, delay, reverts_with
):
    with reverts_with("CouncilTimelockDelayInvalid", delay, 60, 7 * 86_400):
        CouncilTimelock.deploy(delay, stranger, {"from": stranger})
