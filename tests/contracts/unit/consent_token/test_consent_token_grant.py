"""ConsentToken.grant: a subject's signature becomes a token, whoever carries it."""

from dataclasses import replace

import brownie
import pytest

from consentry.client.consents import ALLOTTED_NONCES
from consentry.client.signing import TypedDomain
from tests.helpers.clock import is_ganache
from tests.helpers.exchanges import VALID_SECONDS
from tests.helpers.network import NOBODY

URGENT_PAUSE_SECONDS = 72 * 3_600
LATEST = 2**48 - 1
BURN_AUTH_OWNER_ONLY = 1
NOTHING_KEPT = (NOBODY, 0, NOBODY, 0)
GAS_TOLERANCE = 200
"""What the bytes of another signature can differ by."""


def kept(consents, consent_id):
    return tuple(consents.stateOf(consent_id))


# ------------------------------------------------------------- what a grant does


def test_issues_the_token_when_the_subject_signed(consents, given, grant, told_by):
    subject, token = given.opened.subject, int.from_bytes(given.id, "big")

    tx = grant(given)

    assert bytes(tx.return_value) == given.id
    assert kept(consents, given.id) == (subject, 0, NOBODY, 0)
    assert (consents.ownerOf(token), consents.balanceOf(subject), consents.locked(token)) == (subject, 1, True)
    assert told_by(tx) == [
        ("Transfer", {"from": NOBODY, "to": subject, "tokenId": token}),
        ("Locked", {"tokenId": token}),
        ("Issued", {"from": consents, "to": subject, "tokenId": token, "burnAuth": BURN_AUTH_OWNER_ONLY}),
    ]


def test_makes_the_consent_usable_without_its_signature_when_granted(given, grant, is_usable):
    assert is_usable(given, signature=b"") is False

    grant(given)

    assert is_usable(given, signature=b"") is True


def test_takes_the_consent_when_its_window_has_not_begun(consents, words, fresh_subject, grant, chain):
    later = chain[-1].timestamp + 1_000
    given = words.give(fresh_subject(), valid_from=later)

    grant(given)

    assert consents.ownerOf(int.from_bytes(given.id, "big")) == given.opened.subject


def test_a06_takes_nonces_in_any_order_when_a_subject_has_several(consents, words, fresh_subject, grant):
    subject = fresh_subject()
    for nonce in (2**256 - 1, ALLOTTED_NONCES, ALLOTTED_NONCES + 7):
        grant(words.give(subject, nonce=nonce))

    assert consents.balanceOf(subject.address) == 3


def test_h066_keeps_nothing_of_a_subject_until_it_signs(consents, words, fresh_subject, stranger, reverts_with):
    subject = fresh_subject()
    for _ in range(5):
        asked = words.given(words.open(subject), fresh_subject())
        with reverts_with("ConsentTokenSignatureInvalid", asked.id, subject.address):
            consents.grant(asked.sealed.arguments(), asked.signature, {"from": stranger})
        assert kept(consents, asked.id) == NOTHING_KEPT

    assert consents.balanceOf(subject.address) == 0


def test_h068_costs_the_same_when_the_subject_has_many(consents, words, fresh_subject, grant, withdraw):
    subject = fresh_subject()
    given = [words.give(subject) for _ in range(8)]
    costs = [grant(one).gas_used for one in given]

    assert costs[0] > costs[1]  # the first makes the slot of the subject's balance
    assert max(costs[1:]) - min(costs[1:]) < GAS_TOLERANCE
    spent = [withdraw(one).gas_used for one in given[:-1]]
    assert max(spent) - min(spent) < GAS_TOLERANCE
    assert consents.balanceOf(subject.address) == 1


# ------------------------------------------------------------- a second time


def test_h001_reverts_when_it_is_granted_already(consents, given, grant, reverts_with):
    grant(given)
    before = kept(consents, given.id)

    with reverts_with("ConsentTokenAlreadyGranted", given.id):
        grant(given)

    assert kept(consents, given.id) == before
    assert consents.balanceOf(given.opened.subject) == 1


def test_h017_reaches_the_goal_when_somebody_else_was_first(
    consents, given, grant, stranger, reverts_with, is_usable
):
    consents.grant(given.sealed.arguments(), given.signature, {"from": stranger})

    with reverts_with("ConsentTokenAlreadyGranted", given.id):
        grant(given)

    assert consents.ownerOf(int.from_bytes(given.id, "big")) == given.opened.subject
    assert is_usable(given, signature=b"") is True


def test_h006_grants_nothing_more_when_the_used_signature_has_another_form(
    consents, given, grant, forms_of, relayer, reverts_with
):
    grant(given)

    for signature in forms_of(given.signature).values():
        with reverts_with("ConsentTokenAlreadyGranted", given.id):
            consents.grant.call(given.sealed.arguments(), signature, {"from": relayer})
    assert consents.balanceOf(given.opened.subject) == 1


