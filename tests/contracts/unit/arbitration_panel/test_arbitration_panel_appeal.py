"""ArbitrationPanel.appeal: there is none."""


def test_a16_reverts_whoever_appeals(panel, bring, seats, consumer, stranger, reverts_with):
    dispute_id = bring()
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, 1, {"from": seat})

    for caller in (consumer, seats[2], stranger):
        for value in (0, 1):
            with reverts_with("ArbitrationPanelNoAppeal", dispute_id):
                panel.appeal.call(dispute_id, b"", {"from": caller, "value": value})
