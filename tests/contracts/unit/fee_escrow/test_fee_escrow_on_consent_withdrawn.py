"""FeeEscrow.onConsentWithdrawn: a withdrawal before delivery stops the exchange, whoever carries it."""

import pytest

from consentry.client.exchanges import ExchangeState, RefundCause
from tests.helpers.blocks import mine_together, raise_if_refused
from tests.helpers.exchanges import NO_EXCHANGE, funded_in
from tests.helpers.running import CIPHERTEXT_HASH

MOST = 2**104 - 1
NOT_FUNDED = (ExchangeState.DELIVERED, ExchangeState.DISPUTED, ExchangeState.SETTLED, ExchangeState.REFUNDED)


@pytest.fixture
def withdraw(system, words, relayer):
    """Withdraw the consent of an exchange by its subject's signature: a function of the exchange and of what is brought
    along to describe it."""

    def carry(running, described):
        given = running.funded.given
        return system.consents.withdraw(
            given.sealed.arguments(), described, words.sign_withdrawal(given), {"from": relayer}
        )

    return carry


def test_returns_the_fee_in_the_same_transaction_when_the_exchange_is_described(
    escrow, consumer, run_funded, withdraw
):
    running = run_funded()

    tx = withdraw(running, running.exchange.arguments())

    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert tuple(escrow.prepaidOf(consumer)) == (running.fee, running.fee)
    event = tx.events["ExchangeRefunded"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), RefundCause.CONSENT_WITHDRAWN)
    assert "WithdrawalNoticeFailed" not in tx.events


def test_leaves_the_fee_due_when_the_exchange_is_not_described(escrow, consumer, run_funded, withdraw):
    running = run_funded()

    tx = withdraw(running, NO_EXCHANGE)

    described = bytes.fromhex(str(escrow.hashExchange(running.exchange.arguments()))[2:])
    assert escrow.slotOf(running.id) == "0x" + (described[:31] + bytes([ExchangeState.REFUND_DUE])).hex()
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUND_DUE, 0)
    assert not escrow.isFunded(running.id)
    assert escrow.prepaidOf(consumer)[0] == 0
    assert tx.events["ExchangeRefundDue"]["exchangeId"] == "0x" + running.id.hex()


