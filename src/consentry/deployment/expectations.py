"""What a network must look like from outside: the values of its code and the answers of its getters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from eth_abi.abi import encode
from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak

from consentry.deployment.artifacts import AbiValue, load_artifact
from consentry.deployment.parameters import FOUNDERS, Assurance, Parameters
from consentry.deployment.plan import CONTRACTS, EXEMPTIONS, directory_entries, directory_key

_UNMANAGED: Final = (
    "NetworkAccess",
    "FeeEscrow",
    "ExchangeBatches",
    "CouncilTimelock",
    "Council",
    "ArbitrationPanel",
)
"""What NetworkAccess does not govern; where one of them tells an authority, it asks the identity registry for it."""
_MANAGED: Final = tuple(name for name in CONTRACTS if name not in _UNMANAGED)
_EIP712_NAMES: Final[Mapping[str, str]] = {
    "IdentityRegistry": "Consentry IdentityRegistry",
    "ConsentToken": "Consentry ConsentToken",
    "ErasureRegister": "Consentry ErasureRegister",
    "FeeEscrow": "Consentry FeeEscrow",
    "ExchangeBatches": "Consentry ExchangeBatches",
    "NetworkCredit": "Consentry Network Credit",
    "NetworkCharter": "Consentry NetworkCharter",
    "Council": "Consentry Council",
}
_EIP712_VERSION: Final = "1"
_DOMAIN_TYPE: Final = keccak(text="EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
_LONGEST_SHORT_STRING: Final = 31

PAUSES: Final = (
    ("IdentityRegistry", "admission", "admissionsPause"),
    ("ConsentToken", "granting", "grantsPause"),
    ("ConsentToken", "use", "usesPause"),
)
"""What can be paused: the contract, what stops there, and the getter that says until when (Unix seconds)."""

TIMELOCK_ROLES: Final = ("PROPOSER", "CANCELLER", "EXECUTOR")
"""Roles of the council's timelock, all held by the council alone (OpenZeppelin's TimelockController)."""

Answer = bool | int | str | bytes | tuple["Answer", ...]
"""A decoded answer: addresses with checksum, lists and structs as tuples."""


@dataclass(frozen=True, slots=True)
class Question:
    """A getter and what it must answer.

    Attributes:
        contract: Whom to ask.
        what: What the answer is, as it stands in a finding.
        function: Name or signature of the getter.
        arguments: Of the call.
        expected: The answer.
        path: Positions that lead to the value within what the getter returns, from outside inwards.
        refusal: Name of the error that is expected instead of an answer.
    """

    contract: str
    what: str
    function: str
    arguments: tuple[AbiValue, ...]
    expected: Answer
    path: tuple[int, ...] = (0,)
    refusal: str | None = None


def immutables_of(
    parameters: Parameters, addresses: Mapping[str, ChecksumAddress], chain_id: int
) -> dict[str, dict[str, bytes]]:
    """Return the words that constructors write into the code, by contract and name in the source.

    Args:
        parameters: What the network was deployed with.
        addresses: Of its contracts, by name.
        chain_id: EIP-155 chain id.

    Source: EIP-712 for the domain; OpenZeppelin's EIP712 and ShortStrings for how it is kept.
    """
    identities = _word(addresses["IdentityRegistry"])
    exchange = parameters.exchange
    words: dict[str, dict[str, bytes]] = {name: {} for name in CONTRACTS}
    words["SchemaRegistry"] = {"IDENTITIES": identities}
    words["NetworkCredit"] = {"IDENTITIES": identities}
    words["FeeSchedule"] = {"ORDER_LIFE_SECONDS": _word(exchange.order_life_seconds)}
    words["ConsentToken"] = {"IDENTITIES": identities, "SCHEMAS": _word(addresses["SchemaRegistry"])}
    words["ErasureRegister"] = {
        "IDENTITIES": identities,
        "CONSENTS": _word(addresses["ConsentToken"]),
        "ERASURE_SECONDS": _word(parameters.consents.erasure_seconds),
    }
    words["FeeEscrow"] = {
        "TOKEN": _word(addresses["NetworkCredit"]),
        "IDENTITIES": identities,
        "CONSENTS": _word(addresses["ConsentToken"]),
        "SCHEDULE": _word(addresses["FeeSchedule"]),
        "HOST_REWARDS": _word(addresses["HostRewards"]),
        "DISPUTES": _word(addresses["Disputes"]),
        "BATCHES": _word(addresses["ExchangeBatches"]),
        "NOTICE_SECONDS": _word(exchange.notice_seconds),
        "LAPSE_SECONDS": _word(exchange.lapse_seconds),
        "ORDER_LIFE_SECONDS": _word(exchange.order_life_seconds),
        "DELIVERY_SECONDS": _word(exchange.delivery_seconds),
        "SHORTEST_CHALLENGE_SECONDS": _word(exchange.shortest_challenge_seconds),
        "LONGEST_CHALLENGE_SECONDS": _word(exchange.longest_challenge_seconds),
        "DISPUTE_BOND_BPS": _word(exchange.dispute_bond_bps),
    }
    words["ExchangeBatches"] = {"ESCROW": _word(addresses["FeeEscrow"]), "IDENTITIES": identities}
    words["HostRewards"] = {"IDENTITIES": identities, "ESCROW": _word(addresses["FeeEscrow"])}
    words["NetworkCharter"] = {"IDENTITIES": identities, "COUNCIL": _word(addresses["Council"])}
    words["Council"] = {
        "IDENTITIES": identities,
        "CHARTER": _word(addresses["NetworkCharter"]),
        "ACCESS": _word(addresses["NetworkAccess"]),
        "DIRECTORY": _word(addresses["NetworkDirectory"]),
    }
    words["ArbitrationPanel"] = {
        "COUNCIL": _word(addresses["Council"]),
        "IDENTITIES": identities,
        "HOST_REWARDS": _word(addresses["HostRewards"]),
    }
    words["Disputes"] = {
        "ESCROW": _word(addresses["FeeEscrow"]),
        "IDENTITIES": identities,
        "EVIDENCE_SECONDS": _word(exchange.evidence_seconds),
        "RULING_SECONDS": _word(exchange.dispute_seconds),
    }
    for name, domain_name in _EIP712_NAMES.items():
        words[name].update(_domain_words(domain_name, addresses[name], chain_id))
    return words


def questions_of(parameters: Parameters, addresses: Mapping[str, ChecksumAddress]) -> tuple[Question, ...]:
    """Return every getter of the network that wiring and parameters show in, with what it must answer.

    What members of the network do, and schemas and purposes that were added since, is not asked about.

    Args:
        parameters: What the network was deployed with.
        addresses: Of its contracts, by name.
    """
    return (
        *_wiring(addresses),
        *_governance(parameters, addresses),
        *_spans(parameters),
        *_fees(parameters),
        *_catalogue(parameters),
    )


def _wiring(addresses: Mapping[str, ChecksumAddress]) -> list[Question]:
    identities = addresses["IdentityRegistry"]
    escrow = addresses["FeeEscrow"]
    questions = [Question("NetworkAccess", "number of admins", "adminCount", (), 1)]
    questions += [Question(name, "authority", "authority", (), addresses["NetworkAccess"]) for name in _MANAGED]
    questions += [
        Question("NetworkDirectory", f"entry {name}", "addressOf", (directory_key(name),), address)
        for name, address in directory_entries(addresses).items()
    ]
    for name in ("SchemaRegistry", "NetworkCredit"):
        questions.append(Question(name, "identity registry", "identityRegistry", (), identities))
    schemas = addresses["SchemaRegistry"]
    questions += [
        Question("ConsentToken", "identity registry", "registries", (), identities, (0,)),
        Question("ConsentToken", "schema registry", "registries", (), schemas, (1,)),
        Question("ConsentToken", "current escrow", "currentEscrow", (), escrow, (0,)),
        Question("ConsentToken", "number of escrows", "currentEscrow", (), 1, (1,)),
        Question("ConsentToken", "first escrow", "escrowAt", (1,), escrow),
        Question("ErasureRegister", "identity registry", "wiring", (), identities, (0,)),
        Question("ErasureRegister", "consent token", "wiring", (), addresses["ConsentToken"], (1,)),
        *(
            Question("FeeEscrow", what, "wiring", (), addresses[name], (0, position))
            for position, (what, name) in enumerate(
                (
                    ("token", "NetworkCredit"),
                    ("identity registry", "IdentityRegistry"),
                    ("consent token", "ConsentToken"),
                    ("fee schedule", "FeeSchedule"),
                    ("host rewards", "HostRewards"),
                    ("disputes", "Disputes"),
                    ("batches", "ExchangeBatches"),
                )
            )
        ),
        Question("ExchangeBatches", "escrow", "wiring", (), escrow, (0,)),
        Question("ExchangeBatches", "identity registry", "wiring", (), identities, (1,)),
        Question("HostRewards", "identity registry", "wiring", (), identities, (0,)),
        Question("HostRewards", "escrow", "wiring", (), escrow, (1,)),
        Question("ArbitrationPanel", "council", "wiring", (), addresses["Council"], (0,)),
        Question("ArbitrationPanel", "identity registry", "wiring", (), identities, (1,)),
        Question("ArbitrationPanel", "host rewards", "wiring", (), addresses["HostRewards"], (2,)),
        Question("Disputes", "escrow", "wiring", (), escrow, (0,)),
        Question("Disputes", "identity registry", "wiring", (), identities, (1,)),
        Question("Disputes", "arbitrator", "arbitrator", (), addresses["ArbitrationPanel"]),
        Question(
            "NetworkCredit", "listing of FeeEscrow as network contract", "isNetworkContract", (escrow,), expected=True
        ),
    ]
    return questions


def _governance(parameters: Parameters, addresses: Mapping[str, ChecksumAddress]) -> list[Question]:
    charter, council = parameters.charter, parameters.council
    seats, timelock, version = addresses["Council"], addresses["CouncilTimelock"], 1
    pilot = 0
    questions = [
        Question("IdentityRegistry", "charter", "charter", (), addresses["NetworkCharter"]),
        Question("NetworkCharter", "identity registry", "wiring", (), addresses["IdentityRegistry"], (0,)),
        Question("NetworkCharter", "council", "wiring", (), seats, (1,)),
        Question("NetworkCharter", "membership agreement", "agreement", (), charter.agreement),
        Question("NetworkCharter", "latest version", "latestVersion", (), version),
        Question("NetworkCharter", f"document of version {version}", "versionOf", (version,), charter.document, (0, 0)),
        Question("NetworkCharter", f"phase of version {version}", "versionOf", (version,), pilot, (0, 1)),
        Question("NetworkCharter", f"seats of version {version}", "versionOf", (version,), FOUNDERS, (0, 2)),
        Question("Council", "timelock", "timelock", (), timelock),
        Question("Council", "identity registry", "wiring", (), addresses["IdentityRegistry"], (0,)),
        Question("Council", "charter", "wiring", (), addresses["NetworkCharter"], (1,)),
        Question("Council", "seats", "seats", (), council.founders),
        Question("Council", "voting_delay_seconds", "periods", (), council.voting_delay_seconds, (0, 0)),
        Question("Council", "voting_seconds", "periods", (), council.voting_seconds, (0, 1)),
        Question("Council", "opinion_seconds", "periods", (), council.opinion_seconds, (0, 2)),
        Question("CouncilTimelock", "timelock_seconds", "getMinDelay", (), council.timelock_seconds),
    ]
    for name, function in EXEMPTIONS:
        action = (addresses[name], load_artifact(name).selector(function))
        questions.append(Question("Council", f"exemption of {name}.{function}", "isExempt", action, expected=True))
    for title in TIMELOCK_ROLES:
        role = keccak(text=f"{title}_ROLE")
        for holder, account, is_held in (("Council", seats, True), ("anyone", "0x" + "00" * 20, False)):
            what = f"{title.lower()} role of {holder}"
            questions.append(Question("CouncilTimelock", what, "hasRole", (role, account), is_held))
    its_own = True
    questions.append(Question("CouncilTimelock", "admin role of itself", "hasRole", (bytes(32), timelock), its_own))
    return questions


def _spans(parameters: Parameters) -> list[Question]:
    exchange = parameters.exchange
    names = [name for name in type(exchange).__slots__ if name not in ("evidence_seconds", "dispute_seconds")]
    questions = [
        Question("FeeEscrow", name, "parameters", (), getattr(exchange, name), (0, position))
        for position, name in enumerate(names)
    ]
    questions += [
        Question("Disputes", "evidence_seconds", "spans", (), exchange.evidence_seconds, (0,)),
        Question("Disputes", "dispute_seconds", "spans", (), exchange.dispute_seconds, (1,)),
        Question("FeeSchedule", "order_life_seconds", "orderLifeSeconds", (), exchange.order_life_seconds),
        Question("ErasureRegister", "erasure_seconds", "erasureSeconds", (), parameters.consents.erasure_seconds),
        Question("NetworkCredit", "ceiling", "ceiling", (), parameters.credit.ceiling),
    ]
    return questions


def _fees(parameters: Parameters) -> list[Question]:
    fees = parameters.fees
    version = 1

    def rate(what: str, position: int, expected: int) -> Question:
        return Question("FeeSchedule", f"{what} of version {version}", "versionOf", (version,), expected, (0, position))

    questions = [
        Question("FeeSchedule", "current version", "currentVersion", (), version),
        rate("shares", 0, fees.shares.packed()),
        rate("consumer_recruiter_sunset_seconds", 1, fees.consumer_recruiter_sunset_seconds),
        rate("provider_recruiter_sunset_seconds", 2, fees.provider_recruiter_sunset_seconds),
        rate("host_discount_bps", 3, fees.host_discount_bps),
    ]
    prices = {(price.schema, price.assurance): price.price for price in fees.prices}
    for schema in parameters.schemas:
        for level in Assurance:
            price = prices.get((schema.uri, level))
            questions.append(
                Question(
                    contract="FeeSchedule",
                    what=f"price of {schema.uri} at {level.name.lower()} in version {version}",
                    function="priceOf",
                    arguments=(version, schema.id, int(level)),
                    expected=0 if price is None else price,
                    refusal="FeeSchedulePriceMissing" if price is None else None,
                )
            )
    return questions


def _catalogue(parameters: Parameters) -> list[Question]:
    questions: list[Question] = []
    for schema in parameters.schemas:
        asked = ("SchemaRegistry", "schemaOf", (schema.id,))
        answers: tuple[tuple[str, Answer, int], ...] = (
            ("content hash", schema.content_hash, 0),
            ("URI", schema.uri, 2),
            ("attributes", schema.attributes, 3),
        )
        for what, expected, position in answers:
            questions.append(
                Question(asked[0], f"{what} of schema {schema.uri}", asked[1], asked[2], expected, (0, position))
            )
    for purpose in parameters.purposes:
        asked = ("SchemaRegistry", "purposeOf", (keccak(text=purpose),))
        questions.append(Question(asked[0], f"name of purpose {purpose}", asked[1], asked[2], purpose))
    return questions


def _domain_words(name: str, contract: ChecksumAddress, chain_id: int) -> dict[str, bytes]:
    hashed_name, hashed_version = keccak(text=name), keccak(text=_EIP712_VERSION)
    separator = keccak(
        encode(
            ["bytes32", "bytes32", "bytes32", "uint256", "address"],
            [_DOMAIN_TYPE, hashed_name, hashed_version, chain_id, contract],
        )
    )
    return {
        "_cachedDomainSeparator": separator,
        "_cachedChainId": _word(chain_id),
        "_cachedThis": _word(contract),
        "_hashedName": hashed_name,
        "_hashedVersion": hashed_version,
        "_name": _short_string(name),
        "_version": _short_string(_EIP712_VERSION),
    }


def _word(value: int | ChecksumAddress) -> bytes:
    number = int(value, 16) if isinstance(value, str) else value
    return number.to_bytes(32, "big")


def _short_string(text: str) -> bytes:
    raw = text.encode()
    if len(raw) > _LONGEST_SHORT_STRING:
        raise ValueError(f"{text!r} does not fit into a word")
    return raw.ljust(_LONGEST_SHORT_STRING, b"\0") + bytes([len(raw)])
