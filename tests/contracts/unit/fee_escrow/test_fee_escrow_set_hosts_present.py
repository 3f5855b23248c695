"""FeeEscrow.setHostsPresent: HostRewards alone says whether orders have a hosts' share."""


def test_ends_the_hosts_share_when_the_last_host_resigns(system, escrow, host):
    tx = system.host_rewards.resign(host, {"from": host})

    assert not escrow.areHostsPresent()
    assert escrow.note() == 0
    assert tx.events["HostsPresenceSet"]["present"] is False


def test_begins_the_hosts_share_when_a_host_has_weight_again(system, escrow, host, council, run_funded):
    system.host_rewards.resign(host, {"from": host})

    tx = system.host_rewards.setWeight(host, 1, {"from": council})

    assert escrow.areHostsPresent()
    assert escrow.note() == 1
    assert tx.events["HostsPresenceSet"]["present"] is True
    assert run_funded().exchange.shares.hosts == 1_500


def test_reverts_when_the_caller_is_not_host_rewards(escrow, actors, reverts_with):
    for role in ("host", "founder", "guardian", "stranger"):
        with reverts_with("FeeEscrowNotHostRewards", actors[role]):
            escrow.setHostsPresent(False, {"from": actors[role]})

    assert escrow.areHostsPresent()
