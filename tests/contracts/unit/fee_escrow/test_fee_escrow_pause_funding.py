"""FeeEscrow.pauseFunding: the guardian's word, for 72 hours and once, and every exit stays open."""

from dataclasses import replace

from consentry.client.exchanges import ExchangeState
from tests.helpers.running import CIPHERTEXT_HASH, REASON

URGENT_SECONDS = 72 * 3_600
LONGEST_SECONDS = 30 * 86_400


def test_pauses_for_72_hours_when_the_guardian_says_so(escrow, guardian):
    tx = escrow.pauseFunding({"from": guardian})

    assert tuple(escrow.fundingPause()) == (tx.timestamp + URGENT_SECONDS, True)
    event = tx.events["FundingPaused"]
    assert (event["until"], event["urgent"]) == (tx.timestamp + URGENT_SECONDS, True)


def test_pauses_again_when_the_council_has_decided(escrow, guardian, council, chain):
    escrow.pauseFunding({"from": guardian})
    escrow.setFundingPausedUntil(0, {"from": council})

    tx = escrow.pauseFunding({"from": guardian})

    assert tuple(escrow.fundingPause()) == (tx.timestamp + URGENT_SECONDS, True)


def test_leaves_a_longer_pause_as_long_when_the_council_voted_it(escrow, guardian, council, chain):
    until = chain[-1].timestamp + LONGEST_SECONDS
    escrow.setFundingPausedUntil(until, {"from": council})

    tx = escrow.pauseFunding({"from": guardian})

    assert tuple(escrow.fundingPause()) == (until, True)
    assert tx.events["FundingPaused"]["until"] == until


def test_h115_a23_leaves_every_exit_open_when_everything_is_paused(
    system,
    escrow,
    actors,
    council,
    words,
    consumer,
    provider,
    prepay,
    run_to,
    run_funded,
    run_delivered,
    mine_at,
    chain,
):
    guardian, relayer, stranger, host = (actors[role] for role in ("guardian", "relayer", "stranger", "host"))
    described, due, declined, delivered, undelivered = (
        run_funded(),
        run_to(ExchangeState.REFUND_DUE),
        run_funded(),
        run_funded(),
        run_funded(),
    )
    accepted, silent, disputable = run_delivered(), run_delivered(), run_delivered()
    prepay(consumer, disputable.fee)
    for pause in (escrow.pauseFunding, system.consents.pauseGrants, system.identities.pauseAdmissions):
        pause({"from": guardian})
    until = chain[-1].timestamp + LONGEST_SECONDS
    for pause in (escrow.setFundingPausedUntil, system.consents.setGrantsPausedUntil):
        pause(until, {"from": council})

    given = described.funded.given
    withdrawal = words.sign_withdrawal(given)
    system.consents.withdraw(given.sealed.arguments(), described.exchange.arguments(), withdrawal, {"from": relayer})
    escrow.refundWithdrawn(*due.withdrawal(), {"from": stranger})
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    escrow.deliver(*delivered.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    tx = escrow.dispute(*disputable.delivery(), REASON, consumer, b"", {"from": consumer})
    disputed = replace(disputable, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)
    takeable_at = escrow.announceWithdrawal(consumer, 1, {"from": consumer}).events["WithdrawalAnnounced"]["takeableAt"]

    mine_at(takeable_at)
    escrow.withdrawPrepaid(consumer, {"from": consumer})
    escrow.settleUnchallenged(*silent.delivery(), {"from": stranger})
    escrow.refundUndelivered(*undelivered.description(), {"from": stranger})
    escrow.creditRecruiter(consumer, {"from": stranger})
    system.host_rewards.claim(host, {"from": stranger})
    escrow.withdrawEarned(provider, {"from": provider})
    mine_at(disputed.disputed_at + system.parameters.exchange.dispute_seconds + 1)
    escrow.refundDisputed(*disputed.dispute(), {"from": stranger})

    assert chain[-1].timestamp < escrow.fundingPause()[0] == until
    refunded, settled = ExchangeState.REFUNDED, ExchangeState.SETTLED
    for running, state in (
        (described, refunded),
        (due, refunded),
        (declined, refunded),
        (delivered, ExchangeState.DELIVERED),
        (undelivered, refunded),
        (accepted, settled),
        (silent, settled),
        (disputed, refunded),
    ):
        assert escrow.stateOf(running.id)[0] == state


def test_reverts_when_the_pause_is_spent(escrow, guardian, mine_at, reverts_with):
    until = escrow.pauseFunding({"from": guardian}).events["FundingPaused"]["until"]
    mine_at(until)

    with reverts_with("FeeEscrowPauseSpent"):
        escrow.pauseFunding.call({"from": guardian})


def test_reverts_when_the_caller_is_not_the_guardian(escrow, actors, reverts_with):
    for role in ("founder", "deployer", "treasurer", "consumer", "stranger"):
        with reverts_with("AccessManagedUnauthorized", actors[role]):
            escrow.pauseFunding.call({"from": actors[role]})
