"""ConsentToken.useConsent: uses are counted, one after the other, by the escrow alone."""

import json
from dataclasses import replace
from pathlib import Path

import brownie
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from tests.helpers import blocks
from tests.helpers.clock import is_ganache
from tests.helpers.network import NOBODY
from tests.helpers.obstacles import CAUSES
from tests.helpers.puppet import Answer

MOST_USES = 2**32 - 1
USES_SHIFT = 160  # of a packed record, bits
STORAGE_LAYOUT = Path(__file__).parents[4] / "snapshots" / "storage-layout.json"
OPENING = ("consumer", "provider", "schema", "purpose", "assurance", "seed", "terms")


def kept(consents, consent_id):
    return tuple(consents.stateOf(consent_id))


@pytest.fixture
def set_uses(consents):
    """Write the number of uses into what is kept of a consent, so that nobody has to take four billion."""
    layout = json.loads(STORAGE_LAYOUT.read_text(encoding="utf-8"))["ConsentToken"]
    (slot,) = [entry["slot"] for entry in layout["storage"] if entry["label"] == "_records"]
    method = "evm_setAccountStorageAt" if is_ganache() else "anvil_setStorageAt"

    def write(given, number):
        where = "0x" + keccak(encode(["bytes32", "uint256"], [given.id, slot])).hex()
        word = int.from_bytes(brownie.web3.eth.get_storage_at(consents.address, int(where, 16)), "big")
        word = word & ~(MOST_USES << USES_SHIFT) | number << USES_SHIFT
        answer = brownie.web3.provider.make_request(method, [consents.address, where, f"0x{word:064x}"])
        assert "error" not in answer, answer

    return write


# ------------------------------------------------------------- what a use does


def test_takes_the_use_when_the_consent_is_granted(
    system, consents, given, grant, use, puppet, coordinator, answer_in, told_by
):
    grant(given)

    tx = use(given, signature=b"")

    consent_id, number, note, *records = answer_in(tx, "bytes32", "uint32", "uint8", "uint256", "uint256", "uint256")
    assert (consent_id, number, note) == (given.id, 1, 0)
    parties = given.opened.consumer, given.opened.provider, coordinator
    assert records == list(system.identities.packedExchangeParties(*parties))
    assert kept(consents, given.id) == (given.opened.subject, 1, puppet, 0)
    assert consents.ownerOf(int.from_bytes(given.id, "big")) == given.opened.subject
    assert told_by(tx) == []  # the escrow's ExchangeFunded tells of it


def test_takes_the_use_when_only_the_signature_comes_along(consents, given, use, puppet, is_usable, reverts_with):
    use(given)

    assert kept(consents, given.id) == (NOBODY, 1, puppet, 0)
    assert is_usable(given) is False
    with reverts_with("ConsentTokenMissing", given.id):
        consents.ownerOf(int.from_bytes(given.id, "big"))


def test_ignores_the_signature_when_the_consent_is_granted(given, grant, use, fresh_subject, words, answer_in):
    grant(given)

    tx = use(given, signature=words.given(given.opened, fresh_subject()).signature)

    assert answer_in(tx, "bytes32", "uint32")[1] == 1


def test_h063_takes_as_many_uses_as_the_subject_allowed(
    words, fresh_subject, use, answer_in, reverts_with, consents, puppet
):
    given = words.give(fresh_subject(), max_uses=3)

    numbers = [answer_in(use(given), "bytes32", "uint32")[1] for _ in range(3)]

    assert numbers == [1, 2, 3]
    with reverts_with("ConsentTokenExhausted", given.id, 3):
        use(given)
    assert kept(consents, given.id) == (NOBODY, 3, puppet, 0)


def test_h063_takes_the_last_of_all_uses_and_no_more(words, fresh_subject, use, set_uses, answer_in, reverts_with):
    given = words.give(fresh_subject(), max_uses=MOST_USES)
    use(given)
    set_uses(given, MOST_USES - 1)

    assert answer_in(use(given), "bytes32", "uint32")[1] == MOST_USES

    with reverts_with("ConsentTokenExhausted", given.id, MOST_USES):
        use(given)


