"""ConsentToken.pauseUses: the guardian's word, once, for 72 hours, and every exit stays open."""

from dataclasses import replace

import pytest

from consentry.client.exchanges import ExchangeState
from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.network import ESCROW_PARTS, account_at
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

PAUSE_SECONDS = 72 * 3_600
LONGEST_SECONDS = 30 * 86_400


@pytest.fixture
def run_delivered(system, provider, funded):
    """Fund and deliver an exchange: a function without arguments."""

    def run():
        running = Running(funded())
        tx = system.escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return run


@pytest.fixture
def disputes(system):
    """An account that acts as the contract which says what becomes of disputes."""
    return account_at(system.escrow.wiring()[ESCROW_PARTS.index("disputes")])


def test_refuses_uses_for_72_hours_when_the_guardian_calls(consents, guardian, told_by):
    tx = consents.pauseUses({"from": guardian})

    until = tx.timestamp + PAUSE_SECONDS
    assert tuple(consents.usesPause()) == (until, True)
    assert told_by(tx) == [("UsesPaused", {"until": until, "urgent": True})]


def test_refuses_uses_of_both_kinds_and_funding_meanwhile(
    system, consents, words, consumer, prepay, fresh_subject, signer_of, list_escrow, relayer, coordinator, guardian,
    reverts_with,
):
    given, order, allotted = words.give(fresh_subject()), words.order(), words.give(fresh_subject(), nonce=1)
    prepay(consumer, order.fee)
    signature = words.sign_order(order, given, signer_of(consumer))
    funding = given.opened.arguments(), order.arguments(), given.signature, signature
    until = consents.pauseUses({"from": guardian}).timestamp + PAUSE_SECONDS

    with reverts_with("ConsentTokenUsesPaused", until):
        system.escrow.fund(*funding, {"from": relayer})
    puppet = list_escrow()
    for call in (
        consents.useConsent.encode_input(given.signature, coordinator, given.opened.arguments()),
        consents.useAllotted.encode_input(words.batch().arguments(), [words.item(allotted).arguments()]),
    ):
        with reverts_with("ConsentTokenUsesPaused", until):
            puppet.perform(consents, [call], {"from": relayer})


def test_stops_no_grant_and_no_withdrawal(consents, words, given, grant, fresh_subject, relayer, guardian):
    consents.pauseUses({"from": guardian})

    grant(given)
    other = words.give(fresh_subject())
    consents.withdraw(other.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(other), {"from": relayer})

    assert consents.balanceOf(given.opened.subject) == 1
    assert consents.isWithdrawn(other.id) is True


def test_h115_a23_leaves_every_exit_open_when_everything_is_paused(
    system, consents, words, consumer, provider, council, actors, disputes, prepay, funded, run_delivered, withdraw,
    mine_at, chain,
):
    escrow = system.escrow
    guardian, stranger, host = (actors[role] for role in ("guardian", "stranger", "host"))
    described, due, declined, delivered, undelivered = (Running(funded()) for _ in range(5))
    accepted, silent, disputable = run_delivered(), run_delivered(), run_delivered()
    prepay(consumer, disputable.fee)
    withdraw(due.funded.given)
    for pause in (consents.pauseUses, consents.pauseGrants, system.identities.pauseAdmissions):
        pause({"from": guardian})
    until = chain[-1].timestamp + LONGEST_SECONDS
    for pause in (consents.setUsesPausedUntil, consents.setGrantsPausedUntil):
        pause(until, {"from": council})

    withdraw(described.funded.given, described.exchange.arguments())
    escrow.refundWithdrawn(*due.withdrawal(), {"from": stranger})
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    escrow.deliver(*delivered.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    tx = escrow.dispute(*disputable.delivery(), REASON, consumer, b"", {"from": consumer})
    disputed = replace(disputable, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)
    escrow.resolve(*disputed.dispute(), 2_500, False, {"from": disputes})
    takeable_at = escrow.announceWithdrawal(consumer, 1, {"from": consumer}).events["WithdrawalAnnounced"]["takeableAt"]

    mine_at(takeable_at)
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    escrow.settleUnchallenged(*silent.delivery(), {"from": stranger})
    escrow.refundUndelivered(*undelivered.description(), {"from": stranger})
    escrow.creditRecruiter(consumer, {"from": stranger})
    system.host_rewards.claim(host, {"from": stranger})
    escrow.withdrawEarned(provider, {"from": provider})

    assert chain[-1].timestamp < consents.usesPause()[0] == until
    refunded, settled = ExchangeState.REFUNDED, ExchangeState.SETTLED
    for running, state in (
        (described, refunded),
        (due, refunded),
        (declined, refunded),
        (delivered, ExchangeState.DELIVERED),
        (undelivered, refunded),
        (accepted, settled),
        (silent, settled),
        (disputed, ExchangeState.RESOLVED),
    ):
        assert escrow.stateOf(*running.used)[0] == state


def test_never_cuts_short_what_the_council_decided(consents, guardian, council, chain, told_by):
    until = chain[-1].timestamp + LONGEST_SECONDS
    consents.setUsesPausedUntil(until, {"from": council})

    tx = consents.pauseUses({"from": guardian})

    assert tuple(consents.usesPause()) == (until, True)
    assert told_by(tx) == [("UsesPaused", {"until": until, "urgent": True})]


def test_reverts_when_the_guardian_has_spent_its_word(consents, guardian, travel_to, reverts_with):
    until = consents.pauseUses({"from": guardian}).timestamp + PAUSE_SECONDS
    travel_to(until + 1)

    with reverts_with("ConsentTokenPauseSpent"):
        consents.pauseUses({"from": guardian})

    assert tuple(consents.usesPause()) == (until, True)


def test_refuses_uses_again_when_the_council_has_decided_since(consents, guardian, council):
    consents.pauseUses({"from": guardian})
    consents.setUsesPausedUntil(0, {"from": council})

    tx = consents.pauseUses({"from": guardian})

    assert tuple(consents.usesPause()) == (tx.timestamp + PAUSE_SECONDS, True)


def test_reverts_when_caller_is_not_the_guardian(consents, council, deployer, consumer, stranger, reverts_with):
    for caller in (council, deployer, consumer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            consents.pauseUses.call({"from": caller})
