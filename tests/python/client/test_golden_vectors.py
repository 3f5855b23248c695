"""Golden vectors: what the package hashes and signs is what ethers does, for every type and for a thousand consents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.client.signing import TypedDomain, recover
from scripts import golden_vectors

RANDOM_CONSENTS = 1_000
RANDOM_REQUESTS = 50
OFF_CHAIN = {"Request"}
"""Types that no contract hashes: only the vectors hold them fast."""


@pytest.fixture(scope="module")
def vectors() -> dict[str, Any]:
    """The committed file."""
    document: dict[str, Any] = json.loads(golden_vectors.VECTORS.read_text(encoding="utf-8"))
    return document


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the file that the command takes for the file."""
    copy = tmp_path / "eip712.json"
    copy.write_bytes(golden_vectors.VECTORS.read_bytes())
    monkeypatch.setattr(golden_vectors, "ROOT", tmp_path)
    monkeypatch.setattr(golden_vectors, "VECTORS", copy)
    return copy


def domain_of(vectors: dict[str, Any], vector: dict[str, Any]) -> TypedDomain:
    domain = vectors["domains"][vector["domain"]]
    return TypedDomain(vector["domain"], int(domain["chainId"]), domain["verifyingContract"])


def message_of(vector: dict[str, Any]) -> dict[str, Any]:
    fields = golden_vectors.load_types()[vector["domain"]][vector["type"]]
    return golden_vectors.parse_message(vector["message"], fields)


def members_of(vectors: dict[str, Any], type_name: str, field: str) -> list[Any]:
    return [vector["message"][field] for vector in vectors["messages"] if vector["type"] == type_name]


# ------------------------------------------------------------- the file


def test_file_is_what_both_encoders_give_now(vectors: dict[str, Any]) -> None:
    assert json.loads(golden_vectors.vectors_text()) == vectors


def test_every_type_has_a_vector_of_every_case(vectors: dict[str, Any]) -> None:
    types = {(domain, name) for domain, types in golden_vectors.load_types().items() for name in types}
    cases = [case for case, _ in golden_vectors.CASES]

    found = [(vector["domain"], vector["type"], vector["case"]) for vector in vectors["messages"]]

    assert sorted(found) == sorted((domain, name, case) for domain, name in types for case in cases)
    assert set(vectors["types"]) == {name for _, name in types} >= OFF_CHAIN
    assert len({vector["digest"] for vector in vectors["messages"]}) == len(found)


