"""ConsentToken.useAllotted: uses in a batch are bits that the consumer allotted, and nobody else's to spend."""

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.consents import ALLOTTED_NONCES, ConsentFault
from consentry.schemas import BANK_ACCOUNT, LICENCE_RENEWAL
from tests.helpers import network
from tests.helpers.network import NOBODY
from tests.helpers.obstacles import CAUSES, DAY_SECONDS

NONCE = 300
NONCES = (0, 1, 255, 256, ALLOTTED_NONCES - 1)
NOTHING = bytes(32)
NOTHING_KEPT = (NOBODY, 0, NOBODY, 0)
PASSED_OVER = (
    "before_its_window",
    "after_its_window",
    "every_use_taken",
    "withdrawn",
    "consumer_admitted_again_since",
    "provider_admitted_again_since",
)
"""Causes that stand in the state of one consent: the others go through."""


@pytest.fixture
def allotted(words, fresh_subject):
    """A signed consent of a fresh subject under a nonce that its consumer allotted."""
    return words.give(fresh_subject(), nonce=NONCE)


@pytest.fixture
def give(words, fresh_subject):
    """Give such a consent: a function of the nonce and of what of it shall be different."""
    return lambda nonce, **changes: words.give(fresh_subject(), nonce=nonce, **changes)


@pytest.fixture
def used_in(answer_in):
    """Return which consents a batch used, in the order of its items, and how many: a function of the transaction."""

    def read(tx):
        consent_ids, count = answer_in(tx, "bytes32[]", "uint256")
        return list(consent_ids), count

    return read


@pytest.fixture
def skipped_in(told_by):
    """Return what a batch told of consents that it passed over: a function of the transaction."""

    def read(tx):
        told = told_by(tx)
        assert {name for name, _ in told} <= {"AllottedConsentSkipped"}
        return [(each["consentId"], each["allotter"], each["nonce"], each["fault"]) for _, each in told]

    return read


@pytest.fixture
def other_consumer(system, council, participant_in, schema, purpose, chain):
    """Another consumer, accredited as `consumer` is."""
    other = participant_in("active", network.CONSUMER)
    expires_at = chain[-1].timestamp + DAY_SECONDS
    system.schemas.accreditConsumer(schema, purpose, other, expires_at, {"from": council})
    return other


@pytest.fixture
def other_provider(system, council, participant_in, schema, chain):
    """Another provider, accredited as `provider` is."""
    other = participant_in("active", network.PROVIDER)
    expires_at = chain[-1].timestamp + DAY_SECONDS
    system.schemas.accreditProvider(schema, other, Assurance.HIGH, expires_at, {"from": council})
    return other


# ------------------------------------------------------------- what a batch does


def test_spends_each_nonce_when_the_signatures_come_along(
    system, consents, give, use_allotted, coordinator, answer_in, told_by, is_usable
):
    givens = [give(nonce) for nonce in (NONCE, NONCE + 1, 7)]
    opened = givens[0].opened

    tx = use_allotted(*givens)

    consent_ids, count, note, *records = answer_in(tx, "bytes32[]", "uint256", "uint8", "uint256", "uint256", "uint256")
    assert (list(consent_ids), count, note) == ([given.id for given in givens], 3, 0)
    assert records == list(system.identities.packedExchangeParties(opened.consumer, opened.provider, coordinator))
    for given in givens:
        assert consents.isNonceSpent(given.opened.consumer, given.opened.nonce) is True
        assert tuple(consents.stateOf(given.id)) == NOTHING_KEPT
        assert is_usable(given) is False
    assert told_by(tx) == []  # the batches' BatchItemSettled tells of each


def test_uses_nothing_when_there_are_no_items(consents, puppet, words, relayer, used_in, told_by):
    tx = puppet.perform(consents, [consents.useAllotted.encode_input(words.batch().arguments(), [])], {"from": relayer})

    assert used_in(tx) == ([], 0)
    assert told_by(tx) == []


@pytest.mark.parametrize("at_once", [True, False])
def test_spends_one_bit_each_when_nonces_are_neighbours(consents, give, use_allotted, used_in, consumer, at_once):
    givens = [give(nonce) for nonce in NONCES]

    for group in [givens] if at_once else [[given] for given in givens]:
        assert used_in(use_allotted(*group)) == ([given.id for given in group], len(group))

    asked = {0, 1, 2, 254, 255, 256, 257, 511, ALLOTTED_NONCES - 2, ALLOTTED_NONCES - 1}
    assert {one for one in asked if consents.isNonceSpent(consumer, one)} == set(NONCES)


