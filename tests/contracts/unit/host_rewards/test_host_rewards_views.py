"""HostRewards' constructor and views: the nodes that validate, in the shape that a Besu QBFT node reads."""

import pytest
from eth_abi.abi import decode

from tests.helpers.network import NOBODY


def test_lists_a_node_for_each_host_with_weight_when_hosts_come_and_go(
    rewards, hosts, council, bring_to, unused_account
):
    assert tuple(rewards.getValidators()) == ()
    for weight, host in enumerate(hosts, start=1):
        rewards.setWeight(host, weight, {"from": council})
    node = unused_account()
    rewards.setValidator(hosts[1], node, {"from": hosts[1]})
    assert {*rewards.getValidators()} == {hosts[0], node, hosts[2]}

    rewards.resign(hosts[0], {"from": hosts[0]})
    rewards.setWeight(hosts[2], 7, {"from": council})
    assert {*rewards.getValidators()} == {node, hosts[2]}
    assert len(rewards.getValidators()) == 2

    rewards.setWeight(hosts[1], 0, {"from": council})
    assert list(rewards.getValidators()) == [hosts[2]]


def test_a18_keeps_its_node_when_a_host_is_suspended_or_removed(rewards, hosts, council, guardian, system, bring_to):
    for host in hosts[:2]:
        rewards.setWeight(host, 1, {"from": council})

    system.identities.suspendUrgently(hosts[0], {"from": guardian})
    bring_to(hosts[1], "removed")

    # Only the host itself or a vote on its weight ends it.
    assert {*rewards.getValidators()} == {hosts[0], hosts[1]}


def test_answers_as_a_besu_node_asks_when_it_reads_its_validators(rewards, hosts, council, web3):
    rewards.setWeight(hosts[0], 1, {"from": council})

    answer = web3.eth.call({"to": rewards.address, "data": "0xb7ab4db5"})

    (validators,) = decode(["address[]"], answer)
    assert [validator.lower() for validator in validators] == [hosts[0].address.lower()]


def test_is_its_own_node_when_a_host_named_none(rewards, hosts, stranger):
    assert [rewards.validatorOf(each) for each in (hosts[0], stranger)] == [hosts[0], stranger]


# ---------------------------------------------------------------- constructor


@pytest.mark.parametrize("position", [0, 1, 2])
def test_h118_reverts_when_a_constructor_argument_is_no_contract(
    HostRewards, system, accruing_escrow, council, stranger, position, reverts_with
):
    for nowhere in (NOBODY, stranger.address):
        given = [system.access, system.identities, accruing_escrow]
        given[position] = nowhere
        with reverts_with("HostRewardsAddressInvalid", nowhere):
            HostRewards.deploy(*given, {"from": council})
