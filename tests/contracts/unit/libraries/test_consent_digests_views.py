"""ConsentDigests: each shortcut in assembly beside its plain twin, in Solidity and in Python."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.batches import Batch, BatchItem
from consentry.client.consents import ALLOTTED_NONCES, party_commitment, salt_of, scope_commitment
from consentry.client.signing import Signature
from scripts import golden_vectors

RANDOM_CONSENTS = 1_000
RANDOM_OPENINGS = 100
CONSENTS_A_CALL = 250


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def twin(TypedDataHarness, council):
    return TypedDataHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def openings():
    """A hundred opened consents, the lowest and the highest among them."""
    return [golden_vectors.parse_opened(one) for one in golden_vectors.draw_openings(RANDOM_OPENINGS, seed=10)]


def test_h010_hashes_a_thousand_random_consents_as_its_twin_and_the_package_do(digests, twin):
    types = golden_vectors.load_types()
    drawn = golden_vectors.draw_messages("Consent", RANDOM_CONSENTS, seed=10)
    fields = types["consent_token"]["Consent"]
    consents = [tuple(golden_vectors.parse_message(one["message"], fields).values()) for one in drawn]

    short, plain = [], []
    for first in range(0, RANDOM_CONSENTS, CONSENTS_A_CALL):
        short += digests.consentStructHashes(consents[first : first + CONSENTS_A_CALL])
        plain += twin.hashConsents(consents[first : first + CONSENTS_A_CALL])

    package = [hashed["structHash"] for hashed in golden_vectors.by_eth_account(types, drawn)["messages"]]
    assert [str(one) for one in short] == [str(one) for one in plain] == package
    assert len(set(package)) == RANDOM_CONSENTS


def test_hashes_opened_consents_as_the_sealed_ones_of_its_twin(digests, twin, openings):
    arguments = [opened.arguments() for opened in openings]

    short = digests.openedStructHashes(arguments)

    sealed = twin.seal(arguments)
    plain = twin.hashConsents(sealed)
    assert [str(one) for one in short] == [str(one) for one in plain]
    package = digests.consentStructHashes([opened.sealed().arguments() for opened in openings])
    assert [str(one) for one in short] == [str(one) for one in package]
    assert len({str(one) for one in short}) == RANDOM_OPENINGS


def batched(openings):
    """Each opened consent as a batch of its own brings it: the batch and its one item."""
    for number, opened in enumerate(openings):
        batch = Batch(
            consumer=opened.consumer,
            provider=opened.provider,
            coordinator="0x" + "cc" * 20,
            schema=opened.schema,
            purpose=opened.purpose,
            assurance=opened.assurance,
            schedule_version=1,
            fee=number,
            relayer=None,
            deadline=number,
            nonce=number,
        )
        alone = replace(opened, max_uses=1, nonce=opened.nonce % ALLOTTED_NONCES)
        signature = Signature(keccak(text=f"r {number}") + keccak(text=f"s {number}") + bytes([27 + number % 2]))
        yield batch, BatchItem(alone, signature, keccak(text="key"), keccak(text="ciphertext"))


def test_hashes_batched_consents_as_the_opened_ones(digests, twin, openings):
    pairs = list(batched(openings))
    arguments = [item.opened.arguments() for _, item in pairs]

    (short,) = zip(
        *(digests.batchedStructHashes(batch.arguments(), [item.arguments()]) for batch, item in pairs), strict=True
    )

    plain = [str(one) for one in twin.hashConsents(twin.seal(arguments))]
    assert [str(one) for one in short] == [str(one) for one in digests.openedStructHashes(arguments)] == plain
    assert len(set(plain)) == RANDOM_OPENINGS


def test_hashes_each_of_several_batched_consents(digests, openings):
    pairs = list(batched(openings[:1]))
    (batch, first), items = pairs[0], []
    for number in range(5):
        changes = {"terms": keccak(text=f"terms {number}"), "nonce": number, "valid_from": number}
        items.append(replace(first, opened=replace(first.opened, **changes)))

    short = digests.batchedStructHashes(batch.arguments(), [item.arguments() for item in items])

    plain = digests.openedStructHashes([item.opened.arguments() for item in items])
    assert [str(one) for one in short] == [str(one) for one in plain]
    assert len({str(one) for one in short}) == 5


def test_hashes_nothing_that_was_signed_when_a_field_has_stray_bits(digests, web3, words, fresh_subject):
    consent = words.open(fresh_subject()).sealed()
    clean = digests.consentStructHashes.encode_input([consent.arguments()])
    (signed,) = digests.consentStructHashes([consent.arguments()])
    for name, position in (("subject", 0), ("validFrom", 5), ("validUntil", 6), ("eraseBy", 7), ("maxUses", 8)):
        # selector, offset and length of the list, then a word a field: the highest bit of one is set.
        start = 2 + 2 * (4 + 32 * (2 + position))
        stray = clean[:start] + "80" + clean[start + 2 :]
        assert clean[start : start + 2] == "00", name

        hashed = web3.eth.call({"to": digests.address, "data": stray})[-32:]

        assert len(hashed) == 32
        assert hashed != bytes(signed), name


def test_makes_salts_and_commitments_as_the_package_does(digests, openings):
    for opened in openings[:10]:
        salts = [salt_of(opened.seed, index) for index in range(3)]
        scope = opened.schema, opened.purpose, opened.assurance

        assert [bytes(digests.saltOf(opened.seed, index)) for index in range(3)] == salts
        assert bytes(digests.partyCommitment(opened.consumer, salts[0])) == party_commitment(opened.consumer, salts[0])
        assert bytes(digests.scopeCommitment(*scope, salts[2])) == scope_commitment(*scope, salts[2])


def test_names_exchanges_by_consent_and_use(digests, openings):
    seen = set()
    for opened in openings[:3]:
        for use in (0, 1, 2, 2**32 - 1):
            exchange_id = bytes(digests.exchangeIdOf(opened.terms, use))

            assert exchange_id == keccak(encode(["bytes32", "uint32"], [opened.terms, use]))
            seen.add(exchange_id)
    assert len(seen) == 12


def test_hashes_withdrawals_as_its_twin_does(digests, twin, openings):
    for opened in openings[:3]:
        withdrawal = opened.terms, opened.subject

        assert str(digests.withdrawalStructHash(*withdrawal)) == str(twin.hashWithdrawal(withdrawal))
