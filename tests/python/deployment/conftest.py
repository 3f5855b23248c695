"""A network at rest on a chain of its own, the node that serves it, and ways to change one thing.

Nobody is admitted: what a deployment is and what a verification looks at is the system. Every test that asks for `node`
runs on the network as it was deployed, and what it did is undone.
"""

from __future__ import annotations

import json
import shutil
from contextlib import closing, contextmanager
from importlib import resources

import pytest
from eth_utils.crypto import keccak
from web3 import Web3

from consentry.deployment import artifacts, deploy, load_parameters, read_manifest, verify
from consentry.deployment.artifacts import load_artifact
from consentry.devchain import development_account, start_chain
from tests.helpers.node import Node


@pytest.fixture(scope="session")
def deployer():
    """Deploys, and has no power afterwards."""
    return development_account(0)


@pytest.fixture(scope="session")
def parameters():
    """The packaged ones."""
    return load_parameters()


@pytest.fixture(scope="session")
def system_chain():
    """A local chain with nothing on it but the network."""
    with start_chain() as started:
        yield started


@pytest.fixture(scope="session")
def manifest_file(system_chain, deployer, parameters, tmp_path_factory):
    """Where the network's manifest stands."""
    path = tmp_path_factory.mktemp("deployed") / "manifest.json"
    deploy(system_chain.rpc_url, deployer, parameters, path)
    return path


@pytest.fixture(scope="session")
def manifest(manifest_file):
    """What the deployment left behind."""
    return read_manifest(manifest_file)


@pytest.fixture(scope="session")
def opened_node(system_chain, manifest_file):
    """The chain's node, once the network stands."""
    with closing(Node(system_chain.rpc_url)) as node:
        yield node


@pytest.fixture
def node(opened_node):
    """The chain's node; what is done through it is undone after the test."""
    taken = opened_node.ask("evm_snapshot")
    yield opened_node
    assert opened_node.ask("evm_revert", taken)


@pytest.fixture
def connection(node):
    """A quick connection to the chain."""
    return Web3(node)


@pytest.fixture
def found(connection, manifest):
    """Verify the network: a function to what is found, by contract and name; of another manifest, or parameters."""

    def find(other_manifest=None, parameters=None):
        report = verify(connection, other_manifest or manifest, parameters)
        return [(finding.contract, finding.what) for finding in report.findings]

    return find


@pytest.fixture
def act(node, connection, manifest):
    """Call a contract of the network: a function of who calls, the contract, the function and its arguments."""

    def call(sender, contract, function, *arguments):
        data = load_artifact(contract).call(function, arguments)
        transaction = {"from": sender, "to": manifest.address(contract), "data": "0x" + data.hex()}
        tx_hash = node.ask("eth_sendTransaction", transaction)
        assert connection.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)["status"] == 1

    return call


@pytest.fixture
def council(node, manifest):
    """The council's timelock, the only admin, as it carries out what was voted."""
    timelock = manifest.address("CouncilTimelock")
    node.ask("anvil_setBalance", timelock, hex(10**18))
    node.ask("anvil_impersonateAccount", timelock)
    yield timelock
    node.ask("anvil_stopImpersonatingAccount", timelock)


@pytest.fixture
def newcomer(node):
    """A contract that is not of the network."""
    address = Web3.to_checksum_address(keccak(text="a contract that is not of the network")[:20])
    node.ask("anvil_setCode", address, "0x00")
    return address


# ---------------------------------------------------------------- another package


@pytest.fixture
def packaged_folder(monkeypatch, tmp_path):
    """A copy of the packaged contracts that is taken in their place."""
    with resources.as_file(resources.files("consentry").joinpath("contracts")) as packaged:
        folder = shutil.copytree(packaged, tmp_path / "package" / "contracts")
    monkeypatch.setattr(artifacts.resources, "files", lambda package: folder.parent)
    load_artifact.cache_clear()
    yield folder
    load_artifact.cache_clear()


@pytest.fixture
def packaged_otherwise(monkeypatch, tmp_path):
    """Take a changed contract for the packaged one: a context manager of a name and what changes the document."""

    @contextmanager
    def change_one(contract, change):
        with resources.as_file(resources.files("consentry").joinpath("contracts")) as packaged:
            folder = shutil.copytree(packaged, tmp_path / "otherwise" / "contracts", dirs_exist_ok=True)
        document = json.loads((folder / f"{contract}.json").read_text())
        change(document)
        (folder / f"{contract}.json").write_text(json.dumps(document))
        with monkeypatch.context() as patch:
            patch.setattr(artifacts.resources, "files", lambda package: folder.parent)
            load_artifact.cache_clear()
            yield
        load_artifact.cache_clear()

    return change_one


@pytest.fixture
def other_release(packaged_otherwise):
    """Take contracts for the packaged ones of which one is created by another byte: a context manager."""

    def change(document):
        document["bytecode"] += "00"

    return lambda: packaged_otherwise("HostRewards", change)
