"""FeeEscrow.announceWithdrawal: what is to be taken out backs no new order until it lapses."""

import pytest

PREPAID = 10_000_000
ANNOUNCED = 7_000_000


@pytest.fixture
def holding(consumer, prepay):
    """The consumer has PREPAID in the escrow."""
    prepay(consumer, PREPAID)


def test_opens_a_window_when_the_account_holder_announces(system, escrow, consumer, holding):
    spans = system.parameters.exchange

    tx = escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})

    takeable_at = tx.timestamp + spans.notice_seconds
    lapses_at = takeable_at + spans.lapse_seconds
    assert tuple(escrow.announcementOf(consumer)) == (ANNOUNCED, takeable_at, lapses_at)
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, PREPAID - ANNOUNCED)
    event = tx.events["WithdrawalAnnounced"]
    assert (event["participant"], event["amount"]) == (consumer, ANNOUNCED)
    assert (event["takeableAt"], event["lapsesAt"]) == (takeable_at, lapses_at)


def test_announces_everything_when_the_amount_is_the_balance(escrow, consumer, holding):
    escrow.announceWithdrawal(consumer, PREPAID, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, 0)


def test_replaces_the_former_announcement_when_announced_again(system, escrow, consumer, holding, chain):
    escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})
    chain.sleep(1_000)

    tx = escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    assert tuple(escrow.announcementOf(consumer))[:2] == (1, tx.timestamp + system.parameters.exchange.notice_seconds)
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, PREPAID - 1)


def test_takes_the_announcement_back_when_the_amount_is_zero(escrow, consumer, holding):
    escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})

    escrow.announceWithdrawal(consumer, 0, {"from": consumer})

    assert tuple(escrow.announcementOf(consumer)) == (0, 0, 0)
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, PREPAID)


def test_backs_no_order_when_the_amount_is_announced(escrow, words, consumer, relayer, prepared, reverts_with):
    _, _, arguments = prepared()
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, words.fee - 1, words.fee):
        escrow.fund.call(*arguments, {"from": relayer})


def test_backs_orders_again_when_the_announcement_has_lapsed(escrow, consumer, holding, mine_at):
    tx = escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})
    lapses_at = tx.events["WithdrawalAnnounced"]["lapsesAt"]

    mine_at(lapses_at - 1)
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, PREPAID - ANNOUNCED)
    mine_at(lapses_at)
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID, PREPAID)


def test_leaves_what_was_funded_before_when_everything_is_announced(
    escrow, consumer, provider, run_delivered, run_funded
):
    delivered, funded = run_delivered(), run_funded()
    prepaid = escrow.prepaidOf(consumer)[0]
    escrow.announceWithdrawal(consumer, prepaid, {"from": consumer})

    escrow.accept(*delivered.delivery(), consumer, b"", {"from": consumer})
    escrow.decline(*funded.description(), bytes(32), provider, b"", {"from": provider})

    # What came back after the announcement is no part of it.
    assert tuple(escrow.prepaidOf(consumer)) == (prepaid + funded.fee, funded.fee)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_announces_when_the_participant_is_no_longer_active(escrow, consumer, holding, bring_to, standing):
    bring_to(consumer, standing)

    escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})

    assert escrow.announcementOf(consumer)[0] == ANNOUNCED


def test_reverts_when_the_caller_is_a_delegate(escrow, consumer, holding, delegates_of, reverts_with):
    for delegate in delegates_of(consumer).values():
        with reverts_with("FeeEscrowNotAccountHolder", consumer, delegate):
            escrow.announceWithdrawal.call(consumer, ANNOUNCED, {"from": delegate})


def test_reverts_when_the_caller_is_a_stranger(escrow, consumer, holding, stranger, council, reverts_with):
    for caller in (stranger, council):
        with reverts_with("FeeEscrowNotAccountHolder", consumer, caller):
            escrow.announceWithdrawal.call(consumer, ANNOUNCED, {"from": caller})


def test_reverts_when_the_caller_is_the_former_owner(escrow, consumer, holding, rotate_owner, reverts_with):
    rotate_owner(consumer)

    with reverts_with("FeeEscrowNotAccountHolder", consumer, consumer):
        escrow.announceWithdrawal.call(consumer, ANNOUNCED, {"from": consumer})


def test_h070_reverts_when_the_amount_exceeds_the_balance(escrow, consumer, holding, reverts_with):
    for amount in (PREPAID + 1, 2**104, 2**256 - 1):
        with reverts_with("FeeEscrowPrepaidTooLow", consumer, PREPAID, amount):
            escrow.announceWithdrawal.call(consumer, amount, {"from": consumer})
