"""The parameters file: documented, read strictly, and refused with the key that is wrong."""

from __future__ import annotations

import json
from importlib import resources

import pytest
import yaml
from eth_utils.crypto import keccak

from consentry.charter import AGREEMENT, CHARTER, document_hash
from consentry.deployment import Parameters, load_parameters
from consentry.deployment.errors import ParametersInvalid
from consentry.deployment.parameters import Assurance, parameters_from_json, parse_parameters
from consentry.schemas import load_schema

ADDRESS = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
OWN_SCHEMA = {"uri": "https://example.org/own", "content_hash": "0x" + "ab" * 32, "attributes": ["name"]}
NO_MAPPING = (
    "must hold the keys chain_id, charter, council, access, credit, consents, exchange, fees, schemas, purposes"
)


@pytest.fixture
def document(packaged_text):
    """The packaged file as YAML reads it."""
    return yaml.safe_load(packaged_text)


@pytest.fixture(scope="session")
def packaged_text():
    """The packaged file's text."""
    return resources.files("consentry.deployment").joinpath("parameters.yaml").read_text("utf-8")


@pytest.fixture
def refusal_of(document):
    """Put a value at a key of the packaged file: a function that returns the key and the problem that are named."""

    def change(path, value):
        at = document
        *above, last = path
        for part in above:
            at = at[part]
        at[last] = value
        with pytest.raises(ParametersInvalid) as raised:
            parse_parameters(yaml.safe_dump(document), source="network.yaml")
        error = raised.value
        assert str(error) == f"network.yaml: {error.key}: {error.problem}"
        return error.key, error.problem

    return change


