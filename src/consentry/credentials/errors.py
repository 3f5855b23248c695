"""What can be wrong with a credential, one class for each single cause.

::

    CredentialError
    ├── MalformedCredentialError        not an SD-JWT, or not of this profile
    ├── OversizedCredentialError        longer than the limit
    ├── UnsupportedAlgorithmError       signed with an algorithm that is not accepted
    ├── WrongMediaTypeError             header `typ` is not dc+sd-jwt
    ├── UnknownIssuerKeyError           header `kid` names no key that the provider publishes now
    ├── CredentialSignatureError        the issuer's signature does not fit
    ├── WrongIssuerError                made by another provider
    ├── WrongCredentialTypeError        another `vct` than asked for
    ├── CredentialNotYetValidError      `iat` or `nbf` lies ahead
    ├── CredentialExpiredError          `exp` is reached
    ├── WrongSubjectKeyError            `cnf` is not the consent's subject
    ├── DisclosureError
    │   ├── UnreferencedDisclosureError changed, or added by someone else
    │   ├── DuplicateDisclosureError    the same disclosure, digest or name twice
    │   └── ForbiddenDisclosureError    a claim that must stand open is disclosed selectively
    ├── AttributesError
    │   ├── MissingAttributeError       asked for and not there
    │   ├── UnexpectedAttributeError    there and not asked for
    │   ├── PlainAttributeError         there for everyone to read instead of disclosed
    │   └── SchemaMismatchError         breaks the JSON Schema
    ├── KeyBindingError
    │   ├── MissingKeyBindingError      a presentation without a key binding JWT
    │   ├── KeyBindingSignatureError    not signed by the subject's key
    │   ├── KeyBindingMismatchError     made for another audience, nonce or credential
    │   └── KeyBindingTimeError         made too long ago, or in the future
    ├── InvalidClaimsError              what is to be issued cannot be issued
    ├── InvalidKeyError                 bytes, PEM or JWK that are not a usable key
    ├── InvalidSubjectSignatureError    no key can be recovered from a signature
    ├── InvalidSchemaError              the JSON Schema itself is not usable
    └── InvalidExpectationError         what the caller asks verification to expect is not usable

Messages name attributes and members, never their values.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from consentry.errors import ConsentryError

_SHOWABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:#-]{0,63}")


def _shown(names: Iterable[str]) -> str:
    """Write names for a message; a name that does not look like one may hide a value."""
    return ", ".join(
        sorted(name if _SHOWABLE.fullmatch(name) else "(an unprintable name)" for name in names)
    )


class CredentialError(ConsentryError):
    """Base of every error of :mod:`consentry.credentials`."""


class MalformedCredentialError(CredentialError):
    """Raised when a text is not an SD-JWT VC of the profile that is used here.

    Attributes:
        reason: What is wrong, without any part of the text.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the credential is malformed: {reason}")


class OversizedCredentialError(CredentialError):
    """Raised when a credential is longer than the limit.

    Attributes:
        size_bytes: Its length in bytes.
        limit_bytes: Greatest length accepted, in bytes.
    """

    def __init__(self, size_bytes: int, limit_bytes: int) -> None:
        self.size_bytes = size_bytes
        self.limit_bytes = limit_bytes
        super().__init__(
            f"the credential is {size_bytes} bytes long; at most {limit_bytes} are accepted"
        )


class UnsupportedAlgorithmError(CredentialError):
    """Raised when a JWT says it is signed with an algorithm that is not accepted.

    Attributes:
        accepted: The algorithms that are.
    """

    def __init__(self, accepted: tuple[str, ...]) -> None:
        self.accepted = accepted
        super().__init__(
            f"the credential is not signed with {' or '.join(accepted)}; nothing else is accepted"
        )


class WrongMediaTypeError(CredentialError):
    """Raised when a JWT's header `typ` is another than expected.

    Attributes:
        expected: The `typ` that is expected.
    """

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"the header's typ is not {expected}")


class UnknownIssuerKeyError(CredentialError):
    """Raised when no key that the provider publishes now has the header's `kid`."""

    def __init__(self) -> None:
        super().__init__(
            "the credential is signed with a key that the provider does not publish now;"
            " read its DID attributes again"
        )


class CredentialSignatureError(CredentialError):
    """Raised when the issuer's signature does not fit the credential."""

    def __init__(self) -> None:
        super().__init__(
            "the issuer's signature does not fit: the credential was changed or forged"
        )


class WrongIssuerError(CredentialError):
    """Raised when a credential was made by another provider than expected.

    Attributes:
        expected: DID of the provider that is expected.
    """

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"the credential was not made by {expected}")


class WrongCredentialTypeError(CredentialError):
    """Raised when a credential's `vct` is another than asked for.

    Attributes:
        expected: The `vct` asked for.
    """

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"the credential's type (vct) is not {expected}")


class CredentialNotYetValidError(CredentialError):
    """Raised when `iat` or `nbf` lies further ahead than clocks may differ.

    Attributes:
        valid_from: The claim that lies ahead; Unix seconds.
        now: The instant of verification; Unix seconds.
    """

    def __init__(self, valid_from: int, now: int) -> None:
        self.valid_from = valid_from
        self.now = now
        super().__init__(
            f"the credential is valid from {valid_from} on and it is {now}: check the clocks"
        )


