"""ConsentToken.useAllotted: uses in a batch are bits that the consumer allotted, and nobody else's to spend."""

from dataclasses import replace

import pytest

from consentry.client.consents import ALLOTTED_NONCES
from tests.helpers import network
from tests.helpers.network import NOBODY
from tests.helpers.obstacles import CAUSES, DAY_SECONDS

NONCE = 300
NONCES = (0, 1, 255, 256, ALLOTTED_NONCES - 1)
NOTHING_KEPT = (NOBODY, 0, NOBODY, 0)


@pytest.fixture
def allotted(words, fresh_subject):
    """A signed consent of a fresh subject under a nonce that its consumer allotted."""
    return words.give(fresh_subject(), nonce=NONCE)


@pytest.fixture
def other_consumer(system, council, participant_in, schema, purpose, chain):
    """Another consumer, accredited as `consumer` is."""
    other = participant_in("active", network.CONSUMER)
    expires_at = chain[-1].timestamp + DAY_SECONDS
    system.schemas.accreditConsumer(schema, purpose, other, expires_at, {"from": council})
    return other


# ------------------------------------------------------------- what a use does


def test_spends_the_nonce_when_the_signature_comes_along(
    consents, allotted, use_allotted, answer_in, told_by, is_usable
):
    consumer = allotted.opened.consumer
    assert consents.isNonceSpent(consumer, NONCE) is False

    tx = use_allotted(allotted)

    assert answer_in(tx, "bytes32") == (allotted.id,)
    assert consents.isNonceSpent(consumer, NONCE) is True
    assert tuple(consents.stateOf(allotted.id)) == NOTHING_KEPT
    assert is_usable(allotted) is False
    assert told_by(tx) == [
        ("AllottedConsentUsed", {"consentId": allotted.id, "allotter": consumer, "nonce": NONCE})
    ]


def test_spends_one_bit_when_nonces_are_neighbours(consents, words, fresh_subject, use_allotted, consumer):
    for count, nonce in enumerate(NONCES, start=1):
        use_allotted(words.give(fresh_subject(), nonce=nonce))

        spent = {one for one in range(258) if one in (0, 1, 255, 256, 257) and consents.isNonceSpent(consumer, one)}
        assert spent == {one for one in NONCES[:count] if one < ALLOTTED_NONCES - 1}
    assert consents.isNonceSpent(consumer, ALLOTTED_NONCES - 1) is True
    assert consents.isNonceSpent(consumer, ALLOTTED_NONCES - 2) is False


def test_spends_nothing_of_another_consumers_when_the_nonce_is_the_same(
    consents, words, allotted, fresh_subject, use_allotted, other_consumer, is_usable
):
    others = words.give(fresh_subject(), nonce=NONCE, consumer=other_consumer)

    use_allotted(others)

    assert consents.isNonceSpent(allotted.opened.consumer, NONCE) is False
    assert is_usable(allotted) is True
    use_allotted(allotted)


# ------------------------------------------------------------- both kinds of mark


def test_h001_reverts_when_the_nonce_is_spent(allotted, use_allotted, reverts_with):
    use_allotted(allotted)

    with reverts_with("ConsentTokenExhausted", allotted.id, 1):
        use_allotted(allotted)


def test_reverts_when_its_use_was_taken_by_itself(consents, allotted, use, use_allotted, reverts_with):
    use(allotted)
    assert consents.isNonceSpent(allotted.opened.consumer, NONCE) is False

    with reverts_with("ConsentTokenExhausted", allotted.id, 1):
        use_allotted(allotted)


def test_keeps_the_use_from_being_taken_by_itself_when_the_nonce_is_spent(
    allotted, use, use_allotted, reverts_with
):
    use_allotted(allotted)

    with reverts_with("ConsentTokenExhausted", allotted.id, 1):
        use(allotted)


def test_reverts_when_the_consumer_spent_the_nonce_on_another_subject(
    words, allotted, fresh_subject, use_allotted, reverts_with
):
    use_allotted(words.give(fresh_subject(), nonce=NONCE))

    with reverts_with("ConsentTokenExhausted", allotted.id, 1):
        use_allotted(allotted)


@pytest.mark.parametrize("attempt", ["withdrawn", "used_by_itself", "granted"])
def test_takes_the_use_when_another_subject_signed_the_same_nonce(
    words, allotted, fresh_subject, use, use_allotted, grant, withdraw, reverts_with, attempt
):
    others = words.give(fresh_subject(), nonce=NONCE)
    if attempt == "withdrawn":
        withdraw(others)
    elif attempt == "used_by_itself":
        use(others)
    else:
        with reverts_with("ConsentTokenNonceAllotted", NONCE):
            grant(others)

    use_allotted(allotted)


# ------------------------------------------------------------- what it is not for


@pytest.mark.parametrize("nonce", [ALLOTTED_NONCES, 2**256 - 1])
def test_reverts_when_the_nonce_is_not_an_allotted_one(words, fresh_subject, use_allotted, reverts_with, nonce):
    with reverts_with("ConsentTokenNonceNotAllotted", nonce):
        use_allotted(words.give(fresh_subject(), nonce=nonce))


@pytest.mark.parametrize("max_uses", [0, 2])
def test_reverts_when_it_is_not_for_exactly_one_use(words, fresh_subject, use_allotted, reverts_with, max_uses):
    with reverts_with("ConsentTokenUsesInvalid", max_uses):
        use_allotted(words.give(fresh_subject(), nonce=NONCE, max_uses=max_uses))


def test_reverts_when_the_caller_is_no_escrow(
    consents, allotted, puppet, council, consumer, provider, stranger, reverts_with
):
    for caller in (council, consumer, provider, stranger):
        with reverts_with("ConsentTokenNotEscrow", caller):
            consents.useAllotted.call(allotted.opened.arguments(), allotted.signature, {"from": caller})


def test_reverts_when_the_escrow_was_replaced(allotted, use_allotted, puppet, list_escrow, reverts_with):
    list_escrow()

    with reverts_with("ConsentTokenNotEscrow", puppet):
        use_allotted(allotted)


# ------------------------------------------------------------- what stands in the way


@pytest.mark.parametrize("cause", CAUSES)
def test_h030_reverts_when_something_stands_in_the_way(allotted, use_allotted, obstruct, reverts_with, cause):
    obstructed = obstruct(cause, allotted)

    with reverts_with(obstructed.error, *obstructed.values):
        use_allotted(obstructed.given, obstructed.signature)


def test_h057_reverts_when_it_is_used_under_another_nonce(consents, words, allotted, use_allotted, reverts_with):
    opened = replace(allotted.opened, nonce=NONCE + 1)

    with reverts_with(
        "ConsentTokenSignatureInvalid", opened.sealed().id(words.consents), allotted.opened.subject
    ):
        use_allotted(replace(allotted, opened=opened))

    assert consents.isNonceSpent(allotted.opened.consumer, NONCE + 1) is False


def test_h005_h006_h007_reverts_when_the_signature_has_another_form(
    consents, allotted, puppet, forms_of, relayer, reverts_with
):
    for signature in forms_of(allotted.signature).values():
        call = consents.useAllotted.encode_input(allotted.opened.arguments(), signature)
        with reverts_with("ConsentTokenSignatureInvalid", allotted.id, allotted.opened.subject):
            puppet.perform.call(consents, [call], {"from": relayer})
