"""The packaged schemas and purposes, read once and never changed.

A schema is a JSON Schema (2020-12) of one object whose properties are the attributes. Its name is
its ``$id``, a URN; its id on chain is keccak256 of the URN, and its content hash there is
keccak256 of its RFC 8785 form, so that a change of white space changes nothing and a change of
anything else changes the hash. Each attribute says which standard its name comes from
(``x-standard``) and how it is called in other languages than English (``x-titles``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final, NewType

from eth_utils.crypto import keccak

from consentry.records.canonical import JsonObject, JsonValue, canonical_hash, parse_json
from consentry.records.errors import JsonError
from consentry.schemas.errors import (
    AttributeUnknown,
    PurposeLanguageMissing,
    PurposeUnknown,
    SchemaFileInvalid,
    SchemaUnknown,
)

SchemaUrn = NewType("SchemaUrn", str)
"""Name of a schema, such as ``urn:consentry:schema:person-identity:1``."""

PurposeUrn = NewType("PurposeUrn", str)
"""Name of a purpose, such as ``urn:consentry:purpose:tenancy-screening``."""

PERSON_IDENTITY: Final = SchemaUrn("urn:consentry:schema:person-identity:1")
DRIVING_LICENCE: Final = SchemaUrn("urn:consentry:schema:driving-licence:1")
RESIDENCE_ADDRESS: Final = SchemaUrn("urn:consentry:schema:residence-address:1")
BANK_ACCOUNT: Final = SchemaUrn("urn:consentry:schema:bank-account:1")

TENANCY_SCREENING: Final = PurposeUrn("urn:consentry:purpose:tenancy-screening")
ACCOUNT_OPENING: Final = PurposeUrn("urn:consentry:purpose:account-opening")
LICENCE_RENEWAL: Final = PurposeUrn("urn:consentry:purpose:licence-renewal")
UTILITY_CONNECTION: Final = PurposeUrn("urn:consentry:purpose:utility-connection")

_PURPOSES_FILE: Final = "purposes.json"
_SIMPLIFIED_CHINESE: Final = "zh-hans"
# Likely script of a Chinese language tag that names none (CLDR likely subtags).
_SIMPLIFIED_CHINESE_ALIASES: Final = frozenset({"zh", "zh-cn", "zh-sg", "zh-my"})


@dataclass(frozen=True, slots=True)
class Attribute:
    """One fact that a schema can carry.

    Attributes:
        name: Its name in credentials and requests.
        titles: What a person reads for it, by language (BCP 47); English is always there.
        description: What exactly it is, in English.
        standard: The standard that its name comes from.
    """

    name: str
    titles: Mapping[str, str] = field(hash=False)
    description: str
    standard: str


@dataclass(frozen=True, slots=True)
class Schema:
    """A packaged schema.

    Attributes:
        urn: Its name.
        title: What a person reads for it, in English.
        schema_id: Its id on chain: keccak256 of the URN, 32 bytes.
        content_hash: keccak256 of its RFC 8785 form, 32 bytes.
        attributes: Names of its attributes, in its own order.
        json_schema: The JSON Schema itself; cannot be changed.
    """

    urn: SchemaUrn
    title: str
    schema_id: bytes
    content_hash: bytes
    attributes: tuple[str, ...]
    json_schema: JsonObject = field(repr=False, compare=False)

    def attribute(self, name: str) -> Attribute:
        """Describe one attribute.

        Args:
            name: Its name.

        Returns:
            The description.

        Raises:
            AttributeUnknown: The schema has no such attribute.
        """
        if name not in self.attributes:
            raise AttributeUnknown(self.urn, name, self.attributes)
        rule = _object(_object(self.json_schema, "properties"), name)
        titles = {"en": _text(rule, "title")}
        others = _object(rule, "x-titles")
        titles.update((language, _text(others, language)) for language in others)
        return Attribute(
            name=name,
            titles=MappingProxyType(titles),
            description=_text(rule, "description"),
            standard=_text(rule, "x-standard"),
        )

    def members(self, attribute: str) -> tuple[str, ...]:
        """Name what an attribute is made of.

        Args:
            attribute: Name of the attribute.

        Returns:
            Names of its members, or of those of its elements if it is a list; empty if it is
            neither an object nor a list of objects.

        Raises:
            AttributeUnknown: The schema has no such attribute.
        """
        if attribute not in self.attributes:
            raise AttributeUnknown(self.urn, attribute, self.attributes)
        rule = self._resolved(_object(_object(self.json_schema, "properties"), attribute))
        if "items" in rule:
            rule = self._resolved(_object(rule, "items"))
        return tuple(_object(rule, "properties")) if "properties" in rule else ()

    def is_list(self, attribute: str) -> bool:
        """Return whether an attribute is a list.

        Raises:
            AttributeUnknown: The schema has no such attribute.
        """
        if attribute not in self.attributes:
            raise AttributeUnknown(self.urn, attribute, self.attributes)
        rule = self._resolved(_object(_object(self.json_schema, "properties"), attribute))
        return rule.get("type") == "array"

    def _resolved(self, rule: JsonObject) -> JsonObject:
        if "$ref" not in rule:
            return rule
        name = _text(rule, "$ref").removeprefix("#/$defs/")
        return _object(_object(self.json_schema, "$defs"), name)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What facts are asked for.

    Attributes:
        urn: Its name.
        purpose_id: Its id on chain: keccak256 of the URN, 32 bytes.
        texts: What the person reads, by language (BCP 47): ``en``, ``fr``, ``zh-Hans``.
    """

    urn: PurposeUrn
    purpose_id: bytes
    texts: Mapping[str, str] = field(hash=False)

    def text(self, language: str) -> str:
        """Put the purpose into words.

        Args:
            language: Language of the person (BCP 47), such as ``fr-CA`` or ``zh-CN``. Looked up
                as RFC 4647 section 3.4 says, from the whole tag to its first part.

        Returns:
            The text.

        Raises:
            PurposeLanguageMissing: There is none in that language. Another is never put in its
                place: a person must be able to read what they agree to.
        """
        by_language = {name.lower(): text for name, text in self.texts.items()}
        wanted = language.lower()
        if wanted in _SIMPLIFIED_CHINESE_ALIASES:
            wanted = _SIMPLIFIED_CHINESE
        while wanted:
            if wanted in by_language:
                return by_language[wanted]
            wanted = wanted.rpartition("-")[0]
        raise PurposeLanguageMissing(self.urn, language, sorted(self.texts))


