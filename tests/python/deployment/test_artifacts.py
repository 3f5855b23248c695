"""The packaged contracts: whole, short enough for a chain, and never taken for something they are not."""

from __future__ import annotations

import json

import pytest

from consentry.deployment import deploy, verify
from consentry.deployment.artifacts import MOST_CODE_BYTES, fingerprint, load_artifact
from consentry.deployment.errors import ArtifactInvalid
from consentry.deployment.plan import CONTRACTS, network_artifacts


@pytest.mark.parametrize("contract", CONTRACTS)
def test_fits_on_a_chain(contract):
    artifact = load_artifact(contract)
    assert 0 < len(artifact.runtime_code) <= MOST_CODE_BYTES == 24_576
    assert artifact.name == contract
    assert artifact.compiler["evmVersion"] == "paris"


def test_fingerprint_tells_releases_apart(other_release):
    before = fingerprint(network_artifacts())
    with other_release():
        assert fingerprint(network_artifacts()) != before
    assert fingerprint(network_artifacts()) == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda document: document.pop("abi"), "is not as exported ('abi')"),
        (lambda document: document.update(bytecode="0x6"), "is not as exported (non-hexadecimal number"),
        (lambda document: document.update(bytecode="0x"), "bytes of code, and chains take 1 to 24576"),
        (lambda document: document.update(deployedBytecode="0x" + "00" * 24_577), "has 24577 bytes of code"),
        (
            lambda document: document.update(immutableReferences={"X": [{"start": 0, "length": 20}]}),
            "is not as exported (immutable X is not a word)",
        ),
        (lambda document: document.update(immutableReferences=None), "is not as exported ("),
    ],
    ids=["no interface", "no bytes", "no code", "too long", "an immutable that is no word", "no immutables"],
)
def test_refuses_a_contract_that_is_not_as_exported(packaged_otherwise, change, problem):
    with packaged_otherwise("FeeEscrow", change), pytest.raises(ArtifactInvalid) as raised:
        load_artifact("FeeEscrow")
    assert raised.value.contract == "FeeEscrow"
    assert problem in raised.value.problem
    assert str(raised.value).endswith("compile and export the contracts again, or reinstall consentry")


def test_refuses_a_contract_that_is_not_in_the_package(packaged_folder):
    (packaged_folder / "FeeEscrow.json").unlink()
    with pytest.raises(ArtifactInvalid) as raised:
        load_artifact("FeeEscrow")
    assert raised.value.problem == "is not in the package"
    (packaged_folder / "FeeEscrow.json").write_text("{")
    with pytest.raises(ArtifactInvalid) as raised:
        load_artifact("FeeEscrow")
    assert raised.value.problem == "is not JSON"


@pytest.mark.parametrize("contract", CONTRACTS)
def test_deploys_nothing_when_a_contract_is_missing(
    connection, deployer, parameters, packaged_folder, tmp_path, contract
):
    nonce = connection.eth.get_transaction_count(deployer.address)
    (packaged_folder / f"{contract}.json").unlink()
    with pytest.raises(ArtifactInvalid) as raised:
        deploy(connection, deployer, parameters, tmp_path / "manifest.json")
    assert raised.value.contract == contract
    assert connection.eth.get_transaction_count(deployer.address) == nonce
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_network_does_not_verify_when_a_packaged_byte_was_changed(found, manifest, packaged_otherwise, contract):
    def change(document):
        code = bytearray.fromhex(document["deployedBytecode"][2:])
        code[0] ^= 1
        document["deployedBytecode"] = "0x" + code.hex()

    with packaged_otherwise(contract, change):
        assert found() == [(contract, f"code byte 0 at {manifest.address(contract)}")]


def test_a_network_does_not_verify_when_creation_code_was_changed(connection, manifest, other_release):
    with other_release():
        (finding,) = verify(connection, manifest).findings
    assert (finding.contract, finding.what) == ("manifest", "fingerprint of the compiled contracts")
    assert finding.found == manifest.code_hash


def test_asks_for_functions_by_name_or_signature():
    artifact = load_artifact("NetworkAccess")
    assert artifact.selector("hasRole") == artifact.selector("hasRole(uint64,address)")
    with pytest.raises(ArtifactInvalid) as raised:
        artifact.selector("hasRole(uint64)")
    assert raised.value.problem == "has 0 functions hasRole(uint64)"


def test_is_packaged_in_a_fixed_form():
    for artifact in network_artifacts():
        assert json.loads(json.dumps(artifact.compiler)) == artifact.compiler
