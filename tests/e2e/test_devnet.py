"""The development network, as a developer of a wallet or a backend finds it."""

import json
import os
import signal
import socket
import subprocess
import time

import pytest
from eth_account import Account

from consentry.client import Network
from consentry.client.identities import DELIVERY_KEY, Role
from consentry.delivery import OneTimeKey
from tests.e2e.conftest import COMMAND, ROOT


@pytest.fixture
def devnet(request, tmp_path):
    """A development network on a free port: its process, where it describes itself, and what it printed until ready.

    Where its manifest goes, the test's parameter stands already, if there is one.
    """
    former = getattr(request, "param", None)
    if former is not None:
        (tmp_path / "31337.json").write_text(former)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    file, scratch = tmp_path / "devnet.json", tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [*COMMAND, "devnet", "--port", str(port), "--file", str(file)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(scratch)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if "devnet: ready" in line:
            break
    yield process, port, file, scratch, "".join(lines)
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.asyncio
async def test_serves_a_network_with_everything_in_place(devnet):
    _, port, file, _, printed = devnet
    described = json.loads(file.read_text(encoding="utf-8"))

    assert (described["rpc_url"], described["chain_id"]) == (f"http://127.0.0.1:{port}", 31337)
    assert described["contracts"]["NetworkDirectory"] in printed
    async with await Network.connect(described["rpc_url"], described["contracts"]["NetworkDirectory"]) as network:
        listed = {name: address for name, address in described["contracts"].items() if name != "NetworkDirectory"}
        assert listed == network.addresses
        for participant in described["participants"]:
            assert Account.from_key(participant["key"]).address == participant["address"]
            assert participant["key"] in printed
            record = await network.identities.participant(participant["address"])
            assert sorted(participant["roles"]) == sorted(role.name.lower() for role in Role if role in record.roles)
            balance = (await network.exchanges.prepaid_of(participant["address"])).available
            assert (balance > 0) == ("consumer" in participant["roles"])
            assert bool(await network.identities.issuer_keys(participant["address"])) == ("issuer_key" in participant)
            attributes = await network.identities.attributes(participant["address"])
            published = [attribute.value for attribute in attributes if attribute.name == DELIVERY_KEY]
            described_key = bytes.fromhex(participant.get("delivery_key", "")[2:])
            assert published == ([OneTimeKey.from_private_bytes(described_key).public_bytes] if described_key else [])
            assert bool(published) == ("regulator" in participant["roles"])


def test_can_be_verified_by_the_manifest_beside_its_description(devnet, run_consentry):
    _, port, file, _, printed = devnet
    manifest = file.with_name("31337.json")
    assert f"manifest   {manifest}" in printed

    verified = run_consentry("deployment", "verify", "--rpc", f"http://127.0.0.1:{port}", "--manifest", manifest)

    assert (verified.returncode, verified.stderr) == (0, "")
    assert "as it must be" in verified.stdout


@pytest.mark.parametrize(
    ("devnet", "number", "left"),
    [(None, signal.SIGINT, {}), ("of another chain", signal.SIGTERM, {"31337.json": "of another chain"})],
    indirect=["devnet"],
)
def test_leaves_nothing_behind_when_interrupted(devnet, number, left):
    process, port, file, scratch, _ = devnet
    assert "NetworkDirectory" in file.with_name("31337.json").read_text(encoding="utf-8")
    process.send_signal(number)

    assert process.wait(30) == 0
    assert "devnet: ended; nothing is left behind" in process.stdout.read()
    assert {path.name: path.read_text() for path in file.parent.iterdir() if path.is_file()} == left
    assert list(scratch.iterdir()) == []
    _assert_free(port)


def test_leaves_no_chain_behind_when_killed(devnet):
    process, port, _, _, _ = devnet
    process.kill()
    process.wait()

    _assert_free(port)


def test_names_the_port_and_the_way_to_mend_it_when_it_is_taken(devnet, run_consentry, tmp_path):
    _, port, _, _, _ = devnet

    ended = run_consentry("devnet", "--port", port, "--file", tmp_path / "other.json")

    assert ended.returncode == 1
    assert f"port {port} on 127.0.0.1 is taken" in ended.stderr
    assert not (tmp_path / "other.json").exists()


def _assert_free(port):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                time.sleep(0.1)
                continue
            return
    pytest.fail(f"something still listens on port {port}")
