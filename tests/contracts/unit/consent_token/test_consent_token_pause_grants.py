"""ConsentToken.pauseGrants: the guardian's word, once, for 72 hours, about grants and nothing else."""

from tests.helpers.exchanges import NO_EXCHANGE

PAUSE_SECONDS = 72 * 3_600
LONGEST_SECONDS = 30 * 86_400


def test_refuses_grants_for_72_hours_when_the_guardian_calls(consents, guardian, told_by):
    tx = consents.pauseGrants({"from": guardian})

    until = tx.timestamp + PAUSE_SECONDS
    assert tuple(consents.grantsPause()) == (until, True)
    assert told_by(tx) == [("GrantsPaused", {"until": until, "urgent": True})]


def test_h115_stops_no_withdrawal_and_no_use(consents, words, given, fresh_subject, use, relayer, guardian):
    consents.pauseGrants({"from": guardian})

    use(given)
    other = words.give(fresh_subject())
    consents.withdraw(other.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(other), {"from": relayer})

    assert consents.stateOf(given.id)[1] == 1
    assert consents.isWithdrawn(other.id) is True


def test_never_cuts_short_what_the_council_decided(consents, guardian, council, chain, told_by):
    until = chain[-1].timestamp + LONGEST_SECONDS
    consents.setGrantsPausedUntil(until, {"from": council})

    tx = consents.pauseGrants({"from": guardian})

    assert tuple(consents.grantsPause()) == (until, True)
    assert told_by(tx) == [("GrantsPaused", {"until": until, "urgent": True})]


def test_reverts_when_the_guardian_has_spent_its_word(consents, guardian, travel_to, reverts_with):
    until = consents.pauseGrants({"from": guardian}).timestamp + PAUSE_SECONDS
    travel_to(until + 1)

    with reverts_with("ConsentTokenPauseSpent"):
        consents.pauseGrants({"from": guardian})

    assert tuple(consents.grantsPause()) == (until, True)


def test_refuses_grants_again_when_the_council_has_decided_since(consents, guardian, council):
    consents.pauseGrants({"from": guardian})
    consents.setGrantsPausedUntil(0, {"from": council})

    tx = consents.pauseGrants({"from": guardian})

    assert tuple(consents.grantsPause()) == (tx.timestamp + PAUSE_SECONDS, True)


def test_reverts_when_caller_is_not_the_guardian(consents, council, deployer, consumer, stranger, reverts_with):
    for caller in (council, deployer, consumer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            consents.pauseGrants.call({"from": caller})
