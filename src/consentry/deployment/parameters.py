"""What a network is deployed with: one YAML file, read strictly, held in typed values.

`parameters.yaml` beside this module is the documented example and what local chains use.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from importlib import resources
from pathlib import Path
from typing import Final, TypeVar

import yaml
from eth_typing import ChecksumAddress
from eth_utils.address import is_checksum_address, to_checksum_address
from eth_utils.crypto import keccak

from consentry.deployment.errors import ParametersInvalid
from consentry.deployment.files import JsonValue
from consentry.schemas import SchemaUnknown, load_schema

BPS: Final = 10_000
FOUNDERS: Final = 3
"""Seats of the council in the pilot phase."""

_DAY_SECONDS: Final = 86_400
_MOST_UINT32: Final = 2**32 - 1
_MOST_UINT104: Final = 2**104 - 1
_MOST_UINT128: Final = 2**128 - 1
_MOST_PRICES: Final = 256
_LONGEST_ORDER_LIFE_SECONDS: Final = 366 * 86_400
_LONGEST_URI_BYTES: Final = 512
_LONGEST_ATTRIBUTE_BYTES: Final = 64
_MOST_ATTRIBUTES: Final = 64
_ZERO_ADDRESS: Final = "0x" + "00" * 20

_T = TypeVar("_T")


class Assurance(IntEnum):
    """Level of assurance, as the contracts number it (Regulation (EU) 910/2014, article 8)."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3


@dataclass(frozen=True, slots=True)
class AccessParameters:
    """Who may act without a vote.

    Attributes:
        guardians: May pause or suspend at once, for at most 72 hours.
        treasurers: Issue and burn network credit.
    """

    guardians: tuple[ChecksumAddress, ...]
    treasurers: tuple[ChecksumAddress, ...]


@dataclass(frozen=True, slots=True)
class CharterParameters:
    """What founders and participants sign.

    Attributes:
        document: keccak256 of the charter's text.
        agreement: keccak256 of the membership agreement's text.
    """

    document: bytes
    agreement: bytes


@dataclass(frozen=True, slots=True)
class CouncilParameters:
    """The council, whose timelock is the only admin of the network once it is deployed.

    Attributes:
        founders: The three first seats.
        voting_delay_seconds: From a proposal to the start of voting.
        voting_seconds: Length of voting.
        opinion_seconds: From a proposal to the last instant for regulators' opinions.
        timelock_seconds: From queueing what carried to its earliest execution.
    """

    founders: tuple[ChecksumAddress, ...]
    voting_delay_seconds: int
    voting_seconds: int
    opinion_seconds: int
    timelock_seconds: int


@dataclass(frozen=True, slots=True)
class ConsentParameters:
    """What follows from a consent that has ended, which never changes in the erasure register.

    Attributes:
        erasure_seconds: A consumer's time to confirm erasure, from the instant at which its duty is put on record.
    """

    erasure_seconds: int


@dataclass(frozen=True, slots=True)
class CreditParameters:
    """The token that fees are paid in.

    Attributes:
        ceiling: Most network credit outstanding, smallest units (six decimals).
    """

    ceiling: int


@dataclass(frozen=True, slots=True)
class ExchangeParameters:
    """Spans and rates of the escrow, which never change in it.

    Attributes:
        notice_seconds: From announcing a withdrawal of prepaid money to taking it.
        lapse_seconds: After the notice, within which it must be taken.
        order_life_seconds: Longest time ahead of funding that an order is good for; at most the notice. Superseded fee
            versions stay good for as long.
        delivery_seconds: Longest time from funding to the delivery deadline.
        shortest_challenge_seconds: Least time that a consumer has to dispute.
        longest_challenge_seconds: Most time that it has.
        evidence_seconds: From a dispute to the last instant for evidence; less than the time for a ruling.
        dispute_seconds: From a dispute to the last instant for a ruling, after which the fee is divided in halves.
        dispute_bond_bps: Bond of a dispute in basis points of the fee.
    """

    notice_seconds: int
    lapse_seconds: int
    order_life_seconds: int
    delivery_seconds: int
    shortest_challenge_seconds: int
    longest_challenge_seconds: int
    evidence_seconds: int
    dispute_seconds: int
    dispute_bond_bps: int


@dataclass(frozen=True, slots=True)
class ShareParameters:
    """Shares of a fee in basis points; they sum to 10,000.

    Attributes:
        provider: Above zero; missing shares and rounding dust come on top.
        coordinator: Drives the exchange.
        hosts: Divided by weight.
        consumer_recruiter: Until its sunset.
        provider_recruiter: Until its sunset.
    """

    provider: int
    coordinator: int
    hosts: int
    consumer_recruiter: int
    provider_recruiter: int

    def packed(self) -> int:
        """Return the shares as the contracts' `Shares`: 16 bits each, the provider's highest."""
        value = 0
        for share in (self.provider, self.coordinator, self.hosts, self.consumer_recruiter, self.provider_recruiter):
            value = value << 16 | share
        return value


