"""A deployment that is killed at any moment and run again ends with the same manifest and no further contract."""

from __future__ import annotations

import re
import threading
from contextlib import closing

import pytest
from web3 import Web3

from consentry.deployment import deploy, read_manifest, verify
from consentry.deployment.errors import DeploymentRunning, ReceiptTimeout
from consentry.deployment.files import sole_writer
from consentry.deployment.journal import journal_path
from consentry.deployment.plan import CONTRACTS, steps_of
from consentry.devchain import start_chain
from tests.helpers.killed_deployment import deploy_and_be_killed
from tests.helpers.node import Node

PHASES = ("signed", "sent", "mined")
FULL, ON, OFF = True, True, False
GENESIS_AT = 1_800_000_000
BLOCK_SECONDS = 2
"""Longer than a node has to answer that it refuses a transaction."""
GAS_PRICE_WEI = 10 * 10**9
"""Fixed, since what a node suggests is not the same twice, and transactions are to be."""


class Stopped(Exception):
    """What a caller raises from within `on_progress`."""


def bytes_of(path):
    """Return a manifest's bytes without the commit: the checkout may be worked in meanwhile."""
    written = path.read_bytes()
    assert written.count(b'"commit": ') == 1
    return re.sub(rb'"commit": .*', b"", written)


@pytest.fixture
def chain():
    """A chain with nothing on it, the twin of every other that these tests start."""
    with start_chain(genesis_at=GENESIS_AT) as started:
        yield started


@pytest.fixture
def node(chain):
    """The chain's node."""
    with closing(Node(chain.rpc_url)) as opened:
        yield opened


@pytest.fixture
def path(tmp_path):
    """Manifest to write."""
    return tmp_path / "manifest.json"


@pytest.fixture
def deploy_again(node, deployer, parameters, path):
    """Run the deployment to its end: a function that returns the manifest's bytes."""

    def run(*, gas_price_wei=GAS_PRICE_WEI, **options):
        manifest = deploy(Web3(node), deployer, parameters, path, gas_price_wei=gas_price_wei, **options)
        assert read_manifest(path) == manifest
        return bytes_of(path)

    return run


@pytest.fixture
def kill_at(chain, path):
    """Run the deployment in a process that is killed: a function of the number of a step and its phase."""

    def run(step, phase, *, gas_price_wei=GAS_PRICE_WEI):
        deploy_and_be_killed(chain.rpc_url, path, step, phase, gas_price_wei=gas_price_wei)
        assert not path.exists()

    return run


@pytest.fixture(scope="module")
def uninterrupted(deployer, parameters, tmp_path_factory):
    """Bytes of the manifest of the same deployment on a twin chain, run in one go."""
    path = tmp_path_factory.mktemp("uninterrupted") / "manifest.json"
    with start_chain(genesis_at=GENESIS_AT) as twin:
        deploy(twin.rpc_url, deployer, parameters, path, gas_price_wei=GAS_PRICE_WEI)
    return bytes_of(path)


@pytest.fixture(scope="session")
def steps(deployer, parameters):
    """Every step of the deployment."""
    return steps_of(parameters, deployer.address, 0)


@pytest.fixture
def sent_by_deployer(node, deployer):
    """Transactions of the deployer that were mined: a function that returns them."""

    def sent():
        numbers = range(int(node.ask("eth_blockNumber"), 16) + 1)
        blocks = [node.ask("eth_getBlockByNumber", hex(number), FULL) for number in numbers]
        return [tx for block in blocks for tx in block["transactions"] if tx["from"] == deployer.address.lower()]

    return sent


@pytest.fixture
def assert_nothing_twice(sent_by_deployer, steps, path):
    """Assert that each step was mined once, and that no contract was created but the manifest's."""

    def check():
        sent = sent_by_deployer()
        assert len(sent) == len(steps)
        assert sum(transaction["to"] is None for transaction in sent) == len(CONTRACTS)
        assert not journal_path(path).exists()

    return check


def test_ends_with_the_same_manifest_when_a_process_is_killed_at_every_moment(
    kill_at, steps, uninterrupted, deploy_again, assert_nothing_twice
):
    for step in range(1, len(steps) + 1):
        for phase in PHASES:
            kill_at(step, phase)
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


