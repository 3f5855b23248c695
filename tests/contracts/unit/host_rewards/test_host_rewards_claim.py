"""HostRewards.claim and what is owed: exact in any order."""

import random
from fractions import Fraction

import pytest

# What 80 divisions by weights below 2^34 can carry on from one host to others, in smallest units.
REST = Fraction(80 * 2**34, 2**64)


def test_credits_the_host_when_anyone_claims(rewards, accruing_escrow, hosts, council, stranger):
    rewards.setWeight(hosts[0], 1, {"from": council})
    rewards.setWeight(hosts[1], 3, {"from": council})
    accruing_escrow.accrue(400, {"from": council})

    tx = rewards.claim(hosts[1], {"from": stranger})

    assert tx.return_value == 300
    assert accruing_escrow.earnedOf(hosts[1]) == 300
    assert accruing_escrow.earnedOf(stranger) == 0
    assert [rewards.owedTo(host) for host in hosts[:2]] == [100, 0]
    assert tx.events["RewardsDivided"]["accrued"] == 400
    assert (tx.events["RewardsClaimed"]["host"], tx.events["RewardsClaimed"]["amount"]) == (hosts[1], 300)


def test_credits_once_when_claimed_twice(rewards, accruing_escrow, hosts, council, reverts_with):
    rewards.setWeight(hosts[0], 8, {"from": council})
    accruing_escrow.accrue(400, {"from": council})
    rewards.claim(hosts[0], {"from": council})

    with reverts_with("HostRewardsNothingOwed", hosts[0]):
        rewards.claim(hosts[0], {"from": council})

    assert accruing_escrow.earnedOf(hosts[0]) == 400


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_credits_the_host_when_it_is_no_longer_active(
    rewards, accruing_escrow, hosts, council, bring_to, standing
):
    rewards.setWeight(hosts[0], 8, {"from": council})
    accruing_escrow.accrue(400, {"from": council})
    bring_to(hosts[0], standing)

    rewards.claim(hosts[0], {"from": council})

    assert accruing_escrow.earnedOf(hosts[0]) == 400


def test_credits_the_host_when_it_resigned_before(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 8, {"from": council})
    accruing_escrow.accrue(400, {"from": council})
    rewards.resign(hosts[0], {"from": hosts[0]})

    rewards.claim(hosts[0], {"from": council})

    assert accruing_escrow.earnedOf(hosts[0]) == 400


def test_h092_keeps_fractions_until_they_add_up_when_nothing_divides(
    rewards, accruing_escrow, hosts, council, reverts_with
):
    for host in hosts:
        rewards.setWeight(host, 1, {"from": council})

    accruing_escrow.accrue(2, {"from": council})
    for host in hosts:
        with reverts_with("HostRewardsNothingOwed", host):
            rewards.claim(host, {"from": council})
    # Four units are 1 1/3 each.
    accruing_escrow.accrue(2, {"from": council})
    for host in hosts:
        assert rewards.claim(host, {"from": council}).return_value == 1
    # Seven units are 2 1/3 each, of which one is paid.
    accruing_escrow.accrue(3, {"from": council})
    for host in hosts:
        assert rewards.claim(host, {"from": council}).return_value == 1
    assert accruing_escrow.hostsAccrued() - accruing_escrow.hostsCredited() == 1


