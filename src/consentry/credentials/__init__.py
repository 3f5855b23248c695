"""Credentials: SD-JWT VC (RFC 9901, `typ` dc+sd-jwt), bound to the consent's subject.

A provider :func:`issues <issue>` a credential with just the attributes that were asked for, signed
with an Ed25519 key of its DID; a consumer :func:`verifies <verify>` it against what the registry,
the consent and the request say.
"""

from __future__ import annotations

from consentry.credentials.errors import (
    AttributesError,
    CredentialError,
    CredentialExpiredError,
    CredentialNotYetValidError,
    CredentialSignatureError,
    DisclosureError,
    DuplicateDisclosureError,
    ForbiddenDisclosureError,
    InvalidClaimsError,
    InvalidExpectationError,
    InvalidKeyError,
    InvalidSchemaError,
    InvalidSubjectSignatureError,
    KeyBindingError,
    KeyBindingMismatchError,
    KeyBindingSignatureError,
    KeyBindingTimeError,
    MalformedCredentialError,
    MissingAttributeError,
    MissingKeyBindingError,
    OversizedCredentialError,
    PlainAttributeError,
    SchemaMismatchError,
    UnexpectedAttributeError,
    UnknownIssuerKeyError,
    UnreferencedDisclosureError,
    UnsupportedAlgorithmError,
    WrongCredentialTypeError,
    WrongIssuerError,
    WrongMediaTypeError,
    WrongSubjectKeyError,
)
from consentry.credentials.issuing import issue
from consentry.credentials.keybinding import present, presentation_hash, verify_presentation
from consentry.credentials.keys import (
    IssuerKey,
    KeyThumbprint,
    SubjectKey,
    issuer_key_thumbprint,
)
from consentry.credentials.schemas import check_attributes
from consentry.credentials.sdjwt import MAX_CREDENTIAL_BYTES, SdJwt
from consentry.credentials.verifying import Credential, verify

__all__ = [
    "MAX_CREDENTIAL_BYTES",
    "AttributesError",
    "Credential",
    "CredentialError",
    "CredentialExpiredError",
    "CredentialNotYetValidError",
    "CredentialSignatureError",
    "DisclosureError",
    "DuplicateDisclosureError",
    "ForbiddenDisclosureError",
    "InvalidClaimsError",
    "InvalidExpectationError",
    "InvalidKeyError",
    "InvalidSchemaError",
    "InvalidSubjectSignatureError",
    "IssuerKey",
    "KeyBindingError",
    "KeyBindingMismatchError",
    "KeyBindingSignatureError",
    "KeyBindingTimeError",
    "KeyThumbprint",
    "MalformedCredentialError",
    "MissingAttributeError",
    "MissingKeyBindingError",
    "OversizedCredentialError",
    "PlainAttributeError",
    "SchemaMismatchError",
    "SdJwt",
    "SubjectKey",
    "UnexpectedAttributeError",
    "UnknownIssuerKeyError",
    "UnreferencedDisclosureError",
    "UnsupportedAlgorithmError",
    "WrongCredentialTypeError",
    "WrongIssuerError",
    "WrongMediaTypeError",
    "WrongSubjectKeyError",
    "check_attributes",
    "issue",
    "issuer_key_thumbprint",
    "present",
    "presentation_hash",
    "verify",
    "verify_presentation",
]