def test_check_passes_when_nothing_has_changed(copied: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert golden_vectors.main(["--check"]) == 0
    assert capsys.readouterr().out == "golden vectors: eip712.json is up to date\n"


def test_check_fails_and_writes_nothing_when_one_digit_differs(
    copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = json.loads(copied.read_text(encoding="utf-8"))["messages"][0]["digest"]
    changed = copied.read_text(encoding="utf-8").replace(digest, digest[:-1] + ("0" if digest[-1] != "0" else "1"))
    copied.write_text(changed, encoding="utf-8")

    assert golden_vectors.main(["--check"]) == 1
    assert copied.read_text(encoding="utf-8") == changed
    assert "is not what the types give" in capsys.readouterr().err


def test_command_mends_the_file_when_one_digit_differs(copied: Path) -> None:
    right = copied.read_text(encoding="utf-8")
    copied.write_text(right.replace("0x", "0x0", 1), encoding="utf-8")

    assert golden_vectors.main([]) == 0
    assert copied.read_text(encoding="utf-8") == right


@pytest.mark.parametrize("part", ["separators", "types", "messages", "openings"])
def test_command_writes_nothing_when_the_encoders_do_not_agree(
    copied: Path, part: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def differently(*arguments: Any, **options: Any) -> Any:
        return {**by_ethers(*arguments, **options), part: []}

    by_ethers = golden_vectors.by_ethers
    monkeypatch.setattr(golden_vectors, "by_ethers", differently)
    copied.unlink()

    assert golden_vectors.main([]) == 1
    assert not copied.exists()
    assert f"do not agree about {part}" in capsys.readouterr().err


def test_command_says_what_is_missing_when_there_is_no_node(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")

    assert golden_vectors.main([]) == 1
    assert "install Node 20 or later" in capsys.readouterr().err


# ------------------------------------------------------------- the package against the file


def test_package_makes_digest_and_signature_of_every_vector(vectors: dict[str, Any]) -> None:
    signer = Account.from_key(vectors["key"])
    assert signer.address == vectors["signer"]
    for vector in vectors["messages"]:
        domain, message = domain_of(vectors, vector), message_of(vector)
        digest = domain.digest(vector["type"], message)

        assert "0x" + digest.hex() == vector["digest"], vector["type"]
        assert "0x" + domain.sign(signer, vector["type"], message).hex() == vector["signature"], vector["type"]
        assert recover(digest, bytes.fromhex(vector["signature"][2:])) == vectors["signer"]


def test_package_seals_every_opening_as_in_the_file(vectors: dict[str, Any]) -> None:
    for vector in vectors["openings"]:
        opened = golden_vectors.parse_opened(vector["opened"])
        sealed = opened.sealed()

        assert ["0x" + part.hex() for part in (sealed.consumer, sealed.provider, sealed.scope)] == [
            vector["consumer"],
            vector["provider"],
            vector["scope"],
        ]
        assert (sealed.subject, sealed.terms, sealed.nonce) == (opened.subject, opened.terms, opened.nonce)
    levels = {vector["opened"]["assurance"] for vector in vectors["openings"]}
    assert {"0", "3"} <= levels


def test_digest_changes_when_any_single_field_does(vectors: dict[str, Any]) -> None:
    seen = set()
    changes = 0
    for vector in vectors["messages"]:
        if vector["case"] != "one member":
            continue
        domain, message = domain_of(vectors, vector), message_of(vector)
        (other,) = (
            message_of(each)
            for each in vectors["messages"]
            if (each["type"], each["case"]) == (vector["type"], "lowest")
        )
        for name in message:
            seen.add(domain.digest(vector["type"], {**message, name: other[name]}))
            changes += 1
        seen.add(domain.digest(vector["type"], message))
        changes += 1
    assert len(seen) == changes


# ------------------------------------------------------------- types


def test_a05_every_type_names_who_signs_it() -> None:
    for types in golden_vectors.load_types().values():
        for name, fields in types.items():
            signers = {field["name"] for field in fields if field["type"] == "address"} & {"signer", "subject", "voter"}
            # A ballot is as OpenZeppelin's Governor has it.
            others = {"Consent": "subject", "Withdrawal": "subject", "Ballot": "voter"}
            assert signers == {others.get(name, "signer")}, name


def test_h012_no_type_refers_to_another_so_that_order_cannot_matter(vectors: dict[str, Any]) -> None:
    names = set(vectors["types"])
    for types in golden_vectors.load_types().values():
        for name, fields in types.items():
            encoded = vectors["types"][name]["encodeType"]
            members = ",".join(f"{field['type']} {field['name']}" for field in fields)
            assert encoded == f"{name}({members})"
            assert vectors["types"][name]["typeHash"] == "0x" + keccak(text=encoded).hex()
            assert not {field["type"].removesuffix("[]") for field in fields} & names


def test_h011_arrays_texts_and_bytes_are_hashed_with_any_number_of_members(vectors: dict[str, Any]) -> None:
    attributes = members_of(vectors, "Request", "attributes")
    assert {len(members) for members in attributes} == {0, 1, 2}
    assert any(not text.isascii() for members in attributes for text in members)
    assert {len(members) for members in members_of(vectors, "Confirmation", "exchanges")} == {0, 1, 2}
    assert "" in members_of(vectors, "Request", "notice")
    assert {"0x", "0x" + "ff" * 65} <= set(members_of(vectors, "SetAttribute", "value"))

    # By hand, from the words of EIP-712: the hash of an array is that of its members' hashes in a row.
    (request,) = (
        vector
        for vector in vectors["messages"]
        if (vector["type"], vector["case"]) == ("Request", "two members")
    )
    words = [bytes.fromhex(vectors["types"]["Request"]["typeHash"][2:])]
    for field in golden_vectors.load_types()["consent_token"]["Request"]:
        value = message_of(request)[field["name"]]
        if field["type"] == "string[]":
            words.append(keccak(b"".join(keccak(text=member) for member in value)))
        elif field["type"] == "string":
            words.append(keccak(text=value))
        elif field["type"] == "address":
            words.append(bytes(12) + bytes.fromhex(value[2:]))
        else:
            words.append(value if isinstance(value, bytes) else value.to_bytes(32, "big"))
    assert "0x" + keccak(b"".join(words)).hex() == request["structHash"]


# ------------------------------------------------------------- at random


def test_h010_a_thousand_random_consents_have_one_digest_here_and_in_ethers() -> None:
    typed_data = golden_vectors.load_types()
    consents = golden_vectors.draw_messages("Consent", RANDOM_CONSENTS, seed=10)

    there = golden_vectors.by_ethers(typed_data, consents)["messages"]

    here = golden_vectors.by_eth_account(typed_data, consents)["messages"]
    assert here == there
    assert len({hashed["digest"] for hashed in here}) == RANDOM_CONSENTS


def test_h010_random_requests_have_one_digest_here_and_in_ethers() -> None:
    typed_data = golden_vectors.load_types()
    requests = golden_vectors.draw_messages("Request", RANDOM_REQUESTS, seed=10)

    there = golden_vectors.by_ethers(typed_data, requests)["messages"]

    here = golden_vectors.by_eth_account(typed_data, requests)["messages"]
    assert here == there
    assert {len(vector["message"]["attributes"]) for vector in requests} == {0, 1, 2, 3}
