"""NetworkCredit.requestRedemption: the holder's tokens go to the redemption account, and are booked as the holder's."""

DAY_SECONDS = 24 * 3600
REDEMPTION_SECONDS = 30 * DAY_SECONDS
PAYMENT = bytes.fromhex("aa" * 32)


def test_books_the_amount_when_called_by_a_holder(credit, issue, consumer):
    issue(consumer, 100)

    tx = credit.requestRedemption(40, {"from": consumer})

    assert (credit.balanceOf(consumer), credit.balanceOf(credit), credit.totalSupply()) == (60, 40, 100)
    assert tuple(credit.redemptionOf(consumer)) == (40, tx.timestamp + REDEMPTION_SECONDS)
    event = tx.events["RedemptionRequested"]
    assert (event["holder"], event["amount"]) == (consumer, 40)
    assert event["reclaimableAt"] == tx.timestamp + REDEMPTION_SECONDS


def test_adds_up_and_starts_the_term_anew_when_requested_again(credit, issue, consumer, mine_at):
    issue(consumer, 100)
    first = credit.requestRedemption(40, {"from": consumer}).timestamp
    mine_at(first + 5 * DAY_SECONDS)

    second = credit.requestRedemption(25, {"from": consumer}).timestamp

    assert second >= first + 5 * DAY_SECONDS
    assert tuple(credit.redemptionOf(consumer)) == (65, second + REDEMPTION_SECONDS)


def test_keeps_holders_apart_when_several_request(credit, issue, consumer, provider):
    issue(consumer, 100)
    issue(provider, 100)

    credit.requestRedemption(40, {"from": consumer})
    credit.requestRedemption(7, {"from": provider})

    assert (credit.redemptionOf(consumer)[0], credit.redemptionOf(provider)[0]) == (40, 7)
    assert credit.balanceOf(credit) == 47


def test_books_the_amount_when_a_removed_participant_requests(credit, issue, consumer, bring_to):
    issue(consumer, 100)
    bring_to(consumer, "removed")

    credit.requestRedemption(100, {"from": consumer})

    assert credit.redemptionOf(consumer)[0] == 100


def test_books_the_amount_when_a_payout_address_requests(credit, issue, consumer, listed_vault, council, stranger):
    issue(consumer, 100)
    credit.transfer(listed_vault, 100, {"from": consumer})
    listed_vault.pay(credit, stranger, 100, {"from": council})

    credit.requestRedemption(100, {"from": stranger})

    assert credit.redemptionOf(stranger)[0] == 100


def test_books_the_amount_when_the_escrow_paid_a_removed_participant(
    system, prepay, consumer, treasurer, bring_to, travel_to
):
    credit, escrow = system.credit, system.escrow
    prepay(consumer, 100)
    escrow.announceWithdrawal(consumer, 100, {"from": consumer})
    bring_to(consumer, "removed")
    travel_to(escrow.announcementOf(consumer)[1])
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    assert credit.balanceOf(consumer) == 100

    credit.requestRedemption(100, {"from": consumer})

    assert credit.redemptionOf(consumer)[0] == 100
    supply = credit.totalSupply()
    credit.settleRedemption(consumer, 100, PAYMENT, {"from": treasurer})
    assert (credit.redemptionOf(consumer)[0], credit.totalSupply()) == (0, supply - 100)


def test_books_the_amount_for_the_holder_when_tokens_are_simply_sent(credit, issue, consumer, stranger):
    issue(consumer, 100)
    credit.approve(stranger, 30, {"from": consumer})

    credit.transfer(credit, 20, {"from": consumer})
    tx = credit.transferFrom(consumer, credit, 30, {"from": stranger})

    assert credit.redemptionOf(consumer)[0] == 50
    assert credit.redemptionOf(stranger)[0] == 0
    assert (tx.events["RedemptionRequested"]["holder"], tx.events["RedemptionRequested"]["amount"]) == (consumer, 30)


def test_h070_reverts_when_the_amount_is_zero(credit, issue, consumer, reverts_with):
    issue(consumer, 100)

    with reverts_with("NetworkCreditAmountZero", consumer):
        credit.requestRedemption(0, {"from": consumer})


def test_reverts_when_a_stranger_sends_nothing_to_put_off_the_term(credit, issue, consumer, stranger, reverts_with):
    issue(consumer, 100)
    credit.requestRedemption(40, {"from": consumer})
    before = tuple(credit.redemptionOf(consumer))

    with reverts_with("NetworkCreditAmountZero", consumer):
        credit.transferFrom(consumer, credit, 0, {"from": stranger})

    assert tuple(credit.redemptionOf(consumer)) == before


def test_reverts_when_the_balance_is_too_low(credit, issue, consumer, reverts_with):
    issue(consumer, 100)

    with reverts_with("ERC20InsufficientBalance", consumer, 100, 101):
        credit.requestRedemption(101, {"from": consumer})


def test_reverts_when_a_network_contract_sends(credit, issue, consumer, listed_vault, council, reverts_with):
    issue(consumer, 100)
    credit.transfer(listed_vault, 100, {"from": consumer})

    for _ in ("listed", "former"):
        with reverts_with("NetworkCreditReceiverRefused", listed_vault, credit):
            listed_vault.pay(credit, credit, 10, {"from": council})
        if credit.isNetworkContract(listed_vault):
            credit.setNetworkContract(listed_vault, False, {"from": council})
