"""Whatever comes in, only typed errors come out."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.credentials import CredentialError, SdJwt, check_attributes
from consentry.credentials.sdjwt import disclosure_digest
from consentry.records.base64url import encode_base64url

Make = Callable[..., Any]
QUICK = settings(max_examples=80, deadline=None)

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["_sd", "...", "EdDSA", "dc+sd-jwt", "given_name"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["_sd", "...", "_sd_alg", "iss", "cnf", "jwk", "x", "given_name"])
            | st.text(max_size=4),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


def outcome(check: Make, *arguments: Any, **expectations: Any) -> bool:
    """Tell whether something was accepted; any other error than a typed one ends the test."""
    try:
        check(*arguments, **expectations)
    except CredentialError:
        return False
    return True


@QUICK
@given(text=st.text(max_size=200) | st.text(alphabet="ey.~-_AZ09=", max_size=200))
def test_garbage_is_refused(verify_credential: Make, text: str) -> None:
    assert not outcome(verify_credential, text)


@QUICK
@given(data=st.data())
def test_a_changed_character_is_refused(
    issue_credential: Make, verify_credential: Make, data: Any
) -> None:
    text = issue_credential().serialize()
    place = data.draw(st.integers(0, len(text) - 1))
    character = data.draw(st.sampled_from("AZaz09-_.~=é\n"))
    changed = text[:place] + character + text[place + 1 :]
    assert outcome(verify_credential, changed) == (changed == text)


@QUICK
@given(data=st.data())
def test_a_piece_taken_out_or_doubled_is_refused(
    issue_credential: Make, verify_credential: Make, data: Any
) -> None:
    text = issue_credential().serialize()
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert not outcome(verify_credential, text[:start] + text[end:])
    assert not outcome(verify_credential, text[:end] + text[start:])


@QUICK
@given(
    changes=st.dictionaries(
        st.sampled_from(
            ["iss", "iat", "exp", "nbf", "cnf", "vct", "status", "_sd", "_sd_alg", "x"]
        ),
        json_values,
        min_size=1,
        max_size=3,
    )
)
def test_a_dishonest_provider_gets_typed_refusals(
    sign_payload: Make, verify_credential: Make, good_payload: Make, changes: dict[str, Any]
) -> None:
    # Without a disclosure nothing that was asked for is there, so nothing can be accepted.
    assert not outcome(verify_credential, SdJwt(sign_payload(good_payload(**changes)), ()))


@QUICK
@given(header=json_values)
def test_any_header_gets_typed_refusals(
    sign_payload: Make, verify_credential: Make, good_payload: Make, header: Any
) -> None:
    assert not outcome(verify_credential, SdJwt(sign_payload(good_payload(), header or {}), ()))


@QUICK
@given(contents=st.lists(json_values | st.binary(max_size=20), min_size=1, max_size=3))
def test_any_signed_disclosure_gets_typed_refusals(
    sign_payload: Make, verify_credential: Make, good_payload: Make, contents: list[Any]
) -> None:
    octets = (one if isinstance(one, bytes) else json.dumps(one).encode() for one in contents)
    disclosures = tuple(encode_base64url(one) for one in octets if one)
    payload = good_payload(_sd=[disclosure_digest(one) for one in disclosures])
    assert not outcome(verify_credential, SdJwt(sign_payload(payload), disclosures))


@QUICK
@given(
    schema=st.dictionaries(
        st.sampled_from(
            ["type", "properties", "$ref", "format", "pattern", "anyOf", "$defs", "minProperties"]
        ),
        json_values,
        max_size=4,
    )
)
def test_any_schema_gets_typed_refusals(schema: dict[str, Any]) -> None:
    outcome(check_attributes, {"given_name": "Zoë"}, schema)
    outcome(
        check_attributes,
        {"given_name": "Zoë"},
        {"type": "object", "properties": {"given_name": schema}},
    )


@QUICK
@given(
    value=st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**53) + 1, 2**53 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(blacklist_categories=("Cs",)), max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.text(st.characters(blacklist_categories=("Cs",)), max_size=5).filter(
                    lambda name: name not in ("_sd", "_sd_alg", "...")
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=6,
    )
)
def test_every_value_comes_back_as_it_went_in(
    issue_credential: Make, verify_credential: Make, value: Any
) -> None:
    issued = issue_credential(claims={"anything": value}, decoys=1)
    verified = verify_credential(issued, required_attributes={"anything"}, schema=None)
    assert verified.claims["anything"] == value
