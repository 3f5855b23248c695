"""HostRewards.setValidator: a host says which node validates for it."""

import pytest

from tests.helpers.network import HOST, NOBODY, admit


@pytest.fixture
def node(unused_account):
    """The address of a node, which is nobody's."""
    return unused_account()


def test_names_its_node_when_the_host_says_so(rewards, hosts, node, council):
    rewards.setWeight(hosts[0], 1, {"from": council})

    tx = rewards.setValidator(hosts[0], node, {"from": hosts[0]})

    event = tx.events["ValidatorSet"]
    assert (event["host"], event["validator"]) == (hosts[0], node)
    assert rewards.validatorOf(hosts[0]) == node
    assert list(rewards.getValidators()) == [node]


def test_frees_the_node_before_when_it_names_another(rewards, hosts, node, unused_account):
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})
    rewards.setValidator(hosts[0], unused_account(), {"from": hosts[0]})

    rewards.setValidator(hosts[1], node, {"from": hosts[1]})

    assert rewards.validatorOf(hosts[1]) == node


def test_puts_its_own_address_back_when_it_names_that(rewards, hosts, node):
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})

    rewards.setValidator(hosts[0], hosts[0], {"from": hosts[0]})

    assert rewards.validatorOf(hosts[0]) == hosts[0]
    rewards.setValidator(hosts[1], node, {"from": hosts[1]})
    assert rewards.validatorOf(hosts[1]) == node


def test_h034_is_the_new_owners_word_when_the_host_was_handed_on(rewards, hosts, node, rotate_owner, reverts_with):
    owner = rotate_owner(hosts[0])

    with reverts_with("HostRewardsNotAccountHolder", hosts[0], hosts[0]):
        rewards.setValidator(hosts[0], node, {"from": hosts[0]})
    rewards.setValidator(hosts[0], node, {"from": owner})

    assert rewards.validatorOf(hosts[0]) == node


def test_reverts_when_the_node_is_somebody_elses(rewards, hosts, node, consumer, reverts_with):
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})

    for taken in (node, hosts[2], consumer):
        with reverts_with("HostRewardsValidatorTaken", taken):
            rewards.setValidator(hosts[1], taken, {"from": hosts[1]})


def test_reverts_when_it_is_its_node_already(rewards, hosts, node, reverts_with):
    with reverts_with("HostRewardsValidatorUnchanged", hosts[0], hosts[0]):
        rewards.setValidator(hosts[0], hosts[0], {"from": hosts[0]})

    rewards.setValidator(hosts[0], node, {"from": hosts[0]})
    with reverts_with("HostRewardsValidatorUnchanged", hosts[0], node):
        rewards.setValidator(hosts[0], node, {"from": hosts[0]})

    assert rewards.validatorOf(hosts[0]) == node


def test_validates_under_its_own_address_when_another_hosts_node_becomes_a_host(
    system, rewards, hosts, node, council
):
    # The address is nobody's when it is named, and comes in as a host afterwards: nobody can bar another in this way.
    rewards.setWeight(hosts[0], 1, {"from": council})
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})
    admit(system, council, node, HOST)

    tx = rewards.setWeight(node, 1, {"from": council})

    assert list(rewards.getValidators()) == [hosts[0], node]
    assert (tx.events["ValidatorSet"]["host"], tx.events["ValidatorSet"]["validator"]) == (hosts[0], hosts[0])


def test_is_free_to_name_when_the_host_that_named_it_has_no_weight_any_more(rewards, hosts, node, council):
    for host in hosts[:2]:
        rewards.setWeight(host, 1, {"from": council})
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})

    rewards.setWeight(hosts[0], 0, {"from": council})
    rewards.setValidator(hosts[1], node, {"from": hosts[1]})

    assert (rewards.validatorOf(hosts[0]), rewards.validatorOf(hosts[1])) == (hosts[0], node)


def test_is_free_to_name_when_who_named_it_is_no_active_host_any_more(rewards, hosts, node, bring_to, reverts_with):
    rewards.setValidator(hosts[0], node, {"from": hosts[0]})
    with reverts_with("HostRewardsValidatorTaken", node):
        rewards.setValidator(hosts[1], node, {"from": hosts[1]})

    bring_to(hosts[0], "removed")
    rewards.setValidator(hosts[1], node, {"from": hosts[1]})

    assert (rewards.validatorOf(hosts[0]), rewards.validatorOf(hosts[1])) == (hosts[0], node)


def test_h038_reverts_when_the_node_is_nobody(rewards, hosts, reverts_with):
    with reverts_with("HostRewardsAddressInvalid", NOBODY):
        rewards.setValidator(hosts[0], NOBODY, {"from": hosts[0]})


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h030_reverts_when_the_host_is_not_active(rewards, hosts, node, bring_to, standing, reverts_with):
    bring_to(hosts[0], standing)

    with reverts_with("HostRewardsNotActiveHost", hosts[0]):
        rewards.setValidator(hosts[0], node, {"from": hosts[0]})


def test_a18_h036_reverts_when_the_caller_is_not_the_host(
    rewards, hosts, node, stranger, guardian, council, add_delegates, reverts_with
):
    for caller in (stranger, guardian, council, hosts[1], *add_delegates(hosts[0])):
        with reverts_with("HostRewardsNotAccountHolder", hosts[0], caller):
            rewards.setValidator.call(hosts[0], node, {"from": caller})