@dataclass(frozen=True, slots=True)
class PriceParameters:
    """Price of one exchange.

    Attributes:
        schema: URI of the schema.
        assurance: Level that the consent asks for.
        price: Smallest token units, above zero.
    """

    schema: str
    assurance: Assurance
    price: int


@dataclass(frozen=True, slots=True)
class FeeParameters:
    """First version of the fee schedule.

    Attributes:
        shares: Who gets what part.
        consumer_recruiter_sunset_seconds: From the consumer's admission on.
        provider_recruiter_sunset_seconds: From the provider's admission on.
        host_discount_bps: Off the price where the consumer is a host too; below 10,000.
        prices: One for each schema and level that can be exchanged.
    """

    shares: ShareParameters
    consumer_recruiter_sunset_seconds: int
    provider_recruiter_sunset_seconds: int
    host_discount_bps: int
    prices: tuple[PriceParameters, ...]


@dataclass(frozen=True, slots=True)
class SchemaParameters:
    """A schema registered at deployment.

    Attributes:
        uri: Its name; keccak256 of it is the id.
        content_hash: keccak256 of the schema document's bytes.
        attributes: Names of the facts, in the schema's order.
    """

    uri: str
    content_hash: bytes
    attributes: tuple[str, ...]

    @property
    def id(self) -> bytes:
        """Id in the SchemaRegistry."""
        return keccak(text=self.uri)


@dataclass(frozen=True, slots=True)
class Parameters:
    """Everything that a network is deployed with.

    Attributes:
        chain_id: EIP-155 id of the only chain that these are for, or None for any.
        charter: What founders and participants sign.
        council: Who rules it by vote.
        access: Who may act without a vote.
        credit: The token that fees are paid in.
        consents: What follows from a consent that has ended.
        exchange: Spans and rates of the escrow.
        fees: First version of the fee schedule.
        schemas: Registered at deployment.
        purposes: URNs of the purposes registered at deployment.
    """

    chain_id: int | None
    charter: CharterParameters
    council: CouncilParameters
    access: AccessParameters
    credit: CreditParameters
    consents: ConsentParameters
    exchange: ExchangeParameters
    fees: FeeParameters
    schemas: tuple[SchemaParameters, ...]
    purposes: tuple[str, ...]

    def to_json(self) -> dict[str, JsonValue]:
        """Return the values as they stand in a manifest, in a fixed order."""
        fees = self.fees
        return {
            "chain_id": self.chain_id,
            "charter": {
                "document": "0x" + self.charter.document.hex(),
                "agreement": "0x" + self.charter.agreement.hex(),
            },
            "council": {
                "founders": list(self.council.founders),
                "voting_delay_seconds": self.council.voting_delay_seconds,
                "voting_seconds": self.council.voting_seconds,
                "opinion_seconds": self.council.opinion_seconds,
                "timelock_seconds": self.council.timelock_seconds,
            },
            "access": {
                "guardians": list(self.access.guardians),
                "treasurers": list(self.access.treasurers),
            },
            "credit": {"ceiling": self.credit.ceiling},
            "consents": {"erasure_seconds": self.consents.erasure_seconds},
            "exchange": {name: getattr(self.exchange, name) for name in ExchangeParameters.__slots__},
            "fees": {
                "shares_bps": {name: getattr(fees.shares, name) for name in ShareParameters.__slots__},
                "consumer_recruiter_sunset_seconds": fees.consumer_recruiter_sunset_seconds,
                "provider_recruiter_sunset_seconds": fees.provider_recruiter_sunset_seconds,
                "host_discount_bps": fees.host_discount_bps,
                "prices": [
                    {"schema": price.schema, "assurance": price.assurance.name.lower(), "price": price.price}
                    for price in fees.prices
                ],
            },
            "schemas": [
                {
                    "uri": schema.uri,
                    "content_hash": "0x" + schema.content_hash.hex(),
                    "attributes": list(schema.attributes),
                }
                for schema in self.schemas
            ],
            "purposes": list(self.purposes),
        }

    def fingerprint(self) -> str:
        """Return the SHA-256 of the values in canonical form, as 0x-prefixed hexadecimal digits."""
        canonical = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
        return "0x" + hashlib.sha256(canonical.encode()).hexdigest()


