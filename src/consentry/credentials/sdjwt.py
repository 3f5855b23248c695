"""The SD-JWT format itself (RFC 9901): disclosures, digests, compact serialization, processing.

Nothing here trusts anything: signatures, types and times are checked in
:mod:`consentry.credentials.verifying`.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from consentry.credentials.errors import (
    DuplicateDisclosureError,
    ForbiddenDisclosureError,
    MalformedCredentialError,
    MissingAttributeError,
    OversizedCredentialError,
    UnreferencedDisclosureError,
)
from consentry.records.base64url import decode_base64url, encode_base64url
from consentry.records.canonical import MAX_JSON_DEPTH, JsonObject, JsonValue, parse_json
from consentry.records.errors import JsonError

MAX_CREDENTIAL_BYTES: Final = 64 * 1024
"""Greatest length of a serialized credential, in bytes."""

HASH_ALGORITHM: Final = "sha-256"
"""The only digest algorithm; the value of `_sd_alg`."""

SALT_BYTES: Final = 16
"""Length of a disclosure's salt: 128 bits, as RFC 9901 section 9.3 recommends."""

_DIGESTS: Final = "_sd"
_DIGEST_ALGORITHM: Final = "_sd_alg"
_ELEMENT: Final = "..."
RESERVED_NAMES: Final = frozenset({_DIGESTS, _DIGEST_ALGORITHM, _ELEMENT})
"""Names that the format keeps for itself at every depth."""


@dataclass(frozen=True, slots=True)
class SdJwt:
    """An SD-JWT in parts. ``repr`` shows none of them: disclosures hold personal data.

    Attributes:
        issuer_jwt: The JWT that the issuer signed, in compact form.
        disclosures: The disclosures, in base64url, in their order.
        key_binding_jwt: The holder's JWT in a presentation; None without one.
    """

    issuer_jwt: str
    disclosures: tuple[str, ...]
    key_binding_jwt: str | None = None

    def __repr__(self) -> str:
        """Show how many disclosures there are."""
        binding = "no " if self.key_binding_jwt is None else ""
        return f"<SdJwt with {len(self.disclosures)} disclosures and {binding}key binding>"

    @classmethod
    def parse(cls, serialized: str) -> SdJwt:
        """Take a compact serialization apart (RFC 9901 section 4).

        Args:
            serialized: At most 64 KiB of ASCII.

        Returns:
            The parts; nothing about them is checked yet.

        Raises:
            OversizedCredentialError: It is longer than 64 KiB.
            MalformedCredentialError: It is not in the form of an SD-JWT.
        """
        if not isinstance(serialized, str):
            raise MalformedCredentialError("it is not text")
        if len(serialized) > MAX_CREDENTIAL_BYTES:
            raise OversizedCredentialError(len(serialized), MAX_CREDENTIAL_BYTES)
        issuer_jwt, *disclosures = serialized.split("~")
        if not disclosures:
            raise MalformedCredentialError("it has no tilde after the issuer's JWT")
        key_binding_jwt = disclosures.pop()
        for part, dots in ((issuer_jwt, 2), (key_binding_jwt, 2 if key_binding_jwt else 0)):
            segments = part.split(".")
            if len(segments) != dots + 1 or any(decode_base64url(one) is None for one in segments):
                raise MalformedCredentialError("a JWT in it is not in compact form")
        for disclosure in disclosures:
            if not disclosure or decode_base64url(disclosure) is None:
                raise MalformedCredentialError("a disclosure is not in base64url")
        return cls(issuer_jwt, tuple(disclosures), key_binding_jwt or None)

    def serialize(self) -> str:
        """Put the parts together.

        Returns:
            The compact serialization.
        """
        return self.presented_part() + (self.key_binding_jwt or "")

    def presented_part(self) -> str:
        """Put everything but the key binding JWT together: what `sd_hash` is computed over.

        Returns:
            The issuer's JWT and the disclosures, each followed by a tilde.
        """
        return "~".join((self.issuer_jwt, *self.disclosures, ""))

    def disclose(self, names: Collection[str]) -> SdJwt:
        """Keep only some of the top-level disclosures, as a holder does before presenting.

        Args:
            names: Names of the attributes to keep.

        Returns:
            The same issuer's JWT with only their disclosures and no key binding.

        Raises:
            MissingAttributeError: There is no disclosure for one of the names.
            MalformedCredentialError: A disclosure cannot be read.
        """
        kept = {}
        for disclosure in self.disclosures:
            contents = read_disclosure(disclosure)
            if len(contents) == 3 and contents[1] in names:
                kept[contents[1]] = disclosure
        if missing := set(names) - kept.keys():
            raise MissingAttributeError(missing)
        return replace(self, disclosures=tuple(kept.values()), key_binding_jwt=None)