def test_h063_reverts_when_the_subject_allowed_no_use(words, fresh_subject, use, reverts_with):
    given = words.give(fresh_subject(), max_uses=0)

    with reverts_with("ConsentTokenExhausted", given.id, 0):
        use(given)


def test_h062_takes_one_of_two_when_they_are_in_one_block(
    system, consents, words, consumer, prepay, fresh_subject, signer_of, relayer, stranger, reverts_with
):
    given = words.give(fresh_subject())
    prepay(consumer, 2 * words.fee)

    def funding(sender, use):
        order = words.order()
        signature = words.sign_order(order, given, signer_of(consumer), use)
        return sender, system.escrow.fund, (given.opened.arguments(), order.arguments(), given.signature, signature)

    first, second = blocks.mine_together(funding(relayer, use=1), funding(stranger, use=1))

    assert first.status == 1
    with reverts_with("ConsentTokenExhausted", given.id, 1):
        blocks.raise_if_refused(second)
    assert kept(consents, given.id) == (NOBODY, 1, system.escrow, 0)
    assert system.escrow.prepaidOf(consumer)[0] == words.fee


# ------------------------------------------------------------- one open exchange at a time


def test_reverts_when_its_latest_exchange_is_funded(
    words, fresh_subject, use, set_funded, answer_in, reverts_with
):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)
    set_funded(given, 1, True)
    with reverts_with("ConsentTokenExchangeOpen", given.id, 1):
        use(given)

    set_funded(given, 1, False)

    assert answer_in(use(given), "bytes32", "uint32")[1] == 2


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER, Answer.NOTHING, Answer.WORD])
def test_reverts_when_the_escrow_cannot_say_whether_it_is_funded(
    words, fresh_subject, use, let_answer, answer_in, reverts_with, answer
):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)
    let_answer(questions=answer)
    with reverts_with("ConsentTokenExchangeOpen", given.id, 1):
        use(given)

    let_answer()

    assert answer_in(use(given), "bytes32", "uint32")[1] == 2


def test_asks_the_escrow_that_took_the_latest_use_when_another_has_its_place(
    consents, words, fresh_subject, use, set_funded, list_escrow, reverts_with
):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)
    set_funded(given, 1, True)
    later = list_escrow()
    with reverts_with("ConsentTokenExchangeOpen", given.id, 1):
        use(given, escrow=later)

    set_funded(given, 1, False)
    use(given, escrow=later)

    assert kept(consents, given.id) == (NOBODY, 2, later, 0)


# ------------------------------------------------------------- who takes uses


def test_reverts_when_the_caller_is_no_escrow(
    consents, given, puppet, council, consumer, provider, coordinator, stranger, reverts_with
):
    subjects_own = brownie.accounts.at(given.opened.subject, force=True)
    for caller in (council, consumer, provider, stranger, subjects_own):
        with reverts_with("ConsentTokenNotEscrow", caller):
            consents.useConsent.call(given.signature, coordinator, given.opened.arguments(), {"from": caller})


def test_reverts_when_the_escrow_was_replaced(given, use, puppet, list_escrow, reverts_with):
    list_escrow()

    with reverts_with("ConsentTokenNotEscrow", puppet):
        use(given)


def test_reverts_when_the_caller_is_no_escrow_while_uses_are_paused(
    consents, given, puppet, coordinator, guardian, stranger, reverts_with
):
    consents.pauseUses({"from": guardian})

    with reverts_with("ConsentTokenNotEscrow", stranger):
        consents.useConsent.call(given.signature, coordinator, given.opened.arguments(), {"from": stranger})


# ------------------------------------------------------------- what stands in the way


@pytest.mark.parametrize("cause", CAUSES)
def test_h030_reverts_when_something_stands_in_the_way(given, use, obstruct, reverts_with, cause):
    obstructed = obstruct(cause, given)

    with reverts_with(obstructed.error, *obstructed.values):
        use(obstructed.given, obstructed.signature)


