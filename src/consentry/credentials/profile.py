"""What an SD-JWT VC has to look like in Consentry, beyond the format."""

from __future__ import annotations

from typing import Final

from consentry.credentials.sdjwt import RESERVED_NAMES
from consentry.records.canonical import JsonValue

MEDIA_TYPE: Final = "dc+sd-jwt"
"""Header `typ` of the issuer's JWT."""

KEY_BINDING_MEDIA_TYPE: Final = "kb+jwt"
"""Header `typ` of the key binding JWT."""

MAX_INSTANT: Final = 2**48 - 1
"""Latest instant that a credential can name, as on chain; Unix seconds."""

CLOCK_SKEW_SECONDS: Final = 900
"""How far clocks may differ by default when `iat` and `nbf` are checked, in seconds."""

OPEN_CLAIMS: Final = frozenset(
    {"iss", "iat", "nbf", "exp", "cnf", "vct", "vct#integrity", "status", "sub", "aud", "jti"}
)
"""Registered claims: never an attribute, never disclosed selectively."""

SIGNED_CLAIMS: Final = frozenset({"iss", "iat", "nbf", "exp", "cnf", "vct", "status"})
"""The registered claims that a credential may hold. `sub` and `jti` would name a person twice."""


def holds_reserved_names(value: JsonValue) -> bool:
    """Tell whether a member at any depth has a name that SD-JWT keeps for itself.

    Args:
        value: A value, made of dicts and lists.

    Returns:
        Whether there is one.
    """
    if isinstance(value, dict):
        return any(name in RESERVED_NAMES or holds_reserved_names(value[name]) for name in value)
    if isinstance(value, list):
        return any(holds_reserved_names(element) for element in value)
    return False