def write_disclosure(name: str, value: JsonValue) -> str:
    """Make the disclosure of a claim with a fresh salt (RFC 9901 section 4.2.1).

    Args:
        name: Name of the claim.
        value: Its value, made of dicts and lists.

    Returns:
        The disclosure, in base64url.
    """
    salt = encode_base64url(secrets.token_bytes(SALT_BYTES))
    contents = json.dumps([salt, name, value], ensure_ascii=False, separators=(",", ":"))
    return encode_base64url(contents.encode("utf-8"))


def read_disclosure(disclosure: str) -> tuple[str, JsonValue] | tuple[str, str, JsonValue]:
    """Read a disclosure.

    Args:
        disclosure: The disclosure, in base64url.

    Returns:
        Salt, name and value of a claim, or salt and value of an array's element.

    Raises:
        MalformedCredentialError: It is not a disclosure.
    """
    octets = decode_base64url(disclosure)
    contents: JsonValue = None
    if octets is not None:
        contents = _read_json(octets, "a disclosure")
    if isinstance(contents, list) and contents and isinstance(salt := contents[0], str):
        if len(contents) == 2:
            return salt, contents[1]
        if len(contents) == 3 and isinstance(name := contents[1], str):
            return salt, name, contents[2]
    raise MalformedCredentialError("a disclosure is not an array of salt, name and value")


def disclosure_digest(disclosure: str) -> str:
    """Compute the digest of a disclosure (RFC 9901 section 4.2.3).

    Args:
        disclosure: The disclosure, in base64url, exactly as it is sent.

    Returns:
        SHA-256 over its ASCII characters, in base64url.
    """
    return encode_base64url(hashlib.sha256(disclosure.encode("ascii")).digest())


def decoy_digest() -> str:
    """Make a digest that belongs to no disclosure (RFC 9901 section 4.2.5).

    Returns:
        SHA-256 over random bytes, in base64url.
    """
    return encode_base64url(hashlib.sha256(secrets.token_bytes(32)).digest())


def read_jwt_part(jwt: str, index: int) -> JsonObject:
    """Read the header or the payload of a JWT, without checking its signature.

    Args:
        jwt: The JWT, in compact form.
        index: 0 for the header, 1 for the payload.

    Returns:
        The object.

    Raises:
        MalformedCredentialError: It is not a JSON object that every reader reads alike.
    """
    what = ("the header of a JWT", "the payload of a JWT")[index]
    octets = decode_base64url(jwt.split(".")[index])
    contents = None if octets is None else _read_json(octets, what)
    if not isinstance(contents, dict):
        raise MalformedCredentialError(f"{what} is not a JSON object")
    return contents


