"""The one accepted form of each identifier that records, receipts and credentials share.

Everything is lower case, so that one thing has one spelling and a hash over it one value.
"""

from __future__ import annotations

import re
from typing import Final, NewType

from consentry.records.errors import InvalidIdentifierError

Address = NewType("Address", str)
"""An account: ``0x`` and 40 lower-case hexadecimal digits."""

Did = NewType("Did", str)
"""A participant: ``did:ethr:<chain id in hex>:<address>``, in lower case."""

HexHash = NewType("HexHash", str)
"""32 bytes: ``0x`` and 64 lower-case hexadecimal digits."""

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_DID: Final = re.compile(r"did:ethr:0x[1-9a-f][0-9a-f]{0,63}:0x[0-9a-f]{40}")
_HEX_HASH: Final = re.compile(r"0x[0-9a-f]{64}")


def parse_address(text: str) -> Address:
    """Bring an account's address to lower case.

    Args:
        text: ``0x`` and 40 hexadecimal digits in any case. A checksum (ERC-55) is not checked.

    Returns:
        The address in lower case.

    Raises:
        InvalidIdentifierError: It is not an address.
    """
    if not isinstance(text, str) or not _ADDRESS.fullmatch(text):
        raise InvalidIdentifierError("address", "0x and 40 hexadecimal digits")
    return Address(text.lower())


def parse_did(text: str) -> Did:
    """Check a participant's DID.

    Args:
        text: ``did:ethr:<chain id in hex>:<address>``, in lower case.

    Returns:
        The DID, unchanged.

    Raises:
        InvalidIdentifierError: It is not such a DID.
    """
    if not isinstance(text, str) or not _DID.fullmatch(text):
        raise InvalidIdentifierError("DID", "did:ethr:0x<chain id>:0x<address>, all in lower case")
    return Did(text)


def hex_hash(octets: bytes) -> HexHash:
    """Write 32 bytes as text.

    Args:
        octets: 32 bytes.

    Returns:
        ``0x`` and 64 lower-case hexadecimal digits.

    Raises:
        InvalidIdentifierError: There are more or fewer than 32 bytes.
    """
    if not isinstance(octets, bytes) or len(octets) != 32:
        raise InvalidIdentifierError("hash", "32 bytes")
    return HexHash("0x" + octets.hex())


def is_hex_hash(text: str) -> bool:
    """Tell whether a text is 32 bytes in their one accepted form.

    Args:
        text: The text.

    Returns:
        Whether it is ``0x`` and 64 lower-case hexadecimal digits.
    """
    return _HEX_HASH.fullmatch(text) is not None


def parse_hex_hash(text: str) -> bytes:
    """Read 32 bytes from text.

    Args:
        text: ``0x`` and 64 lower-case hexadecimal digits.

    Returns:
        32 bytes.

    Raises:
        InvalidIdentifierError: It is not written like that.
    """
    if not isinstance(text, str) or not is_hex_hash(text):
        raise InvalidIdentifierError("hash", "0x and 64 lower-case hexadecimal digits")
    return bytes.fromhex(text[2:])
