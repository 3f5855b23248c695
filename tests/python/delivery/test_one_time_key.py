"""One-time keys: fresh, named by their hash, and silent about themselves."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.delivery import InvalidDeliveryKeyError, OneTimeKey, recipient_key_hash


def test_keys_are_fresh_and_named_by_keccak() -> None:
    keys = [OneTimeKey.generate() for _ in range(20)]
    assert len({key.key_hash for key in keys}) == 20
    for key in keys:
        assert len(key.public_bytes) == 32
        assert key.key_hash == recipient_key_hash(key.public_bytes) == keccak(key.public_bytes)


def test_public_key_is_the_one_of_rfc_7748_section_6_1() -> None:
    key = OneTimeKey.from_private_bytes(
        bytes.fromhex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    )
    public = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    assert key.public_bytes.hex() == public


def test_key_survives_its_private_bytes() -> None:
    key = OneTimeKey.generate()
    again = OneTimeKey.from_private_bytes(key.to_private_bytes())
    assert again.public_bytes == key.public_bytes


def test_key_never_shows_its_private_half() -> None:
    key = OneTimeKey.generate()
    for shown in (repr(key), str(key), f"{key}"):
        assert key.to_private_bytes().hex() not in shown
        assert key.key_hash.hex() in shown


@pytest.mark.parametrize("octets", [b"", b"\x01" * 31, b"\x01" * 33, "1" * 32])
def test_refuses_when_a_key_is_not_32_bytes(octets: bytes) -> None:
    with pytest.raises(InvalidDeliveryKeyError):
        OneTimeKey.from_private_bytes(octets)
    with pytest.raises(InvalidDeliveryKeyError):
        recipient_key_hash(octets)
