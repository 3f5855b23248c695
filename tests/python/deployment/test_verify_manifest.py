"""One thing changed in a manifest, or in the parameters, is reported by its key, and nothing else is.

The chain stays as it is: what it answers is asked for once and remembered.
"""

from __future__ import annotations

import json
from contextlib import closing
from dataclasses import fields, is_dataclass, replace

import pytest
from web3 import Web3

from consentry.deployment import load_parameters, read_manifest, verify
from consentry.deployment.errors import ChainMismatch, DeploymentError, ManifestInvalid
from consentry.deployment.parameters import Assurance
from consentry.deployment.plan import CONTRACTS
from consentry.devchain import development_account
from tests.helpers.node import Node

STRANGER = development_account(20).address
UNKNOWN_HASH = "0x" + "ab" * 32


class RememberingNode(Node):
    """Ask a node each question once."""

    def __init__(self, rpc_url):
        super().__init__(rpc_url)
        self._answers = {}

    def make_request(self, method, params):
        question = f"{method} {params}"
        if question not in self._answers:
            self._answers[question] = super().make_request(method, params)
        return self._answers[question]


@pytest.fixture(scope="module")
def found(opened_node, system_chain):
    """Verify the network: a function of a manifest and, if given, parameters, to what is found by contract and name."""
    with closing(RememberingNode(system_chain.rpc_url)) as node:

        def find(manifest, parameters=None):
            return [(item.contract, item.what) for item in verify(Web3(node), manifest, parameters).findings]

        yield find


@pytest.fixture
def written_again(manifest_file, tmp_path):
    """Write the manifest with a change and read it back: a function of what changes the JSON document."""

    def write(change):
        document = json.loads(manifest_file.read_text())
        change(document)
        path = tmp_path / "changed.json"
        path.write_text(json.dumps(document))
        return read_manifest(path)

    return write


# ---------------------------------------------------------------- parameters


def leaves_of(value, path=()):
    """Return the path to each value that is no structure: names of fields and positions."""
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in leaves_of(getattr(value, field.name), (*path, field.name))]
    if isinstance(value, tuple):
        return [leaf for index, item in enumerate(value) for leaf in leaves_of(item, (*path, index))]
    return [path]


def with_leaf(value, path, change):
    """Return a structure with one value changed, whatever else it must fit to."""
    if not path:
        return change(value)
    name, *rest = path
    if isinstance(name, int):
        return (*value[:name], with_leaf(value[name], rest, change), *value[name + 1 :])
    return replace(value, **{name: with_leaf(getattr(value, name), rest, change)})


def changed(value):
    """Return another value of the same kind."""
    if value is None:
        return 31337
    if isinstance(value, Assurance):
        return Assurance.HIGH if value is Assurance.LOW else Assurance(value - 1)
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    return STRANGER if value.startswith("0x") else value + "x"


def key_of(path):
    """Return the key under which a parameter stands in the file."""
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)[1:]
    return key.replace("fees.shares.", "fees.shares_bps.")


LEAVES = leaves_of(load_parameters())
KINDS = {tuple(part for part in path if isinstance(part, str)): path for path in LEAVES}
"""One parameter of each kind: of those in a list, the last."""


def keys_of(value, key=""):
    """Return the key of each value in a JSON document."""
    if isinstance(value, dict):
        return [leaf for name, item in value.items() for leaf in keys_of(item, f"{key}.{name}")]
    if isinstance(value, list):
        return [leaf for index, item in enumerate(value) for leaf in keys_of(item, f"{key}[{index}]")]
    return [key[1:]]


def test_changes_every_parameter_that_stands_in_a_manifest(manifest):
    assert [key_of(path) for path in LEAVES] == keys_of(manifest.to_json()["parameters"])


@pytest.mark.parametrize("path", LEAVES, ids=key_of)
def test_reports_a_parameter_when_the_manifest_has_another(found, manifest, parameters, path):
    forged = replace(manifest, parameters=with_leaf(parameters, path, changed))
    assert found(forged, parameters) == [("manifest", f"parameter {key_of(path)}")]


