"""Council.setPeriods: how long later proposals take."""

import pytest

HOUR, DAY = 3_600, 86_400


def test_sets_the_periods_of_later_proposals_when_it_was_voted(council_contract, votes, action, told_by):
    before = votes.propose(action)
    ends_at = council_contract.proposalDeadline(before.id)

    tx = votes.carry((council_contract, "setPeriods", (2 * DAY, 7 * DAY, 3 * DAY)))

    assert [name for name, _ in told_by(tx)].count("PeriodsSet") == 1
    assert tuple(council_contract.periods()) == (2 * DAY, 7 * DAY, 3 * DAY)
    assert (council_contract.votingDelay(), council_contract.votingPeriod()) == (2 * DAY, 7 * DAY)
    assert council_contract.proposalDeadline(before.id) == ends_at
    after = votes.propose(action)
    starts_at = council_contract.proposalSnapshot(after.id)
    assert council_contract.proposalDeadline(after.id) == starts_at + 7 * DAY
    assert council_contract.opinionsOn(after.id)[1] == starts_at + DAY


@pytest.mark.parametrize("periods", [(60, HOUR, HOUR), (7 * DAY, 30 * DAY, 37 * DAY)])
def test_sets_them_when_they_are_the_shortest_or_the_longest(council_contract, votes, periods):
    votes.carry((council_contract, "setPeriods", periods))

    assert tuple(council_contract.periods()) == periods


@pytest.mark.parametrize(
    "periods",
    [
        (59, HOUR, HOUR),
        (7 * DAY + 1, HOUR, HOUR),
        (60, HOUR - 1, HOUR),
        (60, 30 * DAY + 1, HOUR),
        (60, HOUR, HOUR - 1),
        (60, HOUR, HOUR + 61),
        (0, 0, 0),
    ],
)
def test_reverts_when_one_is_out_of_bounds(council_contract, votes, periods, reverts_with):
    with reverts_with("CouncilPeriodsInvalid", *periods):
        votes.carry((council_contract, "setPeriods", periods))


def test_h036_reverts_when_it_was_not_voted(council_contract, founder, guardian, deployer, stranger, reverts_with):
    for caller in (founder, guardian, deployer, stranger):
        with reverts_with("GovernorOnlyExecutor", caller):
            council_contract.setPeriods.call((60, HOUR, HOUR), {"from": caller})
