"""FeeEscrow.refundWithdrawn: a withdrawn consent's fee, where the withdrawal itself did not return it."""

import itertools

import brownie
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.exchanges import ExchangeState, RefundCause
from tests.helpers.clock import is_ganache

RECORDS_SLOT = 3  # of ConsentToken
WITHDRAWN_AT_BIT = 208  # bytes 26-31 of a record


@pytest.fixture
def withdraw_unnoticed(system, chain):
    """Withdraw a consent without a word to the escrow, as when its notice fails: a function of the exchange."""

    def withdraw(running):
        slot = keccak(encode(["bytes32", "uint256"], [running.exchange.consent, RECORDS_SLOT]))
        record = int.from_bytes(brownie.web3.eth.get_storage_at(system.consents.address, slot), "big")
        record |= chain[-1].timestamp << WITHDRAWN_AT_BIT
        method = "evm_setAccountStorageAt" if is_ganache() else "anvil_setStorageAt"
        arguments = [system.consents.address, "0x" + slot.hex(), "0x" + record.to_bytes(32, "big").hex()]
        answer = brownie.web3.provider.make_request(method, arguments)
        assert "error" not in answer, answer["error"]
        assert system.consents.isWithdrawn(running.exchange.consent)

    return withdraw


def test_returns_the_fee_when_it_is_due(escrow, consumer, stranger, run_to):
    running = run_to(ExchangeState.REFUND_DUE)
    assert escrow.prepaidOf(consumer)[0] == 0

    tx = escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert tuple(escrow.prepaidOf(consumer)) == (running.fee, running.fee)
    event = tx.events["ExchangeRefunded"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), RefundCause.CONSENT_WITHDRAWN)


def test_h086_returns_the_fee_when_the_escrow_did_not_hear_of_the_withdrawal(
    escrow, consumer, stranger, run_funded, withdraw_unnoticed
):
    running = run_funded()
    withdraw_unnoticed(running)

    tx = escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert escrow.prepaidOf(consumer)[0] == running.fee


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_returns_the_fee_when_the_consumer_is_no_longer_active(
    escrow, consumer, stranger, run_to, bring_to, standing
):
    running = run_to(ExchangeState.REFUND_DUE)
    bring_to(consumer, standing)

    escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_h115_returns_the_fee_when_funding_is_paused(system, escrow, guardian, consumer, stranger, run_to):
    running = run_to(ExchangeState.REFUND_DUE)
    system.consents.pauseUses({"from": guardian})

    escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_reverts_when_the_consent_stands(escrow, consumer, run_funded, reverts_with):
    running = run_funded()

    with reverts_with("FeeEscrowNotWithdrawn", running.id):
        escrow.refundWithdrawn.call(*running.withdrawal(), {"from": consumer})


def test_reverts_when_only_another_consent_is_withdrawn(
    escrow, consumer, run_funded, withdraw_unnoticed, reverts_with
):
    running, other = run_funded(), run_funded()
    withdraw_unnoticed(other)

    for words in ((other.exchange.consent, 1), (running.exchange.consent, 2), (running.exchange.consent, 0)):
        with reverts_with("FeeEscrowNotWithdrawn", running.id):
            escrow.refundWithdrawn.call(running.exchange.arguments(), *words, {"from": consumer})


@pytest.mark.parametrize(
    "state", [state for state in ExchangeState if state not in (ExchangeState.FUNDED, ExchangeState.REFUND_DUE)]
)
def test_reverts_when_no_fee_is_due(escrow, consumer, run_to, reverts_with, state):
    running = run_to(state)
    prepaid = escrow.prepaidOf(consumer)[0]

    kept = ExchangeState.NONE if state is ExchangeState.SETTLED else state  # a settled exchange leaves no slot
    with reverts_with("FeeEscrowStateInvalid", running.id, kept):
        escrow.refundWithdrawn(*running.withdrawal(), {"from": consumer})

    assert escrow.prepaidOf(consumer)[0] == prepaid


def test_reverts_when_it_is_refunded_twice(escrow, consumer, stranger, run_to, reverts_with):
    running = run_to(ExchangeState.REFUND_DUE)
    escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.REFUNDED):
        escrow.refundWithdrawn(*running.withdrawal(), {"from": stranger})

    assert escrow.prepaidOf(consumer)[0] == running.fee


def test_reverts_when_the_exchange_is_described_otherwise(
    escrow, stranger, run_to, run_funded, withdraw_unnoticed, altered, reverts_with
):
    due, unnoticed = run_to(ExchangeState.REFUND_DUE), run_funded()
    withdraw_unnoticed(unnoticed)

    for running, field in itertools.product((due, unnoticed), ("consumer", "fee")):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.refundWithdrawn.call(altered(running, field), *running.withdrawal()[1:], {"from": stranger})
