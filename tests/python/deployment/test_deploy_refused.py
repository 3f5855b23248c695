"""What a deployment refuses: one clear error, nothing half done, and a way on."""

from __future__ import annotations

import http.server
import json
import threading
from contextlib import closing
from dataclasses import replace

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.deployment import DeploymentError, deploy, read_manifest, verify
from consentry.deployment.errors import (
    BalanceTooLow,
    ChainMismatch,
    DeployerBusy,
    DeploymentChanged,
    DeploymentExists,
    DevelopmentKeyRefused,
    JournalInvalid,
    ManifestInvalid,
    NonceTaken,
    RpcFailed,
    RpcUnreachable,
    StepRefused,
    StepReverted,
)
from consentry.deployment.journal import journal_path
from consentry.deployment.plan import addresses_of, steps_of
from consentry.devchain import development_account, start_chain
from tests.helpers.node import Node

ON, OFF = True, False
ETHER = 10**18
OTHER_CHAIN_ID = 7


def key_of(name):
    """Return a key that is not known to everyone."""
    return Account.from_key(keccak(text=f"{name} of a network of one's own"))


class Stopped(Exception):
    """What a caller raises from within `on_progress`."""


@pytest.fixture
def path(tmp_path):
    """Manifest to write."""
    return tmp_path / "manifest.json"


@pytest.fixture
def deploy_again(connection, deployer, parameters, path):
    """Deploy another network to the chain: a function of what is different, to the manifest."""

    def run(*, by=deployer, with_parameters=parameters, **options):
        return deploy(connection, by, with_parameters, path, **options)

    return run


@pytest.fixture
def interrupt(deploy_again):
    """Deploy until a phase of a step, counted from 1, and stop there."""

    def run(step, phase, **options):
        def stop(progress):
            if (progress.step, progress.phase) == (step, phase):
                raise Stopped

        with pytest.raises(Stopped):
            deploy_again(on_progress=stop, **options)

    return run


@pytest.fixture
def nonce_of(connection):
    """How many transactions an account has sent: a function of its address."""
    return connection.eth.get_transaction_count


@pytest.fixture
def own_parameters(parameters):
    """The packaged ones with administrators whose keys are not known to everyone."""
    *founders, guardian, treasurer = (key_of(name).address for name in ("a", "b", "c", "guardian", "treasurer"))
    access = replace(parameters.access, guardians=(guardian,), treasurers=(treasurer,))
    return replace(parameters, council=replace(parameters.council, founders=tuple(founders)), access=access)


@pytest.fixture
def own_deployer():
    """A deployer whose key is not known to everyone."""
    return key_of("deployer")


# ---------------------------------------------------------------- the chain


def test_refuses_when_nothing_answers(deployer, parameters, path):
    with start_chain() as chain:
        rpc_url = chain.rpc_url
    with pytest.raises(RpcUnreachable) as raised:
        deploy(rpc_url, deployer, parameters, path)
    assert str(raised.value) == f"no chain answers at {rpc_url}: start it or correct the RPC address"
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (503, b"no", "HTTP status 503"),
        (200, b"<html>", "JSONDecodeError"),
        (200, b'{"jsonrpc": "2.0", "id": 0, "error": {"code": -32000, "message": "out of\\norder"}}', "out of order"),
    ],
    ids=["status", "no JSON", "error"],
)
def test_refuses_when_the_node_does_not_answer_as_specified(deployer, parameters, path, status, body, said):
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(RpcFailed) as raised:
            deploy(f"http://user:secret@127.0.0.1:{server.server_port}/token", deployer, parameters, path)
        server.shutdown()
    assert (raised.value.request, raised.value.reason) == ("eth_chainId", said)
    assert "secret" not in str(raised.value)
    assert not list(path.parent.iterdir())


def test_keeps_secrets_of_the_address_out_of_errors(deployer, parameters, path):
    with pytest.raises(RpcUnreachable) as raised:
        deploy("http://user:secret@127.0.0.1:1/token", deployer, parameters, path)
    assert str(raised.value).startswith("no chain answers at http://127.0.0.1:1: ")


