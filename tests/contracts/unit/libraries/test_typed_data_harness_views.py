"""TypedDataHarness: golden vectors, hashed on chain by the letter of EIP-712."""

import json

import brownie
import pytest
from eip712.messages import EIP712Domain, EIP712Message
from eth_pydantic_types import abi

from scripts import golden_vectors

OPENZEPPELINS = {"Ballot"}
"""Types of OpenZeppelin's Governor: the council's own tests cast votes that are signed by them."""

VERIFYING = {
    "consent_token": "consents",
    "council": "council",
    "erasure_register": "erasures",
    "exchange_batches": "batches",
    "fee_escrow": "escrow",
    "identity_registry": "identities",
    "network_charter": "charter",
}
"""By file of types, the contract for which they are signed, as the network has it."""

ZERO_SALT = "0x" + "00" * 32
DOMAIN_FIELDS = [
    {"name": "name", "type": "string"},
    {"name": "version", "type": "string"},
    {"name": "chainId", "type": "uint256"},
    {"name": "verifyingContract", "type": "address"},
]


class Consent(EIP712Message):
    """A consent as Brownie has its users declare typed messages."""

    subject: abi.address
    consumer: abi.bytes32
    provider: abi.bytes32
    scope: abi.bytes32
    terms: abi.bytes32
    validFrom: abi.uint48  # noqa: N815
    validUntil: abi.uint48  # noqa: N815
    eraseBy: abi.uint48  # noqa: N815
    maxUses: abi.uint32  # noqa: N815
    nonce: abi.uint256


@pytest.fixture(scope="module")
def vectors():
    return json.loads(golden_vectors.VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def harness(TypedDataHarness, council):
    return TypedDataHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def arguments_of():
    """Return a vector's message as the harness takes it."""
    types = golden_vectors.load_types()

    def arguments(vector):
        fields = types[vector["domain"]][vector["type"]]
        return tuple(golden_vectors.parse_message(vector["message"], fields).values())

    return arguments


def test_separates_domains_as_in_the_vectors(harness, vectors):
    for domain in vectors["domains"].values():
        fields = domain["name"], domain["version"], int(domain["chainId"]), domain["verifyingContract"]

        assert harness.domainSeparator(*fields) == domain["separator"]


def test_h011_h012_hashes_every_type_as_in_the_vectors(harness, vectors, arguments_of):
    messages = [vector for vector in vectors["messages"] if vector["type"] not in OPENZEPPELINS]
    for vector in messages:
        struct_hash = getattr(harness, f"hash{vector['type']}")(arguments_of(vector))

        assert struct_hash == vector["structHash"], (vector["type"], vector["case"])
        separator = vectors["domains"][vector["domain"]]["separator"]
        assert harness.digestOf(separator, struct_hash) == vector["digest"]
    assert {vector["type"] for vector in messages} == set(vectors["types"]) - OPENZEPPELINS


def test_seals_openings_as_in_the_vectors(harness, vectors):
    opened = [golden_vectors.parse_opened(vector["opened"]) for vector in vectors["openings"]]

    sealed = harness.seal([one.arguments() for one in opened])

    for consent, one, vector in zip(sealed, opened, vectors["openings"], strict=True):
        assert consent[1:4] == (vector["consumer"], vector["provider"], vector["scope"])
        assert (consent[0], consent[4], *consent[5:]) == (
            one.subject,
            "0x" + one.terms.hex(),
            *(one.valid_from, one.valid_until, one.erase_by, one.max_uses, one.nonce),
        )


@pytest.mark.parametrize("file", golden_vectors.load_types())
def test_h013_contracts_tell_the_domain_that_the_package_signs_under(system, vectors, file):
    verifying = getattr(system, VERIFYING[file])

    fields, name, version, chain_id, address, salt, extensions = verifying.eip712Domain()

    assert (fields, salt, tuple(extensions)) == ("0x0f", ZERO_SALT, ())
    assert (name, version) == (vectors["domains"][file]["name"], vectors["domains"][file]["version"])
    assert (chain_id, address) == (brownie.web3.eth.chain_id, verifying.address)


def test_h010_brownies_own_messages_agree_with_the_vectors(vectors):
    domain = vectors["domains"]["consent_token"]
    consents = [vector for vector in vectors["messages"] if vector["type"] == "Consent"]
    for vector in consents:
        signable = Consent(
            eip712_domain=EIP712Domain(
                name=domain["name"],
                version=domain["version"],
                chainId=int(domain["chainId"]),
                verifyingContract=domain["verifyingContract"],
            ),
            **vector["message"],
        ).signable_message

        assert ("0x" + signable.header.hex(), "0x" + signable.body.hex()) == (domain["separator"], vector["structHash"])
    assert len(consents) == len(golden_vectors.CASES)


def test_h010_the_chains_own_wallet_signs_what_the_package_signs(
    system, vectors, words, consumer, signer_of
):
    types = {"EIP712Domain": DOMAIN_FIELDS, "Consent": golden_vectors.load_types()["consent_token"]["Consent"]}
    domain = {
        "name": vectors["domains"]["consent_token"]["name"],
        "version": vectors["domains"]["consent_token"]["version"],
        "chainId": brownie.web3.eth.chain_id,
        "verifyingContract": system.consents.address,
    }
    for number in range(3):
        consent = words.open(signer_of(consumer), max_uses=1 + number).sealed()
        plain = {
            name: "0x" + value.hex() if isinstance(value, bytes) else str(value)
            for name, value in consent.message().items()
        }
        typed = {"types": types, "primaryType": "Consent", "domain": domain, "message": plain}

        answer = brownie.web3.provider.make_request("eth_signTypedData_v4", [consumer.address, typed])

        signature = words.consents.sign(signer_of(consumer), "Consent", consent.message())
        assert answer["result"] == "0x" + signature.hex()
