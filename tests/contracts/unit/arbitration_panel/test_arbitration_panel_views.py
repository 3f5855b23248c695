"""ArbitrationPanel's constructor and views."""

import pytest

from tests.helpers.arbitration import extra_data
from tests.helpers.network import NOBODY


def test_costs_nothing_when_it_is_asked(panel, consumer):
    assert panel.arbitrationCost(extra_data([consumer])) == 0


def test_has_no_appeal_when_it_is_asked(panel, bring):
    dispute_id = bring()

    assert tuple(panel.appealPeriod(dispute_id)) == (0, 0)
    assert panel.appealCost(dispute_id, b"") == 2**255 - 1


def test_tells_how_each_ruling_stands_when_seats_voted(panel, bring, seats):
    dispute_id = bring()
    assert tuple(panel.leadingOf(dispute_id)) == (0, 0, 2)
    assert tuple(panel.eligibleSeats(dispute_id)) == seats

    panel.vote(dispute_id, seats[1], 2, {"from": seats[1]})

    assert tuple(panel.leadingOf(dispute_id)) == (2, 1, 2)
    assert [panel.votesFor(dispute_id, ruling) for ruling in range(4)] == [0, 0, 1, 0]
    assert [tuple(panel.voteOf(dispute_id, seat)) for seat in seats] == [(False, 0), (True, 2), (False, 0)]


def test_reverts_when_there_is_no_such_dispute(panel, reverts_with):
    for view, *arguments in (
        (panel.appealCost, b""),
        (panel.appealPeriod,),
        (panel.disputeStatus,),
        (panel.currentRuling,),
        (panel.leadingOf,),
        (panel.votesFor, 0),
        (panel.eligibleSeats,),
        (panel.disputeOf,),
    ):
        with reverts_with("ArbitrationPanelDisputeUnknown", 1):
            view(1, *arguments)


def test_names_its_wiring_when_it_is_asked(panel, system):
    assert tuple(panel.wiring()) == (system.council, system.identities, system.host_rewards)


# ---------------------------------------------------------------- constructor


@pytest.mark.parametrize("position", [0, 1, 2])
def test_h118_reverts_when_a_constructor_argument_is_no_contract(
    ArbitrationPanel, system, stranger, position, reverts_with
):
    for nowhere in (NOBODY, stranger.address):
        given = [system.council, system.identities, system.host_rewards]
        given[position] = nowhere
        with reverts_with("ArbitrationPanelAddressInvalid", nowhere):
            ArbitrationPanel.deploy(*given, {"from": stranger})