def test_refuses_when_the_parameters_are_for_another_chain(deploy_again, parameters, path, deployer, nonce_of):
    nonce = nonce_of(deployer.address)
    with pytest.raises(ChainMismatch) as raised:
        deploy_again(with_parameters=replace(parameters, chain_id=OTHER_CHAIN_ID))
    error = raised.value
    assert (error.source, error.what, error.expected, error.found) == ("the parameters file", "id", "7", "31337")
    assert nonce_of(deployer.address) == nonce
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize(
    ("change", "what"),
    [({"chain_id": OTHER_CHAIN_ID}, "id"), ({"genesis_hash": "0x" + "ab" * 32}, "genesis")],
    ids=["chain id", "genesis"],
)
def test_refuses_when_manifest_or_journal_are_of_another_chain(
    deploy_again, interrupt, path, deployer, nonce_of, change, what
):
    interrupt(2, "mined")
    deployed_before = nonce_of(deployer.address)
    file = journal_path(path)
    file.write_text(json.dumps({**json.loads(file.read_text()), **change}))
    with pytest.raises(ChainMismatch) as raised:
        deploy_again()
    assert (raised.value.source, raised.value.what) == (str(file), what)
    assert nonce_of(deployer.address) == deployed_before
    file.unlink()
    deploy_again()
    deployed_before = nonce_of(deployer.address)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ChainMismatch) as raised:
        deploy_again()
    assert (raised.value.source, raised.value.what) == (str(path), what)
    assert nonce_of(deployer.address) == deployed_before


def test_begins_anew_when_told_that_local_chains_do(deployer, parameters, path):
    def stop(progress):
        if progress.step == 5:
            raise Stopped

    with start_chain(genesis_at=1_800_000_000) as first:
        deploy(first.rpc_url, deployer, parameters, path)
    with start_chain(genesis_at=1_800_000_001) as second:
        with pytest.raises(Stopped):
            deploy(second.rpc_url, deployer, parameters, path, replace_other_chain=True, on_progress=stop)
        assert not path.exists()
        assert journal_path(path).exists()
    with start_chain(genesis_at=1_800_000_002) as third:
        manifest = deploy(third.rpc_url, deployer, parameters, path, replace_other_chain=True)
        assert verify(third.rpc_url, manifest).is_clean
        assert deploy(third.rpc_url, deployer, parameters, path, replace_other_chain=True) == manifest


# ---------------------------------------------------------------- well-known keys


def test_refuses_well_known_keys_on_a_chain_that_is_not_local(own_deployer, own_parameters, parameters, path):
    well_known = {
        "the deployer": (development_account(39), own_parameters),
        "council.founders[2]": (own_deployer, replace(own_parameters, council=with_third(own_parameters, parameters))),
        "access.guardians[1]": (
            own_deployer,
            with_access(own_parameters, guardians=(*own_parameters.access.guardians, *parameters.access.guardians)),
        ),
        "access.treasurers[0]": (own_deployer, with_access(own_parameters, treasurers=parameters.access.treasurers)),
    }
    with start_chain(chain_id=OTHER_CHAIN_ID) as chain, closing(Node(chain.rpc_url)) as node:
        for place, (by, with_parameters) in well_known.items():
            with pytest.raises(DevelopmentKeyRefused) as raised:
                deploy(chain.rpc_url, by, with_parameters, path)
            assert (raised.value.place, raised.value.chain_id) == (place, OTHER_CHAIN_ID)
        assert node.ask("eth_blockNumber") == "0x0"
        assert not list(path.parent.iterdir())
        node.ask("anvil_setBalance", own_deployer.address, hex(10 * ETHER))
        manifest = deploy(chain.rpc_url, own_deployer, own_parameters, path)
        assert manifest.chain_id == OTHER_CHAIN_ID
        assert verify(chain.rpc_url, manifest, own_parameters).is_clean


def with_third(parameters, others):
    """Return the founders of parameters, of which the third is another's."""
    council = parameters.council
    return replace(council, founders=(*council.founders[:2], others.council.founders[2]))


def with_access(parameters, **changes):
    """Return parameters with other administrators."""
    return replace(parameters, access=replace(parameters.access, **changes))


# ---------------------------------------------------------------- the deployer


def test_refuses_a_deployer_that_cannot_pay(node, deploy_again, own_deployer, path):
    with pytest.raises(BalanceTooLow) as raised:
        deploy_again(by=own_deployer)
    error = raised.value
    assert (error.deployer, error.balance_wei, error.step) == (own_deployer.address, 0, "all steps")
    assert not journal_path(path).exists()
    node.ask("anvil_setBalance", own_deployer.address, hex(error.required_wei))
    with pytest.raises(BalanceTooLow) as raised:
        deploy_again(by=own_deployer)
    assert raised.value.step.startswith("the step `")
    assert journal_path(path).exists()
    node.ask("anvil_setBalance", own_deployer.address, hex(10 * ETHER))
    assert deploy_again(by=own_deployer).deployer == own_deployer.address


def test_refuses_a_deployer_with_transactions_waiting(node, deploy_again, deployer, path):
    node.ask("evm_setAutomine", OFF)
    node.ask("eth_sendTransaction", {"from": deployer.address, "to": deployer.address})
    with pytest.raises(DeployerBusy) as raised:
        deploy_again()
    assert (raised.value.deployer, raised.value.pending) == (deployer.address, 1)
    assert not journal_path(path).exists()
    node.ask("evm_setAutomine", ON)


