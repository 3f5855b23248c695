"""Disputed exchanges, to the last unit: before the council's panel and before arbitrators of others."""

from __future__ import annotations

from dataclasses import replace

import brownie
import pytest

from consentry.client.exchanges import ExchangeState
from tests.helpers import network
from tests.helpers.arbitration import REFUSED, SOLVED, WAITING, ruling_of
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

COST = 10**15
RETURNED, HALVES = 0, 5_000


@pytest.fixture
def disputes(system):
    """What ends the network's disputes."""
    return system.disputes


@pytest.fixture
def panel(system):
    """The arbitrator in force at first."""
    return system.panel


@pytest.fixture
def seats(founder, second_founder, third_founder):
    """The three seats, none of which shares in a fee."""
    return founder, second_founder, third_founder


@pytest.fixture
def foreign(CentralArbitrator, system, council, stranger):
    """An arbitrator that knows nothing of the network, in force from now on; `stranger` rules, against a fee."""
    arbitrator = CentralArbitrator.deploy(COST, {"from": stranger})
    system.disputes.setArbitrator(arbitrator, {"from": council})
    return arbitrator


@pytest.fixture
def deliver(system, funded, provider):
    """Fund and deliver an exchange."""

    def make():
        running = Running(funded())
        tx = system.escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return make


