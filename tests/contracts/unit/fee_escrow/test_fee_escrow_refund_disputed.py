"""FeeEscrow.refundDisputed: a dispute that nobody decided ends at its deadline, in full, by anyone."""

import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import ExchangeState, RefundCause


@pytest.fixture
def dispute_until(system):
    """Last second of a dispute: a function of the exchange."""
    return lambda running: running.disputed_at + system.parameters.exchange.dispute_seconds


def test_h100_returns_fee_and_bond_when_the_deadline_is_over(
    system, escrow, consumer, provider, stranger, run_disputed, dispute_until, travel_to
):
    running = run_disputed()
    before = escrow.prepaidOf(consumer)[0]
    travel_to(dispute_until(running) + 1)

    tx = escrow.refundDisputed(*running.dispute(), {"from": stranger})

    assert tx.timestamp == dispute_until(running) + 1
    assert running.bond == 400_000
    assert tuple(escrow.stateOf(running.id)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert escrow.prepaidOf(consumer)[0] == before + running.fee + running.bond == system.credit.balanceOf(escrow)
    assert escrow.earnedOf(provider) == 0
    event = tx.events["ExchangeRefunded"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), RefundCause.DISPUTE_UNRESOLVED)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_returns_fee_and_bond_when_the_parties_are_no_longer_active(
    escrow, actors, consumer, stranger, run_disputed, dispute_until, bring_to, travel_to, standing
):
    running = run_disputed()
    before = escrow.prepaidOf(consumer)[0]
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)
    travel_to(dispute_until(running) + 1)

    escrow.refundDisputed(*running.dispute(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == before + running.fee + running.bond


def test_reverts_when_the_dispute_is_running(escrow, consumer, run_disputed, dispute_until, travel_to, reverts_with):
    running = run_disputed()
    travel_to(dispute_until(running))

    with reverts_with("FeeEscrowDisputeRunning", running.id, dispute_until(running)):
        escrow.refundDisputed(*running.dispute(), {"from": consumer})


@pytest.mark.parametrize("state", [ExchangeState.DELIVERED, ExchangeState.SETTLED, ExchangeState.REFUNDED])
def test_reverts_when_it_is_not_disputed(escrow, consumer, run_to, reverts_with, state):
    running = run_to(state)

    with reverts_with("FeeEscrowStateInvalid", running.id, state):
        escrow.refundDisputed.call(*running.dispute(), {"from": consumer})


def test_reverts_when_it_is_refunded_twice(
    escrow, consumer, stranger, run_disputed, dispute_until, travel_to, reverts_with
):
    running = run_disputed()
    travel_to(dispute_until(running) + 1)
    escrow.refundDisputed(*running.dispute(), {"from": stranger})
    prepaid = escrow.prepaidOf(consumer)[0]

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.REFUNDED):
        escrow.refundDisputed(*running.dispute(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == prepaid


def test_h070_reverts_when_the_dispute_is_described_otherwise(
    escrow, consumer, run_disputed, dispute_until, altered, mine_at, reverts_with
):
    running = run_disputed()
    exchange, ciphertext_hash, delivered_at, bond, disputed_at = running.dispute()
    mine_at(dispute_until(running) + 1)

    for described in (
        (altered(running, "consumer"), ciphertext_hash, delivered_at, bond, disputed_at),
        (altered(running, "fee"), ciphertext_hash, delivered_at, bond, disputed_at),
        (exchange, keccak(text="another ciphertext"), delivered_at, bond, disputed_at),
        (exchange, ciphertext_hash, delivered_at + 1, bond, disputed_at),
        (exchange, ciphertext_hash, delivered_at, bond + 1, disputed_at),
        (exchange, ciphertext_hash, delivered_at, 2**256 - 1, disputed_at),
        (exchange, ciphertext_hash, delivered_at, bond, disputed_at - 1),
    ):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.refundDisputed.call(*described, {"from": consumer})