def test_a02_revives_nothing_when_it_was_withdrawn(
    consents, given, grant, withdraw, forms_of, relayer, reverts_with, is_usable
):
    grant(given)
    withdrawn_at = withdraw(given).timestamp

    for signature in (given.signature, *forms_of(given.signature).values()):
        with reverts_with("ConsentTokenWithdrawn", given.id, withdrawn_at):
            consents.grant.call(given.sealed.arguments(), signature, {"from": relayer})
        assert is_usable(given, signature) is False


def test_a06_reverts_when_it_was_withdrawn_before_anybody_saw_it(given, grant, withdraw, reverts_with):
    withdrawn_at = withdraw(given).timestamp

    with reverts_with("ConsentTokenWithdrawn", given.id, withdrawn_at):
        grant(given)


def test_issues_the_token_and_revives_no_use_when_it_was_used_by_signature(
    consents, given, grant, use, puppet, is_usable
):
    use(given)

    grant(given)

    assert kept(consents, given.id) == (given.opened.subject, 1, puppet, 0)
    assert is_usable(given) is False


# ------------------------------------------------------------- whose word it is


def test_a24_reverts_when_somebody_else_signed(consents, words, given, stranger, signer_of, reverts_with):
    forged = words.given(given.opened, signer_of(stranger))

    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.grant(given.sealed.arguments(), forged.signature, {"from": stranger})


def test_a24_reverts_when_the_subject_calls_and_has_not_signed(
    consents, words, signer_of, unused_account, reverts_with
):
    subject = unused_account()
    given = words.give(signer_of(subject))

    with reverts_with("ConsentTokenSignatureInvalid", given.id, subject):
        consents.grant(given.sealed.arguments(), b"", {"from": subject})


def test_a05_reverts_when_the_signature_is_of_another_subjects_consent(
    consents, words, given, fresh_subject, relayer, reverts_with
):
    other = fresh_subject()
    same = words.given(replace(given.opened, subject=other.address), other)

    with reverts_with("ConsentTokenSignatureInvalid", same.id, other.address):
        consents.grant(same.sealed.arguments(), given.signature, {"from": relayer})


def test_reverts_when_the_signature_is_of_the_withdrawal(consents, words, given, relayer, reverts_with):
    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.grant(given.sealed.arguments(), words.sign_withdrawal(given), {"from": relayer})


def test_h005_h007_reverts_when_the_signature_has_another_form(consents, given, forms_of, relayer, reverts_with):
    forms = {**forms_of(given.signature), "0 bytes": b""}
    for signature in forms.values():
        with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
            consents.grant.call(given.sealed.arguments(), signature, {"from": relayer})
    assert len(set(forms.values())) == len(forms)


def test_h008_reverts_when_the_subject_is_nobody(consents, words, given, forms_of, relayer, reverts_with):
    nobodys = words.given(replace(given.opened, subject=NOBODY), given.subject)
    garbage = [*forms_of(given.signature).values(), b"", bytes(64) + b"\x1b", b"\xff" * 64 + b"\x1c"]

    for signature in (nobodys.signature, *garbage):
        with reverts_with("ConsentTokenSignatureInvalid", nobodys.id, NOBODY):
            consents.grant.call(nobodys.sealed.arguments(), signature, {"from": relayer})


def test_reverts_when_the_subject_is_a_contract_that_signs(
    ContractWallet, consents, words, given, stranger, relayer, signer_of, reverts_with
):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})
    wallets = words.given(replace(given.opened, subject=wallet.address), signer_of(stranger))
    assert wallet.isValidSignature(wallets.id, wallets.signature) == "0x1626ba7e"

    with reverts_with("ConsentTokenSignatureInvalid", wallets.id, wallet):
        consents.grant(wallets.sealed.arguments(), wallets.signature, {"from": relayer})


def test_h026_reverts_when_the_subject_is_a_contract_that_is_still_being_made(
    UnfinishedWallet, consents, words, given, stranger, signer_of, reverts_with
):
    wallet = stranger.get_deployment_address()
    wallets = words.given(replace(given.opened, subject=wallet), signer_of(stranger))
    call = consents.grant.encode_input(wallets.sealed.arguments(), wallets.signature)

    with reverts_with("ConsentTokenSignatureInvalid", wallets.id, wallet):
        UnfinishedWallet.deploy(consents, call, {"from": stranger})


