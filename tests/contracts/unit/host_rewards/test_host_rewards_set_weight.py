"""HostRewards.setWeight: by vote, for Active hosts, dividing what accrued before."""

import pytest

from tests.helpers.network import HOST, PROVIDER

MOST_WEIGHT = 2**32 - 1


def test_sets_the_weight_when_called_by_council(rewards, hosts, council):
    rewards.setWeight(hosts[0], 30, {"from": council})
    tx = rewards.setWeight(hosts[1], 12, {"from": council})

    assert [rewards.weightOf(host) for host in hosts] == [30, 12, 0]
    assert rewards.totalWeight() == 42
    event = tx.events["HostWeightSet"]
    assert (event["host"], event["weight"], event["totalWeight"]) == (hosts[1], 12, 42)
    assert len(tx.events) == 1


def test_replaces_the_weight_when_set_again(rewards, hosts, council):
    rewards.setWeight(hosts[0], 30, {"from": council})
    rewards.setWeight(hosts[1], 12, {"from": council})

    rewards.setWeight(hosts[0], 5, {"from": council})

    assert (rewards.weightOf(hosts[0]), rewards.totalWeight()) == (5, 17)


def test_keeps_the_sum_when_weights_are_the_largest(rewards, hosts, council):
    for host in hosts:
        rewards.setWeight(host, MOST_WEIGHT, {"from": council})

    assert rewards.totalWeight() == 3 * MOST_WEIGHT


def test_divides_by_the_former_weights_when_a_weight_changes(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 1, {"from": council})
    rewards.setWeight(hosts[1], 3, {"from": council})
    accruing_escrow.accrue(400, {"from": council})

    tx = rewards.setWeight(hosts[0], 7, {"from": council})
    accruing_escrow.accrue(1000, {"from": council})

    assert tx.events["RewardsDivided"]["accrued"] == 400
    assert tx.events["RewardsDivided"]["perWeight"] == 100 << 64
    assert [rewards.owedTo(host) for host in hosts] == [100 + 700, 300 + 300, 0]


def test_a_new_host_has_no_part_when_it_accrued_before(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 1, {"from": council})
    accruing_escrow.accrue(1_000, {"from": council})

    rewards.setWeight(hosts[1], MOST_WEIGHT, {"from": council})

    assert [rewards.owedTo(host) for host in hosts] == [1_000, 0, 0]


def test_gives_what_waited_to_the_next_host_when_there_was_none(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 4, {"from": council})
    accruing_escrow.accrue(300, {"from": council})
    rewards.setWeight(hosts[0], 0, {"from": council})
    accruing_escrow.accrue(77, {"from": council})
    assert rewards.undivided() == 77
    assert rewards.owedTo(hosts[0]) == 300

    rewards.setWeight(hosts[1], 2, {"from": council})

    assert rewards.undivided() == 0
    assert [rewards.owedTo(host) for host in hosts] == [300, 77, 0]


def test_tells_the_escrow_when_the_first_host_comes_and_the_last_one_goes(rewards, accruing_escrow, hosts, council):
    def told(tx):
        return [event["present"] for event in tx.events["HostsPresenceSet"]] if "HostsPresenceSet" in tx.events else []

    assert told(rewards.setWeight(hosts[0], 1, {"from": council})) == [True]
    assert told(rewards.setWeight(hosts[1], 1, {"from": council})) == []
    assert told(rewards.setWeight(hosts[0], 0, {"from": council})) == []
    assert accruing_escrow.hostsPresent() is True
    assert told(rewards.setWeight(hosts[1], 0, {"from": council})) == [False]
    assert told(rewards.setWeight(hosts[1], 2, {"from": council})) == [True]


def test_the_real_escrow_takes_note_when_a_host_comes_and_goes(system, participant_in, council):
    rewards, escrow = system.host_rewards, system.escrow
    total = rewards.totalWeight()
    newcomer = participant_in("active", HOST)

    rewards.setWeight(newcomer, 1, {"from": council})
    assert escrow.areHostsPresent()

    rewards.setWeight(newcomer, 0, {"from": council})
    assert escrow.areHostsPresent() == (total != 0)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_ends_the_weight_when_the_host_is_no_longer_active(rewards, hosts, council, bring_to, standing):
    rewards.setWeight(hosts[0], 9, {"from": council})
    bring_to(hosts[0], standing)

    rewards.setWeight(hosts[0], 0, {"from": council})

    assert (rewards.weightOf(hosts[0]), rewards.totalWeight()) == (0, 0)


def test_keeps_the_weight_when_the_host_is_suspended(rewards, accruing_escrow, hosts, council, bring_to):
    rewards.setWeight(hosts[0], 1, {"from": council})
    rewards.setWeight(hosts[1], 1, {"from": council})

    bring_to(hosts[0], "suspended")
    accruing_escrow.accrue(10, {"from": council})

    assert rewards.weightOf(hosts[0]) == 1
    assert [rewards.owedTo(host) for host in hosts[:2]] == [5, 5]


def test_a18_reverts_when_caller_is_not_the_council(rewards, hosts, council, stranger, guardian, reverts_with):
    rewards.setWeight(hosts[0], 9, {"from": council})

    for caller in (stranger, guardian, hosts[0], hosts[1]):
        with reverts_with("AccessManagedUnauthorized", caller):
            rewards.setWeight(hosts[0], 0, {"from": caller})


@pytest.mark.parametrize("standing", ["never_registered", "suspended", "removed"])
def test_h030_reverts_when_the_host_is_not_active(rewards, participant_in, standing, council, reverts_with):
    participant = participant_in(standing, HOST)

    with reverts_with("HostRewardsNotActiveHost", participant):
        rewards.setWeight(participant, 1, {"from": council})


def test_reverts_when_the_participant_is_no_host(rewards, participant_in, council, reverts_with):
    participant = participant_in("active", PROVIDER)

    with reverts_with("HostRewardsNotActiveHost", participant):
        rewards.setWeight(participant, 1, {"from": council})


@pytest.mark.parametrize("weight", [0, 4])
def test_reverts_when_the_weight_stays_the_same(rewards, hosts, council, weight, reverts_with):
    if weight:
        rewards.setWeight(hosts[0], weight, {"from": council})

    with reverts_with("HostRewardsWeightUnchanged", hosts[0], weight):
        rewards.setWeight(hosts[0], weight, {"from": council})
