"""Whatever is read, only typed errors come out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.records import (
    ConsentRecord,
    Receipt,
    RecordError,
    canonical_bytes,
    parse_json,
    parse_record,
    terms_hash,
)

QUICK = settings(max_examples=100, deadline=None)
text = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | text
    | st.sampled_from(["2030-03-17T17:46:40Z", "0x" + "ab" * 20, "dpv:ConsentGiven", "loc:IE"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(text | st.sampled_from(["@type", "@id", "rdf:value"]), inner, max_size=3)
    ),
    max_leaves=6,
)


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    children: Any = ()
    if isinstance(value, dict):
        children = value.items()
    elif isinstance(value, list):
        children = enumerate(value)
    return [p for key, inner in children for p in [(*path, key), *_paths(inner, (*path, key))]]


def put(document: Any, data: Any) -> Any:
    """Put any value at any place of a document."""
    changed = copy.deepcopy(document)
    path = data.draw(st.sampled_from(_paths(changed)))
    parent = changed
    for part in path[:-1]:
        parent = parent[part]
    parent[path[-1]] = data.draw(json_values)
    return changed


def reads(parse: Callable[[bytes], Any], octets: bytes) -> Any:
    """Read, or return None; any other error than a typed one ends the test."""
    try:
        return parse(octets)
    except RecordError:
        return None


@QUICK
@given(
    octets=st.binary(max_size=200)
    | st.text(alphabet='{}[]":,0123e.-tfn\\u ', max_size=60).map(str.encode)
)
def test_garbage_is_refused(octets: bytes) -> None:
    assert reads(parse_record, octets) is None
    assert reads(Receipt.parse, octets) is None
    reads(parse_json, octets)


@QUICK
@given(value=json_values)
def test_canonical_json_reads_back_the_same(value: Any) -> None:
    octets = canonical_bytes(value)
    assert parse_json(octets) == value
    assert canonical_bytes(parse_json(octets)) == octets


@QUICK
@given(data=st.data())
def test_a_changed_record_is_refused_or_hashes_differently(
    record: ConsentRecord, data: Any
) -> None:
    document = json.loads(record.to_bytes())
    changed = put(document, data)
    read = reads(parse_record, json.dumps(changed).encode())
    if read is not None:
        assert read.to_bytes() == canonical_bytes(changed)
        assert (terms_hash(read) == terms_hash(record)) == (read.to_bytes() == record.to_bytes())


@QUICK
@given(data=st.data())
def test_a_changed_receipt_is_refused_even_with_its_id_made_anew(
    build_receipt: Callable[..., Receipt], data: Any
) -> None:
    original = build_receipt().to_bytes()
    changed = put(json.loads(original), data)
    octets = canonical_bytes(changed)
    assert (reads(Receipt.parse, octets) is not None) == (octets == original)
    rest = {name: member for name, member in changed.items() if name != "receipt_id"}
    forged = canonical_bytes({**rest, "receipt_id": "0x" + keccak(canonical_bytes(rest)).hex()})
    read = reads(Receipt.parse, forged)
    if read is not None:
        assert read.to_bytes() == forged