def test_h002_reverts_when_the_signature_is_for_another_deployment(
    ConsentToken, system, consents, given, grant, council, relayer, reverts_with
):
    other = ConsentToken.deploy(system.access, system.identities, system.schemas, {"from": council})
    other_id = other.hashConsent(given.sealed.arguments())

    with reverts_with("ConsentTokenSignatureInvalid", other_id, given.opened.subject):
        other.grant(given.sealed.arguments(), given.signature, {"from": relayer})

    assert bytes(other_id) != given.id
    grant(given)


def test_h003_a03_reverts_when_the_signature_is_for_the_same_address_on_another_chain(
    consents, words, given, relayer, reverts_with
):
    elsewhere = TypedDomain("consent_token", words.consents.chain_id + 1, consents.address)
    signature = elsewhere.sign(given.subject, "Consent", given.sealed.message())

    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.grant(given.sealed.arguments(), signature, {"from": relayer})


def test_h003_separates_anew_when_the_chain_forks_under_another_id(consents, words, given, relayer, reverts_with):
    chain_id = words.consents.chain_id
    fork = TypedDomain("consent_token", chain_id + 1, consents.address)
    assert bytes(consents.hashConsent(given.sealed.arguments())) == given.id
    if is_ganache():
        return  # it cannot change its id; the bytecode is the same

    brownie.web3.provider.make_request("anvil_setChainId", [chain_id + 1])
    try:
        assert consents.eip712Domain()[3] == chain_id + 1
        fork_id = fork.digest("Consent", given.sealed.message())
        assert bytes(consents.hashConsent(given.sealed.arguments())) == fork_id != given.id
        with reverts_with("ConsentTokenSignatureInvalid", fork_id, given.opened.subject):
            consents.grant.call(given.sealed.arguments(), given.signature, {"from": relayer})
    finally:
        brownie.web3.provider.make_request("anvil_setChainId", [chain_id])


# ------------------------------------------------------------- what makes sense


def test_h063_reverts_when_it_may_never_be_used(words, fresh_subject, grant, reverts_with):
    with reverts_with("ConsentTokenUsesInvalid", 0):
        grant(words.give(fresh_subject(), max_uses=0))


@pytest.mark.parametrize(
    ("valid_from", "valid_until", "erase_by"),
    [(1_000, 1_000, 2_000), (1_001, 1_000, 2_000), (0, 1_000, 999)],
    ids=["empty window", "window backwards", "erased before its end"],
)
def test_reverts_when_its_window_makes_no_sense(
    words, fresh_subject, grant, chain, reverts_with, valid_from, valid_until, erase_by
):
    now = chain[-1].timestamp
    window = now + valid_from, now + valid_until, now + erase_by
    given = words.give(fresh_subject(), **dict(zip(("valid_from", "valid_until", "erase_by"), window, strict=True)))

    with reverts_with("ConsentTokenWindowInvalid", *window):
        grant(given)


@pytest.mark.parametrize("nonce", [0, ALLOTTED_NONCES - 1])
def test_reverts_when_its_nonce_was_allotted_for_a_batch(words, fresh_subject, grant, reverts_with, nonce):
    with reverts_with("ConsentTokenNonceAllotted", nonce):
        grant(words.give(fresh_subject(), nonce=nonce))


# ------------------------------------------------------------- in time


def test_h014_h051_takes_it_in_the_last_second_of_its_window(consents, given, grant, travel_to):
    travel_to(given.opened.valid_until - 1)

    tx = grant(given)

    assert tx.timestamp == given.opened.valid_until - 1
    assert consents.balanceOf(given.opened.subject) == 1


def test_h014_h051_reverts_when_its_window_has_just_ended(given, grant, travel_to, reverts_with):
    travel_to(given.opened.valid_until)

    with reverts_with("ConsentTokenExpired", given.id, given.opened.valid_until):
        grant(given)


def test_h014_takes_it_when_it_never_ends(words, fresh_subject, grant, is_usable):
    given = words.give(fresh_subject(), valid_until=LATEST, erase_by=LATEST)

    grant(given)

    assert is_usable(given) is True


# ------------------------------------------------------------- during a pause


def test_reverts_when_the_guardian_paused_grants(consents, given, grant, guardian, reverts_with):
    until = consents.pauseGrants({"from": guardian}).timestamp + URGENT_PAUSE_SECONDS

    with reverts_with("ConsentTokenGrantsPaused", until):
        grant(given)


def test_takes_it_at_the_very_end_of_a_pause(consents, given, grant, council, travel_to, reverts_with):
    until = given.opened.valid_until - VALID_SECONDS // 2
    consents.setGrantsPausedUntil(until, {"from": council})
    travel_to(until - 1)
    with reverts_with("ConsentTokenGrantsPaused", until):
        grant(given)

    travel_to(until)
    grant(given)

    assert consents.balanceOf(given.opened.subject) == 1
