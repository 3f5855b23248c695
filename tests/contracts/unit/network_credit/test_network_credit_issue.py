"""NetworkCredit.issue: against an invoice, once, within the ceiling, to a member."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY

CREDIT = 10**6
CEILING = 10_000 * CREDIT
INVOICE = bytes.fromhex("1a" * 32)
OTHER_INVOICE = bytes.fromhex("2b" * 32)


def test_issues_to_the_member_when_called_by_the_treasurer(credit, treasurer, consumer):
    tx = credit.issue(consumer, 250 * CREDIT, INVOICE, {"from": treasurer})

    assert credit.balanceOf(consumer) == 250 * CREDIT
    assert credit.totalSupply() == 250 * CREDIT
    assert credit.isInvoiceUsed(INVOICE) is True
    assert credit.isInvoiceUsed(OTHER_INVOICE) is False
    event = tx.events["CreditIssued"]
    assert (event["participant"], event["holder"], event["amount"]) == (consumer, consumer, 250 * CREDIT)
    assert bytes(event["invoiceHash"]) == INVOICE
    transfer = tx.events["Transfer"]
    assert (transfer["from"], transfer["to"], transfer["value"]) == (NOBODY, consumer, 250 * CREDIT)


def test_issues_to_the_account_holder_when_the_owner_was_rotated(credit, treasurer, consumer, rotate_owner):
    owner = rotate_owner(consumer)

    tx = credit.issue(consumer, CREDIT, INVOICE, {"from": treasurer})

    assert credit.balanceOf(owner) == CREDIT
    assert credit.balanceOf(consumer) == 0
    assert (tx.events["CreditIssued"]["participant"], tx.events["CreditIssued"]["holder"]) == (consumer, owner)


def test_issues_when_the_member_is_suspended(credit, treasurer, participant_in):
    participant = participant_in("suspended", CONSUMER)

    credit.issue(participant, CREDIT, INVOICE, {"from": treasurer})

    assert credit.balanceOf(participant) == CREDIT


def test_h070_issues_when_the_amount_reaches_the_ceiling(credit, treasurer, consumer, provider, reverts_with):
    credit.issue(consumer, 1, INVOICE, {"from": treasurer})
    with reverts_with("NetworkCreditCeilingExceeded", 1, CEILING, CEILING):
        credit.issue(provider, CEILING, OTHER_INVOICE, {"from": treasurer})

    credit.issue(provider, CEILING - 1, OTHER_INVOICE, {"from": treasurer})

    assert credit.totalSupply() == CEILING


@pytest.mark.parametrize("amount", [2**128 - 1, 2**128, 2**256 - 1])
def test_h070_reverts_when_the_amount_is_huge(credit, treasurer, consumer, amount, reverts_with):
    credit.issue(consumer, 1, OTHER_INVOICE, {"from": treasurer})

    with reverts_with("NetworkCreditCeilingExceeded", 1, amount, CEILING):
        credit.issue(consumer, amount, INVOICE, {"from": treasurer})


def test_h070_issues_the_most_when_the_ceiling_is_the_highest(credit, treasurer, council, consumer, reverts_with):
    credit.setCeiling(2**128 - 1, {"from": council})

    credit.issue(consumer, 2**128 - 1, INVOICE, {"from": treasurer})
    credit.requestRedemption(2**128 - 1, {"from": consumer})

    assert credit.redemptionOf(consumer)[0] == 2**128 - 1
    with reverts_with("NetworkCreditCeilingExceeded", 2**128 - 1, 1, 2**128 - 1):
        credit.issue(consumer, 1, OTHER_INVOICE, {"from": treasurer})


def test_makes_room_under_the_ceiling_when_a_redemption_is_settled(credit, treasurer, consumer, reverts_with):
    credit.issue(consumer, CEILING, INVOICE, {"from": treasurer})
    credit.requestRedemption(5, {"from": consumer})
    with reverts_with("NetworkCreditCeilingExceeded", CEILING, 1, CEILING):
        credit.issue(consumer, 1, OTHER_INVOICE, {"from": treasurer})

    credit.settleRedemption(consumer, 5, bytes.fromhex("aa" * 32), {"from": treasurer})
    credit.issue(consumer, 5, OTHER_INVOICE, {"from": treasurer})

    assert credit.totalSupply() == CEILING


def test_reverts_when_caller_is_not_the_treasurer(credit, council, consumer, stranger, guardian, reverts_with):
    for caller in (stranger, guardian, consumer, council):
        with reverts_with("AccessManagedUnauthorized", caller):
            credit.issue(consumer, 1, INVOICE, {"from": caller})


def test_h070_reverts_when_the_amount_is_zero(credit, treasurer, consumer, reverts_with):
    with reverts_with("NetworkCreditAmountZero", consumer):
        credit.issue(consumer, 0, INVOICE, {"from": treasurer})


def test_reverts_when_the_invoice_is_missing(credit, treasurer, consumer, reverts_with):
    with reverts_with("NetworkCreditInvoiceMissing", consumer):
        credit.issue(consumer, 1, bytes(32), {"from": treasurer})


def test_reverts_when_the_invoice_was_issued_against(credit, treasurer, consumer, provider, reverts_with):
    credit.issue(consumer, 1, INVOICE, {"from": treasurer})

    for participant in (consumer, provider):
        with reverts_with("NetworkCreditInvoiceUsed", INVOICE):
            credit.issue(participant, 1, INVOICE, {"from": treasurer})

    assert credit.totalSupply() == 1


@pytest.mark.parametrize("standing", ["never_registered", "removed"])
def test_h030_reverts_when_the_participant_is_no_member(credit, treasurer, participant_in, standing, reverts_with):
    participant = participant_in(standing, CONSUMER)

    with reverts_with("NetworkCreditNotMember", participant):
        credit.issue(participant, 1, INVOICE, {"from": treasurer})


def test_h038_reverts_when_the_participant_is_nobody_or_the_token(credit, treasurer, reverts_with):
    for nobody in (NOBODY, credit.address):
        with reverts_with("NetworkCreditNotMember", nobody):
            credit.issue(nobody, 1, INVOICE, {"from": treasurer})
