"""CouncilTimelock.updateDelay: how long what carried waits, by vote and within bounds."""

import pytest

SHORTEST, LONGEST = 60, 7 * 86_400


def test_sets_the_delay_of_later_operations_when_it_was_voted(system, timelock, votes, told_by):
    former = system.parameters.council.timelock_seconds
    waiting = votes.voted((system.credit, "setCeiling", 123_000_000))
    votes.queue(waiting)
    eta = system.council.proposalEta(waiting.id)

    tx = votes.carry((timelock, "updateDelay", LONGEST))

    assert ("MinDelayChange", {"oldDuration": former, "newDuration": LONGEST}) in told_by(tx)
    assert timelock.getMinDelay() == LONGEST
    assert system.council.proposalEta(waiting.id) == eta
    votes.execute(waiting)
    assert system.credit.ceiling() == 123_000_000
    later = votes.voted((timelock, "updateDelay", SHORTEST))
    queued = votes.queue(later)
    assert system.council.proposalEta(later.id) == queued.timestamp + LONGEST


@pytest.mark.parametrize("delay", [0, SHORTEST - 1, LONGEST + 1, 2**256 - 1])
def test_reverts_when_it_is_out_of_bounds(timelock, council, delay, reverts_with):
    with reverts_with("CouncilTimelockDelayInvalid", delay, SHORTEST, LONGEST):
        timelock.updateDelay.call(delay, {"from": council})


def test_h036_reverts_when_it_was_not_voted(timelock, council_contract, founder, guardian, stranger, reverts_with):
    for caller in (council_contract, founder, guardian, stranger):
        with reverts_with("TimelockUnauthorizedCaller", caller):
            timelock.updateDelay.call(SHORTEST, {"from": caller})
