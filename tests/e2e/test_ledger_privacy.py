"""What the ledger shows of the story to everybody who keeps a copy: no person, and nothing that ties two exchanges."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import combinations

import pytest
from eth_utils.crypto import keccak

from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS
from consentry.sources.generation import generate
from tests.e2e.conftest import PEOPLE, SEED
from tests.helpers.node import Node

FUNDED = keccak(
    text="ExchangeFunded(bytes32,address,address,bytes32,uint32,address,bytes32,uint256,bytes32,bytes32,uint8,uint32)"
)
WITH_TRANSACTIONS = True
LEAST_BYTES = 5
"""Shorter values, such as a code of one's sex, stand in any file by chance."""

PUBLIC_TEXT = {
    # What institutions publish about themselves, and what the council registers.
    "setAttribute": {"value"},
    "setAttributeSigned": {"value"},
    "revokeAttribute": {"value"},
    "revokeAttributeSigned": {"value"},
    "DIDAttributeChanged": {"value"},
    "registerSchema": {"uri", "attributes"},
    "SchemaRegistered": {"uri", "attributes"},
    "registerPurpose": {"urn"},
    "PurposeRegistered": {"urn"},
    "labelRole": {"label"},
    "RoleLabel": {"label"},
    # A standard's own: data of the ERC-721 transfer that is always refused, calls that the access manager passes on.
    "safeTransferFrom": {""},
    "execute": {"calldatas", "data", "payload"},
    "schedule": {"data"},
    "cancel": {"calldatas", "data"},
    "consumeScheduledOp": {"data"},
    "multicall": {"data"},
    "OperationScheduled": {"data"},
    # What rulings mean, where evidence lies, who shares in a fee (ERC-792, ERC-1497), and what the panel does not use.
    "MetaEvidence": {"_evidence"},
    "Evidence": {"_evidence"},
    "submitEvidence": {"evidence"},
    "createDispute": {"extraData"},
    "arbitrationCost": {""},
    "appeal": {""},
    # What the council proposes and why its seats vote as they do (OpenZeppelin's Governor and TimelockController).
    "propose": {"calldatas", "description"},
    "ProposalCreated": {"signatures", "calldatas", "description"},
    "hashProposal": {"calldatas"},
    "queue": {"calldatas"},
    "castVoteWithReason": {"reason"},
    "castVoteWithReasonAndParams": {"reason", "params"},
    "castVoteWithReasonAndParamsBySig": {"reason", "params"},
    "VoteCast": {"reason"},
    "VoteCastWithParams": {"reason", "params"},
    "scheduleBatch": {"payloads"},
    "executeBatch": {"payloads"},
    "hashOperation": {"data"},
    "hashOperationBatch": {"payloads"},
    "CallScheduled": {"data"},
    "CallExecuted": {"data"},
    "relay": {""},
    "onERC721Received": {""},
    "onERC1155Received": {""},
    "onERC1155BatchReceived": {""},
}
SIGNATURES = {
    "signature",
    "consentSignature",
    "orderSignature",
    "deliverySignature",
    "acceptanceSignature",
    "invitationSignature",
    "agreementSignature",
}


@dataclass(frozen=True)
class Transaction:
    """What one transaction left on the ledger.

    Attributes:
        calldata: What was sent.
        logs: Topics and data of each event.
        written: Values of the storage slots that it changed.
    """

    calldata: bytes
    logs: tuple[tuple[tuple[bytes, ...], bytes], ...]
    written: tuple[bytes, ...] = ()

    @property
    def octets(self) -> Iterator[bytes]:
        """Everything, as it stands there."""
        yield self.calldata
        for topics, data in self.logs:
            yield from (*topics, data)
        yield from self.written

    @property
    def words(self) -> set[bytes]:
        """The 32-byte words of calldata and events, names of functions and events apart."""
        pieces = [self.calldata[4:], *(data for _, data in self.logs)]
        return {piece[at : at + 32] for piece in pieces for at in range(0, len(piece), 32)} | {
            topic for topics, _ in self.logs for topic in topics[1:]
        }


@pytest.fixture(scope="module")
def ledger(played) -> list[Transaction]:
    """Every transaction of the story, from the deployment on."""
    with closing(Node(played.rpc_url)) as node:
        latest = int(node.ask("eth_blockNumber"), 16)
        return [
            transaction_of(node, sent)
            for number in range(latest + 1)
            for sent in node.ask("eth_getBlockByNumber", hex(number), WITH_TRANSACTIONS)["transactions"]
        ]


def transaction_of(node: Node, sent: dict) -> Transaction:
    receipt = node.ask("eth_getTransactionReceipt", sent["hash"])
    tracer = {"tracer": "prestateTracer", "tracerConfig": {"diffMode": True}}
    after = node.ask("debug_traceTransaction", sent["hash"], tracer)["post"]
    return Transaction(
        calldata=octets_of(sent["input"]),
        logs=tuple((tuple(map(octets_of, log["topics"])), octets_of(log["data"])) for log in receipt["logs"]),
        written=tuple(octets_of(value) for account in after.values() for value in account.get("storage", {}).values()),
    )


