"""FeeEscrow.withdrawEarned: everything earned, at once, by the account holder alone and to its payout address."""

import pytest

from tests.helpers.hostile_token import EVERYTHING, Answer, Moment, refusal_of_hook
from tests.helpers.running import CIPHERTEXT_HASH


@pytest.fixture
def earned(escrow, consumer, provider, run_delivered):
    """What the provider earned with one exchange, smallest token units."""
    escrow.accept(*run_delivered().delivery(), consumer, b"", {"from": consumer})
    return escrow.earnedOf(provider)


@pytest.fixture
def earn_in(consumer, provider, run_in):
    """The same over a token that misbehaves: a function of the network."""

    def earn(network):
        network.escrow.accept(*run_in(network).delivery(), consumer, b"", {"from": consumer})
        return network.escrow.earnedOf(provider)

    return earn


def test_pays_everything_when_the_account_holder_calls(system, escrow, provider, earned):
    held = system.credit.balanceOf(escrow)

    tx = escrow.withdrawEarned(provider, {"from": provider})

    assert earned > 0
    assert escrow.earnedOf(provider) == 0
    assert system.credit.balanceOf(provider) == earned
    assert system.credit.balanceOf(escrow) == held - earned
    event = tx.events["EarnedWithdrawn"]
    assert (event["participant"], event["to"], event["amount"]) == (provider, provider, earned)


def test_leaves_what_waits_for_the_recruiter_when_everything_is_paid(escrow, provider, earned):
    waiting = escrow.recruiterShareOf(provider)

    escrow.withdrawEarned(provider, {"from": provider})

    assert escrow.recruiterShareOf(provider) == waiting > 0


def test_pays_the_payout_address_when_one_is_set(system, escrow, provider, earned, unused_account):
    treasury = unused_account()
    system.identities.setPayoutAddress(provider, treasury, {"from": provider})

    tx = escrow.withdrawEarned(provider, {"from": provider})

    assert system.credit.balanceOf(treasury) == earned
    assert tx.events["EarnedWithdrawn"]["to"] == treasury


def test_pays_the_new_owner_when_the_owner_key_was_handed_on(
    system, escrow, provider, earned, rotate_owner, reverts_with
):
    owner = rotate_owner(provider)

    with reverts_with("FeeEscrowNotAccountHolder", provider, provider):
        escrow.withdrawEarned(provider, {"from": provider})
    escrow.withdrawEarned(provider, {"from": owner})

    assert system.credit.balanceOf(owner) == earned


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_pays_when_the_participant_is_no_longer_active(system, escrow, provider, earned, bring_to, standing):
    bring_to(provider, standing)

    escrow.withdrawEarned(provider, {"from": provider})

    assert system.credit.balanceOf(provider) == earned


def test_pays_the_last_owner_when_the_identity_is_deactivated(system, escrow, provider, earned):
    system.identities.deactivate(provider, {"from": provider})

    escrow.withdrawEarned(provider, {"from": provider})

    assert system.credit.balanceOf(provider) == earned


def test_reverts_when_nothing_was_earned(escrow, stranger, reverts_with):
    with reverts_with("FeeEscrowNothingEarned", stranger):
        escrow.withdrawEarned.call(stranger, {"from": stranger})


def test_reverts_when_it_was_taken_before(escrow, provider, earned, reverts_with):
    escrow.withdrawEarned(provider, {"from": provider})

    with reverts_with("FeeEscrowNothingEarned", provider):
        escrow.withdrawEarned.call(provider, {"from": provider})


def test_reverts_when_the_caller_is_a_delegate(escrow, provider, earned, delegates_of, reverts_with):
    for delegate in delegates_of(provider).values():
        with reverts_with("FeeEscrowNotAccountHolder", provider, delegate):
            escrow.withdrawEarned.call(provider, {"from": delegate})


def test_h090_reverts_when_a_third_party_calls(
    system, escrow, provider, earned, stranger, council, unused_account, reverts_with
):
    payout_address = unused_account()
    system.identities.setPayoutAddress(provider, payout_address, {"from": provider})

    for caller in (stranger, council, payout_address):
        with reverts_with("FeeEscrowNotAccountHolder", provider, caller):
            escrow.withdrawEarned.call(provider, {"from": caller})


def test_h071_keeps_the_others_whole_when_the_token_begins_to_keep_a_part(hostile_network, earn_in, provider):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    held = token.balanceOf(escrow)
    token.setFee(EVERYTHING, {"from": provider})

    escrow.withdrawEarned(provider, {"from": provider})

    assert token.balanceOf(provider) == 0
    assert token.balanceOf(escrow) == held - earned


