"""FeeEscrow.setHostRewards: once and for all, by vote."""

import pytest


@pytest.fixture
def bare_escrow(deploy_escrow, system):
    """An escrow that nothing divides the hosts' share of yet."""
    return deploy_escrow(system.credit)


def test_sets_who_divides_the_hosts_share_when_the_council_says_so(bare_escrow, system, council):
    assert tuple(bare_escrow.hostRewards()) == ("0x" + "00" * 20, False)

    tx = bare_escrow.setHostRewards(system.host_rewards, {"from": council})

    assert tuple(bare_escrow.hostRewards()) == (system.host_rewards, False)
    assert tx.events["HostRewardsSet"]["hostRewards"] == system.host_rewards


def test_reverts_when_it_is_set(escrow, system, council, reverts_with):
    for rewards in (system.host_rewards, system.directory):
        with reverts_with("FeeEscrowHostRewardsSet", system.host_rewards):
            escrow.setHostRewards.call(rewards, {"from": council})


def test_h038_reverts_when_it_is_no_contract(bare_escrow, council, stranger, reverts_with):
    for nothing in ("0x" + "00" * 20, stranger):
        with reverts_with("FeeEscrowHostRewardsInvalid", nothing):
            bare_escrow.setHostRewards.call(nothing, {"from": council})


def test_reverts_when_nobody_voted(bare_escrow, system, actors, reverts_with):
    for role in ("guardian", "deployer", "host", "stranger"):
        with reverts_with("AccessManagedUnauthorized", actors[role]):
            bare_escrow.setHostRewards.call(system.host_rewards, {"from": actors[role]})