def test_h092_keeps_the_last_unit_for_the_next_division_when_the_weight_does_not_divide(
    rewards, accruing_escrow, hosts, council
):
    # 400 units by a weight of 7 are 400 less a rest below 2^-61: a claim moves whole units, and the rest waits.
    rewards.setWeight(hosts[0], 7, {"from": council})
    accruing_escrow.accrue(400, {"from": council})
    assert rewards.claim(hosts[0], {"from": council}).return_value == 399
    assert tuple(rewards.divided()) == (400, (400 << 64) // 7, (400 << 64) % 7)

    accruing_escrow.accrue(6, {"from": council})

    # 406 divide by 7: nothing is left.
    assert rewards.claim(hosts[0], {"from": council}).return_value == 7
    assert rewards.divided()[2] == 0
    assert accruing_escrow.earnedOf(hosts[0]) == accruing_escrow.hostsAccrued() == 406


def test_loses_nothing_when_the_total_weight_is_far_above_what_accrues(rewards, accruing_escrow, hosts, council):
    rewards.setWeight(hosts[0], 2**32 - 1, {"from": council})
    rewards.setWeight(hosts[1], 2**31, {"from": council})

    accruing_escrow.accrue(3_000_000, {"from": council})

    owed = [rewards.owedTo(host) for host in hosts[:2]]
    assert owed[0] == 3_000_000 * (2**32 - 1) // (2**32 - 1 + 2**31)
    assert 0 <= 3_000_000 - sum(owed) < 2


def test_h070_stays_exact_when_what_accrued_is_the_largest(rewards, accruing_escrow, hosts, council):
    most = 2**160 - 1
    rewards.setWeight(hosts[0], 2**32 - 1, {"from": council})
    rewards.setWeight(hosts[1], 1, {"from": council})

    accruing_escrow.accrue(most, {"from": council})
    claimed = [rewards.claim(host, {"from": council}).return_value for host in hosts[:2]]

    assert claimed[0] == most * (2**32 - 1) // 2**32
    assert 0 <= most - sum(claimed) < 2


def test_a13_pays_every_unit_when_hosts_come_go_and_claim_in_any_order(rewards, accruing_escrow, hosts, council):
    draw = random.Random(92)
    weights = [0, 0, 0]
    exact = [Fraction(0)] * 3  # each host's due so far, as a fraction
    waiting = 0
    done = {"accrue": 0, "set": 0, "claim": 0, "resign": 0, "empty": 0}

    for _ in range(80):
        action = draw.choice(["accrue", "accrue", "set", "claim", "resign"])
        index = draw.randrange(3)
        if action == "accrue":
            amount = draw.choice([1, 2, 7, draw.randrange(10**6), draw.randrange(10**18)])
            accruing_escrow.accrue(amount, {"from": council})
            if sum(weights):
                total = sum(weights)
                exact = [due + Fraction(amount * weight, total) for due, weight in zip(exact, weights, strict=True)]
            else:
                waiting += amount
                done["empty"] += 1
        elif action == "set":
            weight = draw.choice([1, 3, 10, 999, 2**32 - 1])
            if weight == weights[index]:
                continue
            if not sum(weights):
                exact[index] += waiting
                waiting = 0
            rewards.setWeight(hosts[index], weight, {"from": council})
            weights[index] = weight
        elif action == "claim":
            if rewards.owedTo(hosts[index]) == 0:
                continue
            rewards.claim(hosts[index], {"from": council})
        else:
            if weights[index] == 0:
                continue
            rewards.resign(hosts[index], {"from": hosts[index]})
            weights[index] = 0
        done[action] += 1

        owed = [rewards.owedTo(host) for host in hosts]
        paid = [accruing_escrow.earnedOf(host) for host in hosts]
        for due, claimable, claimed in zip(exact, owed, paid, strict=True):
            assert -1 - REST <= claimable + claimed - due <= REST
        assert rewards.undivided() == waiting
        # What is neither owed, paid nor waiting is less than a unit for each host, and one for the carry.
        assert 0 <= accruing_escrow.hostsAccrued() - sum(owed) - sum(paid) - waiting < len(hosts) + 1

    assert min(done.values()) >= 3, done


def test_rebuilds_from_events_when_replayed(rewards, accruing_escrow, hosts, council):
    txs = [
        rewards.setWeight(hosts[0], 3, {"from": council}),
        rewards.setWeight(hosts[1], 4, {"from": council}),
        accruing_escrow.accrue(1_000, {"from": council}),
        rewards.claim(hosts[0], {"from": council}),
        accruing_escrow.accrue(555, {"from": council}),
        rewards.setWeight(hosts[2], 10, {"from": council}),
        rewards.resign(hosts[1], {"from": hosts[1]}),
        accruing_escrow.accrue(13, {"from": council}),
        rewards.claim(hosts[2], {"from": council}),
    ]

    weights, seen, owed_scaled = {}, {}, {}
    per_weight = accrued = 0

    def bring_up_to_date(host):
        owed_scaled[host] = owed_scaled.get(host, 0) + weights.get(host, 0) * (per_weight - seen.get(host, 0))
        seen[host] = per_weight

    for tx in txs:
        for event in tx.events:
            if event.name == "RewardsDivided":
                accrued, per_weight = event["accrued"], event["perWeight"]
            elif event.name == "HostWeightSet":
                bring_up_to_date(event["host"])
                weights[event["host"]] = event["weight"]
                assert event["totalWeight"] == sum(weights.values())
            elif event.name == "RewardsClaimed":
                bring_up_to_date(event["host"])
                owed_scaled[event["host"]] -= event["amount"] << 64

    assert tuple(rewards.divided())[:2] == (accrued, per_weight)
    for host in hosts:
        bring_up_to_date(host.address)
        assert rewards.weightOf(host) == weights[host.address]
        assert rewards.owedTo(host) == owed_scaled[host.address] >> 64


def test_reverts_when_nothing_is_owed(rewards, accruing_escrow, hosts, council, stranger, reverts_with):
    rewards.setWeight(hosts[0], 1, {"from": council})
    accruing_escrow.accrue(5, {"from": council})

    for other in (hosts[1], stranger):
        with reverts_with("HostRewardsNothingOwed", other):
            rewards.claim(other, {"from": council})
