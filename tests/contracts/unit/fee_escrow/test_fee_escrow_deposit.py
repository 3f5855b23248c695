"""FeeEscrow.deposit: anyone's tokens into a participant's prepaid balance, all of them or nothing."""

import pytest

from consentry.client.exchanges import ExchangeState
from tests.helpers.hostile_token import EVERYTHING, ONE_PERCENT, Answer, Moment, refusal_of_hook
from tests.helpers.network import CONSUMER

AMOUNT = 5_000_000
MOST = 2**104 - 1


def test_adds_to_the_prepaid_balance_when_the_participant_pays(system, escrow, consumer, issue_credit):
    issue_credit(consumer, AMOUNT)
    system.credit.approve(escrow, AMOUNT, {"from": consumer})

    tx = escrow.deposit(consumer, AMOUNT, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert system.credit.balanceOf(escrow) == AMOUNT
    assert system.credit.balanceOf(consumer) == 0
    event = tx.events["PrepaidDeposited"]
    assert (event["participant"], event["payer"], event["amount"]) == (consumer, consumer, AMOUNT)


def test_adds_to_the_prepaid_balance_when_somebody_else_pays(system, escrow, consumer, provider, issue_credit, prepay):
    prepay(consumer, AMOUNT)
    issue_credit(provider, 7)
    system.credit.approve(escrow, 7, {"from": provider})

    tx = escrow.deposit(consumer, 7, {"from": provider})

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT + 7, AMOUNT + 7)
    assert tuple(escrow.prepaidOf(provider)) == (0, 0)
    assert tx.events["PrepaidDeposited"]["payer"] == provider


def test_reverts_when_the_payer_allowed_less(system, escrow, consumer, issue_credit, reverts_with):
    issue_credit(consumer, AMOUNT)
    system.credit.approve(escrow, AMOUNT - 1, {"from": consumer})

    with reverts_with("ERC20InsufficientAllowance", escrow, AMOUNT - 1, AMOUNT):
        escrow.deposit.call(consumer, AMOUNT, {"from": consumer})


@pytest.mark.parametrize("standing", ["never_registered", "suspended", "removed"])
def test_h030_reverts_when_the_participant_is_not_active(
    system, escrow, provider, participant_in, issue_credit, reverts_with, standing
):
    participant = participant_in(standing, CONSUMER)
    issue_credit(provider, AMOUNT)
    system.credit.approve(escrow, AMOUNT, {"from": provider})

    with reverts_with("FeeEscrowParticipantNotActive", participant):
        escrow.deposit.call(participant, AMOUNT, {"from": provider})


def test_h070_adds_up_to_the_bound_when_the_amount_is_large(hostile_network, prepay_in, consumer, reverts_with):
    escrow = hostile_network.escrow

    prepay_in(hostile_network, consumer, MOST)

    assert tuple(escrow.prepaidOf(consumer)) == (MOST, MOST)
    with reverts_with("FeeEscrowAmountInvalid", 1):
        escrow.deposit.call(consumer, 1, {"from": consumer})


def test_h070_reverts_when_the_amount_is_out_of_bounds(hostile_network, consumer, reverts_with):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(consumer, 2**255, {"from": consumer})
    token.approve(escrow, 2**256 - 1, {"from": consumer})

    for amount in (0, MOST + 1, 2**128 - 1, 2**128 + 1, 2**256 - 1):
        with reverts_with("FeeEscrowAmountInvalid", amount):
            escrow.deposit.call(consumer, amount, {"from": consumer})