@pytest.mark.parametrize("path", KINDS.values(), ids=key_of)
def test_reports_what_the_chain_has_when_another_parameter_was_meant(found, manifest, parameters, path):
    first, *contradictions = found(manifest, with_leaf(parameters, path, changed))
    assert first == ("manifest", f"parameter {key_of(path)}")
    assert not [what for _, what in contradictions if what.startswith("parameter ")]
    is_on_the_chain = path != ("chain_id",)
    assert bool(contradictions) is is_on_the_chain


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        (("schemas",), lambda schemas: schemas[:-1]),
        (("purposes",), lambda purposes: purposes[:-1]),
        (("access", "guardians"), lambda guardians: (*guardians, STRANGER)),
    ],
    ids=["a schema less", "a purpose less", "a guardian more"],
)
def test_reports_each_key_when_a_list_has_another_length(found, manifest, parameters, key, meant):
    forged = with_leaf(parameters, key, meant)
    before, after = keys_of(parameters.to_json()), keys_of(forged.to_json())
    keys = sorted(set(before) ^ set(after))
    assert found(replace(manifest, parameters=forged), parameters) == [("manifest", f"parameter {key}") for key in keys]


# ---------------------------------------------------------------- contracts


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_an_address_when_the_manifest_has_another(found, written_again, name):
    forged = written_again(lambda document: document["contracts"][name].update(address=STRANGER))
    assert found(forged) == [("manifest", f"address of {name}")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_a_code_hash_when_the_manifest_has_another(found, written_again, name):
    forged = written_again(lambda document: document["contracts"][name].update(code_hash=UNKNOWN_HASH))
    assert found(forged) == [("manifest", f"code hash of {name}")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_a_block_when_the_manifest_has_another(found, written_again, manifest, name):
    block = manifest.contracts[name].block
    forged = written_again(lambda document: document["contracts"][name].update(block=block - 1))
    assert found(forged) == [("manifest", f"block of {name}")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_a_creation_transaction_that_the_chain_does_not_have(found, written_again, name):
    forged = written_again(lambda document: document["contracts"][name].update(tx=UNKNOWN_HASH))
    assert found(forged) == [("manifest", f"creation transaction of {name}")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_a_creation_transaction_that_created_another(found, written_again, manifest, name):
    other = manifest.contracts["FeeEscrow" if name != "FeeEscrow" else "FeeSchedule"]
    forged = written_again(lambda document: document["contracts"][name].update(tx=other.tx_hash, block=other.block))
    assert found(forged) == [("manifest", f"contract created by the creation transaction of {name}")]


def argument_paths(arguments):
    """Return the position of each argument, those within structures too."""
    return [
        (index, *inner)
        for index, item in enumerate(arguments)
        for inner in (argument_paths(item) if isinstance(item, list) else [()])
    ]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_constructor_arguments_when_the_manifest_has_others(found, written_again, manifest, name):
    paths = argument_paths(list(manifest.contracts[name].arguments))
    assert paths
    for path in paths:

        def change(document, path=path):
            *above, last = path
            arguments = document["contracts"][name]["args"]
            for position in above:
                arguments = arguments[position]
            arguments[last] = changed(arguments[last])

        assert found(written_again(change)) == [("manifest", f"constructor arguments of {name}")]


@pytest.mark.parametrize("name", CONTRACTS)
def test_reports_a_contract_that_the_manifest_lacks(found, written_again, name):
    assert found(written_again(lambda document: document["contracts"].pop(name))) == [("manifest", f"contract {name}")]


def test_reports_a_contract_that_the_manifest_has_besides(found, written_again):
    forged = written_again(lambda document: document["contracts"].update(Other=document["contracts"]["FeeEscrow"]))
    assert found(forged) == [("manifest", "contract Other")]


# ---------------------------------------------------------------- the rest of it


def test_reports_the_deployer_when_the_manifest_has_another(found, written_again):
    assert found(written_again(lambda document: document.update(deployer=STRANGER))) == [("manifest", "deployer")]


def test_reports_the_first_nonce_when_the_manifest_has_another(found, written_again):
    assert found(written_again(lambda document: document.update(first_nonce=1))) == [("manifest", "first nonce")]


def test_reports_the_fingerprint_when_the_manifest_has_another(found, written_again):
    forged = written_again(lambda document: document.update(code_hash=UNKNOWN_HASH))
    assert found(forged) == [("manifest", "fingerprint of the compiled contracts")]


def test_reports_the_compiler_when_the_manifest_has_another(found, written_again):
    forged = written_again(lambda document: document["compiler"]["optimizer"].update(runs=200))
    assert found(forged) == [("manifest", "compiler optimizer.runs")]
    forged = written_again(lambda document: document["compiler"].pop("evmVersion"))
    assert found(forged) == [("manifest", "compiler evmVersion")]


@pytest.mark.parametrize(
    ("change", "what"),
    [({"chain_id": 1}, "id"), ({"genesis_hash": UNKNOWN_HASH}, "genesis")],
    ids=["chain id", "genesis"],
)
def test_refuses_the_manifest_of_another_chain(found, written_again, change, what):
    forged = written_again(lambda document: document.update(change))
    with pytest.raises(ChainMismatch) as raised:
        found(forged)
    assert (raised.value.source, raised.value.what) == ("the manifest", what)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is not JSON"),
        ("{}", "'format' is missing"),
        ('{"format": 2}', "its format is 2, and this release reads 1"),
        ("[]", "it is damaged"),
    ],
)
def test_refuses_a_file_that_is_no_manifest(tmp_path, text, problem):
    path = tmp_path / "manifest.json"
    path.write_text(text)
    with pytest.raises(ManifestInvalid) as raised:
        read_manifest(path)
    assert (raised.value.path, raised.value.problem) == (path, problem)


def test_refuses_a_manifest_that_is_not_there(tmp_path):
    with pytest.raises(ManifestInvalid) as raised:
        read_manifest(tmp_path / "manifest.json")
    assert raised.value.problem == "it is not there"


def test_refuses_a_manifest_that_lacks_any_key(manifest, written_again):
    document = manifest.to_json()
    for key in document:
        with pytest.raises(ManifestInvalid) as raised:
            written_again(lambda document, key=key: document.pop(key))
        assert raised.value.problem == f"'{key}' is missing"
    for key in document["contracts"]["FeeEscrow"]:
        with pytest.raises(ManifestInvalid) as raised:
            written_again(lambda document, key=key: document["contracts"]["FeeEscrow"].pop(key))
        assert raised.value.problem == f"'{key}' is missing"


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["contracts"]["FeeEscrow"].update(address=STRANGER.lower()),
        lambda document: document["contracts"]["FeeEscrow"].update(block="first"),
        lambda document: document["contracts"].update(FeeEscrow=None),
        lambda document: document.update(deployer="nobody"),
        lambda document: document.update(compiler="solc"),
        lambda document: document.update(contracts=[]),
    ],
    ids=["address without checksum", "block", "no contract", "deployer", "compiler", "contracts"],
)
def test_refuses_a_manifest_that_is_damaged(written_again, change):
    with pytest.raises(ManifestInvalid) as raised:
        written_again(change)
    assert raised.value.problem == "it is damaged"


def test_refuses_a_manifest_without_contracts(written_again):
    with pytest.raises(ManifestInvalid) as raised:
        written_again(lambda document: document.update(contracts={}))
    assert raised.value.problem == "it names no contract"


def test_names_the_key_when_a_parameter_in_a_manifest_is_out_of_range(written_again, tmp_path):
    with pytest.raises(DeploymentError) as raised:
        written_again(lambda document: document["parameters"]["exchange"].update(dispute_bond_bps=10_001))
    place = f"{tmp_path / 'changed.json'}: parameters: exchange.dispute_bond_bps"
    assert str(raised.value) == f"{place}: must be 0 to 10000 (basis points), not 10001"
