"""Duties to erase in a whole network: when they begin, what an overdue one stops, and all that it does not stop."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import brownie
import pytest
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.batches import Batch, BatchItem, merkle_proof
from consentry.client.consents import salt_of
from consentry.client.erasures import ERASED, ErasureState
from consentry.client.exchanges import ExchangeState
from consentry.client.signing import TypedDomain
from consentry.deployment.roles import Role
from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.network import NOBODY, account_of
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

STATEMENT = keccak(text="kept for six years under the tax code")


@pytest.fixture
def escrow(system):
    """The network's escrow."""
    return system.escrow


@pytest.fixture
def delivered(escrow, funded, provider):
    """Take an exchange to where it is delivered: a function of what of its consent shall be different."""

    def make(**changes):
        running = Running(funded(**changes))
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return make


@pytest.fixture
def settled(escrow, delivered, consumer):
    """Take an exchange to where it is settled: as `delivered`."""

    def make(**changes):
        running = delivered(**changes)
        escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
        return running

    return make


@pytest.fixture
def withdraw_given(system, words, relayer):
    """Withdraw a consent, relayed: a function of it and of its exchange."""

    def carry(given, exchange=NO_EXCHANGE):
        system.consents.withdraw(given.sealed.arguments(), exchange, words.sign_withdrawal(given), {"from": relayer})

    return carry


@pytest.fixture
def withdraw(withdraw_given):
    """Withdraw the consent of an exchange, relayed: a function of it, and of what is told of it."""
    return lambda running, exchange=NO_EXCHANGE: withdraw_given(running.funded.given, exchange)


@pytest.fixture
def settle_batch(
    ExchangeBatches, system, words, fresh_subject, prepay, signer_of, consumer, provider, coordinator, schema, purpose
):
    """Settle a batch: a function of how many items that returns its id and their consents."""
    batches = ExchangeBatches.at(system.escrow.wiring()["batches"])
    domain = TypedDomain("exchange_batches", system.manifest.chain_id, batches.address)

    def settle(count):
        given = [words.give(fresh_subject(), nonce=number) for number in range(count)]
        items = [BatchItem(each.opened, each.signature, keccak(each.id), CIPHERTEXT_HASH) for each in given]
        parties = consumer.address, provider.address, coordinator.address
        deadline = brownie.chain[-1].timestamp + 3_600
        batch = Batch(*parties, schema, purpose, Assurance.HIGH, 1, words.fee, None, deadline, 1)
        prepay(consumer, count * words.fee)
        spoken = [
            (party, domain.sign(signer_of(party), "Batch", batch.message(items, party.address)))
            for party in (consumer, provider)
        ]
        tx = batches.exchangeBatch(batch.arguments(), [item.arguments() for item in items], *spoken, {"from": consumer})
        return bytes(tx.events["BatchSettled"]["batchId"]), given

    return settle


@pytest.fixture
def open_duty(system, relayer):
    """Put the duty on record that follows from an exchange, as anybody: a function of it, and of the register if it is
    another, that returns the last instant to confirm it."""

    def put(running, where=None):
        opened = running.funded.given.opened
        opening = running.funded.given.sealed.arguments(), 1, opened.consumer, salt_of(opened.seed, 0)
        register = where or system.erasures
        register.open(*opening, {"from": relayer})
        return register.dutyOf(running.id)[1]

    return put


@pytest.fixture
def overdue(system, settled, withdraw, open_duty, mine_at, relayer):
    """Take an exchange to where its erasure is overdue and reported: a function of the register if it is another."""

    def make(where=None):
        running = settled()
        withdraw(running)
        mine_at(open_duty(running, where) + 1)
        (where or system.erasures).report(running.id, {"from": relayer})
        return running

    return make


@pytest.fixture
def confirm(system, consumer):
    """Confirm an erasure, as the consumer: a function of the exchange, and of statement and register if they are
    others."""

    def say(running, statement=ERASED, where=None):
        (where or system.erasures).confirm(consumer, [running.id], statement, NOBODY, b"", {"from": consumer})

    return say


@pytest.fixture
def state_of(system):
    """Return where the duty of an exchange stands: a function of the exchange."""
    return lambda running: ErasureState(system.erasures.dutyOf(running.id)[2])


@pytest.fixture
def refused(system, words, fresh_subject, signer_of, consumer, relayer, reverts_with):
    """Try to fund an exchange, which is refused for what is overdue: a function without arguments."""

    def fund():
        given, order = words.give(fresh_subject()), words.order()
        signature = words.sign_order(order, given, signer_of(consumer))
        with reverts_with("ConsentTokenErasureOverdue", consumer):
            system.escrow.fund(
                given.opened.arguments(), order.arguments(), given.signature, signature, {"from": relayer}
            )

    return fund


# ------------------------------------------------------------- when it begins


def test_begins_when_the_consent_is_withdrawn_after_the_exchange_was_settled(
    settled, withdraw, open_duty, state_of, reverts_with
):
    running = settled()
    given = running.funded.given
    with reverts_with("ErasureRegisterNotBegun", given.id, given.opened.erase_by):
        open_duty(running)

    withdraw(running)
    open_duty(running)

    assert state_of(running) is ErasureState.DUE