def test_refuses_when_somebody_else_used_the_deployers_nonce(node, connection, interrupt, deploy_again, deployer, path):
    interrupt(3, "mined")
    nonce = connection.eth.get_transaction_count(deployer.address)
    tx_hash = node.ask("eth_sendTransaction", {"from": deployer.address, "to": deployer.address})
    connection.eth.wait_for_transaction_receipt(tx_hash, poll_latency=0.01)
    with pytest.raises(NonceTaken) as raised:
        deploy_again()
    error = raised.value
    assert (error.deployer, error.nonce, error.journal) == (deployer.address, nonce, journal_path(path))
    assert error.step == "create SchemaRegistry"


# ---------------------------------------------------------------- what was begun, and what is finished


def test_refuses_to_go_on_with_something_else(
    interrupt, deploy_again, own_deployer, own_parameters, path, other_release
):
    interrupt(3, "signed")
    begun = journal_path(path).read_bytes()
    with pytest.raises(DeploymentChanged) as raised:
        deploy_again(by=development_account(5))
    assert raised.value.what == f"deployer {development_account(0).address}"
    with pytest.raises(DeploymentChanged) as raised:
        deploy_again(with_parameters=own_parameters)
    assert raised.value.what == "other parameters"
    with other_release(), pytest.raises(DeploymentChanged) as raised:
        deploy_again()
    assert raised.value.what == "contracts of another release"
    assert journal_path(path).read_bytes() == begun
    deploy_again()


def test_refuses_to_replace_what_is_finished(node, deploy_again, own_parameters, path, other_release):
    manifest = deploy_again()
    finished = path.read_bytes()
    with pytest.raises(DeploymentExists) as raised:
        deploy_again(by=development_account(5))
    assert raised.value.difference == f"deployer {manifest.deployer}"
    with pytest.raises(DeploymentExists) as raised:
        deploy_again(with_parameters=own_parameters)
    assert raised.value.difference == "other parameters"
    with other_release(), pytest.raises(DeploymentExists) as raised:
        deploy_again()
    assert raised.value.difference == "contracts of another release"
    assert read_manifest(path) == deploy_again() == manifest
    node.ask("anvil_setCode", manifest.address("FeeEscrow"), "0x")
    with pytest.raises(DeploymentExists) as raised:
        deploy_again()
    assert raised.value.difference == f"a FeeEscrow that is not at {manifest.address('FeeEscrow')} on this chain"
    assert path.read_bytes() == finished


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it is damaged"),
        ('{"format": 1}', "'chain_id' is missing"),
        ('{"format": 3}', "its format is 3, and this release reads 1"),
        ("[]", "it is damaged"),
    ],
)
def test_refuses_a_journal_that_cannot_be_read(deploy_again, path, text, problem):
    journal_path(path).write_text(text)
    with pytest.raises(JournalInvalid) as raised:
        deploy_again()
    assert (raised.value.path, raised.value.problem) == (journal_path(path), problem)
    assert journal_path(path).read_text() == text


def test_refuses_a_manifest_that_cannot_be_read(deploy_again, path):
    path.write_text("{")
    with pytest.raises(ManifestInvalid) as raised:
        deploy_again()
    assert (raised.value.path, raised.value.problem) == (path, "it is not JSON")
    assert path.read_text() == "{"


# ---------------------------------------------------------------- steps


def test_names_what_the_contract_refuses_and_sends_nothing(deploy_again, parameters, deployer, nonce_of, path):
    first_nonce = nonce_of(deployer.address)
    exchange = replace(parameters.exchange, order_life_seconds=parameters.exchange.notice_seconds + 1)
    with pytest.raises(StepRefused) as raised:
        deploy_again(with_parameters=replace(parameters, exchange=exchange))
    assert raised.value.step == "create FeeEscrow"
    assert raised.value.reason == "FeeEscrowParametersInvalid()"
    labels = [step.label for step in steps_of(parameters, deployer.address, first_nonce)]
    assert nonce_of(deployer.address) == first_nonce + labels.index("create FeeEscrow")
    assert not path.exists()


def test_names_the_step_that_failed_in_its_block(node, deploy_again, deployer, nonce_of, path):
    directory = addresses_of(deployer.address, nonce_of(deployer.address))["NetworkDirectory"]

    def break_the_directory(progress):
        if progress.label == "list NetworkAccess in the directory" and progress.phase == "signed":
            node.ask("anvil_setCode", directory, "0x60006000fd")

    with pytest.raises(StepReverted) as raised:
        deploy_again(on_progress=break_the_directory)
    assert raised.value.step == "list NetworkAccess in the directory"
    assert raised.value.journal == journal_path(path)
    with pytest.raises(DeploymentError) as again:
        deploy_again()
    assert str(again.value) == str(raised.value)
