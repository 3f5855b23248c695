"""Base64url without padding (RFC 7515 section 2), strictly: one text for one value."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

_ALPHABET: Final = re.compile(r"[A-Za-z0-9_-]*")


def encode_base64url(octets: bytes) -> str:
    """Encode bytes.

    Args:
        octets: The bytes.

    Returns:
        The text.
    """
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes | None:
    """Decode a text, taking only the one text that encodes the bytes.

    Args:
        text: The text.

    Returns:
        The bytes, or None if the text is padded, has another character, or has bits left over.
    """
    if not _ALPHABET.fullmatch(text):
        return None
    try:
        octets = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None
    return octets if encode_base64url(octets) == text else None
