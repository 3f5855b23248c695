"""FeeEscrow.withdrawPrepaid: what was announced, after the notice and before it lapses, by the account holder alone."""

import pytest

from tests.helpers.hostile_token import EVERYTHING, Answer, Moment, refusal_of_hook

PREPAID = 10_000_000
ANNOUNCED = 7_000_000
MOVING = ("withdrawPrepaid", "withdrawEarned", "deposit", "depositOwn", "depositWithPermit")


@pytest.fixture
def announced(escrow, consumer, prepay):
    """The consumer announced ANNOUNCED of its PREPAID: when it can be taken, and when it lapses."""
    prepay(consumer, PREPAID)
    event = escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer}).events["WithdrawalAnnounced"]
    return event["takeableAt"], event["lapsesAt"]


@pytest.fixture
def announce_in(prepay_in, consumer, mine_at):
    """The same over a token that misbehaves, with the notice over: a function of the network."""

    def announce(network):
        prepay_in(network, consumer, PREPAID)
        tx = network.escrow.announceWithdrawal(consumer, ANNOUNCED, {"from": consumer})
        mine_at(tx.events["WithdrawalAnnounced"]["takeableAt"])

    return announce


def test_pays_the_announced_amount_when_the_notice_is_over(system, escrow, consumer, announced, travel_to):
    takeable_at, _ = announced
    travel_to(takeable_at)

    tx = escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert tx.timestamp == takeable_at
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID - ANNOUNCED, PREPAID - ANNOUNCED)
    assert tuple(escrow.announcementOf(consumer)) == (0, 0, 0)
    assert system.credit.balanceOf(consumer) == ANNOUNCED
    assert system.credit.balanceOf(escrow) == PREPAID - ANNOUNCED
    event = tx.events["PrepaidWithdrawn"]
    assert (event["participant"], event["to"], event["amount"]) == (consumer, consumer, ANNOUNCED)


def test_pays_in_the_last_second_when_it_has_not_lapsed(system, escrow, consumer, announced, travel_to):
    _, lapses_at = announced
    travel_to(lapses_at - 1)

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert system.credit.balanceOf(consumer) == ANNOUNCED


def test_pays_only_what_was_announced_when_more_came_in(system, escrow, consumer, announced, prepay, travel_to):
    prepay(consumer, 5)
    travel_to(announced[0])

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert system.credit.balanceOf(consumer) == ANNOUNCED
    assert escrow.prepaidOf(consumer)[0] == PREPAID - ANNOUNCED + 5


def test_pays_the_payout_address_when_one_is_set(
    system, escrow, consumer, announced, unused_account, travel_to
):
    treasury = unused_account()
    system.identities.setPayoutAddress(consumer, treasury, {"from": consumer})
    travel_to(announced[0])

    tx = escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert system.credit.balanceOf(treasury) == ANNOUNCED
    assert system.credit.balanceOf(consumer) == 0
    assert tx.events["PrepaidWithdrawn"]["to"] == treasury


def test_pays_the_new_owner_when_the_owner_key_was_handed_on(
    system, escrow, consumer, announced, rotate_owner, travel_to
):
    owner = rotate_owner(consumer)
    travel_to(announced[0])

    escrow.withdrawPrepaid(consumer, {"from": owner})

    assert system.credit.balanceOf(owner) == ANNOUNCED


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_pays_when_the_participant_is_no_longer_active(
    system, escrow, consumer, announced, bring_to, travel_to, standing
):
    bring_to(consumer, standing)
    travel_to(announced[0])

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert system.credit.balanceOf(consumer) == ANNOUNCED


def test_pays_the_last_owner_when_the_identity_is_deactivated(system, escrow, consumer, announced, travel_to):
    system.identities.deactivate(consumer, {"from": consumer})
    travel_to(announced[0])

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert system.credit.balanceOf(consumer) == ANNOUNCED


def test_reverts_when_the_notice_is_running(escrow, consumer, announced, travel_to, reverts_with):
    takeable_at, _ = announced
    travel_to(takeable_at - 1)

    with reverts_with("FeeEscrowNoticeRunning", consumer, takeable_at):
        escrow.withdrawPrepaid(consumer, {"from": consumer})


def test_reverts_when_the_announcement_has_lapsed(escrow, consumer, announced, travel_to, reverts_with):
    _, lapses_at = announced
    travel_to(lapses_at)

    with reverts_with("FeeEscrowAnnouncementLapsed", consumer, lapses_at):
        escrow.withdrawPrepaid(consumer, {"from": consumer})


