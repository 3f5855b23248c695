"""Council.relay: always refused: what is relayed would escape opinion and timelock."""


def test_reverts_when_it_was_voted(system, council_contract, votes, reverts_with):
    proposal = votes.queued((council_contract, "relay", system.credit, 0, b""))

    with reverts_with("CouncilFunctionDisabled", council_contract.relay.signature):
        votes.execute(proposal)

    assert council_contract.timelock() == system.timelock


def test_h036_reverts_when_anybody_calls(system, council_contract, founder, council, guardian, stranger, reverts_with):
    for caller in (founder, council, guardian, stranger):
        with reverts_with("CouncilFunctionDisabled", council_contract.relay.signature):
            council_contract.relay.call(system.credit, 0, b"", {"from": caller})
