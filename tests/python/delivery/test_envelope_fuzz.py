"""Whatever is handed over, only typed errors come out."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.delivery import DeliveryError, OneTimeKey, decrypt, encrypt
from consentry.records.base64url import encode_base64url

QUICK = settings(max_examples=100, deadline=None)
KEY = OneTimeKey.from_private_bytes(bytes(range(32)))
EXCHANGE_ID = bytes(range(32))
ENVELOPE = encrypt(b"a credential", KEY.public_bytes, exchange_id=EXCHANGE_ID)

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["kty", "crv", "x"]) | st.text(max_size=4), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def opens(envelope: str) -> bool:
    """Tell whether an envelope opens; any other error than a typed one ends the test."""
    try:
        decrypt(envelope, KEY, exchange_id=EXCHANGE_ID)
    except DeliveryError:
        return False
    return True


@QUICK
@given(text=st.text(max_size=200) | st.text(alphabet="ey.-_AZ09=", max_size=200))
def test_garbage_is_refused(text: str) -> None:
    assert not opens(text)


@QUICK
@given(place=st.integers(0, len(ENVELOPE) - 1), character=st.sampled_from("AZaz09-_.=é\n"))
def test_a_changed_character_is_refused(place: int, character: str) -> None:
    changed = ENVELOPE[:place] + character + ENVELOPE[place + 1 :]
    assert opens(changed) == (changed == ENVELOPE)


@QUICK
@given(data=st.data())
def test_a_piece_taken_out_or_doubled_is_refused(data: Any) -> None:
    start = data.draw(st.integers(0, len(ENVELOPE) - 1))
    end = data.draw(st.integers(start + 1, len(ENVELOPE)))
    assert not opens(ENVELOPE[:start] + ENVELOPE[end:])
    assert not opens(ENVELOPE[:end] + ENVELOPE[start:])


@QUICK
@given(
    changes=st.dictionaries(
        st.sampled_from(["alg", "enc", "epk", "kid", "apv", "zip", "crit", "p2c"]),
        json_values,
        min_size=1,
        max_size=3,
    )
)
def test_any_header_gets_typed_refusals(changes: dict[str, Any]) -> None:
    header = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "epk": {"kty": "OKP", "crv": "X25519", "x": encode_base64url(KEY.public_bytes)},
        "kid": "0x" + KEY.key_hash.hex(),
        "apv": encode_base64url(EXCHANGE_ID),
    } | changes
    segment = encode_base64url(json.dumps(header).encode())
    assert not opens(".".join((segment, *ENVELOPE.split(".")[1:])))


@QUICK
@given(plaintext=st.binary(max_size=2000), exchange_id=st.binary(min_size=32, max_size=32))
def test_everything_comes_back_as_it_went_in(plaintext: bytes, exchange_id: bytes) -> None:
    envelope = encrypt(plaintext, KEY.public_bytes, exchange_id=exchange_id)
    assert decrypt(envelope, KEY, exchange_id=exchange_id) == plaintext