def test_reverts_when_orders_took_what_had_lapsed(
    escrow, words, consumer, announced, relayer, ordered, mine_at, reverts_with
):
    _, lapses_at = announced
    mine_at(lapses_at)
    for _ in range(PREPAID // words.fee):
        _, _, arguments = ordered()
        escrow.fund(*arguments, {"from": relayer})
    left = PREPAID % words.fee

    assert left < ANNOUNCED
    assert tuple(escrow.prepaidOf(consumer)) == (left, left)
    with reverts_with("FeeEscrowAnnouncementLapsed", consumer, lapses_at):
        escrow.withdrawPrepaid.call(consumer, {"from": consumer})


def test_reverts_when_nothing_is_announced(escrow, consumer, prepay, reverts_with):
    prepay(consumer, PREPAID)

    with reverts_with("FeeEscrowNothingAnnounced", consumer):
        escrow.withdrawPrepaid.call(consumer, {"from": consumer})


def test_reverts_when_it_was_taken_before(escrow, consumer, announced, travel_to, reverts_with):
    travel_to(announced[0])
    escrow.withdrawPrepaid(consumer, {"from": consumer})

    with reverts_with("FeeEscrowNothingAnnounced", consumer):
        escrow.withdrawPrepaid(consumer, {"from": consumer})


def test_reverts_when_the_caller_is_a_delegate(escrow, consumer, announced, delegates_of, mine_at, reverts_with):
    delegates = delegates_of(consumer)
    mine_at(announced[0])

    for delegate in delegates.values():
        with reverts_with("FeeEscrowNotAccountHolder", consumer, delegate):
            escrow.withdrawPrepaid.call(consumer, {"from": delegate})


def test_h090_reverts_when_a_third_party_calls(
    escrow, system, consumer, announced, unused_account, stranger, council, mine_at, reverts_with
):
    payout_address = unused_account()
    system.identities.setPayoutAddress(consumer, payout_address, {"from": consumer})
    mine_at(announced[0])

    for caller in (stranger, council, payout_address):
        with reverts_with("FeeEscrowNotAccountHolder", consumer, caller):
            escrow.withdrawPrepaid.call(consumer, {"from": caller})


def test_h073_pays_when_the_token_returns_nothing(hostile_network, announce_in, consumer):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    token.setAnswer(Answer.NOTHING, {"from": consumer})

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert token.balanceOf(consumer) == ANNOUNCED


@pytest.mark.parametrize("answer", [Answer.NO, Answer.WORD])
def test_h073_reverts_when_the_token_does_not_return_true(
    hostile_network, announce_in, consumer, reverts_with, answer
):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    token.setAnswer(answer, {"from": consumer})

    with reverts_with("SafeERC20FailedOperation", token):
        escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert escrow.announcementOf(consumer)[0] == ANNOUNCED
    assert escrow.prepaidOf(consumer)[0] == PREPAID


def test_h073_reverts_as_the_token_does_when_it_refuses_with_data(
    hostile_network, announce_in, consumer, reverts_with
):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    token.setAnswer(Answer.REFUSAL, {"from": consumer})

    with reverts_with("HostileTokenRefused", escrow, consumer, ANNOUNCED):
        escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert escrow.announcementOf(consumer)[0] == ANNOUNCED


def test_h071_keeps_the_others_whole_when_the_token_begins_to_keep_a_part(
    hostile_network, announce_in, prepay_in, consumer, provider
):
    token, escrow = hostile_network.token, hostile_network.escrow
    prepay_in(hostile_network, provider, 3)
    announce_in(hostile_network)
    token.setFee(EVERYTHING, {"from": consumer})

    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert token.balanceOf(consumer) == 0
    assert token.balanceOf(escrow) == escrow.prepaidOf(consumer)[0] + escrow.prepaidOf(provider)[0]


@pytest.mark.parametrize("function", MOVING)
def test_h075_refuses_the_inner_call_when_the_token_moves_money_again(
    hostile_network, announce_in, system, consumer, function
):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    system.identities.changeOwner(consumer, token, {"from": consumer})
    arguments = {
        "deposit": (consumer, 1),
        "depositOwn": (consumer, 1),
        "depositWithPermit": (consumer, 1, 0, 27, bytes(32), bytes(32)),
    }.get(function, (consumer,))
    token.setHook(Moment.AFTER_MOVING, escrow, getattr(escrow, function).encode_input(*arguments), {"from": consumer})

    token.execute(escrow, escrow.withdrawPrepaid.encode_input(consumer), {"from": consumer})

    assert refusal_of_hook(token) == "ReentrancyGuardReentrantCall"
    assert escrow.prepaidOf(consumer)[0] == PREPAID - ANNOUNCED == token.balanceOf(escrow)
    assert token.balanceOf(token) == ANNOUNCED


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_announces_only_what_is_left_when_the_token_announces_again(
    hostile_network, announce_in, system, consumer, moment
):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    system.identities.changeOwner(consumer, token, {"from": consumer})
    again = escrow.announceWithdrawal.encode_input(consumer, PREPAID)
    token.setHook(moment, escrow, again, {"from": consumer})

    token.execute(escrow, escrow.withdrawPrepaid.encode_input(consumer), {"from": consumer})

    assert refusal_of_hook(token) == "FeeEscrowPrepaidTooLow"
    assert tuple(escrow.prepaidOf(consumer)) == (PREPAID - ANNOUNCED, PREPAID - ANNOUNCED)


def test_h074_blocks_only_the_payee_when_the_token_blocks_it(
    hostile_network, announce_in, prepay_in, system, consumer, unused_account, reverts_with
):
    token, escrow = hostile_network.token, hostile_network.escrow
    announce_in(hostile_network)
    token.setBlocked(consumer, True, {"from": consumer})

    with reverts_with("HostileTokenBlocked", consumer):
        escrow.withdrawPrepaid(consumer, {"from": consumer})

    elsewhere = unused_account()
    system.identities.setPayoutAddress(consumer, elsewhere, {"from": consumer})
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    assert token.balanceOf(elsewhere) == ANNOUNCED