@pytest.mark.parametrize(("fee_bps", "received"), [(ONE_PERCENT, AMOUNT * 99 // 100), (EVERYTHING, 0)])
def test_h071_reverts_when_the_token_keeps_a_part(hostile_network, consumer, reverts_with, fee_bps, received):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(consumer, AMOUNT, {"from": consumer})
    token.approve(escrow, AMOUNT, {"from": consumer})
    token.setFee(fee_bps, {"from": consumer})

    with reverts_with("FeeEscrowTokenTookFee", AMOUNT, received):
        escrow.deposit(consumer, AMOUNT, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
    assert token.balanceOf(consumer) == AMOUNT


def test_h073_adds_to_the_prepaid_balance_when_the_token_returns_nothing(hostile_network, prepay_in, consumer):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.setAnswer(Answer.NOTHING, {"from": consumer})

    prepay_in(hostile_network, consumer, AMOUNT)

    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert token.balanceOf(escrow) == AMOUNT


@pytest.mark.parametrize("answer", [Answer.NO, Answer.WORD])
def test_h073_reverts_when_the_token_does_not_return_true(hostile_network, consumer, reverts_with, answer):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(consumer, AMOUNT, {"from": consumer})
    token.approve(escrow, AMOUNT, {"from": consumer})
    token.setAnswer(answer, {"from": consumer})

    with reverts_with("SafeERC20FailedOperation", token):
        escrow.deposit(consumer, AMOUNT, {"from": consumer})

    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)


def test_h073_reverts_as_the_token_does_when_it_refuses_with_data(hostile_network, consumer, reverts_with):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(consumer, AMOUNT, {"from": consumer})
    token.approve(escrow, AMOUNT, {"from": consumer})
    token.setAnswer(Answer.REFUSAL, {"from": consumer})

    with reverts_with("HostileTokenRefused", consumer, escrow, AMOUNT):
        escrow.deposit.call(consumer, AMOUNT, {"from": consumer})


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_refuses_the_inner_call_when_the_token_deposits_again(hostile_network, prepay_in, consumer, moment):
    token, escrow = hostile_network.token, hostile_network.escrow
    token.mint(token, 7, {"from": consumer})
    token.execute(token, token.approve.encode_input(escrow, 7), {"from": consumer})
    token.setHook(moment, escrow, escrow.deposit.encode_input(consumer, 7), {"from": consumer})

    prepay_in(hostile_network, consumer, AMOUNT)

    assert refusal_of_hook(token) == "ReentrancyGuardReentrantCall"
    assert tuple(escrow.prepaidOf(consumer)) == (AMOUNT, AMOUNT)
    assert token.balanceOf(escrow) == AMOUNT


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_refuses_the_inner_call_when_the_token_takes_money_out(
    hostile_network, prepay_in, run_in, system, consumer, provider, moment
):
    token, escrow = hostile_network.token, hostile_network.escrow
    running = run_in(hostile_network)
    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
    system.identities.changeOwner(provider, token, {"from": provider})
    earned, held = escrow.earnedOf(provider), token.balanceOf(escrow)
    token.setHook(moment, escrow, escrow.withdrawEarned.encode_input(provider), {"from": consumer})

    prepay_in(hostile_network, consumer, AMOUNT)

    assert earned > 0
    assert refusal_of_hook(token) == "ReentrancyGuardReentrantCall"
    assert escrow.earnedOf(provider) == earned
    assert token.balanceOf(escrow) == held + AMOUNT


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_accounts_for_every_unit_when_the_token_funds_from_the_same_deposit(
    hostile_network, prepay_in, arguments_in, consumer, moment
):
    token, escrow = hostile_network.token, hostile_network.escrow
    given, order, arguments = arguments_in(hostile_network)
    token.setHook(moment, escrow, escrow.fund.encode_input(*arguments), {"from": consumer})

    prepay_in(hostile_network, consumer, order.fee + 1)

    done, exchange_id = token.hookResult()
    assert done
    assert escrow.isFunded(exchange_id)
    assert escrow.stateOf(given.id, 1)[0] == ExchangeState.FUNDED
    assert tuple(escrow.prepaidOf(consumer)) == (1, 1)
    assert token.balanceOf(escrow) == order.fee + 1


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_funds_nothing_when_the_token_then_keeps_a_part(
    hostile_network, arguments_in, system, consumer, reverts_with, moment
):
    token, escrow = hostile_network.token, hostile_network.escrow
    given, order, arguments = arguments_in(hostile_network)
    token.mint(consumer, order.fee, {"from": consumer})
    token.approve(escrow, order.fee, {"from": consumer})
    token.setHook(moment, escrow, escrow.fund.encode_input(*arguments), {"from": consumer})
    token.setFee(ONE_PERCENT, {"from": consumer})

    with reverts_with("FeeEscrowTokenTookFee", order.fee, order.fee * 99 // 100):
        escrow.deposit(consumer, order.fee, {"from": consumer})

    assert system.consents.stateOf(given.id)[1] == 0
    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