def load_parameters(path: Path | None = None) -> Parameters:
    """Read a parameters file.

    Args:
        path: YAML file, or None for the packaged one, which suits local chains.

    Returns:
        The parameters.

    Raises:
        ParametersInvalid: The file cannot be read, or something in it is missing, unknown or out of range.
    """
    if path is None:
        text = resources.files("consentry.deployment").joinpath("parameters.yaml").read_text(encoding="utf-8")
        return parse_parameters(text, source="parameters.yaml")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ParametersInvalid(str(path), "", f"cannot be read: {reason}") from error
    return parse_parameters(text, source=str(path))


def parse_parameters(text: str, *, source: str) -> Parameters:
    """Read parameters from YAML text.

    Args:
        text: The YAML document.
        source: Name for it in messages.

    Returns:
        The parameters.

    Raises:
        ParametersInvalid: Something is missing, unknown or out of range.
    """
    try:
        document = yaml.load(text, _StrictLoader)  # noqa: S506 - a SafeLoader that refuses more
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "is not YAML"
        raise ParametersInvalid(source, where, str(problem)) from error
    return _parameters(_Node(source, "", document))


def parameters_from_json(value: JsonValue, *, source: str) -> Parameters:
    """Read parameters back from the form that `Parameters.to_json` gives.

    Args:
        value: The value as it stands in a manifest.
        source: Name for it in messages.

    Returns:
        The parameters.

    Raises:
        ParametersInvalid: Something is missing, unknown or out of range.
    """
    return _parameters(_Node(source, "", value))