@pytest.mark.parametrize(
    ("label", "phase"),
    [("create NetworkAccess", "signed"), ("create FeeEscrow", "sent"), ("give up the deployer's powers", "mined")],
)
def test_ends_with_the_same_manifest_when_a_process_is_killed_once(
    kill_at, steps, uninterrupted, deploy_again, assert_nothing_twice, label, phase
):
    step = 1 + [step.label for step in steps].index(label)
    kill_at(step, phase)
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_ends_with_the_same_manifest_when_the_caller_stops_it_at_every_moment(
    steps, uninterrupted, deploy_again, assert_nothing_twice
):
    seen = set()

    def stop(progress):
        moment = (progress.step, progress.phase)
        if moment not in seen:
            seen.add(moment)
            raise Stopped

    for moment in range(len(steps) * len(PHASES)):
        assert len(seen) == moment
        with pytest.raises(Stopped):
            deploy_again(on_progress=stop)
    assert deploy_again(on_progress=stop) == uninterrupted
    assert_nothing_twice()


def test_waits_for_the_transaction_that_was_sent_when_it_is_still_in_the_pool(
    chain, node, kill_at, uninterrupted, deploy_again, assert_nothing_twice
):
    node.ask("evm_setAutomine", OFF)
    kill_at(1, "sent")
    with closing(Node(chain.rpc_url)) as miner:
        begin_mining = threading.Timer(BLOCK_SECONDS, lambda: miner.ask("evm_setAutomine", ON))
        begin_mining.start()
        assert deploy_again() == uninterrupted
        begin_mining.join()
    assert_nothing_twice()


def test_sends_the_same_transaction_again_when_the_pool_was_lost(
    node, kill_at, uninterrupted, deploy_again, assert_nothing_twice
):
    node.ask("evm_setAutomine", OFF)
    kill_at(1, "sent")
    node.ask("anvil_dropAllTransactions")
    node.ask("evm_setAutomine", ON)
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_replaces_the_transaction_when_gas_has_become_dearer(
    node, kill_at, deploy_again, sent_by_deployer, assert_nothing_twice
):
    node.ask("evm_setAutomine", OFF)
    kill_at(1, "sent", gas_price_wei=None)
    (left_behind,) = node.ask("txpool_content")["pending"].popitem()[1].values()
    node.ask("anvil_setNextBlockBaseFeePerGas", hex(100 * int(left_behind["gasPrice"], 16)))
    node.ask("evm_mine")
    assert sent_by_deployer() == []
    node.ask("evm_setAutomine", ON)
    deploy_again(gas_price_wei=None)
    assert_nothing_twice()
    replaced = sent_by_deployer()[0]
    assert replaced["hash"] != left_behind["hash"]
    assert int(replaced["gasPrice"], 16) > 50 * int(left_behind["gasPrice"], 16)


def test_says_which_step_was_not_mined_and_goes_on_from_it(
    node, steps, uninterrupted, deploy_again, assert_nothing_twice
):
    node.ask("evm_setAutomine", OFF)
    with pytest.raises(ReceiptTimeout) as raised:
        deploy_again(receipt_seconds=0.2)
    assert raised.value.step == steps[0].label
    node.ask("evm_mine")
    node.ask("evm_setAutomine", ON)
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_changes_nothing_when_it_is_finished(deploy_again, uninterrupted, assert_nothing_twice):
    assert deploy_again() == uninterrupted
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_removes_the_journal_when_it_was_killed_between_manifest_and_journal(
    path, deploy_again, uninterrupted, assert_nothing_twice
):
    journals = []
    deploy_again(on_progress=lambda progress: journals.append(journal_path(path).read_bytes()))
    journal_path(path).write_bytes(journals[-1])
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_goes_on_when_a_file_was_half_written(path, kill_at, deploy_again, uninterrupted, assert_nothing_twice):
    kill_at(2, "mined")
    for file in (path, journal_path(path)):
        file.with_name(file.name + ".new").write_text('{"format": 1, "cha')
    assert deploy_again() == uninterrupted
    assert_nothing_twice()


def test_refuses_to_run_when_another_process_deploys_to_the_same_manifest(path, deploy_again, sent_by_deployer):
    with sole_writer(journal_path(path)), pytest.raises(DeploymentRunning) as raised:
        deploy_again()
    assert raised.value.path == journal_path(path)
    assert sent_by_deployer() == []


def test_leaves_a_network_that_verifies_when_it_was_killed(node, kill_at, path, deploy_again):
    kill_at(20, "sent")
    deploy_again()
    assert verify(Web3(node), read_manifest(path)).is_clean
