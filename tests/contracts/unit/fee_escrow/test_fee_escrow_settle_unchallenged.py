"""FeeEscrow.settleUnchallenged: silence settles, once the consumer's time to dispute is over."""

import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, ExchangeState, SettlementCause


def test_h111_credits_five_shares_when_the_consumer_says_nothing(
    escrow, consumer, provider, coordinator, stranger, run_delivered, travel_to
):
    running = run_delivered()
    travel_to(running.challenge_until + 1)

    tx = escrow.settleUnchallenged(*running.delivery(), {"from": stranger})

    assert tx.timestamp == running.challenge_until + 1
    assert escrow.earnedOf(provider) == 2_400_000
    assert escrow.earnedOf(coordinator) == escrow.hostsAccrued() == 600_000
    assert escrow.recruiterShareOf(consumer) == escrow.recruiterShareOf(provider) == 200_000
    assert escrow.earnedOf(stranger) == 0
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.SETTLED, 0)
    event = tx.events["ExchangeSettled"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), SettlementCause.CHALLENGE_WINDOW_ENDED)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_credits_five_shares_when_the_parties_are_no_longer_active(
    escrow, actors, provider, stranger, run_delivered, bring_to, travel_to, standing
):
    running = run_delivered()
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)
    travel_to(running.challenge_until + 1)

    escrow.settleUnchallenged(*running.delivery(), {"from": stranger})

    assert escrow.earnedOf(provider) == 2_400_000


def test_reverts_when_the_window_is_open(escrow, provider, run_delivered, travel_to, reverts_with):
    running = run_delivered()
    travel_to(running.challenge_until)

    with reverts_with("FeeEscrowChallengeRunning", running.id, running.challenge_until):
        escrow.settleUnchallenged(*running.delivery(), {"from": provider})


def test_h100_reverts_when_the_delivery_is_disputed(escrow, provider, run_disputed, mine_at, reverts_with):
    running = run_disputed()
    mine_at(running.challenge_until + 1)

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.DISPUTED):
        escrow.settleUnchallenged.call(*running.delivery(), {"from": provider})


def test_reverts_when_it_is_settled_twice(escrow, provider, stranger, run_delivered, travel_to, reverts_with):
    running = run_delivered()
    travel_to(running.challenge_until + 1)
    escrow.settleUnchallenged(*running.delivery(), {"from": stranger})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.NONE):  # it left no slot
        escrow.settleUnchallenged(*running.delivery(), {"from": stranger})

    assert escrow.earnedOf(provider) == 2_400_000


def test_reverts_when_the_delivery_is_described_otherwise(
    escrow, stranger, run_delivered, altered, mine_at, reverts_with
):
    running = run_delivered()
    exchange, delivered_at = running.delivery()
    other = running.exchange.arguments(Delivery(keccak(text="another ciphertext"), delivered_at))
    mine_at(running.challenge_until + 1)

    for described in (
        (altered(running, "provider", is_delivered=True), delivered_at),
        (altered(running, "shares", is_delivered=True), delivered_at),
        (other, delivered_at),
        (exchange, delivered_at - 1),
    ):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.settleUnchallenged.call(*described, {"from": stranger})
