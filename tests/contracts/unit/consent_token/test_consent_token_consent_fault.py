"""ConsentToken.consentFault and isConsentUsable: the one cause for which a consent cannot be used, never reverting."""

import itertools
from dataclasses import replace

import pytest

from consentry.client.assurance import Assurance
from consentry.client.consents import ConsentFault
from tests.helpers.network import NOBODY
from tests.helpers.obstacles import CAUSES
from tests.helpers.puppet import Answer

EXTREMES = {
    "subject": (NOBODY, "0x" + "ff" * 20),
    "consumer": (NOBODY, "0x" + "ff" * 20),
    "provider": (NOBODY, "0x" + "ee" * 20),
    "assurance": (Assurance.NONE, Assurance.HIGH),
    "seed": (bytes(32), b"\xff" * 32),
    "valid_from": (0, 2**48 - 1),
    "valid_until": (0, 2**48 - 1),
    "erase_by": (0, 2**48 - 1),
    "max_uses": (0, 2**32 - 1),
    "nonce": (0, 2**256 - 1),
}


@pytest.fixture
def fault_of(consents, is_usable):
    """Ask both questions about a consent and return the fault: a function of it, and of a signature if another comes
    along."""

    def ask(given, signature=None):
        signature = given.signature if signature is None else signature
        fault = ConsentFault(consents.consentFault(given.opened.arguments(), signature))
        assert is_usable(given, signature) is (fault is ConsentFault.NONE)
        return fault

    return ask


# ------------------------------------------------------------- none


def test_is_none_when_the_signature_comes_along(given, fault_of):
    assert fault_of(given) is ConsentFault.NONE


def test_is_none_when_the_consent_is_granted(given, grant, fault_of):
    grant(given)

    assert fault_of(given, signature=b"") is ConsentFault.NONE


def test_is_none_while_uses_are_left(words, fresh_subject, use, fault_of):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)
    assert fault_of(given) is ConsentFault.NONE

    use(given)

    assert fault_of(given) is ConsentFault.EXHAUSTED


def test_is_none_when_it_is_to_be_erased_as_it_ends(words, fresh_subject, fault_of):
    until = words.open(fresh_subject()).valid_until

    assert fault_of(words.give(fresh_subject(), valid_until=until, erase_by=until)) is ConsentFault.NONE


@pytest.mark.parametrize("assurance", [Assurance.NONE, Assurance.LOW, Assurance.SUBSTANTIAL])
def test_is_none_when_the_provider_may_vouch_for_more(words, fresh_subject, fault_of, assurance):
    assert fault_of(words.give(fresh_subject(), assurance=assurance)) is ConsentFault.NONE


# ------------------------------------------------------------- each single cause


@pytest.mark.parametrize("cause", CAUSES)
def test_a04_h065_names_the_cause_when_it_is_the_only_one(given, fault_of, obstruct, cause):
    assert fault_of(given) is ConsentFault.NONE

    obstructed = obstruct(cause, given)

    assert fault_of(obstructed.given, obstructed.signature) is obstructed.fault


def test_a04_is_exhausted_when_its_nonce_is_spent_in_a_batch(words, fresh_subject, use_allotted, fault_of):
    given = words.give(fresh_subject(), nonce=5)
    assert fault_of(given) is ConsentFault.NONE

    use_allotted(given)

    assert fault_of(given) is ConsentFault.EXHAUSTED


def test_a04_is_exchange_open_when_its_latest_exchange_is_funded(words, fresh_subject, use, set_funded, fault_of):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)
    assert fault_of(given) is ConsentFault.NONE

    set_funded(given, 1, True)

    assert fault_of(given) is ConsentFault.EXCHANGE_OPEN


@pytest.mark.parametrize("party", ["consumer", "provider"])
def test_h065_is_none_again_when_a_suspension_is_over(given, fault_of, bring_to, request, party):
    participant = request.getfixturevalue(party)
    bring_to(participant, "suspended")
    assert fault_of(given) is not ConsentFault.NONE

    bring_to(participant, "active")

    assert fault_of(given) is ConsentFault.NONE


