"""FeeEscrow.refundUndelivered: once the provider's time is over, anyone returns the fee."""

import pytest

from consentry.client.exchanges import ExchangeState, RefundCause


def test_returns_the_fee_when_the_deadline_is_over(escrow, consumer, stranger, run_funded, travel_to):
    running = run_funded()
    travel_to(running.exchange.deliver_by + 1)

    tx = escrow.refundUndelivered(*running.description(), {"from": stranger})

    assert tx.timestamp == running.exchange.deliver_by + 1
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert tuple(escrow.prepaidOf(consumer)) == (running.fee, running.fee)
    assert escrow.prepaidOf(stranger)[0] == 0
    event = tx.events["ExchangeRefunded"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), RefundCause.NOT_DELIVERED)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_returns_the_fee_when_the_parties_are_no_longer_active(
    escrow, actors, consumer, stranger, run_funded, bring_to, travel_to, standing
):
    running = run_funded()
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)
    travel_to(running.exchange.deliver_by + 1)

    escrow.refundUndelivered(*running.description(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_returns_the_fee_when_the_provider_is_deactivated(
    system, escrow, consumer, provider, stranger, run_funded, travel_to
):
    running = run_funded()
    system.identities.deactivate(provider, {"from": provider})
    travel_to(running.exchange.deliver_by + 1)

    escrow.refundUndelivered(*running.description(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_reverts_when_the_provider_still_has_time(escrow, consumer, run_funded, travel_to, reverts_with):
    running = run_funded()
    travel_to(running.exchange.deliver_by)

    with reverts_with("FeeEscrowDeliveryNotDue", running.id, running.exchange.deliver_by):
        escrow.refundUndelivered(*running.description(), {"from": consumer})


def test_reverts_when_it_is_delivered(escrow, consumer, run_delivered, travel_to, reverts_with):
    running = run_delivered()
    travel_to(running.exchange.deliver_by + 1)

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.DELIVERED):
        escrow.refundUndelivered(*running.description(), {"from": consumer})


def test_reverts_when_it_is_refunded_twice(escrow, consumer, stranger, run_funded, travel_to, reverts_with):
    running = run_funded()
    travel_to(running.exchange.deliver_by + 1)
    escrow.refundUndelivered(*running.description(), {"from": stranger})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.REFUNDED):
        escrow.refundUndelivered(*running.description(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_reverts_when_the_exchange_is_described_otherwise(
    escrow, stranger, run_funded, altered, mine_at, reverts_with
):
    running = run_funded()
    mine_at(running.exchange.deliver_by + 1)

    for field in ("consumer", "fee", "deliver_by"):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.refundUndelivered.call(altered(running, field), {"from": stranger})