@pytest.mark.parametrize("field", ["consumer", "fee", "provider"])
def test_h018_leaves_the_fee_due_when_the_relayer_describes_another_exchange(
    escrow, consumer, stranger, run_funded, withdraw, altered, field
):
    running = run_funded()

    withdraw(running, altered(running, field))

    assert escrow.stateOf(*running.used)[0] == ExchangeState.REFUND_DUE
    assert escrow.prepaidOf(consumer)[0] == escrow.prepaidOf(stranger)[0] == 0


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_returns_the_fee_when_the_parties_are_no_longer_active(
    escrow, actors, consumer, run_funded, withdraw, bring_to, standing
):
    running = run_funded()
    for role in ("consumer", "provider"):
        bring_to(actors[role], standing)

    withdraw(running, running.exchange.arguments())

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_h115_returns_the_fee_when_everything_is_paused(system, escrow, guardian, consumer, run_funded, withdraw):
    running = run_funded()
    system.consents.pauseUses({"from": guardian})
    system.consents.pauseGrants({"from": guardian})

    withdraw(running, running.exchange.arguments())

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_h086_returns_the_fee_when_another_escrow_has_taken_this_ones_place(
    hostile_contracts, system, escrow, council, consumer, run_funded, withdraw
):
    running = run_funded()
    system.consents.addEscrow(hostile_contracts.escrow, {"from": council})

    withdraw(running, running.exchange.arguments())

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_stops_the_second_use_when_the_first_is_delivered(
    escrow, words, consumer, provider, relayer, fresh_subject, prepared, system
):
    given, _, arguments = prepared(words.give(fresh_subject(), max_uses=2))
    first = funded_in(escrow.fund(*arguments, {"from": relayer}))
    escrow.deliver(first.arguments(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    _, _, arguments = prepared(given, use=2)
    second = funded_in(escrow.fund(*arguments, {"from": relayer}))

    withdrawal = words.sign_withdrawal(given)
    system.consents.withdraw(given.sealed.arguments(), second.arguments(), withdrawal, {"from": relayer})

    assert escrow.stateOf(first.consent, first.use)[0] == ExchangeState.DELIVERED
    assert escrow.stateOf(second.consent, second.use)[0] == ExchangeState.REFUNDED
    assert escrow.prepaidOf(consumer)[0] == second.fee


def test_h059_decides_by_their_order_when_delivered_in_the_same_block(
    system, escrow, words, consumer, provider, relayer, run_funded, reverts_with
):
    first, second = run_funded(), run_funded()

    def withdrawal_of(running):
        given = running.funded.given
        arguments = given.sealed.arguments(), running.exchange.arguments(), words.sign_withdrawal(given)
        return relayer, system.consents.withdraw, arguments

    def delivery_of(running):
        return provider, escrow.deliver, (*running.description(), CIPHERTEXT_HASH, provider.address, b"")

    mine_together(delivery_of(first), withdrawal_of(first))
    _, late = mine_together(withdrawal_of(second), delivery_of(second))

    assert escrow.stateOf(*first.used)[0] == ExchangeState.DELIVERED
    assert escrow.stateOf(*second.used)[0] == ExchangeState.REFUNDED
    assert escrow.prepaidOf(consumer)[0] == second.fee
    with reverts_with("FeeEscrowStateInvalid", second.id, ExchangeState.REFUNDED):
        raise_if_refused(late)


@pytest.mark.parametrize("state", NOT_FUNDED)
def test_h082_changes_nothing_when_the_exchange_is_past_funded(
    system, escrow, consumer, run_to, withdraw, state
):
    running = run_to(state)
    slot, prepaid = escrow.slotOf(running.id), escrow.prepaidOf(consumer)[0]

    tx = withdraw(running, running.exchange.arguments())

    assert system.consents.isWithdrawn(running.exchange.consent)
    assert escrow.slotOf(running.id) == slot
    assert escrow.prepaidOf(consumer)[0] == prepaid
    assert "ExchangeRefunded" not in tx.events
    assert "ExchangeRefundDue" not in tx.events


def test_h086_leaves_the_fee_due_when_the_balance_has_no_room(
    system, hostile_network, prepay_in, arguments_in, consumer, provider, relayer, mine_at, reverts_with
):
    words, escrow = hostile_network.words, hostile_network.escrow
    given, order, arguments = arguments_in(hostile_network)
    prepay_in(hostile_network, consumer, order.fee)
    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))
    prepay_in(hostile_network, consumer, MOST)

    withdrawal = words.sign_withdrawal(given)
    tx = system.consents.withdraw(given.sealed.arguments(), exchange.arguments(), withdrawal, {"from": relayer})

    assert "WithdrawalNoticeFailed" not in tx.events
    assert escrow.stateOf(exchange.consent, exchange.use)[0] == ExchangeState.REFUND_DUE
    with reverts_with("FeeEscrowStateInvalid", exchange.id, ExchangeState.REFUND_DUE):
        escrow.deliver(exchange.arguments(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    with reverts_with("SafeCastOverflowedUintDowncast", 104, MOST + order.fee):
        escrow.refundWithdrawn(exchange.arguments(), exchange.consent, exchange.use, {"from": relayer})

    announced = escrow.announceWithdrawal(consumer, order.fee, {"from": consumer}).events["WithdrawalAnnounced"]
    mine_at(announced["takeableAt"])
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    escrow.refundWithdrawn(exchange.arguments(), exchange.consent, exchange.use, {"from": relayer})
    assert escrow.prepaidOf(consumer)[0] == MOST


def test_reverts_when_the_caller_is_not_the_consent_token(
    escrow, actors, run_funded, reverts_with
):
    running = run_funded()

    for role in ("consumer", "provider", "founder", "stranger"):
        with reverts_with("FeeEscrowNotConsentToken", actors[role]):
            escrow.onConsentWithdrawn(running.id, *running.description(), {"from": actors[role]})

    assert escrow.isFunded(running.id)
