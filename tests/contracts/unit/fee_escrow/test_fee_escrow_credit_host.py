"""FeeEscrow.creditHost: HostRewards alone moves what accrued to hosts, and never more than that."""

import pytest

HOSTS_SHARE = 600_000  # of one exchange


@pytest.fixture
def rewards(ContractWallet, council):
    """A contract that calls as the council says, in the place of HostRewards."""
    return ContractWallet.deploy(council, {"from": council})


@pytest.fixture
def accrued(deploy_hostile_escrow, network_over, run_in, rewards, system, council, consumer):
    """An escrow that belongs to `rewards`, in which the hosts' share of one exchange accrued."""
    token, contracts = deploy_hostile_escrow(6, hostRewards=rewards.address)
    escrow = contracts["FeeEscrow"]
    rewards.execute(escrow, escrow.setHostsPresent.encode_input(True), {"from": council})
    system.consents.addEscrow(escrow, {"from": council})
    running = run_in(network_over(token, escrow, rewards))
    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
    return escrow


def test_credits_the_host_when_host_rewards_divides(system, escrow, consumer, host, stranger, run_delivered):
    escrow.accept(*run_delivered().delivery(), consumer, b"", {"from": consumer})

    tx = system.host_rewards.claim(host, {"from": stranger})

    assert escrow.earnedOf(host) == HOSTS_SHARE
    assert escrow.hostsAccrued() == escrow.hostsCredited() == HOSTS_SHARE
    event = tx.events["HostCredited"]
    assert (event["host"], event["amount"]) == (host, HOSTS_SHARE)


def test_credits_up_to_what_accrued_when_it_is_taken_in_parts(accrued, rewards, council, host, reverts_with):
    for amount in (HOSTS_SHARE - 1, 1):
        rewards.execute(accrued, accrued.creditHost.encode_input(host, amount), {"from": council})

    assert accrued.earnedOf(host) == HOSTS_SHARE
    with reverts_with("FeeEscrowRewardsTooLow", 0, 1):
        rewards.execute.call(accrued, accrued.creditHost.encode_input(host, 1), {"from": council})


def test_h070_reverts_when_it_is_more_than_accrued(accrued, rewards, council, host, reverts_with):
    for amount in (HOSTS_SHARE + 1, 2**128, 2**256 - 1):
        with reverts_with("FeeEscrowRewardsTooLow", HOSTS_SHARE, amount):
            rewards.execute(accrued, accrued.creditHost.encode_input(host, amount), {"from": council})

    assert (accrued.earnedOf(host), accrued.hostsCredited()) == (0, 0)


def test_reverts_when_the_caller_is_not_host_rewards(escrow, actors, consumer, host, run_delivered, reverts_with):
    escrow.accept(*run_delivered().delivery(), consumer, b"", {"from": consumer})

    for role in ("host", "founder", "guardian", "stranger"):
        with reverts_with("FeeEscrowNotHostRewards", actors[role]):
            escrow.creditHost(host, HOSTS_SHARE, {"from": actors[role]})

    assert escrow.earnedOf(host) == 0
