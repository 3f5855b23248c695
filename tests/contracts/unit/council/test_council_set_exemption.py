"""Council.setExemption: which actions need no opinion."""

import pytest


def test_exempts_later_proposals_when_it_was_voted(system, council_contract, votes, action, told_by):
    before = votes.propose(action)
    selector = system.credit.setCeiling.signature

    tx = votes.carry((council_contract, "setExemption", system.credit, selector, True))

    names = [name for name, _ in told_by(tx)]
    assert names.count("ExemptionSet") == 1
    assert council_contract.isExempt(system.credit, selector) is True
    assert council_contract.opinionsOn(before.id)[0] is False
    assert council_contract.opinionsOn(votes.propose(action).id)[0] is True


def test_asks_for_opinions_again_when_it_was_voted(system, council_contract, votes, exempt_action):
    target, function, _ = exempt_action
    selector = getattr(target, function).signature

    votes.carry((council_contract, "setExemption", target, selector, False))

    assert council_contract.isExempt(target, selector) is False
    assert council_contract.opinionsOn(votes.propose(exempt_action).id)[0] is False


@pytest.mark.parametrize("target", ["council", "timelock", "access", "directory"])
def test_reverts_when_it_could_carry_another_action_with_it(
    system, council_contract, votes, target, reverts_with
):
    contract, selector = getattr(system, target), "0x12345678"

    with reverts_with("CouncilExemptionInvalid", contract, selector):
        votes.carry((council_contract, "setExemption", contract, selector, True))


def test_reverts_when_it_is_multicall(system, council_contract, votes, reverts_with):
    with reverts_with("CouncilExemptionInvalid", system.credit, system.access.multicall.signature):
        votes.carry((council_contract, "setExemption", system.credit, system.access.multicall.signature, True))


def test_reverts_when_nothing_would_change(system, council_contract, votes, exempt_action, reverts_with):
    target, function, _ = exempt_action
    exempt, other = getattr(target, function).signature, system.identities.admit.signature
    for selector, stands in ((exempt, True), (other, False)):
        with reverts_with("CouncilExemptionUnchanged", target, selector, stands):
            votes.carry((council_contract, "setExemption", target, selector, stands))


def test_h036_reverts_when_it_was_not_voted(
    system, council_contract, founder, guardian, deployer, regulator, stranger, reverts_with
):
    for caller in (founder, guardian, deployer, regulator, stranger):
        with reverts_with("GovernorOnlyExecutor", caller):
            arguments = system.credit, system.credit.setCeiling.signature, True
            council_contract.setExemption.call(*arguments, {"from": caller})