def test_begins_when_retention_is_over(settled, open_duty, state_of, mine_at):
    running = settled()

    mine_at(running.funded.given.opened.erase_by)
    open_duty(running)

    assert state_of(running) is ErasureState.DUE


def test_begins_when_the_challenge_window_has_ended_and_somebody_settled(
    escrow, delivered, withdraw, open_duty, state_of, mine_at, relayer, reverts_with
):
    running = delivered()
    withdraw(running)
    with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.DELIVERED):
        open_duty(running)

    mine_at(running.challenge_until + 1)
    escrow.settleUnchallenged(*running.delivery(), {"from": relayer})
    open_duty(running)

    assert state_of(running) is ErasureState.DUE


def test_does_not_begin_while_nothing_is_delivered(escrow, funded, withdraw, open_duty, mine_at, reverts_with):
    running = Running(funded())
    mine_at(running.funded.given.opened.erase_by)
    with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.FUNDED):
        open_duty(running)

    withdraw(running)

    with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.REFUND_DUE):
        open_duty(running)


def test_does_not_begin_when_the_fee_went_back(escrow, funded, withdraw, open_duty, provider, reverts_with):
    declined, withdrawn = Running(funded()), Running(funded())
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    withdraw(declined)
    withdraw(withdrawn, withdrawn.exchange.arguments())

    for running in (declined, withdrawn):
        with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.REFUNDED):
            open_duty(running)


def test_does_not_begin_where_a_consent_only_names_the_consumer(
    system, escrow, words, fresh_subject, consumer, relayer, reverts_with
):
    forged = words.give(fresh_subject())
    system.consents.grant(forged.sealed.arguments(), forged.signature, {"from": relayer})
    system.consents.withdraw(forged.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(forged), {"from": relayer})
    salt = salt_of(forged.opened.seed, 0)

    for use in (1, 2, 2**32 - 1):
        exchange_id = keccak(forged.id + use.to_bytes(32, "big"))
        with reverts_with("ErasureRegisterExchangeNotOver", exchange_id, escrow, ExchangeState.NONE):
            system.erasures.open(forged.sealed.arguments(), use, consumer, salt, {"from": relayer})


def test_does_not_begin_before_a_dispute_is_over(
    escrow, delivered, withdraw, open_duty, prepay, words, state_of, consumer, reverts_with
):
    prepay(consumer, words.fee)  # for the bonds
    disputed = []
    for _ in range(3):
        running = delivered()
        tx = escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})
        running = replace(running, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)
        withdraw(running)
        disputed.append(running)
        with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.DISPUTED):
            open_duty(running)

    disputes = account_of(SimpleNamespace(address=escrow.wiring()["disputes"]))
    for running, provider_bps in zip(disputed, (0, 5_000, 10_000), strict=True):
        escrow.resolve(*running.dispute(), provider_bps, False, {"from": disputes})
        open_duty(running)

    assert {state_of(running) for running in disputed} == {ErasureState.DUE}


def test_begins_for_an_item_of_a_batch_and_for_no_other_consent_under_its_nonce(
    system, settle_batch, withdraw_given, words, fresh_subject, consumer, relayer, reverts_with
):
    batch_id, items = settle_batch(3)
    for given in items:
        withdraw_given(given)
        opening = given.sealed.arguments(), consumer, salt_of(given.opened.seed, 0), 1, batch_id
        proof = merkle_proof([item.id for item in items], given.id)
        system.erasures.openForBatch(*opening, proof, {"from": relayer})

        assert system.erasures.dutyOf(keccak(given.id + (1).to_bytes(32, "big")))[2] == ErasureState.DUE
    other = words.give(fresh_subject(), nonce=items[0].opened.nonce)
    withdraw_given(other)
    opening = other.sealed.arguments(), consumer, salt_of(other.opened.seed, 0)
    with reverts_with("ErasureRegisterProofInvalid", other.id, batch_id):
        system.erasures.openForBatch(*opening, 1, batch_id, proof, {"from": relayer})
    with reverts_with("ErasureRegisterExchangeNotOver", ..., system.escrow, ExchangeState.NONE):
        system.erasures.open(opening[0], 1, *opening[1:], {"from": relayer})


def test_does_not_begin_for_a_use_that_a_former_escrow_refunded(
    FeeEscrow, system, escrow, funded, withdraw, open_duty, provider, council, reverts_with
):
    running = Running(funded())
    escrow.decline(*running.description(), REASON, provider, b"", {"from": provider})
    parts = escrow.wiring()
    successor = FeeEscrow.deploy(parts, escrow.parameters(), {"from": council})
    system.consents.addEscrow(successor, {"from": council})
    withdraw(running)

    assert successor.stateOf(running.exchange.consent, 1)[0] == ExchangeState.SETTLED  # it knows no better
    with reverts_with("ErasureRegisterExchangeNotOver", running.id, escrow, ExchangeState.REFUNDED):
        open_duty(running)


# ------------------------------------------------------------- what it stops, and what not


