"""NetworkCredit.reclaimRedemption: what the treasurer leaves lying goes back to the holder."""

PAYMENT = bytes.fromhex("aa" * 32)


def test_gives_the_rest_back_when_the_term_is_over(credit, issue, treasurer, consumer, mine_at):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    credit.settleRedemption(consumer, 15, PAYMENT, {"from": treasurer})
    mine_at(credit.redemptionOf(consumer)[1])

    tx = credit.reclaimRedemption({"from": consumer})

    assert (credit.balanceOf(consumer), credit.balanceOf(credit), credit.totalSupply()) == (85, 0, 85)
    assert tuple(credit.redemptionOf(consumer)) == (0, 0)
    event = tx.events["RedemptionReclaimed"]
    assert (event["holder"], event["amount"]) == (consumer, 25)


def test_gives_it_back_when_the_holder_was_removed(credit, issue, consumer, bring_to, mine_at):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    bring_to(consumer, "removed")
    mine_at(credit.redemptionOf(consumer)[1])

    credit.reclaimRedemption({"from": consumer})

    assert credit.balanceOf(consumer) == 100


def test_takes_from_nobody_else_when_several_are_unsettled(credit, issue, consumer, provider, mine_at):
    for holder in (consumer, provider):
        issue(holder, 100)
        credit.requestRedemption(40, {"from": holder})
    mine_at(credit.redemptionOf(provider)[1])

    credit.reclaimRedemption({"from": consumer})

    assert (credit.balanceOf(credit), credit.redemptionOf(provider)[0]) == (40, 40)


def test_reverts_when_the_term_runs(credit, issue, consumer, mine_at, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    reclaimable_at = credit.redemptionOf(consumer)[1]
    # Some seconds short of the end, so that the machine's own pace cannot reach it.
    mine_at(reclaimable_at - 60)

    with reverts_with("NetworkCreditRedemptionPending", consumer, reclaimable_at):
        credit.reclaimRedemption({"from": consumer})


def test_reverts_when_nothing_is_unsettled(credit, issue, treasurer, consumer, stranger, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    credit.settleRedemption(consumer, 40, PAYMENT, {"from": treasurer})

    for holder in (consumer, stranger):
        with reverts_with("NetworkCreditNothingToReclaim", holder):
            credit.reclaimRedemption({"from": holder})