class CredentialExpiredError(CredentialError):
    """Raised when `exp` is reached; the end is exclusive.

    Attributes:
        expired_at: `exp`; Unix seconds.
        now: The instant of verification; Unix seconds.
    """

    def __init__(self, expired_at: int, now: int) -> None:
        self.expired_at = expired_at
        self.now = now
        super().__init__(
            f"the credential expired at {expired_at} and it is {now}: ask for a new one"
        )


class WrongSubjectKeyError(CredentialError):
    """Raised when the key in `cnf` is not the consent's subject.

    Attributes:
        expected: Address of the consent's subject.
    """

    def __init__(self, expected: str) -> None:
        self.expected = expected
        super().__init__(f"the credential is not bound to the consent's subject {expected}")


class DisclosureError(CredentialError):
    """Base of what can be wrong with disclosures."""


class UnreferencedDisclosureError(DisclosureError):
    """Raised when a disclosure has a digest that the issuer did not sign."""

    def __init__(self) -> None:
        super().__init__(
            "a disclosure does not belong to the credential: it was changed, or added by someone"
            " else"
        )


class DuplicateDisclosureError(DisclosureError):
    """Raised when a disclosure, a digest or a disclosed name stands twice.

    Attributes:
        reason: What stands twice.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the credential has {reason} twice")


class ForbiddenDisclosureError(DisclosureError):
    """Raised when a claim that must stand open is disclosed selectively.

    Attributes:
        name: Name of the claim.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"the claim {_shown([name])} must not be disclosed selectively")


class AttributesError(CredentialError):
    """Base of what can be wrong with the attributes of a genuine credential."""


class MissingAttributeError(AttributesError):
    """Raised when an attribute that was asked for is not there.

    Attributes:
        names: The attributes that are missing.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(f"the credential lacks what was asked for: {_shown(self.names)}")


class UnexpectedAttributeError(AttributesError):
    """Raised when an attribute is there that was not asked for.

    Attributes:
        names: The attributes too many.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(
            f"the credential tells more than was asked for: {_shown(self.names)}; do not keep it"
        )


class PlainAttributeError(AttributesError):
    """Raised when an attribute stands open in the signed part instead of in a disclosure.

    Attributes:
        names: The attributes.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(sorted(names))
        super().__init__(f"these attributes are not selectively disclosable: {_shown(self.names)}")


class SchemaMismatchError(AttributesError):
    """Raised when an attribute breaks the JSON Schema.

    Attributes:
        attribute: The attribute; empty if the rule is about all of them together.
        keyword: The keyword of the schema that it breaks.
    """

    def __init__(self, attribute: str, keyword: str) -> None:
        self.attribute = attribute
        self.keyword = keyword
        what = f"attribute {_shown([attribute])}" if attribute else "set of attributes"
        super().__init__(f"the {what} breaks the rule {keyword} of the schema")


class KeyBindingError(CredentialError):
    """Base of what can be wrong with a key binding JWT."""


class MissingKeyBindingError(KeyBindingError):
    """Raised when a presentation carries no key binding JWT."""

    def __init__(self) -> None:
        super().__init__("the presentation has no key binding JWT: ask the holder for one")


class KeyBindingSignatureError(KeyBindingError):
    """Raised when a key binding JWT is not signed with the key in `cnf`."""

    def __init__(self) -> None:
        super().__init__("the key binding JWT is not signed by the holder of the credential")


class KeyBindingMismatchError(KeyBindingError):
    """Raised when a key binding JWT was made for something else.

    Attributes:
        claim: The claim that differs: `aud`, `nonce` or `sd_hash`.
    """

    def __init__(self, claim: str) -> None:
        self.claim = claim
        super().__init__(f"the key binding JWT was made for another {claim}")


class KeyBindingTimeError(KeyBindingError):
    """Raised when a key binding JWT was made too long ago, or in the future.

    Attributes:
        issued_at: When it says it was made; Unix seconds.
        now: The instant of verification; Unix seconds.
    """

    def __init__(self, issued_at: int, now: int) -> None:
        self.issued_at = issued_at
        self.now = now
        super().__init__(
            f"the key binding JWT is of {issued_at} and it is {now}: ask for a fresh presentation"
        )


class InvalidClaimsError(CredentialError):
    """Raised when what is to be issued cannot be issued.

    Attributes:
        reason: What is wrong.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the credential cannot be issued: {reason}")


class InvalidKeyError(CredentialError):
    """Raised when bytes, PEM or a JWK are not a usable key.

    Attributes:
        kind: Which key it should be.
    """

    def __init__(self, kind: str, expected: str) -> None:
        self.kind = kind
        super().__init__(f"not a usable {kind}: {expected} is needed")


class InvalidSubjectSignatureError(CredentialError):
    """Raised when no key can be recovered from a signature.

    Attributes:
        reason: What is wrong with the signature.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"no key can be recovered from the signature: {reason}")


class InvalidSchemaError(CredentialError):
    """Raised when a JSON Schema for attributes is not usable.

    Attributes:
        reason: What is wrong with it.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"the schema of the attributes is not usable: {reason}")


class InvalidExpectationError(CredentialError):
    """Raised when what the caller asks verification to expect is not usable.

    Attributes:
        parameter: The parameter that is not.
    """

    def __init__(self, parameter: str, expected: str) -> None:
        self.parameter = parameter
        super().__init__(f"{parameter} is not usable: {expected} is needed")