class _StrictLoader(yaml.SafeLoader):
    """Refuse a key that stands twice, where YAML would keep the last one without a word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, object]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.constructor.ConstructorError(None, None, "a key is no text", key_node.start_mark)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"`{key}` stands twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


@dataclass(frozen=True, slots=True)
class _Node:
    """A value in the document and the key that leads to it."""

    source: str
    key: str
    value: object

    def error(self, problem: str) -> ParametersInvalid:
        return ParametersInvalid(self.source, self.key, problem)

    def children(self, *names: str) -> dict[str, _Node]:
        if not isinstance(self.value, Mapping):
            raise self.error(f"must hold the keys {', '.join(names)}")
        for found in self.value:
            if found not in names:
                raise _Node(self.source, self._below(str(found)), None).error(
                    f"is not a known key; known here: {', '.join(names)}"
                )
        for name in names:
            if name not in self.value:
                raise _Node(self.source, self._below(name), None).error("is missing")
        return {name: _Node(self.source, self._below(name), self.value[name]) for name in names}

    def items(self, *, least: int, most: int) -> list[_Node]:
        if not isinstance(self.value, (list, tuple)):
            raise self.error("must be a list")
        if not least <= len(self.value) <= most:
            raise self.error(f"must have {least} to {most} entries, not {len(self.value)}")
        return [_Node(self.source, f"{self.key}[{index}]", value) for index, value in enumerate(self.value)]

    def integer(self, *, least: int, most: int, unit: str) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.error(f"must be a whole number ({unit})")
        if not least <= self.value <= most:
            raise self.error(f"must be {least} to {most} ({unit}), not {self.value}")
        return self.value

    def text(self, *, longest_bytes: int) -> str:
        if not isinstance(self.value, str):
            raise self.error("must be text")
        if not 1 <= len(self.value.encode()) <= longest_bytes:
            raise self.error(f"must be 1 to {longest_bytes} bytes long")
        return self.value

    def address(self) -> ChecksumAddress:
        if isinstance(self.value, int):
            raise self.error("must be an address in quotes: YAML reads it as a number without them")
        if not isinstance(self.value, str) or re.fullmatch(r"0x[0-9a-fA-F]{40}", self.value) is None:
            raise self.error("must be an address: 0x and 40 hexadecimal digits")
        digits = self.value[2:]
        if digits not in (digits.lower(), digits.upper()) and not is_checksum_address(self.value):
            raise self.error("has a wrong checksum (ERC-55): copy the address again")
        if self.value.lower() == _ZERO_ADDRESS:
            raise self.error("must not be the zero address")
        return to_checksum_address(self.value)

    def hash(self) -> bytes:
        if not isinstance(self.value, str) or re.fullmatch(r"0x[0-9a-fA-F]{64}", self.value) is None:
            raise self.error("must be a hash in quotes: 0x and 64 hexadecimal digits")
        return bytes.fromhex(self.value[2:])

    def optional(self, read: Callable[[_Node], _T]) -> _T | None:
        return None if self.value is None else read(self)

    def distinct(self, entries: list[_T]) -> tuple[_T, ...]:
        for index, entry in enumerate(entries):
            if entry in entries[:index]:
                raise _Node(self.source, f"{self.key}[{index}]", None).error("stands in the list already")
        return tuple(entries)

    def _below(self, name: str) -> str:
        return f"{self.key}.{name}" if self.key else name


def _parameters(root: _Node) -> Parameters:
    nodes = root.children(*Parameters.__slots__)
    schemas = _schemas(nodes["schemas"])
    return Parameters(
        chain_id=nodes["chain_id"].optional(lambda node: node.integer(least=1, most=2**53, unit="EIP-155 chain id")),
        charter=_charter(nodes["charter"]),
        council=_council(nodes["council"]),
        access=_access(nodes["access"]),
        credit=_credit(nodes["credit"]),
        consents=_consents(nodes["consents"]),
        exchange=_exchange(nodes["exchange"]),
        fees=_fees(nodes["fees"], schemas),
        schemas=schemas,
        purposes=_purposes(nodes["purposes"]),
    )


def _charter(node: _Node) -> CharterParameters:
    nodes = node.children("document", "agreement")
    return CharterParameters(document=nodes["document"].hash(), agreement=nodes["agreement"].hash())


def _council(node: _Node) -> CouncilParameters:
    nodes = node.children(*CouncilParameters.__slots__)
    founders = nodes["founders"].items(least=FOUNDERS, most=FOUNDERS)

    def span(name: str, least: int, most: int) -> int:
        return nodes[name].integer(least=least, most=most, unit="seconds")

    council = CouncilParameters(
        founders=nodes["founders"].distinct([item.address() for item in founders]),
        voting_delay_seconds=span("voting_delay_seconds", 60, 7 * _DAY_SECONDS),
        voting_seconds=span("voting_seconds", 3_600, 30 * _DAY_SECONDS),
        opinion_seconds=span("opinion_seconds", 3_600, 37 * _DAY_SECONDS),
        timelock_seconds=span("timelock_seconds", 60, 7 * _DAY_SECONDS),
    )
    longest = council.voting_delay_seconds + council.voting_seconds
    if council.opinion_seconds > longest:
        raise nodes["opinion_seconds"].error(
            f"must be at most voting_delay_seconds and voting_seconds together ({longest}), not "
            f"{council.opinion_seconds}: opinions come in before the vote ends"
        )
    return council


def _access(node: _Node) -> AccessParameters:
    nodes = node.children("guardians", "treasurers")
    return AccessParameters(
        guardians=_addresses(nodes["guardians"]),
        treasurers=_addresses(nodes["treasurers"]),
    )


def _addresses(node: _Node) -> tuple[ChecksumAddress, ...]:
    return node.distinct([item.address() for item in node.items(least=1, most=16)])


def _credit(node: _Node) -> CreditParameters:
    nodes = node.children("ceiling")
    return CreditParameters(ceiling=nodes["ceiling"].integer(least=1, most=_MOST_UINT128, unit="smallest units"))


def _consents(node: _Node) -> ConsentParameters:
    nodes = node.children("erasure_seconds")
    seconds = nodes["erasure_seconds"].integer(least=3_600, most=366 * _DAY_SECONDS, unit="seconds")
    return ConsentParameters(erasure_seconds=seconds)


def _exchange(node: _Node) -> ExchangeParameters:
    nodes = node.children(*ExchangeParameters.__slots__)

    def span(name: str, most: int = _MOST_UINT32) -> int:
        return nodes[name].integer(least=1, most=most, unit="seconds")

    spans = ExchangeParameters(
        notice_seconds=span("notice_seconds"),
        lapse_seconds=span("lapse_seconds"),
        order_life_seconds=span("order_life_seconds", _LONGEST_ORDER_LIFE_SECONDS),
        delivery_seconds=span("delivery_seconds"),
        shortest_challenge_seconds=span("shortest_challenge_seconds"),
        longest_challenge_seconds=span("longest_challenge_seconds"),
        evidence_seconds=span("evidence_seconds"),
        dispute_seconds=span("dispute_seconds"),
        dispute_bond_bps=nodes["dispute_bond_bps"].integer(least=0, most=BPS, unit="basis points"),
    )
    if spans.order_life_seconds > spans.notice_seconds:
        raise nodes["order_life_seconds"].error(
            f"must be at most notice_seconds ({spans.notice_seconds}), not {spans.order_life_seconds}: an order would "
            "outlive the money behind it"
        )
    if spans.shortest_challenge_seconds > spans.longest_challenge_seconds:
        raise nodes["shortest_challenge_seconds"].error(
            f"must be at most longest_challenge_seconds ({spans.longest_challenge_seconds}), "
            f"not {spans.shortest_challenge_seconds}"
        )
    if spans.evidence_seconds >= spans.dispute_seconds:
        raise nodes["evidence_seconds"].error(
            f"must be less than dispute_seconds ({spans.dispute_seconds}), not {spans.evidence_seconds}: arbiters rule "
            "on evidence that is complete"
        )
    return spans


def _fees(node: _Node, schemas: tuple[SchemaParameters, ...]) -> FeeParameters:
    nodes = node.children(
        "shares_bps",
        "consumer_recruiter_sunset_seconds",
        "provider_recruiter_sunset_seconds",
        "host_discount_bps",
        "prices",
    )

    def sunset(name: str) -> int:
        return nodes[name].integer(least=0, most=_MOST_UINT32, unit="seconds")

    return FeeParameters(
        shares=_shares(nodes["shares_bps"]),
        consumer_recruiter_sunset_seconds=sunset("consumer_recruiter_sunset_seconds"),
        provider_recruiter_sunset_seconds=sunset("provider_recruiter_sunset_seconds"),
        host_discount_bps=nodes["host_discount_bps"].integer(least=0, most=BPS - 1, unit="basis points"),
        prices=_prices(nodes["prices"], {schema.uri for schema in schemas}),
    )


def _shares(node: _Node) -> ShareParameters:
    nodes = node.children(*ShareParameters.__slots__)

    def share(name: str, least: int = 0) -> int:
        return nodes[name].integer(least=least, most=BPS, unit="basis points")

    shares = ShareParameters(
        provider=share("provider", 1),
        coordinator=share("coordinator"),
        hosts=share("hosts"),
        consumer_recruiter=share("consumer_recruiter"),
        provider_recruiter=share("provider_recruiter"),
    )
    total = sum(getattr(shares, name) for name in ShareParameters.__slots__)
    if total != BPS:
        raise node.error(f"must sum to {BPS} basis points, not {total}")
    return shares


def _prices(node: _Node, uris: set[str]) -> tuple[PriceParameters, ...]:
    prices: list[PriceParameters] = []
    for item in node.items(least=1, most=_MOST_PRICES):
        nodes = item.children("schema", "assurance", "price")
        schema = nodes["schema"].text(longest_bytes=_LONGEST_URI_BYTES)
        if schema not in uris:
            raise nodes["schema"].error(f"is not among the schemas: {schema}")
        level = nodes["assurance"].text(longest_bytes=16)
        if level.upper() not in Assurance.__members__ or level != level.lower():
            known = ", ".join(name.lower() for name in Assurance.__members__)
            raise nodes["assurance"].error(f"must be one of {known}, not {level}")
        assurance = Assurance[level.upper()]
        if any(price.schema == schema and price.assurance == assurance for price in prices):
            raise item.error("names a schema and level that have a price already")
        amount = nodes["price"].integer(least=1, most=_MOST_UINT104, unit="smallest token units")
        prices.append(PriceParameters(schema=schema, assurance=assurance, price=amount))
    return tuple(prices)


def _schemas(node: _Node) -> tuple[SchemaParameters, ...]:
    schemas: list[SchemaParameters] = []
    for item in node.items(least=1, most=256):
        schema = _packaged_schema(item) if isinstance(item.value, str) else _own_schema(item)
        if any(other.uri == schema.uri for other in schemas):
            raise item.error("stands in the list already")
        schemas.append(schema)
    return tuple(schemas)


def _packaged_schema(node: _Node) -> SchemaParameters:
    urn = node.text(longest_bytes=_LONGEST_URI_BYTES)
    try:
        schema = load_schema(urn)
    except SchemaUnknown as error:
        raise node.error(
            f"is not a packaged schema: {urn}; one of your own is given by uri, content_hash and attributes"
        ) from error
    return SchemaParameters(schema.urn, schema.content_hash, schema.attributes)


def _own_schema(node: _Node) -> SchemaParameters:
    nodes = node.children("uri", "content_hash", "attributes")
    names = nodes["attributes"]
    attributes = [
        name.text(longest_bytes=_LONGEST_ATTRIBUTE_BYTES) for name in names.items(least=1, most=_MOST_ATTRIBUTES)
    ]
    uri = nodes["uri"].text(longest_bytes=_LONGEST_URI_BYTES)
    return SchemaParameters(uri, nodes["content_hash"].hash(), names.distinct(attributes))


def _purposes(node: _Node) -> tuple[str, ...]:
    items = node.items(least=1, most=256)
    return node.distinct([item.text(longest_bytes=_LONGEST_URI_BYTES) for item in items])
