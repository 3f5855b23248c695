"""Write the golden vectors of everything that is signed in a network, for whoever signs or checks in any language.

    python scripts/golden_vectors.py           write tests/vectors/eip712.json
    python scripts/golden_vectors.py --check   write nothing, and fail where the file is not what comes out

For every type in `src/consentry/typed_data` the file holds its encoding and hash, and messages from the lowest values
to the highest with their struct hashes, digests and signatures; for opened consents it holds salts and commitments.
All of it is computed twice, by eth-account here and by ethers in Node, and nothing is written unless both agree. The
contracts are held against the same file by their own tests.

Messages are drawn from a fixed seed: the file changes when a type does, and for no other reason.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict, Union

from eth_account import Account
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.consents import OpenedConsent, salt_of
from consentry.client.signing import TypedDomain
from consentry.client.signing import Value as ClientValue

ROOT: Final = Path(__file__).resolve().parents[1]
TYPED_DATA: Final = ROOT / "src" / "consentry" / "typed_data"
VECTORS: Final = ROOT / "tests" / "vectors" / "eip712.json"
ETHERS: Final = ROOT / "tests" / "vectors" / "hash_with_ethers.mjs"

SEED: Final = 712
CHAIN_ID: Final = 31337
KEY: Final = keccak(text="the key that signs golden vectors")
OPENINGS: Final = 4
_ETHERS_SECONDS: Final = 120

TEXTS: Final = ("Zoë Nguyễn", "出生日期 🪪", "given_name", "https://agency.example/notice?lang=zh-CN", "a" * 300)

Value = Union[str, Sequence[str]]
"""A value as JSON has it: numbers are decimal text, bytes 0x-prefixed hex."""


class Field(TypedDict):
    """A member of a type."""

    name: str
    type: str


Types = Mapping[str, Mapping[str, Sequence[Field]]]
"""By file in `typed_data` and by name, the members of each type."""


class Vector(TypedDict):
    """A message of a type under a domain, and how it was drawn."""

    case: str
    domain: str
    type: str
    message: dict[str, Value]


class Hashed(TypedDict, total=False):
    """What becomes of a message."""

    structHash: str
    digest: str
    signature: str


class Described(TypedDict):
    """A type's encoding and its hash."""

    encodeType: str
    typeHash: str


class Domain(TypedDict):
    """The domain of one contract."""

    name: str
    version: str
    chainId: str
    verifyingContract: str


class Committed(TypedDict):
    """Salts of an opened consent, and its commitments."""

    salts: list[str]
    consumer: str
    provider: str
    scope: str


class Answer(TypedDict):
    """What an encoder makes of domains, types, messages and openings."""

    separators: dict[str, str]
    types: dict[str, Described]
    messages: list[Hashed]
    openings: list[Committed]