def test_spends_nothing_of_another_consumers_when_the_nonce_is_the_same(
    consents, give, allotted, use_allotted, used_in, other_consumer, is_usable
):
    use_allotted(give(NONCE, consumer=other_consumer))

    assert consents.isNonceSpent(other_consumer, NONCE) is True
    assert consents.isNonceSpent(allotted.opened.consumer, NONCE) is False
    assert is_usable(allotted) is True
    assert used_in(use_allotted(allotted)) == ([allotted.id], 1)


@pytest.mark.parametrize("attempt", ["withdrawn", "used_by_itself", "granted"])
def test_takes_the_use_when_another_subject_signed_the_same_nonce(
    give, allotted, use, use_allotted, used_in, grant, withdraw, reverts_with, attempt
):
    others = give(NONCE)
    if attempt == "withdrawn":
        withdraw(others)
    elif attempt == "used_by_itself":
        use(others)
    else:
        with reverts_with("ConsentTokenNonceAllotted", NONCE):
            grant(others)

    assert used_in(use_allotted(allotted)) == ([allotted.id], 1)


def test_takes_the_use_whoever_coordinates(allotted, use_allotted, answer_in, stranger):
    *_, of_stranger = answer_in(
        use_allotted(allotted, coordinator=stranger), "bytes32[]", "uint256", "uint8", "uint256", "uint256", "uint256"
    )

    assert of_stranger == 0  # for the escrow to judge


# ------------------------------------------------------------- what it passes over


@pytest.mark.parametrize("cause", PASSED_OVER)
def test_passes_over_one_consent_and_tells_why_when_the_cause_stands_in_the_state(
    consents, give, allotted, use_allotted, used_in, skipped_in, obstruct, cause
):
    obstructed = obstruct(cause, allotted)
    before, behind = give(NONCE - 1), give(NONCE + 1)

    tx = use_allotted(before, obstructed.given, behind)

    consumer = allotted.opened.consumer
    assert used_in(tx) == ([before.id, NOTHING, behind.id], 2)
    assert skipped_in(tx) == [(obstructed.given.id, consumer, NONCE, obstructed.fault)]
    assert consents.isNonceSpent(consumer, NONCE) is False
    assert consents.isNonceSpent(consumer, NONCE - 1) is consents.isNonceSpent(consumer, NONCE + 1) is True


def test_h001_passes_over_it_when_the_nonce_is_spent(allotted, use_allotted, used_in, skipped_in):
    use_allotted(allotted)

    tx = use_allotted(allotted)

    assert used_in(tx) == ([NOTHING], 0)
    assert skipped_in(tx) == [(allotted.id, allotted.opened.consumer, NONCE, ConsentFault.EXHAUSTED)]


def test_h001_uses_it_once_when_it_comes_twice(give, allotted, use_allotted, used_in, skipped_in):
    other = give(NONCE + 1)

    tx = use_allotted(allotted, other, allotted)

    assert used_in(tx) == ([allotted.id, other.id, NOTHING], 2)
    assert skipped_in(tx) == [(allotted.id, allotted.opened.consumer, NONCE, ConsentFault.EXHAUSTED)]


@pytest.mark.parametrize("at_once", [True, False])
def test_passes_over_the_second_of_two_under_one_nonce(give, allotted, use_allotted, used_in, skipped_in, at_once):
    others = give(NONCE)

    if at_once:
        tx = use_allotted(others, allotted)
        assert used_in(tx) == ([others.id, NOTHING], 1)
    else:
        use_allotted(others)
        tx = use_allotted(allotted)
        assert used_in(tx) == ([NOTHING], 0)

    assert skipped_in(tx) == [(allotted.id, allotted.opened.consumer, NONCE, ConsentFault.EXHAUSTED)]


def test_passes_over_it_when_its_exchange_is_funded(allotted, use, set_funded, use_allotted, used_in, skipped_in):
    use(allotted)
    set_funded(allotted, 1, True)

    tx = use_allotted(allotted)

    assert used_in(tx) == ([NOTHING], 0)
    assert skipped_in(tx) == [(allotted.id, allotted.opened.consumer, NONCE, ConsentFault.EXHAUSTED)]


