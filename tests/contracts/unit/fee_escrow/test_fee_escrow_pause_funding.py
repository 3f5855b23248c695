"""FeeEscrow.pauseFunding: the guardian's word, for 72 hours and once, and every exit stays open."""

from consentry.client.exchanges import ExchangeState
from tests.helpers.exchanges import NO_EXCHANGE
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
    system, escrow, words, guardian, consumer, provider, host, stranger, relayer, prepay, run_to, run_funded,
    run_delivered, mine_at
):
    withdrawn, due, declined, to_deliver, undelivered = (
        run_funded(),
        run_to(ExchangeState.REFUND_DUE),
        run_funded(),
        run_funded(),
        run_funded(),
    )
    accepted, silent, disputed = run_delivered(), run_delivered(), run_to(ExchangeState.DISPUTED)
    disputable = run_delivered()
    prepay(consumer, 1_000_000)
    for pause in (escrow.pauseFunding, system.consents.pauseGrants, system.identities.pauseAdmissions):
        pause({"from": guardian})

    # The person's own word, and each step of an exchange.
    given = withdrawn.funded.given
    withdrawal = words.sign_withdrawal(given)
    described = withdrawn.exchange.arguments()
    system.consents.withdraw(given.sealed.arguments(), described, withdrawal, {"from": relayer})
    escrow.refundWithdrawn(*due.description(), {"from": stranger})
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    escrow.deliver(*to_deliver.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    escrow.dispute(*disputable.delivery(), REASON, consumer, b"", {"from": consumer})
    # Money out.
    escrow.withdrawEarned(provider, {"from": provider})
    escrow.creditRecruiter(consumer, {"from": stranger})
    system.host_rewards.claim(host, {"from": stranger})
    announced = escrow.announceWithdrawal(consumer, 1, {"from": consumer}).events["WithdrawalAnnounced"]
    # Time-outs. The pause is over by then: a longer one is voted.
    return announced, undelivered, silent, disputed, NO_EXCHANGE


def test_reverts_when_the_pause_is_spent(escrow, guardian, mine_at, reverts_with):
    until = escrow.pauseFunding({"from": guardian}).events["FundingPaused"]["until"]
    mine_at(until)

    with reverts_with("FeeEscrowPauseSpent"):
        escrow.pauseFunding({"from": guardian})


def test_reverts_when_the_caller_is_not_the_guardian(escrow, actors, reverts_with):
    for role in ("council", "deployer", "treasurer", "consumer", "stranger"):
        with reverts_with("AccessManagedUnauthorized", actors[role]):
            escrow.pauseFunding({"from": actors[role]})
