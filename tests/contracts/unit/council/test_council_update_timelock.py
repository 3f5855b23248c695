"""Council.updateTimelock: always refused: another council is voted in with a timelock of its own."""


def test_reverts_when_it_was_voted(system, council_contract, votes, reverts_with):
    proposal = votes.queued((council_contract, "updateTimelock", system.credit))

    with reverts_with("CouncilFunctionDisabled", council_contract.updateTimelock.signature):
        votes.execute(proposal)

    assert council_contract.timelock() == system.timelock


def test_h036_reverts_when_anybody_calls(system, council_contract, founder, council, guardian, stranger, reverts_with):
    for caller in (founder, council, guardian, stranger):
        with reverts_with("CouncilFunctionDisabled", council_contract.updateTimelock.signature):
            council_contract.updateTimelock.call(system.credit, {"from": caller})