def octets_of(text: str) -> bytes:
    return bytes.fromhex(text.removeprefix("0x"))


@pytest.fixture(scope="module")
def personal_values(tmp_path_factory) -> set[str]:
    """Every value in the story's three systems of record: names, dates, addresses, numbers, in the form found there."""
    found = generate(tmp_path_factory.mktemp("people"), people=PEOPLE, seed=SEED)
    values: set[str] = set()
    for file in (found.bank, found.licence_office, found.utility):
        with closing(sqlite3.connect(file)) as database:
            tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for table in tables:
                for row in database.execute(f'SELECT * FROM "{table}"'):
                    values.update(str(value) for value in row if value is not None)
    return {value for value in values if len(value.encode()) >= LEAST_BYTES}


def shown(ledger: list[Transaction], values: set[str]) -> set[str]:
    """Return the values that the ledger shows, or an unsalted hash of which it shows."""
    pieces = [piece for transaction in ledger for piece in transaction.octets]
    everything = b"\0".join(pieces)
    aligned = {piece[at : at + 32] for piece in pieces for start in (0, 4) for at in range(start, len(piece), 32)}
    found = set()
    for value in values:
        spellings = {form.encode() for form in (value, value.lower(), value.upper(), value.strip())}
        hashes = {digest for form in spellings for digest in (keccak(form), sha256(form).digest())}
        if any(form in everything for form in spellings) or hashes & aligned:
            found.add(value)
    return found


def shared_words(ledger: list[Transaction]) -> set[bytes]:
    """Return what occurs in the transactions of two exchanges and was not public before the first of them."""
    consents = [log[1][:32] for transaction in ledger for log in transaction.logs if log[0][0] == FUNDED]
    assert len(set(consents)) >= 6
    exchanges = [{word for tx in ledger if consent in tx.words for word in tx.words} for consent in consents]
    public = {word for tx in ledger if not tx.words & set(consents) for word in tx.words}
    tied = {word for one, other in combinations(exchanges, 2) for word in one & other}
    return {word for word in tied - public if len(word.strip(b"\0")) > 10}


def test_h053_a21_a22_shows_no_personal_value_and_no_hash_of_one_when_the_story_was_played(
    ledger, personal_values, played
):
    decrypted = set(re.findall(r"[a-z_]+=([^,]{5,})(?:, |$)", played.printed, re.MULTILINE))
    assert len(decrypted & personal_values) >= 4, "what consumers decrypted is of these people"
    assert len(ledger) > 100

    assert shown(ledger, personal_values) == set()


@pytest.mark.parametrize("trace", ["plain", "keccak256", "sha256", "event", "storage"])
def test_finds_a_value_when_it_was_left_on_the_ledger(ledger, personal_values, trace):
    value = sorted(personal_values)[len(personal_values) // 2]
    octets = {"keccak256": keccak(text=value), "sha256": sha256(value.encode()).digest()}.get(trace, value.encode())
    planted = {
        "event": Transaction(b"", (((FUNDED,), octets),)),
        "storage": Transaction(b"", (), (octets.ljust(32, b"\0"),)),
    }.get(trace, Transaction(ledger[0].calldata[:4] + octets, ()))

    assert shown([*ledger[:10], planted], personal_values) == {value}


def test_a21_a22_ties_no_two_exchanges_to_one_person_when_the_story_was_played(ledger):
    assert shared_words(ledger) == set()


def test_finds_an_identifier_when_it_was_used_in_two_exchanges(ledger):
    pseudonym = keccak(text="customer 4711")
    funded = [tx for tx in ledger if any(topics[0] == FUNDED for topics, _ in tx.logs)]
    named = [replace(tx, logs=(*tx.logs, ((keccak(text="Named(bytes32)"), pseudonym), b""))) for tx in funded[:2]]

    assert shared_words([*(tx for tx in ledger if tx not in funded[:2]), *named]) == {pseudonym}


def test_h053_takes_free_text_for_what_is_public_alone():
    found: dict[str, set[str]] = {}
    for name in CONTRACTS:
        for item in load_artifact(name).abi:
            if item["type"] == "event" or item.get("stateMutability") in ("nonpayable", "payable", "pure"):
                for parameter in item.get("inputs", ()):
                    if parameter["type"].startswith(("string", "bytes[")) or parameter["type"] == "bytes":
                        found.setdefault(item.get("name", "constructor"), set()).add(parameter["name"])
    free = {name: parameters - SIGNATURES for name, parameters in found.items() if parameters - SIGNATURES}

    assert free == PUBLIC_TEXT
