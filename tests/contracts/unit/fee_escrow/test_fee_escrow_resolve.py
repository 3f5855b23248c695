"""FeeEscrow.resolve: a dispute's outcome divides fee and bond, to the last unit, and once."""

import pytest

from consentry.client.exchanges import Delivery, ExchangeState, Shares
from tests.helpers.running import CIPHERTEXT_HASH

BOND = 400_000  # a tenth of the fee


@pytest.mark.parametrize("is_forfeit", [False, True])
@pytest.mark.parametrize("provider_bps", [0, 1, 3_333, 5_000, 9_999, 10_000])
def test_h102_divides_fee_and_bond_when_the_outcome_is_told(
    system, escrow, disputes, consumer, run_disputed, credited, provider_bps, is_forfeit
):
    running = run_disputed()
    before = escrow.prepaidOf(consumer)[0]

    tx = escrow.resolve(*running.dispute(), provider_bps, is_forfeit, {"from": disputes})

    paid = running.fee * provider_bps // 10_000
    parts = running.exchange.shares.split(paid)
    forfeit = BOND if is_forfeit else 0
    assert running.bond == BOND
    assert credited(escrow) == Shares(
        parts.provider + forfeit, parts.coordinator, parts.hosts, parts.consumer_recruiter, parts.provider_recruiter
    )
    assert escrow.prepaidOf(consumer)[0] == before + running.fee - paid + BOND - forfeit
    assert system.credit.balanceOf(escrow) == before + running.fee + BOND
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.RESOLVED, tx.timestamp)
    event = tx.events["ExchangeResolved"]
    assert (event["exchangeId"], event["providerBps"], event["isBondForfeit"]) == (
        "0x" + running.id.hex(),
        provider_bps,
        is_forfeit,
    )


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_divides_the_fee_when_the_parties_are_no_longer_active(
    escrow, disputes, actors, run_disputed, credited, bring_to, standing
):
    running = run_disputed()
    for role in ("consumer", "provider", "coordinator"):
        bring_to(actors[role], standing)

    escrow.resolve(*running.dispute(), 10_000, False, {"from": disputes})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_h115_divides_the_fee_when_uses_are_paused(system, escrow, disputes, guardian, run_disputed, credited):
    running = run_disputed()
    system.consents.pauseUses({"from": guardian})

    escrow.resolve(*running.dispute(), 10_000, True, {"from": disputes})

    assert credited(escrow).provider == running.exchange.shares.split(running.fee).provider + BOND


def test_h102_reverts_when_more_than_the_fee_is_awarded(escrow, disputes, run_disputed, reverts_with):
    running = run_disputed()

    for bps in (10_001, 2**256 - 1):
        with reverts_with("FeeEscrowOutcomeInvalid", bps):
            escrow.resolve.call(*running.dispute(), bps, False, {"from": disputes})


def test_reverts_when_anybody_else_tells_the_outcome(escrow, actors, run_disputed, reverts_with):
    running = run_disputed()

    for role in ("consumer", "provider", "coordinator", "founder", "guardian", "host", "stranger"):
        with reverts_with("FeeEscrowNotDisputes", actors[role]):
            escrow.resolve.call(*running.dispute(), 10_000, False, {"from": actors[role]})


def test_h082_reverts_when_it_is_told_twice(escrow, disputes, run_disputed, credited, reverts_with):
    running = run_disputed()
    escrow.resolve(*running.dispute(), 10_000, False, {"from": disputes})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.RESOLVED):
        escrow.resolve(*running.dispute(), 10_000, False, {"from": disputes})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


@pytest.mark.parametrize("state", [ExchangeState.DELIVERED, ExchangeState.REFUNDED])
def test_reverts_when_it_is_not_disputed(escrow, disputes, run_to, reverts_with, state):
    running = run_to(state)

    with reverts_with("FeeEscrowStateInvalid", running.id, state):
        escrow.resolve.call(*running.dispute(), 10_000, False, {"from": disputes})


def test_reverts_when_the_dispute_is_described_otherwise(escrow, disputes, run_disputed, altered, reverts_with):
    running = run_disputed()
    exchange, delivered_at, bond, disputed_at = running.dispute()
    other = running.exchange.arguments(Delivery(CIPHERTEXT_HASH[::-1], delivered_at))

    for described in (
        (altered(running, "fee", is_delivered=True), delivered_at, bond, disputed_at),
        (altered(running, "provider", is_delivered=True), delivered_at, bond, disputed_at),
        (other, delivered_at, bond, disputed_at),
        (exchange, delivered_at + 1, bond, disputed_at),
        (exchange, delivered_at, bond + 1, disputed_at),
        (exchange, delivered_at, bond, disputed_at - 1),
    ):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.checkDisputed(*described)
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.resolve.call(*described, 10_000, False, {"from": disputes})
    escrow.checkDisputed(exchange, delivered_at, bond, disputed_at)