@pytest.mark.parametrize("field", OPENING)
def test_h057_a11_reverts_when_it_is_used_for_what_was_not_signed(
    words, given, grant, use, stranger, reverts_with, field
):
    grant(given)
    value = {
        "consumer": stranger.address,
        "provider": stranger.address,
        "assurance": Assurance.LOW,
    }.get(field, keccak(text="another"))
    opened = replace(given.opened, **{field: value})
    other_id = opened.sealed().id(words.consents)

    with reverts_with("ConsentTokenSignatureInvalid", other_id, given.opened.subject):
        use(replace(given, opened=opened))
    with reverts_with("ConsentTokenMissing", other_id):
        use(replace(given, opened=opened), signature=b"")


@pytest.mark.parametrize("field", ["valid_from", "valid_until", "erase_by", "max_uses", "nonce"])
def test_h057_reverts_when_its_limits_are_not_those_signed(words, given, grant, use, reverts_with, field):
    grant(given)
    opened = replace(given.opened, **{field: getattr(given.opened, field) + 1})

    with reverts_with("ConsentTokenMissing", opened.sealed().id(words.consents)):
        use(replace(given, opened=opened), signature=b"")


def test_a11_reverts_when_the_consent_names_nobody_and_nothing(consents, words, given, use, relayer, reverts_with):
    # A subject can sign commitments to nothing; no opening leads to them, so nobody can use them.
    empty = replace(given.sealed, consumer=bytes(32), provider=bytes(32), scope=bytes(32), terms=bytes(32))
    signature = words.consents.sign(given.subject, "Consent", empty.message())
    consents.grant(empty.arguments(), signature, {"from": relayer})
    opened = replace(
        given.opened, consumer=NOBODY, provider=NOBODY, schema=bytes(32), purpose=bytes(32), terms=bytes(32)
    )

    with reverts_with("ConsentTokenSignatureInvalid", opened.sealed().id(words.consents), given.opened.subject):
        use(replace(given, opened=opened), signature)


def test_takes_the_use_whoever_coordinates(system, given, use, puppet, consents, stranger, relayer, answer_in):
    call = consents.useConsent.encode_input(given.signature, stranger, given.opened.arguments())

    tx = puppet.perform(consents, [call], {"from": relayer})

    *_, of_stranger = answer_in(tx, "bytes32", "uint32", "uint8", "uint256", "uint256", "uint256")
    assert of_stranger == 0  # for the escrow to judge


def test_h005_h006_h007_reverts_when_the_signature_has_another_form(
    consents, given, puppet, coordinator, forms_of, relayer, reverts_with
):
    for signature in forms_of(given.signature).values():
        call = consents.useConsent.encode_input(signature, coordinator, given.opened.arguments())
        with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
            puppet.perform.call(consents, [call], {"from": relayer})


def test_h008_reverts_when_the_subject_is_nobody(
    consents, words, given, puppet, coordinator, forms_of, relayer, reverts_with
):
    nobodys = words.given(replace(given.opened, subject=NOBODY), given.subject)

    for signature in (nobodys.signature, *forms_of(given.signature).values()):
        call = consents.useConsent.encode_input(signature, coordinator, nobodys.opened.arguments())
        with reverts_with("ConsentTokenSignatureInvalid", nobodys.id, NOBODY):
            puppet.perform.call(consents, [call], {"from": relayer})


# ------------------------------------------------------------- in time


@pytest.mark.parametrize(("instant", "seconds"), [("valid_from", 0), ("valid_until", -1)])
def test_h058_takes_the_use_in_the_first_and_the_last_second_of_its_window(
    words, fresh_subject, use, travel_to, chain, instant, seconds
):
    given = words.give(fresh_subject(), valid_from=chain[-1].timestamp + 1_000)
    at = getattr(given.opened, instant) + seconds
    travel_to(at)

    assert use(given).timestamp == at


@pytest.mark.parametrize(
    ("instant", "seconds", "error"),
    [("valid_from", -1, "ConsentTokenNotYetValid"), ("valid_until", 0, "ConsentTokenExpired")],
)
def test_h014_h051_h058_reverts_a_second_before_its_window_and_a_second_after(
    words, fresh_subject, use, travel_to, chain, reverts_with, instant, seconds, error
):
    given = words.give(fresh_subject(), valid_from=chain[-1].timestamp + 1_000)
    limit = getattr(given.opened, instant)
    travel_to(limit + seconds)

    with reverts_with(error, given.id, limit):
        use(given)