def load_schema(urn: str) -> Schema:
    """Return a packaged schema.

    Args:
        urn: Its name.

    Returns:
        The schema.

    Raises:
        SchemaUnknown: There is none of that name.
        SchemaFileInvalid: A packaged file is damaged.
    """
    schemas = _schemas()
    if urn not in schemas:
        raise SchemaUnknown(urn, schemas)
    return schemas[SchemaUrn(urn)]


def all_schemas() -> tuple[Schema, ...]:
    """Return every packaged schema, by URN.

    Raises:
        SchemaFileInvalid: A packaged file is damaged.
    """
    return tuple(_schemas().values())


def load_purpose(urn: str) -> Purpose:
    """Return a packaged purpose.

    Args:
        urn: Its name.

    Returns:
        The purpose.

    Raises:
        PurposeUnknown: There is none of that name.
        SchemaFileInvalid: The packaged file is damaged.
    """
    purposes = _purposes()
    if urn not in purposes:
        raise PurposeUnknown(urn, purposes)
    return purposes[PurposeUrn(urn)]


def all_purposes() -> tuple[Purpose, ...]:
    """Return every packaged purpose, by URN.

    Raises:
        SchemaFileInvalid: The packaged file is damaged.
    """
    return tuple(_purposes().values())


@cache
def _schemas() -> Mapping[SchemaUrn, Schema]:
    schemas: dict[SchemaUrn, Schema] = {}
    for file in resources.files("consentry.schemas").iterdir():
        if not file.name.endswith(".json") or file.name == _PURPOSES_FILE:
            continue
        document = _document(file.name, file.read_bytes())
        try:
            urn = SchemaUrn(_text(document, "$id"))
            schema = Schema(
                urn=urn,
                title=_text(document, "title"),
                schema_id=keccak(text=urn),
                content_hash=canonical_hash(document),
                attributes=tuple(_object(document, "properties")),
                json_schema=document,
            )
        except (KeyError, TypeError):
            raise SchemaFileInvalid(file.name, "it lacks $id, title or properties") from None
        if urn in schemas:
            raise SchemaFileInvalid(file.name, f"a second file has its $id {urn}")
        schemas[urn] = schema
    return MappingProxyType({urn: schemas[urn] for urn in sorted(schemas)})


@cache
def _purposes() -> Mapping[PurposeUrn, Purpose]:
    file = resources.files("consentry.schemas").joinpath(_PURPOSES_FILE)
    purposes: dict[PurposeUrn, Purpose] = {}
    try:
        listed = _document(_PURPOSES_FILE, file.read_bytes())["purposes"]
        if not isinstance(listed, tuple):
            raise TypeError
        for one in listed:
            if not isinstance(one, Mapping):
                raise TypeError
            urn = PurposeUrn(_text(one, "urn"))
            texts = _object(one, "texts")
            purposes[urn] = Purpose(
                urn=urn,
                purpose_id=keccak(text=urn),
                texts=MappingProxyType({language: _text(texts, language) for language in texts}),
            )
    except (KeyError, TypeError):
        raise SchemaFileInvalid(_PURPOSES_FILE, "a purpose lacks its URN or texts") from None
    return MappingProxyType({urn: purposes[urn] for urn in sorted(purposes)})


def _document(name: str, octets: bytes) -> JsonObject:
    try:
        document = _frozen(parse_json(octets))
    except JsonError as error:
        raise SchemaFileInvalid(name, str(error)) from None
    if not isinstance(document, Mapping):
        raise SchemaFileInvalid(name, "it is not a JSON object")
    return document


def _frozen(value: JsonValue) -> JsonValue:
    if isinstance(value, Mapping):
        return MappingProxyType({name: _frozen(member) for name, member in value.items()})
    if isinstance(value, list):
        return tuple(_frozen(element) for element in value)
    return value


def _object(document: JsonObject, name: str) -> JsonObject:
    value = document[name]
    if not isinstance(value, Mapping):
        raise TypeError(f"{name} is not an object")
    return value


def _text(document: JsonObject, name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value