def key_of(path):
    """Return the key under which a message names a value."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]


def at(document, path):
    """Return what stands at a path."""
    for part in path:
        document = document[part]
    return document


def mappings_of(value, path=()):
    """Return the path to each mapping with fixed keys in the packaged file."""
    if isinstance(value, dict):
        return [path, *(found for name, item in value.items() for found in mappings_of(item, (*path, name)))]
    if isinstance(value, list):
        return [found for index, item in enumerate(value) for found in mappings_of(item, (*path, index))]
    return []


def leaves_of(value, path=()):
    """Return the path to each value that is neither mapping nor list."""
    if isinstance(value, (dict, list)):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [leaf for name, item in items for leaf in leaves_of(item, (*path, name))]
    return [path]


def test_reads_the_packaged_file(document):
    parameters = load_parameters()
    assert parameters.chain_id is None
    assert list(parameters.council.founders) == document["council"]["founders"]
    assert parameters.charter.document == document_hash(CHARTER)
    assert parameters.charter.agreement == document_hash(AGREEMENT)
    assert parameters.credit.ceiling == 10**12
    assert parameters.consents.erasure_seconds == 30 * 86_400
    assert parameters.exchange.order_life_seconds == 86_400
    assert parameters.fees.shares.packed() == 6_000 << 64 | 1_500 << 48 | 1_500 << 32 | 500 << 16 | 500
    assert parameters.fees.prices[0].assurance is Assurance.SUBSTANTIAL
    assert [schema.uri for schema in parameters.schemas] == document["schemas"]
    for schema in parameters.schemas:
        packaged = load_schema(schema.uri)
        assert (schema.id, schema.content_hash) == (keccak(text=schema.uri), packaged.content_hash)
        assert schema.attributes == packaged.attributes
    assert list(parameters.purposes) == document["purposes"]


def test_reads_a_file_of_ones_own(document, tmp_path):
    path = tmp_path / "network.yaml"
    document["chain_id"] = 7
    document["access"]["guardians"] = [ADDRESS.lower()]
    document["schemas"].append(OWN_SCHEMA)
    path.write_text(yaml.safe_dump(document))
    parameters = load_parameters(path)
    assert parameters.chain_id == 7
    assert parameters.access.guardians == (ADDRESS,)
    own = parameters.schemas[-1]
    assert (own.uri, own.content_hash, own.attributes) == (OWN_SCHEMA["uri"], bytes.fromhex("ab" * 32), ("name",))


def test_reads_back_what_stands_in_a_manifest():
    parameters = load_parameters()
    written = json.loads(json.dumps(parameters.to_json()))
    read = parameters_from_json(written, source="manifest")
    assert read == parameters
    assert read.fingerprint() == parameters.fingerprint()


def test_has_another_fingerprint_when_a_value_differs(document):
    document["credit"]["ceiling"] += 1
    other = parse_parameters(yaml.safe_dump(document), source="network.yaml")
    assert isinstance(other, Parameters)
    assert other.fingerprint() != load_parameters().fingerprint()


def test_refuses_each_key_that_is_missing(packaged_text):
    for path in mappings_of(yaml.safe_load(packaged_text)):
        document = yaml.safe_load(packaged_text)
        names = list(at(document, path))
        for name in names:
            document = yaml.safe_load(packaged_text)
            del at(document, path)[name]
            with pytest.raises(ParametersInvalid) as raised:
                parse_parameters(yaml.safe_dump(document), source="network.yaml")
            assert (raised.value.key, raised.value.problem) == (key_of((*path, name)), "is missing")


def test_refuses_each_key_that_is_not_known(packaged_text):
    for path in mappings_of(yaml.safe_load(packaged_text)):
        document = yaml.safe_load(packaged_text)
        known = ", ".join(at(document, path))
        at(document, path)["gas_price"] = 1
        with pytest.raises(ParametersInvalid) as raised:
            parse_parameters(yaml.safe_dump(document), source="network.yaml")
        assert raised.value.key == key_of((*path, "gas_price"))
        assert raised.value.problem == f"is not a known key; known here: {known}"


WHOLE = {
    ("chain_id",): (1, 2**53, "EIP-155 chain id"),
    ("council", "voting_delay_seconds"): (60, 7 * 86_400, "seconds"),
    ("council", "voting_seconds"): (3_600, 30 * 86_400, "seconds"),
    ("council", "opinion_seconds"): (3_600, 37 * 86_400, "seconds"),
    ("council", "timelock_seconds"): (60, 7 * 86_400, "seconds"),
    ("credit", "ceiling"): (1, 2**128 - 1, "smallest units"),
    ("consents", "erasure_seconds"): (3_600, 366 * 86_400, "seconds"),
    ("exchange", "notice_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "lapse_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "order_life_seconds"): (1, 366 * 86_400, "seconds"),
    ("exchange", "delivery_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "shortest_challenge_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "longest_challenge_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "evidence_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "dispute_seconds"): (1, 2**32 - 1, "seconds"),
    ("exchange", "dispute_bond_bps"): (0, 10_000, "basis points"),
    ("fees", "shares_bps", "provider"): (1, 10_000, "basis points"),
    ("fees", "shares_bps", "coordinator"): (0, 10_000, "basis points"),
    ("fees", "shares_bps", "hosts"): (0, 10_000, "basis points"),
    ("fees", "shares_bps", "consumer_recruiter"): (0, 10_000, "basis points"),
    ("fees", "shares_bps", "provider_recruiter"): (0, 10_000, "basis points"),
    ("fees", "consumer_recruiter_sunset_seconds"): (0, 2**32 - 1, "seconds"),
    ("fees", "provider_recruiter_sunset_seconds"): (0, 2**32 - 1, "seconds"),
    ("fees", "host_discount_bps"): (0, 9_999, "basis points"),
    ("fees", "prices", 0, "price"): (1, 2**104 - 1, "smallest token units"),
}


def test_knows_the_range_of_every_whole_number(packaged_text):
    numbers = {path for path in leaves_of(yaml.safe_load(packaged_text)) if "prices" not in path or path[2] == 0}
    whole = {path for path in numbers if type(at(yaml.safe_load(packaged_text), path)) is int}
    assert whole == WHOLE.keys() - {("chain_id",)}


@pytest.mark.parametrize("path", WHOLE, ids=key_of)
def test_refuses_a_whole_number_that_is_out_of_range_or_none(packaged_text, path):
    least, most, unit = WHOLE[path]
    problems = {
        least - 1: f"must be {least} to {most} ({unit}), not {least - 1}",
        most + 1: f"must be {least} to {most} ({unit}), not {most + 1}",
        -(2**300): f"must be {least} to {most} ({unit}), not {-(2**300)}",
        "1000": f"must be a whole number ({unit})",
        1.5: f"must be a whole number ({unit})",
        True: f"must be a whole number ({unit})",
    }
    for value, problem in problems.items():
        document = yaml.safe_load(packaged_text)
        at(document, path[:-1])[path[-1]] = value
        with pytest.raises(ParametersInvalid) as raised:
            parse_parameters(yaml.safe_dump(document), source="network.yaml")
        assert (raised.value.key, raised.value.problem) == (key_of(path), problem)


ADDRESSES = [("council", "founders", 2), ("access", "guardians", 0), ("access", "treasurers", 0)]


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        (int(ADDRESS, 16), "must be an address in quotes: YAML reads it as a number without them"),
        (ADDRESS[:-1], "must be an address: 0x and 40 hexadecimal digits"),
        (ADDRESS[2:], "must be an address: 0x and 40 hexadecimal digits"),
        (ADDRESS + "\n", "must be an address: 0x and 40 hexadecimal digits"),
        ("council.example", "must be an address: 0x and 40 hexadecimal digits"),
        (None, "must be an address: 0x and 40 hexadecimal digits"),
        (ADDRESS[:-2] + "c8", "has a wrong checksum (ERC-55): copy the address again"),
        ("0x" + "00" * 20, "must not be the zero address"),
    ],
    ids=["number", "short", "no prefix", "line end", "name", "null", "checksum", "zero"],
)
@pytest.mark.parametrize("path", ADDRESSES, ids=key_of)
def test_refuses_what_is_no_address(refusal_of, path, value, problem):
    assert refusal_of(path, value) == (key_of(path), problem)


@pytest.mark.parametrize("value", [None, "ab" * 32, "0x" + "ab" * 31, "0x" + "ab" * 33, int("ab" * 32, 16)], ids=repr)
@pytest.mark.parametrize("name", ["document", "agreement"])
def test_refuses_a_document_whose_hash_is_none(refusal_of, name, value):
    refused = (f"charter.{name}", "must be a hash in quotes: 0x and 64 hexadecimal digits")
    assert refusal_of(("charter", name), value) == refused


@pytest.mark.parametrize(
    ("path", "value", "key", "problem"),
    [
        (("council", "founders"), [ADDRESS], "council.founders", "must have 3 to 3 entries, not 1"),
        (("council", "founders"), [ADDRESS] * 4, "council.founders", "must have 3 to 3 entries, not 4"),
        (("council", "founders"), [ADDRESS] * 3, "council.founders[1]", "stands in the list already"),
        (("charter",), None, "charter", "must hold the keys document, agreement"),
        (("access", "guardians"), [], "access.guardians", "must have 1 to 16 entries, not 0"),
        (("access", "treasurers"), [ADDRESS] * 17, "access.treasurers", "must have 1 to 16 entries, not 17"),
        (("access", "guardians"), ADDRESS, "access.guardians", "must be a list"),
        (("access", "guardians"), [ADDRESS, ADDRESS], "access.guardians[1]", "stands in the list already"),
        (("access", "treasurers"), [ADDRESS, ADDRESS.lower()], "access.treasurers[1]", "stands in the list already"),
        (("fees", "prices"), [], "fees.prices", "must have 1 to 256 entries, not 0"),
        (("schemas",), [], "schemas", "must have 1 to 256 entries, not 0"),
        (("purposes",), [], "purposes", "must have 1 to 256 entries, not 0"),
        (("purposes",), ["urn:a", "urn:b", "urn:a"], "purposes[2]", "stands in the list already"),
        (("purposes", 0), "", "purposes[0]", "must be 1 to 512 bytes long"),
        (("purposes", 0), "é" * 257, "purposes[0]", "must be 1 to 512 bytes long"),
        (("purposes", 0), 5, "purposes[0]", "must be text"),
        (("access",), None, "access", "must hold the keys guardians, treasurers"),
        (("credit",), 10**12, "credit", "must hold the keys ceiling"),
        (("consents",), None, "consents", "must hold the keys erasure_seconds"),
    ],
)
def test_refuses_a_list_or_a_mapping_that_does_not_fit(refusal_of, path, value, key, problem):
    assert refusal_of(path, value) == (key, problem)


@pytest.mark.parametrize(
    ("path", "value", "key", "problem"),
    [
        (
            ("exchange", "order_life_seconds"),
            259_201,
            "exchange.order_life_seconds",
            "must be at most notice_seconds (259200), not 259201: an order would outlive the money behind it",
        ),
        (
            ("exchange", "shortest_challenge_seconds"),
            604_801,
            "exchange.shortest_challenge_seconds",
            "must be at most longest_challenge_seconds (604800), not 604801",
        ),
        (
            ("exchange", "evidence_seconds"),
            1_209_600,
            "exchange.evidence_seconds",
            "must be less than dispute_seconds (1209600), not 1209600: arbiters rule on evidence that is complete",
        ),
        (
            ("council", "opinion_seconds"),
            3_661,
            "council.opinion_seconds",
            "must be at most voting_delay_seconds and voting_seconds together (3660), not 3661: opinions come in "
            "before the vote ends",
        ),
        (("fees", "shares_bps", "hosts"), 1_501, "fees.shares_bps", "must sum to 10000 basis points, not 10001"),
        (("fees", "shares_bps", "hosts"), 1_499, "fees.shares_bps", "must sum to 10000 basis points, not 9999"),
    ],
    ids=["order outlives notice", "challenge", "evidence", "opinions after the vote", "shares above", "shares below"],
)
def test_refuses_values_that_do_not_go_together(refusal_of, path, value, key, problem):
    assert refusal_of(path, value) == (key, problem)


@pytest.mark.parametrize(
    ("path", "value", "key", "problem"),
    [
        (
            ("fees", "prices", 1, "schema"),
            "urn:consentry:schema:other:1",
            "fees.prices[1].schema",
            "is not among the schemas: urn:consentry:schema:other:1",
        ),
        (
            ("fees", "prices", 1, "assurance"),
            "none",
            "fees.prices[1].assurance",
            "must be one of low, substantial, high, not none",
        ),
        (("fees", "prices", 1, "assurance"), 3, "fees.prices[1].assurance", "must be text"),
        (
            ("fees", "prices", 1, "assurance"),
            "substantial",
            "fees.prices[1]",
            "names a schema and level that have a price already",
        ),
        (
            ("schemas", 0),
            "urn:consentry:schema:other:1",
            "schemas[0]",
            "is not a packaged schema: urn:consentry:schema:other:1; one of your own is given by uri, content_hash and "
            "attributes",
        ),
        (("schemas", 1), "urn:consentry:schema:person-identity:1", "schemas[1]", "stands in the list already"),
        (("schemas", 0), 5, "schemas[0]", "must hold the keys uri, content_hash, attributes"),
        (
            ("schemas", 0),
            {**OWN_SCHEMA, "content_hash": "ab" * 32},
            "schemas[0].content_hash",
            "must be a hash in quotes: 0x and 64 hexadecimal digits",
        ),
        (
            ("schemas", 0),
            {**OWN_SCHEMA, "content_hash": int("ab" * 32, 16)},
            "schemas[0].content_hash",
            "must be a hash in quotes: 0x and 64 hexadecimal digits",
        ),
        (("schemas", 0), {**OWN_SCHEMA, "attributes": []}, "schemas[0].attributes", "must have 1 to 64 entries, not 0"),
        (
            ("schemas", 0),
            {**OWN_SCHEMA, "attributes": ["name"] * 65},
            "schemas[0].attributes",
            "must have 1 to 64 entries, not 65",
        ),
        (
            ("schemas", 0),
            {**OWN_SCHEMA, "attributes": ["name", "name"]},
            "schemas[0].attributes[1]",
            "stands in the list already",
        ),
        (
            ("schemas", 0),
            {**OWN_SCHEMA, "attributes": ["n" * 65]},
            "schemas[0].attributes[0]",
            "must be 1 to 64 bytes long",
        ),
        (("schemas", 0), {**OWN_SCHEMA, "uri": "u" * 513}, "schemas[0].uri", "must be 1 to 512 bytes long"),
    ],
)
def test_refuses_prices_and_schemas_that_do_not_fit(refusal_of, path, value, key, problem):
    assert refusal_of(path, value) == (key, problem)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace("credit:\n", "credit:\n  ceiling: 5\n"), "line 45: `ceiling` stands twice"),
        (lambda text: text.replace("exchange:", "exchange"), "line 52: could not find expected ':'"),
        (lambda text: "", NO_MAPPING),
        (lambda text: "- 1", NO_MAPPING),
        (lambda text: text + "? [a]\n: b\n", "line 115: a key is no text"),
        (lambda text: text + "1: b\n", "1: is not a known key"),
        (lambda text: text + "\0", "special characters are not allowed"),
        (lambda text: "!!python/object/apply:os.getpid []", "line 1: could not determine a constructor"),
    ],
    ids=["a key twice", "no YAML", "empty", "a list", "a list as key", "a number as key", "a zero byte", "an object"],
)
def test_refuses_text_that_is_no_parameters_file(packaged_text, change, message):
    with pytest.raises(ParametersInvalid) as raised:
        parse_parameters(change(packaged_text), source="network.yaml")
    assert str(raised.value).startswith(f"network.yaml: {message}")


def test_refuses_a_file_that_cannot_be_read(tmp_path):
    missing = tmp_path / "missing.yaml"
    with pytest.raises(ParametersInvalid) as raised:
        load_parameters(missing)
    assert str(raised.value) == f"{missing}: cannot be read: No such file or directory"
    foreign = tmp_path / "foreign.yaml"
    foreign.write_bytes(b"\xff\xfe\xfd")
    with pytest.raises(ParametersInvalid) as raised:
        load_parameters(foreign)
    assert str(raised.value) == f"{foreign}: cannot be read: it is not UTF-8 text"