def test_is_withdrawn_before_anything_else(given, withdraw, use, bring_to, consumer, mine_at, fault_of):
    use(given)
    withdraw(given)
    bring_to(consumer, "suspended")
    mine_at(given.opened.valid_until)

    assert fault_of(given, signature=b"") is ConsentFault.WITHDRAWN


# ------------------------------------------------------------- in time


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
    words, fresh_subject, mine_at, chain, fault_of, instant, seconds, fault
):
    given = words.give(fresh_subject(), valid_from=chain[-1].timestamp + 1_000)

    mine_at(getattr(given.opened, instant) + seconds)

    assert fault_of(given) is fault


@pytest.mark.parametrize(("seconds", "fault"), [(-1, ConsentFault.NONE), (0, ConsentFault.CONSUMER_NOT_ACCREDITED)])
def test_h051_counts_the_end_of_an_accreditation_out(
    system, given, council, consumer, mine_at, chain, fault_of, seconds, fault
):
    expires_at = chain[-1].timestamp + 1_000
    scope = given.opened.schema, given.opened.purpose
    system.schemas.accreditConsumer(*scope, consumer, expires_at, {"from": council})

    mine_at(expires_at + seconds)

    assert fault_of(given) is fault


# ------------------------------------------------------------- never reverts


def test_never_reverts_when_fields_are_at_their_extremes(words, given, fault_of):
    found = set()
    for extreme, field in itertools.product((0, 1), EXTREMES):
        opened = replace(given.opened, **{field: EXTREMES[field][extreme]})
        found.add(fault_of(words.given(opened, given.subject)))
    for extreme in (0, 1):
        opened = replace(given.opened, **{field: both[extreme] for field, both in EXTREMES.items()})
        found.add(fault_of(words.given(opened, given.subject)))

    assert found >= {ConsentFault.MISSING, ConsentFault.EXPIRED, ConsentFault.EXHAUSTED, ConsentFault.NOT_YET_VALID}


def test_never_reverts_when_the_signature_has_another_form(given, forms_of, fault_of):
    for signature in (*forms_of(given.signature).values(), b"\xff" * 1_000):
        assert fault_of(given, signature) is ConsentFault.MISSING


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER, Answer.NOTHING, Answer.WORD])
def test_never_reverts_when_the_escrow_does_not_answer(words, fresh_subject, use, let_answer, fault_of, answer):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)

    let_answer(questions=answer)

    assert fault_of(given) is ConsentFault.EXCHANGE_OPEN


def test_never_reverts_when_the_escrow_is_gone(words, fresh_subject, use, puppet, stranger, fault_of):
    given = words.give(fresh_subject(), max_uses=2)
    use(given)

    puppet.vanish({"from": stranger})

    assert fault_of(given) is ConsentFault.EXCHANGE_OPEN


@pytest.fixture
def call_with(consents, given):
    """Encode the question about a consent with one field outside its type, as no client would: a function of the field
    and its value."""

    def encode(field, value):
        call = bytes.fromhex(consents.consentFault.encode_input(given.opened.arguments(), given.signature)[2:])
        names = [each["name"].lower() for each in consents.consentFault.abi["inputs"][0]["components"]]
        start = 4 + 32 * names.index(field.replace("_", ""))
        return {"to": consents.address, "data": call[:start] + value.to_bytes(32, "big") + call[start + 32 :]}

    return encode


def test_is_missing_when_a_field_has_stray_bits(given, web3, call_with):
    for field in ("valid_from", "valid_until", "erase_by", "max_uses"):
        value = getattr(given.opened, field)

        assert web3.eth.call(call_with(field, value))[-1] == ConsentFault.NONE
        assert web3.eth.call(call_with(field, value | 1 << 48))[-1] == ConsentFault.MISSING
    assert web3.eth.call(call_with("assurance", 4))[-1] == ConsentFault.MISSING


def test_is_refused_as_malformed_when_there_is_no_such_party(given, web3, call_with):
    for field in ("subject", "consumer", "provider"):
        with pytest.raises(ValueError, match="revert"):
            web3.eth.call(call_with(field, 1 << 160 | int(getattr(given.opened, field), 16)))