def test_keeps_the_use_from_being_taken_by_itself_when_the_nonce_is_spent(allotted, use, use_allotted, reverts_with):
    use_allotted(allotted)

    with reverts_with("ConsentTokenExhausted", allotted.id, 1):
        use(allotted)


def test_is_withdrawn_before_anything_else(allotted, use, withdraw, use_allotted, skipped_in, mine_at):
    use(allotted)
    withdraw(allotted)
    mine_at(allotted.opened.valid_until)

    assert [fault for *_, fault in skipped_in(use_allotted(allotted))] == [ConsentFault.WITHDRAWN]


@pytest.mark.parametrize(
    ("instant", "seconds", "fault"),
    [
        ("valid_from", -1, ConsentFault.NOT_YET_VALID),
        ("valid_from", 0, ConsentFault.NONE),
        ("valid_until", -1, ConsentFault.NONE),
        ("valid_until", 0, ConsentFault.EXPIRED),
    ],
)
def test_h014_h051_h058_counts_the_first_second_in_and_the_end_out(
    give, use_allotted, used_in, skipped_in, travel_to, chain, instant, seconds, fault
):
    given = give(NONCE, valid_from=chain[-1].timestamp + 1_000)
    travel_to(getattr(given.opened, instant) + seconds)

    tx = use_allotted(given)

    is_used = fault is ConsentFault.NONE
    assert used_in(tx) == ([given.id if is_used else NOTHING], int(is_used))
    assert [told for *_, told in skipped_in(tx)] == ([] if is_used else [fault])


@pytest.mark.parametrize("party", ["consumer", "provider"])
@pytest.mark.parametrize("seconds", [-1, 0])
def test_counts_the_instant_of_a_readmission_in(
    system, give, allotted, use_allotted, skipped_in, obstruct, request, party, seconds
):
    obstruct(f"{party}_admitted_again_since", allotted)
    member_since = system.identities.memberSinceOf(request.getfixturevalue(party))

    tx = use_allotted(give(NONCE, valid_from=member_since + seconds))

    fault = {"consumer": ConsentFault.CONSUMER_NOT_ACTIVE, "provider": ConsentFault.PROVIDER_NOT_ACTIVE}[party]
    assert [told for *_, told in skipped_in(tx)] == ([fault] if seconds else [])


# ------------------------------------------------------------- what it refuses


@pytest.mark.parametrize("cause", [cause for cause in CAUSES if cause not in PASSED_OVER])
def test_h030_reverts_when_something_else_stands_in_the_way(allotted, use_allotted, obstruct, reverts_with, cause):
    obstructed = obstruct(cause, allotted)
    given, error, values = obstructed.given, obstructed.error, obstructed.values
    if cause == "no_signature":  # an item has 65 bytes of one
        given = replace(given, signature=bytes(65))
        error, values = "ConsentTokenSignatureInvalid", (given.id, given.opened.subject)

    with reverts_with(error, *values):
        use_allotted(given)


def test_uses_nothing_when_one_of_many_is_refused(consents, give, allotted, use_allotted, reverts_with):
    good = give(NONCE + 1)
    forged = replace(allotted, signature=good.signature)

    with reverts_with("ConsentTokenSignatureInvalid", allotted.id, allotted.opened.subject):
        use_allotted(good, forged)

    assert consents.isNonceSpent(good.opened.consumer, NONCE + 1) is False


@pytest.mark.parametrize("seconds", [0, -1])
def test_reverts_when_the_window_ends_before_it_begins(give, use_allotted, reverts_with, chain, seconds):
    valid_from = chain[-1].timestamp
    given = give(NONCE, valid_from=valid_from, valid_until=valid_from + seconds)

    with reverts_with("ConsentTokenWindowInvalid", valid_from, valid_from + seconds, given.opened.erase_by):
        use_allotted(given)


def test_takes_the_use_when_it_is_to_be_erased_as_it_ends(words, give, use_allotted, used_in):
    until = words.batch().deadline
    given = give(NONCE, valid_until=until, erase_by=until)

    assert used_in(use_allotted(given)) == ([given.id], 1)


