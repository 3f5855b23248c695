"""`brownie run deploy` and `brownie run verify_deployment` do what the package's own functions do, and say it."""

from __future__ import annotations

import os
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
import yaml

from consentry.deployment import load_parameters, read_manifest
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS
from consentry.devchain import start_chain
from tests.helpers.node import Node

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ROOT / "scripts" / "toolchain" / "networks.yaml"
MANIFEST = ROOT / "deployments" / "31337.json"
FOREIGN_CHAIN_ID = 7


@pytest.fixture(scope="module")
def empty_chain():
    """A chain with nothing on it."""
    with start_chain() as started:
        yield started


@pytest.fixture(scope="module")
def foreign_chain():
    """A chain that is not a local one."""
    with start_chain(chain_id=FOREIGN_CHAIN_ID) as started:
        yield started


@pytest.fixture(scope="module")
def run_brownie(empty_chain, foreign_chain, tmp_path_factory):
    """Run a Brownie script in a process of its own: a function of its words, the network, and variables to add."""
    home = tmp_path_factory.mktemp("brownie-home")
    networks = yaml.safe_load(NETWORKS.read_text())
    ports = {"empty": empty_chain.port, "foreign": foreign_chain.port, "nowhere": free_port()}
    networks["live"] = [
        {
            "name": "Chains of this test",
            "networks": [
                {"id": name, "host": f"http://127.0.0.1:{port}", "chainid": 31337, "name": name}
                for name, port in ports.items()
            ],
        }
    ]
    for network in networks["development"]:
        network["cmd_settings"] = {**network["cmd_settings"], "port": free_port()}
    (home / ".brownie").mkdir()
    (home / ".brownie" / "network-config.yaml").write_text(yaml.safe_dump(networks, sort_keys=False))

    def run(*words, network=None, **environment):
        options = [] if network is None else ["--network", network]
        return subprocess.run(
            [str(ROOT / ".venv" / "bin" / "brownie"), "run", *words, *options],
            cwd=ROOT,
            env={**os.environ, "BROWNIE_HOME": str(home), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(autouse=True)
def kept_manifest():
    """Put back the manifest that stands where the scripts write theirs, or that there is none."""
    former = MANIFEST.read_bytes() if MANIFEST.exists() else None
    MANIFEST.unlink(missing_ok=True)
    yield
    MANIFEST.unlink(missing_ok=True)
    if former is not None:
        MANIFEST.write_bytes(former)


def free_port():
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_deploys_and_verifies_a_network(run_brownie, empty_chain):
    deployed = run_brownie("deploy", network="empty")
    assert deployed.returncode == 0, deployed.stderr
    manifest = read_manifest(MANIFEST)
    assert manifest.parameters == load_parameters()
    assert f"deployed {len(CONTRACTS)} contracts on chain 31337" in deployed.stdout
    assert f"directory: {manifest.address('NetworkDirectory')}" in deployed.stdout

    verified = run_brownie("verify_deployment", network="empty")
    assert (verified.returncode, verified.stderr) == (0, "")
    assert "verified chain 31337 at block " in verified.stdout
    assert "as it must be" in verified.stdout

    written = MANIFEST.read_bytes()
    again = run_brownie("deploy", network="empty")
    assert again.returncode == 0, again.stderr
    assert MANIFEST.read_bytes() == written

    with closing(Node(empty_chain.rpc_url)) as node:
        data = load_artifact("NetworkCredit").call("setCeiling", (5,))
        council, credit = manifest.address("CouncilTimelock"), manifest.address("NetworkCredit")
        node.ask("anvil_setBalance", council, hex(10**18))
        node.ask("anvil_impersonateAccount", council)
        node.ask("eth_sendTransaction", {"from": council, "to": credit, "data": "0x" + data.hex()})
        node.ask("evm_mine")
    changed = run_brownie("verify_deployment", network="empty")
    assert changed.returncode == 1
    assert f"NetworkCredit: ceiling is 5, expected {manifest.parameters.credit.ceiling}" in changed.stdout
    assert "1 finding(s)" in changed.stdout


def test_deploys_to_a_chain_of_its_own_when_no_network_is_named(run_brownie):
    deployed = run_brownie("deploy")
    assert deployed.returncode == 0, deployed.stderr
    assert read_manifest(MANIFEST).chain_id == 31337


def test_takes_the_parameters_and_the_manifest_that_are_named(run_brownie, empty_chain, tmp_path):
    parameters = tmp_path / "network.yaml"
    packaged = (ROOT / "src" / "consentry" / "deployment" / "parameters.yaml").read_text()
    parameters.write_text(packaged.replace("ceiling: 1_000_000_000_000", "ceiling: 7"))
    assert run_brownie("deploy", "main", str(parameters), network="empty").returncode == 0
    assert read_manifest(MANIFEST).parameters.credit.ceiling == 7
    elsewhere = MANIFEST.replace(tmp_path / "elsewhere.json")
    assert run_brownie("verify_deployment", "main", str(elsewhere), str(parameters), network="empty").returncode == 0


@pytest.mark.parametrize(
    ("words", "network", "said"),
    [
        (("deploy",), "nowhere", "deploy: no chain answers at http://127.0.0.1:"),
        (("verify_deployment",), "nowhere", "verify_deployment: no chain answers at http://127.0.0.1:"),
        (("deploy",), "foreign", "deploy: chain 7 is not local: "),
        (
            ("deploy", "main", "missing.yaml"),
            "empty",
            "deploy: missing.yaml: cannot be read: No such file or directory",
        ),
        (
            ("deploy", "main", "", "missing.json"),
            "empty",
            "deploy: the password of missing.json is not known: put it into CONSENTRY_KEYSTORE_PASSWORD",
        ),
        (
            ("verify_deployment",),
            "empty",
            f"verify_deployment: {MANIFEST} is not a deployment manifest: ",
        ),
    ],
    ids=["no chain", "no chain to verify", "no key", "no parameters", "no password", "no manifest"],
)
def test_refuses_in_one_line(run_brownie, words, network, said):
    done = run_brownie(*words, network=network)
    assert done.returncode == 1
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stdout
    assert not MANIFEST.exists()


def test_refuses_well_known_keys_on_a_chain_that_is_not_local(run_brownie):
    own_key = "0x" + "7b" * 32
    done = run_brownie("deploy", network="foreign", CONSENTRY_DEPLOYER_KEY=own_key)
    assert done.returncode == 1
    assert done.stderr.startswith("deploy: council.founders[0] ")
    assert "is a well-known development account and chain 7 is not a local one" in done.stderr
    assert own_key[2:] not in done.stderr + done.stdout
