"""HostRewards.resign: a host's own word, and nobody else's."""


def test_ends_the_weight_when_called_by_the_host(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 3, {"from": council})
    rewards.setWeight(hosts[1], 1, {"from": council})
    accruing_escrow.accrue(400, {"from": council})

    tx = rewards.resign(hosts[0], {"from": hosts[0]})
    accruing_escrow.accrue(50, {"from": council})

    event = tx.events["HostWeightSet"]
    assert (event["host"], event["weight"], event["totalWeight"]) == (hosts[0], 0, 1)
    assert [rewards.owedTo(host) for host in hosts] == [300, 150, 0]


def test_tells_the_escrow_when_the_last_host_resigns(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 3, {"from": council})

    rewards.resign(hosts[0], {"from": hosts[0]})

    assert accruing_escrow.hostsPresent() is False
    assert rewards.totalWeight() == 0


def test_ends_the_weight_when_the_host_is_suspended_or_removed(rewards, hosts, council, bring_to):
    for host, standing in zip(hosts[1:], ("suspended", "removed"), strict=True):
        rewards.setWeight(host, 3, {"from": council})
        bring_to(host, standing)

        rewards.resign(host, {"from": host})

        assert rewards.weightOf(host) == 0


def test_ends_the_weight_when_called_by_the_rotated_owner(rewards, hosts, council, rotate_owner, reverts_with):
    rewards.setWeight(hosts[0], 3, {"from": council})
    owner = rotate_owner(hosts[0])

    with reverts_with("HostRewardsNotAccountHolder", hosts[0], hosts[0]):
        rewards.resign(hosts[0], {"from": hosts[0]})
    rewards.resign(hosts[0], {"from": owner})

    assert rewards.weightOf(hosts[0]) == 0


def test_a18_reverts_when_caller_is_not_the_host(
    rewards, hosts, council, stranger, guardian, add_delegates, reverts_with
):
    rewards.setWeight(hosts[0], 3, {"from": council})

    for caller in (stranger, guardian, council, hosts[1], *add_delegates(hosts[0])):
        with reverts_with("HostRewardsNotAccountHolder", hosts[0], caller):
            rewards.resign(hosts[0], {"from": caller})

    assert rewards.weightOf(hosts[0]) == 3


def test_reverts_when_it_has_no_weight(rewards, hosts, reverts_with):
    with reverts_with("HostRewardsWeightUnchanged", hosts[0], 0):
        rewards.resign(hosts[0], {"from": hosts[0]})