def process_payload(payload: JsonObject, disclosures: Sequence[str]) -> JsonObject:
    """Put disclosed values in the place of their digests (RFC 9901 section 7.1, steps 2 to 5).

    Args:
        payload: The payload that the issuer signed, made of dicts and lists.
        disclosures: The disclosures, in base64url.

    Returns:
        The payload with everything that is disclosed and without any digest.

    Raises:
        MalformedCredentialError: Digests or disclosures are not in their form.
        DuplicateDisclosureError: A disclosure, a digest or a name stands twice.
        ForbiddenDisclosureError: A disclosure has a name that the format keeps for itself.
        UnreferencedDisclosureError: A disclosure belongs to no digest that the issuer signed.
    """
    if payload.get(_DIGEST_ALGORITHM, HASH_ALGORITHM) != HASH_ALGORITHM:
        raise MalformedCredentialError("its digests are not made with sha-256")
    if len(set(disclosures)) != len(disclosures):
        raise DuplicateDisclosureError("a disclosure")
    processing = _Processing({disclosure_digest(one): one for one in disclosures}, set())
    top = {name: member for name, member in payload.items() if name != _DIGEST_ALGORITHM}
    claims = processing.object_value(top, 1)
    if not processing.unused_within_seen():
        raise UnreferencedDisclosureError
    return claims


@dataclass(frozen=True, slots=True)
class _Processing:
    """The disclosures by digest, and the digests met on the way through the payload."""

    by_digest: Mapping[str, str]
    seen: set[str]

    def unused_within_seen(self) -> bool:
        return self.by_digest.keys() <= self.seen

    def value(self, value: JsonValue, depth: int) -> JsonValue:
        if depth > MAX_JSON_DEPTH:
            raise MalformedCredentialError(f"it is nested deeper than {MAX_JSON_DEPTH} levels")
        if isinstance(value, dict):
            return self.object_value(value, depth)
        if isinstance(value, list):
            return self._array_value(value, depth)
        return value

    def object_value(self, members: JsonObject, depth: int) -> dict[str, JsonValue]:
        if _ELEMENT in members or _DIGEST_ALGORITHM in members:
            raise MalformedCredentialError("a member that SD-JWT reserves stands where it must not")
        digests = members.get(_DIGESTS, [])
        if not isinstance(digests, list):
            raise MalformedCredentialError("digests are not an array")
        result = {
            name: self.value(member, depth + 1)
            for name, member in members.items()
            if name != _DIGESTS
        }
        for digest in digests:
            disclosure = self._met(digest)
            if disclosure is None:
                continue
            contents = read_disclosure(disclosure)
            if len(contents) != 3:
                raise MalformedCredentialError("an array element's disclosure stands for a claim")
            _salt, name, disclosed = contents
            if name in RESERVED_NAMES:
                raise ForbiddenDisclosureError(name)
            if name in members or name in result:
                raise DuplicateDisclosureError("a claim of one name")
            result[name] = self.value(disclosed, depth + 1)
        return result

    def _array_value(self, elements: list[JsonValue], depth: int) -> list[JsonValue]:
        result = []
        for element in elements:
            if not (isinstance(element, dict) and _ELEMENT in element):
                result.append(self.value(element, depth + 1))
                continue
            if len(element) != 1:
                raise MalformedCredentialError("an array element's digest has other members")
            disclosure = self._met(element[_ELEMENT])
            if disclosure is None:
                continue
            contents = read_disclosure(disclosure)
            if len(contents) != 2:
                raise MalformedCredentialError("a claim's disclosure stands for an array element")
            result.append(self.value(contents[1], depth + 1))
        return result

    def _met(self, digest: JsonValue) -> str | None:
        """Note that a digest was met, and find its disclosure."""
        if not isinstance(digest, str):
            raise MalformedCredentialError("a digest is not text")
        if digest in self.seen:
            raise DuplicateDisclosureError("a digest")
        self.seen.add(digest)
        return self.by_digest.get(digest)


def _read_json(octets: bytes, what: str) -> JsonValue:
    try:
        return parse_json(octets, limit_bytes=MAX_CREDENTIAL_BYTES, allow_fractions=True)
    except JsonError as error:
        reason = str(error)
    raise MalformedCredentialError(f"{what} is {reason}")