class VectorsError(Exception):
    """Say in one line what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Draw:
    """Draw values of Solidity types: the lowest, the highest, or any.

    Attributes:
        case: `lowest`, `highest` or anything else.
        dice: Decides what is drawn.
        members: How many members an array has.
    """

    case: str
    dice: random.Random
    members: int

    def message(self, fields: Sequence[Field]) -> dict[str, Value]:
        """Draw a message of a type."""
        return {field["name"]: self.value(field["type"]) for field in fields}

    def value(self, kind: str) -> Value:
        """Draw a value of a type that the project's messages have."""
        if kind == "string[]":
            return TEXTS[: self.members]
        if kind.endswith("[]"):
            return [self._single(kind[:-2]) for _ in range(self.members)]
        return self._single(kind)

    def _single(self, kind: str) -> str:
        if kind == "string":
            return {"lowest": "", "highest": TEXTS[-1]}.get(self.case, self.dice.choice(TEXTS))
        if kind == "bytes":
            return _hex(self._bytes({"lowest": 0, "highest": 65}.get(self.case, self.dice.randrange(1, 65))))
        if kind == "address":
            return to_checksum_address(self._bytes(20))
        if (size := _size_of("bytes", kind)) is not None:
            return _hex(self._bytes(size))
        if (bits := _size_of("uint", kind)) is not None:
            return str(int.from_bytes(self._bytes(bits // 8), "big"))
        raise VectorsError(f"no message here has had a field of type {kind}; say in {__file__} how one is drawn")

    def _bytes(self, size: int) -> bytes:
        fill = {"lowest": b"\x00", "highest": b"\xff"}.get(self.case)
        return fill * size if fill else self.dice.randbytes(size)


CASES: Final = (("lowest", 0), ("one member", 1), ("two members", 2), ("highest", 2))
"""By name, how many members the arrays of a message have."""


def main(words: Sequence[str] | None = None) -> int:
    """Write or check the vectors.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0, or 1 after one line on standard error.
    """
    parser = argparse.ArgumentParser(description="Write the golden vectors of all typed messages.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where the file is not up to date")
    only_check: bool = parser.parse_args(words).check
    try:
        text = vectors_text()
    except VectorsError as error:
        print(f"golden vectors: {error}", file=sys.stderr)
        return 1
    where = VECTORS.relative_to(ROOT)
    if VECTORS.is_file() and VECTORS.read_text(encoding="utf-8") == text:
        print(f"golden vectors: {where} is up to date")
        return 0
    if only_check:
        print(
            f"golden vectors: {where} is not what the types give; run `python scripts/golden_vectors.py`, see in the "
            "difference that only what should change does, and commit it",
            file=sys.stderr,
        )
        return 1
    VECTORS.write_text(text, encoding="utf-8")
    print(f"golden vectors: wrote {where}")
    return 0


def vectors_text() -> str:
    """Compute the vectors by both encoders and return the file's text.

    Raises:
        VectorsError: The encoders do not agree, or Node or ethers is not there.
    """
    typed_data = load_types()
    messages = list(draw_vectors(typed_data))
    openings = draw_openings()
    here = by_eth_account(typed_data, messages, openings, key=KEY)
    there = by_ethers(typed_data, messages, openings, key=KEY)
    for part, mine in here.items():
        if mine != there.get(part):
            raise VectorsError(f"eth-account and ethers do not agree about {part}; nothing was written")
    document = {
        "about": "EIP-712 messages of Consentry by eth-account and ethers; made by scripts/golden_vectors.py",
        "key": _hex(KEY),
        "signer": Account.from_key(KEY).address,
        "domains": {name: {**domain, "separator": here["separators"][name]} for name, domain in domains().items()},
        "types": here["types"],
        "messages": [{**vector, **hashed} for vector, hashed in zip(messages, here["messages"], strict=True)],
        "openings": [
            {"opened": opened, **committed} for opened, committed in zip(openings, here["openings"], strict=True)
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def load_types() -> dict[str, dict[str, list[Field]]]:
    """Return the types of every contract, by the name of its file."""
    files = sorted(TYPED_DATA.glob("*.json"))
    return {file.stem: json.loads(file.read_text(encoding="utf-8"))["types"] for file in files}


def domains() -> dict[str, Domain]:
    """Return a domain for every contract: its own name and version, at an address that is made up."""
    found: dict[str, Domain] = {}
    for file in sorted(TYPED_DATA.glob("*.json")):
        named = json.loads(file.read_text(encoding="utf-8"))["domain"]
        found[file.stem] = {
            "name": named["name"],
            "version": named["version"],
            "chainId": str(CHAIN_ID),
            "verifyingContract": to_checksum_address(keccak(text=file.stem)[12:]),
        }
    return found


def draw_vectors(typed_data: Types) -> Iterator[Vector]:
    """Draw the messages of the file; the same ones every time."""
    dice = random.Random(SEED)  # noqa: S311
    for domain, types in typed_data.items():
        for name, fields in types.items():
            for case, members in CASES:
                message = Draw(case, dice, members).message(fields)
                yield {"case": case, "domain": domain, "type": name, "message": message}


def draw_messages(type_name: str, count: int, seed: int) -> list[Vector]:
    """Draw any messages of a type.

    Args:
        type_name: Its name.
        count: How many.
        seed: The same seed draws the same messages.
    """
    (domain,) = [domain for domain, types in load_types().items() if type_name in types]
    fields = load_types()[domain][type_name]
    dice = random.Random(seed)  # noqa: S311
    draws = (Draw("any", dice, dice.randrange(4)) for _ in range(count))
    return [
        {"case": draw.case, "domain": domain, "type": type_name, "message": draw.message(fields)} for draw in draws
    ]


def draw_openings(count: int = OPENINGS, seed: int = SEED) -> list[dict[str, str]]:
    """Draw opened consents, fields as in the contracts' OpenedConsent; the lowest and the highest among them.

    Args:
        count: How many, at least two.
        seed: The same seed draws the same ones.
    """
    dice = random.Random(seed)  # noqa: S311
    cases = ["lowest", "highest", *("any" for _ in range(count - 2))]
    openings = []
    for case in cases:
        draw = Draw(case, dice, 0)
        opened = {name: str(draw.value(kind)) for name, kind in _OPENED_FIELDS.items()}
        opened["assurance"] = str(int(opened["assurance"]) % len(Assurance))
        openings.append(opened)
    return openings


_OPENED_FIELDS: Final[Mapping[str, str]] = {
    "subject": "address",
    "consumer": "address",
    "provider": "address",
    "schema": "bytes32",
    "purpose": "bytes32",
    "assurance": "uint8",
    "seed": "bytes32",
    "terms": "bytes32",
    "validFrom": "uint48",
    "validUntil": "uint48",
    "eraseBy": "uint48",
    "maxUses": "uint32",
    "nonce": "uint256",
}


def by_eth_account(
    typed_data: Types,
    messages: Sequence[Vector],
    openings: Sequence[Mapping[str, str]] = (),
    key: bytes | None = None,
) -> Answer:
    """Hash, and sign where a key is given, with eth-account, through the package's own `signing` and `consents`."""
    typed = {
        name: TypedDomain(name, CHAIN_ID, to_checksum_address(domain["verifyingContract"]))
        for name, domain in domains().items()
    }
    separators: dict[str, str] = {}
    hashed: list[Hashed] = []
    for vector in messages:
        domain, name = typed[vector["domain"]], vector["type"]
        message = parse_message(vector["message"], typed_data[vector["domain"]][name])
        signable = domain.signable(name, message)
        separators.setdefault(vector["domain"], _hex(signable.header))
        one: Hashed = {
            "structHash": _hex(signable.body),
            "digest": _hex(keccak(b"\x19" + signable.version + signable.header + signable.body)),
        }
        if key:
            one["signature"] = _hex(domain.sign(Account.from_key(key), name, message))
        hashed.append(one)
    return {
        "separators": separators,
        "types": {name: _described(name, fields) for types in typed_data.values() for name, fields in types.items()},
        "messages": hashed,
        "openings": [_committed(parse_opened(opened)) for opened in openings],
    }


def by_ethers(
    typed_data: Types,
    messages: Sequence[Vector],
    openings: Sequence[Mapping[str, str]] = (),
    key: bytes | None = None,
) -> Answer:
    """Hash, and sign where a key is given, with ethers.

    Raises:
        VectorsError: Node or ethers is not there, or refuses.
    """
    question = {"domains": domains(), "types": typed_data, "messages": messages, "openings": openings}
    if key:
        question["key"] = _hex(key)
    try:
        done = subprocess.run(
            ["node", str(ETHERS)],
            input=json.dumps(question).encode(),
            capture_output=True,
            check=True,
            timeout=_ETHERS_SECONDS,
        )
    except FileNotFoundError as error:
        raise VectorsError("there is no Node to run ethers with; install Node 20 or later") from error
    except subprocess.CalledProcessError as error:
        raise VectorsError(f"ethers refused: {error.stderr.decode(errors='replace').strip()[-500:]}") from error
    answer: Answer = json.loads(done.stdout)
    return answer


def parse_message(message: Mapping[str, Value], fields: Sequence[Field]) -> dict[str, ClientValue]:
    """Return a message as Python takes it: numbers and bytes instead of their texts."""
    return {field["name"]: _parsed(field["type"], message[field["name"]]) for field in fields}


def parse_opened(opened: Mapping[str, str]) -> OpenedConsent:
    """Return an opened consent as the client has it."""
    return OpenedConsent(
        subject=to_checksum_address(opened["subject"]),
        consumer=to_checksum_address(opened["consumer"]),
        provider=to_checksum_address(opened["provider"]),
        schema=_bytes_of(opened["schema"]),
        purpose=_bytes_of(opened["purpose"]),
        assurance=Assurance(int(opened["assurance"])),
        seed=_bytes_of(opened["seed"]),
        terms=_bytes_of(opened["terms"]),
        valid_from=int(opened["validFrom"]),
        valid_until=int(opened["validUntil"]),
        erase_by=int(opened["eraseBy"]),
        max_uses=int(opened["maxUses"]),
        nonce=int(opened["nonce"]),
    )


def _parsed(kind: str, value: Value) -> ClientValue:
    if not isinstance(value, str):
        return [_parsed(kind[:-2], member) for member in value]
    if kind.startswith("uint"):
        return int(value)
    return _bytes_of(value) if kind.startswith("bytes") else value


def _bytes_of(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


def _described(name: str, fields: Sequence[Field]) -> Described:
    members = ",".join(f"{field['type']} {field['name']}" for field in fields)
    encoded = f"{name}({members})"
    return {"encodeType": encoded, "typeHash": _hex(keccak(text=encoded))}


def _committed(opened: OpenedConsent) -> Committed:
    sealed = opened.sealed()
    return {
        "salts": [_hex(salt_of(opened.seed, index)) for index in range(3)],
        "consumer": _hex(sealed.consumer),
        "provider": _hex(sealed.provider),
        "scope": _hex(sealed.scope),
    }


def _hex(octets: bytes) -> str:
    return "0x" + octets.hex()


def _size_of(prefix: str, kind: str) -> int | None:
    sized = re.fullmatch(rf"{prefix}(\d+)", kind)
    return int(sized[1]) if sized else None


if __name__ == "__main__":
    sys.exit(main())