def test_h073_pays_when_the_token_returns_nothing(hostile_network, earn_in, provider):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    token.setAnswer(Answer.NOTHING, {"from": provider})

    escrow.withdrawEarned(provider, {"from": provider})

    assert token.balanceOf(provider) == earned


@pytest.mark.parametrize("answer", [Answer.NO, Answer.WORD])
def test_h073_reverts_when_the_token_does_not_return_true(hostile_network, earn_in, provider, reverts_with, answer):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    token.setAnswer(answer, {"from": provider})

    with reverts_with("SafeERC20FailedOperation", token):
        escrow.withdrawEarned(provider, {"from": provider})

    assert escrow.earnedOf(provider) == earned


def test_h073_reverts_as_the_token_does_when_it_refuses_with_data(hostile_network, earn_in, provider, reverts_with):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    token.setAnswer(Answer.REFUSAL, {"from": provider})

    with reverts_with("HostileTokenRefused", escrow, provider, earned):
        escrow.withdrawEarned(provider, {"from": provider})

    assert escrow.earnedOf(provider) == earned


def test_h074_blocks_only_the_payee_when_the_token_blocks_it(
    hostile_network, earn_in, run_in, consumer, provider, coordinator, reverts_with
):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    token.setBlocked(provider, True, {"from": provider})

    with reverts_with("HostileTokenBlocked", provider):
        escrow.withdrawEarned(provider, {"from": provider})

    # Everybody else goes on, and so do exchanges with the one that is blocked.
    escrow.accept(*run_in(hostile_network).delivery(), consumer, b"", {"from": consumer})
    escrow.withdrawEarned(coordinator, {"from": coordinator})
    assert token.balanceOf(coordinator) > 0
    assert escrow.earnedOf(provider) == 2 * earned


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("function", ["withdrawEarned", "withdrawPrepaid", "deposit"])
def test_h075_refuses_the_inner_call_when_the_token_moves_money_again(
    hostile_network, earn_in, system, provider, moment, function
):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    held = token.balanceOf(escrow)
    system.identities.changeOwner(provider, token, {"from": provider})
    arguments = (provider, 1) if function == "deposit" else (provider,)
    token.setHook(moment, escrow, getattr(escrow, function).encode_input(*arguments), {"from": provider})

    token.execute(escrow, escrow.withdrawEarned.encode_input(provider), {"from": provider})

    assert refusal_of_hook(token) == "ReentrancyGuardReentrantCall"
    assert token.balanceOf(token) == earned
    assert token.balanceOf(escrow) == held - earned
    assert escrow.earnedOf(provider) == 0


@pytest.mark.parametrize("moment", list(Moment))
@pytest.mark.parametrize("step", ["settleUnchallenged", "creditRecruiter", "claim"])
def test_h075_accounts_for_every_unit_when_the_token_settles_or_credits_inside(
    hostile_network, earn_in, run_in, provider, other_channel_partner, host, mine_at, moment, step
):
    token, escrow = hostile_network.token, hostile_network.escrow
    earned = earn_in(hostile_network)
    running = run_in(hostile_network)
    mine_at(running.challenge_until + 1)
    held = token.balanceOf(escrow)
    target, data, gains = {
        "settleUnchallenged": (escrow, escrow.settleUnchallenged.encode_input(*running.delivery()), provider),
        "creditRecruiter": (escrow, escrow.creditRecruiter.encode_input(provider), other_channel_partner),
        "claim": (hostile_network.host_rewards, hostile_network.host_rewards.claim.encode_input(host), host),
    }[step]
    token.setHook(moment, target, data, {"from": provider})

    escrow.withdrawEarned(provider, {"from": provider})

    assert token.hookResult()[0]
    assert token.balanceOf(provider) == earned
    assert token.balanceOf(escrow) == held - earned
    assert escrow.earnedOf(provider) == (earned if step == "settleUnchallenged" else 0)
    assert escrow.earnedOf(gains) > 0


@pytest.mark.parametrize("moment", list(Moment))
def test_h075_refuses_the_inner_call_when_the_token_delivers_as_the_provider(
    hostile_network, earn_in, run_in, system, provider, moment
):
    token, escrow = hostile_network.token, hostile_network.escrow
    earn_in(hostile_network)
    running = run_in(hostile_network)
    system.identities.changeOwner(provider, token, {"from": provider})
    again = escrow.deliver.encode_input(*running.description(), CIPHERTEXT_HASH, token, b"")
    token.setHook(moment, escrow, again, {"from": provider})

    token.execute(escrow, escrow.withdrawEarned.encode_input(provider), {"from": provider})

    assert refusal_of_hook(token) == "FeeEscrowStateInvalid"
