"""NetworkCredit.transferFrom: by allowance, to whom a transfer may go too."""


def test_moves_by_allowance_when_the_receiver_is_a_member(credit, issue, consumer, provider, stranger):
    issue(consumer, 100)
    credit.approve(stranger, 30, {"from": consumer})

    credit.transferFrom(consumer, provider, 30, {"from": stranger})

    assert (credit.balanceOf(provider), credit.allowance(consumer, stranger)) == (30, 0)


def test_reverts_when_an_allowance_is_used_for_a_receiver_that_is_no_member(
    credit, issue, consumer, stranger, reverts_with
):
    issue(consumer, 100)
    credit.approve(stranger, 30, {"from": consumer})

    with reverts_with("NetworkCreditReceiverRefused", consumer, stranger):
        credit.transferFrom(consumer, stranger, 30, {"from": stranger})

    assert credit.allowance(consumer, stranger) == 30


def test_reverts_when_the_allowance_is_too_low(credit, issue, consumer, provider, stranger, reverts_with):
    issue(consumer, 100)
    credit.approve(stranger, 30, {"from": consumer})

    with reverts_with("ERC20InsufficientAllowance", stranger, 30, 31):
        credit.transferFrom(consumer, provider, 31, {"from": stranger})