@pytest.mark.parametrize("field", ["consumer", "provider", "schema", "purpose", "assurance"])
def test_h057_a11_reverts_when_the_batch_is_not_what_the_subject_signed_for(
    system, words, allotted, use_allotted, council, other_consumer, other_provider, chain, reverts_with, field
):
    opened, expires_at = allotted.opened, chain[-1].timestamp + DAY_SECONDS
    other_schema, other_purpose = keccak(text=BANK_ACCOUNT), keccak(text=LICENCE_RENEWAL)
    for scope in ((other_schema, opened.purpose), (opened.schema, other_purpose)):
        system.schemas.accreditConsumer(*scope, opened.consumer, expires_at, {"from": council})
    system.schemas.accreditProvider(other_schema, opened.provider, Assurance.HIGH, expires_at, {"from": council})
    other = {
        "consumer": other_consumer.address,
        "provider": other_provider.address,
        "schema": other_schema,
        "purpose": other_purpose,
        "assurance": Assurance.LOW,
    }[field]
    other_id = replace(opened, **{field: other}).sealed().id(words.consents)

    with reverts_with("ConsentTokenSignatureInvalid", other_id, opened.subject):
        use_allotted(allotted, **{field: other})


@pytest.mark.parametrize("field", ["seed", "terms", "valid_from", "valid_until", "erase_by", "nonce"])
def test_h057_reverts_when_an_item_is_not_what_its_subject_signed(
    consents, words, allotted, use_allotted, reverts_with, field
):
    value = getattr(allotted.opened, field)
    opened = replace(allotted.opened, **{field: value + 1 if isinstance(value, int) else keccak(value)})

    with reverts_with("ConsentTokenSignatureInvalid", opened.sealed().id(words.consents), opened.subject):
        use_allotted(replace(allotted, opened=opened))

    assert consents.isNonceSpent(opened.consumer, opened.nonce) is False


@pytest.mark.parametrize("max_uses", [0, 2])
def test_reverts_when_the_subject_signed_for_other_than_one_use(
    words, allotted, use_allotted, reverts_with, max_uses
):
    other = words.given(replace(allotted.opened, max_uses=max_uses), allotted.subject)

    with reverts_with("ConsentTokenSignatureInvalid", allotted.id, allotted.opened.subject):
        use_allotted(replace(allotted, signature=other.signature))


def test_h005_h007_reverts_when_the_signature_has_another_form(allotted, use_allotted, forms_of, reverts_with):
    forms = [form for form in forms_of(allotted.signature).values() if len(form) == 65]
    assert len(forms) == 6

    for signature in forms:
        with reverts_with("ConsentTokenSignatureInvalid", allotted.id, allotted.opened.subject):
            use_allotted(replace(allotted, signature=signature))


def test_h008_reverts_when_the_subject_is_nobody(words, allotted, use_allotted, forms_of, reverts_with):
    nobodys = words.given(replace(allotted.opened, subject=NOBODY), allotted.subject)

    for signature in (nobodys.signature, bytes(65), forms_of(nobodys.signature)["v 29"]):
        with reverts_with("ConsentTokenSignatureInvalid", nobodys.id, NOBODY):
            use_allotted(replace(nobodys, signature=signature))


# ------------------------------------------------------------- who takes uses


def test_reverts_when_the_caller_is_no_escrow(
    system, consents, words, allotted, batch_of, council, consumer, provider, stranger, reverts_with
):
    arguments = batch_of(allotted).arguments(), [words.item(allotted).arguments()]

    for caller in (council, consumer, provider, stranger):
        with reverts_with("ConsentTokenNotEscrow", caller):
            consents.useAllotted.call(*arguments, {"from": caller})
    batches = network.account_of(system.batches)
    with reverts_with("ConsentTokenNotEscrow", batches):
        consents.useAllotted.call(*arguments, {"from": batches})


def test_reverts_when_the_escrow_was_replaced(allotted, use_allotted, puppet, list_escrow, reverts_with):
    list_escrow()

    with reverts_with("ConsentTokenNotEscrow", puppet):
        use_allotted(allotted)


def test_reverts_when_uses_are_paused(consents, allotted, use_allotted, council, guardian, used_in, reverts_with):
    until = consents.pauseUses({"from": guardian}).events["UsesPaused"]["until"]
    with reverts_with("ConsentTokenUsesPaused", until):
        use_allotted(allotted)

    consents.setUsesPausedUntil(0, {"from": council})

    assert used_in(use_allotted(allotted)) == ([allotted.id], 1)