def test_stops_funding_until_it_is_confirmed(system, overdue, confirm, refused, funded, consumer):
    running = overdue()
    refused()

    confirm(running)

    assert system.identities.erasureBlocksOf(consumer) == 0
    assert Running(funded()).exchange.consumer == consumer


def test_stops_nothing_before_it_is_reported(system, settled, withdraw, open_duty, funded, mine_at, relayer, refused):
    running = settled()
    withdraw(running)
    mine_at(open_duty(running) + 1)
    funded()

    system.erasures.report(running.id, {"from": relayer})

    refused()


def test_ends_by_a_statement_of_legal_duty_too(overdue, confirm, funded, state_of):
    running = overdue()

    confirm(running, STATEMENT)

    assert state_of(running) is ErasureState.KEPT
    funded()


def test_a23_stops_no_way_out(
    system, escrow, funded, delivered, prepay, words, consumer, provider, coordinator, relayer, mine_at
):
    undelivered, declined, accepted = Running(funded()), Running(funded()), delivered()
    system.identities.blockForErasure(consumer, {"from": account_of(system.erasures)})

    tx = escrow.deliver(*undelivered.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    undelivered = replace(undelivered, delivered_at=tx.timestamp)
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    prepay(consumer, words.fee)
    mine_at(undelivered.challenge_until + 1)
    escrow.settleUnchallenged(*undelivered.delivery(), {"from": relayer})
    for participant in (provider, coordinator):
        assert escrow.earnedOf(participant) > 0
        escrow.withdrawEarned(participant, {"from": participant})
    amount = escrow.prepaidOf(consumer)[0]
    escrow.announceWithdrawal(consumer, amount, {"from": consumer})
    mine_at(escrow.announcementOf(consumer)[1])
    escrow.withdrawPrepaid(consumer, {"from": consumer})

    assert escrow.prepaidOf(consumer)[0] == 0
    assert system.identities.erasureBlocksOf(consumer) == 1


def test_leaves_other_consumers_alone(system, overdue, participant_in, words, fresh_subject, schema, purpose, council):
    overdue()
    other = participant_in("active", 1)
    expires_at = 2**40
    system.schemas.accreditConsumer(schema, purpose, other, expires_at, {"from": council})

    given = words.give(fresh_subject(), consumer=other)

    assert system.consents.isConsentUsable(given.opened.arguments(), given.signature)


def test_stops_a_consumer_that_was_removed_and_admitted_again(
    system, overdue, confirm, bring_to, schema, purpose, council, consumer, refused, funded
):
    running = overdue()
    bring_to(consumer, "removed")
    bring_to(consumer, "active")
    system.schemas.accreditConsumer(schema, purpose, consumer, 2**40, {"from": council})

    refused()
    confirm(running)

    funded()


def test_takes_confirmations_while_everything_is_paused(
    system, overdue, confirm, guardian, council, consumer, state_of
):
    running = overdue()
    system.identities.pauseAdmissions({"from": guardian})
    system.consents.pauseGrants({"from": guardian})
    system.consents.pauseUses({"from": guardian})
    for contract in (system.identities, system.consents, system.erasures):
        system.access.setTargetClosed(contract, True, {"from": council})

    confirm(running)

    assert state_of(running) is ErasureState.ERASED
    assert system.identities.erasureBlocksOf(consumer) == 0


def test_stops_every_way_in(
    system, escrow, settle_batch, words, fresh_subject, signer_of, consumer, provider, reverts_with
):
    system.identities.blockForErasure(consumer, {"from": account_of(system.erasures)})

    with reverts_with("ConsentTokenErasureOverdue", consumer):
        settle_batch(2)
    given, order = words.give(fresh_subject()), words.order()
    signature = words.sign_order(order, given, signer_of(consumer))
    spoken = signature, provider, b"", NOBODY, b"", given.signature
    with reverts_with("ConsentTokenErasureOverdue", consumer):
        escrow.exchange(given.opened.arguments(), order.arguments(), CIPHERTEXT_HASH, *spoken, {"from": provider})


# ------------------------------------------------------------- a register that is replaced


def test_h120_neither_register_lifts_the_others_block(
    ErasureRegister, system, settled, withdraw, open_duty, confirm, council, relayer, mine_at, refused, funded
):
    seconds = system.parameters.consents.erasure_seconds
    wiring = system.access, system.identities, system.consents
    successor = ErasureRegister.deploy(*wiring, seconds, {"from": council})
    in_the_former, in_the_successor = settled(), settled()
    for running in (in_the_former, in_the_successor):
        withdraw(running)
    open_duty(in_the_former)
    system.access.grantRole(Role.ERASURE_REGISTER, successor, 0, {"from": council})
    system.directory.set(b"ErasureRegister".ljust(32, b"\0"), successor, {"from": council})
    mine_at(open_duty(in_the_successor, successor) + 1)
    system.erasures.report(in_the_former.id, {"from": relayer})
    successor.report(in_the_successor.id, {"from": relayer})

    confirm(in_the_successor, where=successor)
    refused()
    confirm(in_the_former)

    funded()
