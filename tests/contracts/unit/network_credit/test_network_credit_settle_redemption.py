"""NetworkCredit.settleRedemption: burns what a holder sent to redemption, and nothing else."""

from tests.helpers.network import NOBODY

PAYMENT = bytes.fromhex("aa" * 32)
OTHER_PAYMENT = bytes.fromhex("bb" * 32)


def test_burns_what_was_sent_when_called_by_the_treasurer(credit, issue, treasurer, consumer):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})

    tx = credit.settleRedemption(consumer, 40, PAYMENT, {"from": treasurer})

    assert (credit.balanceOf(consumer), credit.balanceOf(credit), credit.totalSupply()) == (60, 0, 60)
    assert tuple(credit.redemptionOf(consumer)) == (0, 0)
    assert credit.isPaymentReferenceUsed(PAYMENT) is True
    assert credit.isPaymentReferenceUsed(OTHER_PAYMENT) is False
    event = tx.events["RedemptionSettled"]
    assert (event["holder"], event["amount"], bytes(event["paymentReference"])) == (consumer, 40, PAYMENT)
    transfer = tx.events["Transfer"]
    assert (transfer["from"], transfer["to"], transfer["value"]) == (credit, NOBODY, 40)


def test_leaves_the_rest_when_settled_in_part(credit, issue, treasurer, consumer):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    reclaimable_at = credit.redemptionOf(consumer)[1]

    credit.settleRedemption(consumer, 15, PAYMENT, {"from": treasurer})
    assert tuple(credit.redemptionOf(consumer)) == (25, reclaimable_at)

    credit.settleRedemption(consumer, 25, OTHER_PAYMENT, {"from": treasurer})
    assert tuple(credit.redemptionOf(consumer)) == (0, 0)
    assert credit.totalSupply() == 60


def test_settles_when_the_holder_was_removed(credit, issue, treasurer, consumer, bring_to):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    bring_to(consumer, "removed")

    credit.settleRedemption(consumer, 40, PAYMENT, {"from": treasurer})

    assert credit.totalSupply() == 60


def test_reverts_when_caller_is_not_the_treasurer(credit, issue, council, consumer, stranger, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})

    for caller in (stranger, consumer, council):
        with reverts_with("AccessManagedUnauthorized", caller):
            credit.settleRedemption(consumer, 40, PAYMENT, {"from": caller})


def test_reverts_when_more_is_burnt_than_was_sent(credit, issue, treasurer, consumer, provider, reverts_with):
    issue(consumer, 100)
    issue(provider, 100)
    credit.requestRedemption(40, {"from": consumer})
    credit.requestRedemption(90, {"from": provider})

    for amount in (41, 100, 2**128, 2**256 - 1):
        with reverts_with("NetworkCreditRedemptionTooLow", consumer, 40, amount):
            credit.settleRedemption(consumer, amount, PAYMENT, {"from": treasurer})


def test_reverts_when_the_holder_sent_nothing(credit, issue, treasurer, consumer, reverts_with):
    issue(consumer, 100)

    with reverts_with("NetworkCreditRedemptionTooLow", consumer, 0, 1):
        credit.settleRedemption(consumer, 1, PAYMENT, {"from": treasurer})


def test_reverts_when_the_payment_was_settled_with(credit, issue, treasurer, consumer, provider, reverts_with):
    for holder in (consumer, provider):
        issue(holder, 100)
        credit.requestRedemption(40, {"from": holder})
    credit.settleRedemption(consumer, 10, PAYMENT, {"from": treasurer})

    for holder in (consumer, provider):
        with reverts_with("NetworkCreditPaymentReferenceUsed", PAYMENT):
            credit.settleRedemption(holder, 10, PAYMENT, {"from": treasurer})


def test_reverts_when_the_payment_reference_is_missing(credit, issue, treasurer, consumer, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})

    with reverts_with("NetworkCreditPaymentReferenceMissing", consumer):
        credit.settleRedemption(consumer, 40, bytes(32), {"from": treasurer})


def test_h070_reverts_when_the_amount_is_zero(credit, issue, treasurer, consumer, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})

    with reverts_with("NetworkCreditAmountZero", consumer):
        credit.settleRedemption(consumer, 0, PAYMENT, {"from": treasurer})