@pytest.fixture
def dispute(system, consumer, prepay):
    """Dispute a delivered exchange: a function of the exchange."""

    def make(running):
        prepay(consumer, running.fee)
        tx = system.escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})
        return replace(running, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    return make


@pytest.fixture
def disputed(deliver, dispute):
    """Fund, deliver and dispute an exchange."""
    return lambda: dispute(deliver())


@pytest.fixture
def file(disputes, provider):
    """File an exchange's ciphertext as the provider."""
    return lambda running: disputes.fileCiphertext(*running.dispute(), {"from": provider})


@pytest.fixture
def submit(disputes, relayer):
    """Submit an exchange's dispute as a stranger, and return its number at the arbitrator."""

    def make(running):
        cost = disputes.submissionCost(running.exchange.arguments())
        return disputes.submit(*running.dispute(), {"from": relayer, "value": cost}).return_value

    return make


@pytest.fixture
def execute(disputes, relayer):
    """End a dispute as a stranger."""
    return lambda running: disputes.execute(*running.dispute(), {"from": relayer})


@pytest.fixture
def books(system, consumer, provider, coordinator):
    """Read every ledger of the escrow, and assert that they and what is open are what it holds: a function of the
    exchanges that are open."""
    escrow = system.escrow

    def read(*open_exchanges):
        members = tuple(system.identities.participantsAt(0, 500))
        waiting = escrow.hostsAccrued() - escrow.hostsCredited()
        ledgers = sum(
            escrow.prepaidOf(each)[0] + escrow.earnedOf(each) + escrow.recruiterShareOf(each) for each in members
        )
        held = sum(running.fee + running.bond for running in open_exchanges)
        assert system.credit.balanceOf(escrow) == ledgers + waiting + held
        return {
            "consumer": escrow.prepaidOf(consumer)[0],
            "provider": escrow.earnedOf(provider),
            "coordinator": escrow.earnedOf(coordinator),
            "hosts": waiting,
            "consumer_recruiter": escrow.recruiterShareOf(consumer),
            "provider_recruiter": escrow.recruiterShareOf(provider),
        }

    return read


@pytest.fixture
def expect(system, books):
    """Assert how a dispute ended, to the unit: a function of the exchange, the books before, the provider's basis
    points and whether the bond is the provider's."""

    def check(running, before, provider_bps, *, forfeit=False):
        assert system.escrow.stateOf(running.exchange.consent, 1)[0] == ExchangeState.RESOLVED
        paid = running.fee * provider_bps // 10_000
        parts = running.exchange.shares.split(paid)
        gained = {name: getattr(parts, name) for name in before if name != "consumer"}
        gained["consumer"] = running.fee - paid + (0 if forfeit else running.bond)
        gained["provider"] += running.bond if forfeit else 0
        after = books()
        assert {name: after[name] - before[name] for name in before} == gained

    return check


def evidence_until(system, running):
    return running.disputed_at + system.parameters.exchange.evidence_seconds


def ruling_until(system, running):
    return running.disputed_at + system.parameters.exchange.dispute_seconds


# ---------------------------------------------------------------- before the panel


@pytest.mark.parametrize("bps", [0, 1, 2_500, 3_333, 9_999, 10_000])
def test_h102_divides_fee_and_bond_when_the_panel_ruled(
    disputes, panel, disputed, file, submit, execute, books, expect, seats, bps
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, ruling_of(bps), {"from": seat})

    execute(running)

    expect(running, before, bps, forfeit=bps == 10_000)
    assert panel.disputeStatus(dispute_id) == SOLVED


def test_returns_all_to_the_consumer_when_the_panel_refuses_to_rule(
    panel, disputed, file, submit, execute, books, expect, seats
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    for seat in seats[1:]:
        panel.vote(dispute_id, seat, REFUSED, {"from": seat})

    execute(running)

    expect(running, before, RETURNED)


def test_h100_divides_in_halves_when_the_panel_is_silent(
    system, panel, disputed, file, submit, execute, books, expect, seats, mine_at, reverts_with
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    panel.vote(dispute_id, seats[0], ruling_of(10_000), {"from": seats[0]})
    until = ruling_until(system, running)
    mine_at(until - 1)
    with reverts_with("DisputesUndecided", running.id, until):
        execute(running)
    mine_at(until + 1)

    # Too late for a ruling: the vote that would make one is refused with it.
    with reverts_with("DisputesRulingTooLate", running.id, until):
        panel.vote(dispute_id, seats[1], ruling_of(10_000), {"from": seats[1]})
    execute(running)

    expect(running, before, HALVES)
    assert panel.disputeStatus(dispute_id) == WAITING


def test_takes_a_ruling_in_the_last_second(
    system, panel, disputed, file, submit, execute, books, expect, seats, travel_to
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    panel.vote(dispute_id, seats[0], ruling_of(10_000), {"from": seats[0]})
    travel_to(ruling_until(system, running))
    panel.vote(dispute_id, seats[1], ruling_of(10_000), {"from": seats[1]})

    execute(running)

    expect(running, before, 10_000, forfeit=True)


def test_returns_all_to_the_consumer_when_no_ciphertext_is_filed(
    system, panel, disputed, file, submit, execute, books, expect, seats, travel_to, mine_at, reverts_with
):
    running = disputed()
    before = books(running)
    dispute_id = submit(running)
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, ruling_of(10_000), {"from": seat})
    until = evidence_until(system, running)
    mine_at(until - 1)
    with reverts_with("DisputesUndecided", running.id, until):
        execute(running)
    travel_to(until + 1)
    with reverts_with("DisputesEvidenceTooLate", running.id, until):
        file(running)

    execute(running)

    expect(running, before, RETURNED)


def test_takes_the_ciphertext_in_the_last_second(
    system, panel, disputed, file, submit, execute, books, expect, seats, travel_to
):
    running = disputed()
    before = books(running)
    dispute_id = submit(running)
    for seat in seats[:2]:
        panel.vote(dispute_id, seat, ruling_of(10_000), {"from": seat})
    travel_to(evidence_until(system, running))
    file(running)

    execute(running)

    expect(running, before, 10_000, forfeit=True)


def test_h098_takes_a_dispute_in_the_last_second_of_the_window_and_no_later(
    system, disputes, deliver, dispute, prepay, consumer, execute, books, expect, travel_to, mine_at, reverts_with
):
    first, second = deliver(), deliver()
    prepay(consumer, first.fee)
    travel_to(first.challenge_until)
    tx = system.escrow.dispute(*first.delivery(), REASON, consumer, b"", {"from": consumer})
    first = replace(first, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    travel_to(second.challenge_until + 1)
    with reverts_with("FeeEscrowChallengeOver", second.id, second.challenge_until):
        system.escrow.dispute(*second.delivery(), REASON, consumer, b"", {"from": consumer})

    system.escrow.settleUnchallenged(*second.delivery(), {"from": consumer})
    before = books(first)
    mine_at(evidence_until(system, first) + 1)
    execute(first)
    expect(first, before, RETURNED)


def test_h106_ends_each_alone_when_two_are_disputed_and_a_third_goes_on(
    system, panel, disputed, deliver, file, submit, execute, books, expect, seats, consumer, provider
):
    won, lost, third = disputed(), disputed(), deliver()
    numbers = [submit(running) for running in (won, lost)]
    for running in (won, lost):
        file(running)
    for dispute_id, ruling in zip(numbers, (ruling_of(10_000), ruling_of(0)), strict=True):
        for seat in seats[:2]:
            panel.vote(dispute_id, seat, ruling, {"from": seat})

    # What is disputed holds up nothing else that the provider earns.
    system.escrow.accept(*third.delivery(), consumer, b"", {"from": consumer})
    system.escrow.withdrawEarned(provider, {"from": provider})
    books(won, lost)
    before = books(won, lost)
    execute(won)
    between = books(lost)
    execute(lost)

    expect(lost, between, RETURNED)
    assert between["provider"] - before["provider"] == won.exchange.shares.split(won.fee).provider + won.bond


# ---------------------------------------------------------------- who rules


@pytest.mark.parametrize(
    "role", ["consumer", "provider", "coordinator", "host", "channel_partner", "other_channel_partner"]
)
def test_h101_reverts_when_a_seat_shares_in_the_fee(panel, disputed, submit, votes, actors, seats, role, reverts_with):
    sharer = actors[role]
    votes.sign_charter(1, sharer)
    votes.carry((votes.council, "replaceSeat", seats[2], sharer))
    dispute_id = submit(disputed())

    with reverts_with("ArbitrationPanelSeatShares", dispute_id, sharer):
        panel.vote(dispute_id, sharer, ruling_of(10_000), {"from": sharer})

    assert set(panel.eligibleSeats(dispute_id)) == {seat.address for seat in seats[:2]}


def test_rules_with_one_seat_when_the_others_are_hosts(
    system, council, panel, disputed, file, submit, execute, books, expect, seats
):
    for seat in seats[:2]:
        network.admit(system, council, seat, network.HOST)
        system.host_rewards.setWeight(seat, 1, {"from": council})
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    assert list(panel.eligibleSeats(dispute_id)) == [seats[2]]

    panel.vote(dispute_id, seats[2], ruling_of(7_000), {"from": seats[2]})
    execute(running)

    expect(running, before, 7_000)


def test_h100_divides_in_halves_when_no_seat_may_rule(
    system, council, panel, disputed, file, submit, execute, books, expect, seats, mine_at
):
    for seat in seats:
        network.admit(system, council, seat, network.HOST)
        system.host_rewards.setWeight(seat, 1, {"from": council})
    running = disputed()
    before = books(running)
    file(running)
    assert tuple(panel.eligibleSeats(submit(running))) == ()
    mine_at(ruling_until(system, running) + 1)

    execute(running)

    expect(running, before, HALVES)


def test_h104_goes_on_with_the_seats_there_are_when_one_is_replaced(
    panel, disputed, file, submit, execute, books, expect, votes, seats, unused_account
):
    newcomer, running = unused_account(), disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    panel.vote(dispute_id, seats[2], ruling_of(10_000), {"from": seats[2]})
    votes.sign_charter(1, newcomer)
    votes.carry((votes.council, "replaceSeat", seats[2], newcomer))

    panel.vote(dispute_id, seats[0], ruling_of(10_000), {"from": seats[0]})
    assert panel.disputeStatus(dispute_id) == WAITING
    panel.vote(dispute_id, newcomer, ruling_of(10_000), {"from": newcomer})
    execute(running)

    expect(running, before, 10_000, forfeit=True)


# ---------------------------------------------------------------- before an arbitrator of others


def test_h104_ends_each_at_its_own_arbitrator_when_another_is_voted_in(
    CentralArbitrator, disputes, panel, disputed, file, submit, execute, books, expect, votes, seats, stranger
):
    before_panel = disputed()
    first = submit(before_panel)
    arbitrator = CentralArbitrator.deploy(COST, {"from": stranger})
    votes.carry((disputes, "setArbitrator", arbitrator))
    before_other = disputed()
    second = submit(before_other)
    for running in (before_panel, before_other):
        file(running)

    books(before_panel, before_other)
    arbitrator.giveRuling(second, ruling_of(4_000), {"from": stranger})
    execute(before_other)
    between = books(before_panel)
    for seat in seats[:2]:
        panel.vote(first, seat, ruling_of(8_000), {"from": seat})
    execute(before_panel)

    expect(before_panel, between, 8_000)
    assert arbitrator.balance() == COST


@pytest.mark.parametrize("ruling", [REFUSED, ruling_of(0), ruling_of(6_001), ruling_of(10_000)])
def test_divides_fee_and_bond_when_a_foreign_arbitrator_rules(
    disputes, foreign, disputed, file, submit, execute, books, expect, stranger, ruling
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    assert (foreign.balance(), disputes.balance()) == (COST, 0)

    foreign.giveRuling(dispute_id, ruling, {"from": stranger})
    execute(running)

    bps = 0 if ruling == REFUSED else ruling - 1
    expect(running, before, bps, forfeit=bps == 10_000)


def test_h100_divides_in_halves_when_a_foreign_arbitrator_fails(
    system, disputes, foreign, disputed, file, execute, books, expect, relayer, stranger, mine_at, reverts_with
):
    foreign.setAnswer(1, b"", {"from": stranger})
    running = disputed()
    before = books(running)
    with reverts_with("CentralArbitratorRefused"):
        disputes.submit(*running.dispute(), {"from": relayer, "value": COST})
    file(running)
    mine_at(ruling_until(system, running) + 1)

    execute(running)

    expect(running, before, HALVES)


def test_h100_divides_in_halves_when_a_foreign_arbitrator_rules_late(
    system, foreign, disputed, file, submit, execute, books, expect, stranger, travel_to, reverts_with
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    until = ruling_until(system, running)
    travel_to(until + 1)
    with reverts_with("DisputesRulingTooLate", running.id, until):
        foreign.giveRuling(dispute_id, ruling_of(10_000), {"from": stranger})

    execute(running)

    expect(running, before, HALVES)


def test_a16_ends_once_when_the_arbitrator_rules_again(
    system, foreign, disputed, file, submit, execute, books, expect, stranger, reverts_with
):
    running = disputed()
    before = books(running)
    file(running)
    dispute_id = submit(running)
    foreign.giveRuling(dispute_id, ruling_of(0), {"from": stranger})
    execute(running)

    with reverts_with("DisputesRuled", running.id, ruling_of(0)):
        foreign.giveRuling(dispute_id, ruling_of(10_000), {"from": stranger})
    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.RESOLVED):
        execute(running)

    expect(running, before, RETURNED)
    assert brownie.web3.eth.get_balance(system.disputes.address) == 0
