"""Values as contracts take them, of exactly the size that fits: nothing is filled up, cut or converted in silence."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from consentry.client.errors import ArgumentInvalid

NOBODY = to_checksum_address("0x" + "00" * 20)
"""The address that contracts take and give where there is none."""

_ADDRESS = re.compile("0x[0-9a-fA-F]{40}")
_JURISDICTION = re.compile("[A-Z]{2}")
_FIXED_BYTES = re.compile(r"bytes([0-9]+)(\[\])?")


def encoded(kinds: Sequence[str], values: Sequence[object], what: str) -> bytes:
    """Encode values as Solidity's ``abi.encode`` does.

    Args:
        kinds: Solidity types.
        values: A value for each: addresses as text, numbers as int, bytes as bytes, arrays as lists.
        what: What they are; for the exception.

    Raises:
        ArgumentInvalid: One is not what its type can hold.
    """
    try:
        if all(_is_full(kind, value) for kind, value in zip(kinds, values, strict=True)):
            return encode(kinds, values)
    except (EncodingError, ValueError, TypeError):
        pass
    # Raised outside the handler: the encoder's own exception shows the values.
    raise ArgumentInvalid(f"{what} must be {' and '.join(dict.fromkeys(kinds))}, exactly")


def read_address(text: str) -> ChecksumAddress:
    """Read an address: 0x and 40 hexadecimal digits, in one case or with the right checksum (ERC-55).

    Raises:
        ArgumentInvalid: It is none, or mistyped.
    """
    if isinstance(text, str) and _ADDRESS.fullmatch(text):
        address = to_checksum_address(text)
        if text in (address, text.lower(), "0x" + text[2:].upper()):
            return address
    raise ArgumentInvalid("not an address: 0x and 40 hexadecimal digits, in lower case or with the right checksum")


def read_jurisdiction(text: str) -> str:
    """Read a jurisdiction: two upper-case letters, as ISO 3166-1 alpha-2 writes them. Which are assigned is not asked.

    Raises:
        ArgumentInvalid: It is none.
    """
    if isinstance(text, str) and _JURISDICTION.fullmatch(text):
        return text
    raise ArgumentInvalid("not a jurisdiction: two upper-case letters (ISO 3166-1 alpha-2), as in CA")


def padded(name: str) -> bytes:
    """Return a name as the contracts write it: ASCII, filled up with zeros to 32 bytes."""
    return name.encode().ljust(32, b"\0")


def _is_full(kind: str, value: object) -> bool:
    """Whether a value of a fixed number of bytes has them all: eth-abi fills up what is missing."""
    fixed = _FIXED_BYTES.fullmatch(kind)
    if fixed is None:
        return True
    members = value if fixed[2] and isinstance(value, (list, tuple)) else [value]
    return all(isinstance(member, bytes) and len(member) == int(fixed[1]) for member in members)
