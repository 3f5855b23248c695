"""ArbitrationPanel.give: counting again when seats came or went."""

from tests.helpers.arbitration import SOLVED, WAITING
from tests.helpers.events import told_by


def test_h104_gives_the_ruling_when_a_seat_that_left_makes_the_majority(
    panel, bring, seats, votes, unused_account, stranger, reverts_with
):
    newcomer = unused_account()
    grown = votes.grow(newcomer)
    dispute_id = bring()
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, 2, {"from": seat})
    panel.vote(dispute_id, newcomer, 1, {"from": newcomer})
    with reverts_with("ArbitrationPanelNoMajority", dispute_id, 2, 3):
        panel.give(dispute_id, {"from": stranger})

    grown.carry((grown.council, "removeSeat", newcomer))
    tx = panel.give(dispute_id, {"from": stranger})

    assert told_by(tx) == [
        ("RulingGiven", {"disputeID": dispute_id, "ruling": 2, "votes": 2, "required": 2}),
        ("Ruling", {"_arbitrator": panel, "_disputeID": dispute_id, "_ruling": 2}),
    ]
    assert (panel.disputeStatus(dispute_id), panel.currentRuling(dispute_id)) == (SOLVED, 2)


def test_gives_the_ruling_when_others_may_rule_no_more(panel, bring, seats, stranger, give_weight):
    dispute_id = bring(hosts_share=True)
    panel.vote(dispute_id, seats[0], 3, {"from": seats[0]})
    for seat in seats[1:]:
        give_weight(seat)

    panel.give(dispute_id, {"from": stranger})

    assert panel.currentRuling(dispute_id) == 3


def test_reverts_when_no_ruling_has_its_votes(panel, bring, seats, stranger, reverts_with):
    dispute_id = bring()
    with reverts_with("ArbitrationPanelNoMajority", dispute_id, 0, 2):
        panel.give.call(dispute_id, {"from": stranger})
    panel.vote(dispute_id, seats[0], 1, {"from": seats[0]})

    with reverts_with("ArbitrationPanelNoMajority", dispute_id, 1, 2):
        panel.give(dispute_id, {"from": stranger})

    assert panel.disputeStatus(dispute_id) == WAITING


def test_reverts_when_it_was_given(panel, bring, seats, stranger, reverts_with):
    dispute_id = bring()
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, 0, {"from": seat})

    with reverts_with("ArbitrationPanelDisputeSolved", dispute_id, 0):
        panel.give(dispute_id, {"from": stranger})


def test_reverts_when_there_is_no_such_dispute(panel, stranger, reverts_with):
    with reverts_with("ArbitrationPanelDisputeUnknown", 1):
        panel.give.call(1, {"from": stranger})


def test_reverts_when_the_ruling_is_refused_where_it_goes(
    panel, bring, arbitrable, seats, stranger, give_weight, reverts_with
):
    dispute_id = bring(hosts_share=True)
    panel.vote(dispute_id, seats[0], 3, {"from": seats[0]})
    for seat in seats[1:]:
        give_weight(seat)
    arbitrable.setAnswer(True, b"", {"from": stranger})

    with reverts_with("ArbitrableContractRefused", dispute_id, 3):
        panel.give(dispute_id, {"from": stranger})

    assert panel.disputeStatus(dispute_id) == WAITING
