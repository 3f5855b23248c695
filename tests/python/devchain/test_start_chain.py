"""A local chain starts, says what it cannot, and leaves neither a process nor a file behind, however it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

import pytest

from consentry.devchain import (
    DEVELOPMENT_ACCOUNTS,
    HARD_FORK,
    LOCAL_CHAIN_IDS,
    ChainClientMissing,
    ChainNotReady,
    PortTaken,
    chain,
    development_account,
    find_chain_client,
    start_chain,
)
from tests.helpers.node import Node

CLIENTS = ("anvil", "ganache")
GENESIS_AT = 1_800_000_000
LONGEST_CODE = 24_576
ETHER = 10**18
WITHOUT_TRANSACTIONS = False
_SECONDS = 20.0

STARTER = """
import sys, time
from pathlib import Path
from consentry.devchain import start_chain
chain = start_chain(sys.argv[1], search_from=Path(sys.argv[2]))
print(chain.port, flush=True)
if sys.argv[3] == "stay":
    time.sleep(60)
elif sys.argv[3] == "fail":
    raise RuntimeError("without an end in order")
"""


@pytest.fixture
def is_free():
    """Return whether nobody listens on a port: a function of it."""

    def ask(port):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) != 0

    return ask


@pytest.fixture
def scratch(tmp_path, monkeypatch):
    """The folder in which temporary files are made."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


NOWHERE = Path("/")
"""Where no chain client is found upward: temporary folders may lie inside the project, whose own would be."""


@pytest.fixture
def on_path(tmp_path, monkeypatch):
    """Put a program on PATH before all others: a function of its name and script that returns where to search from."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def put(name, script):
        program = folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        return NOWHERE

    return put


def wait_until(condition):
    """Wait until something holds, and fail when it does not in time."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(pid):
    """Return whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# ---------------------------------------------------------------- what it is like


@pytest.mark.parametrize("client", CLIENTS)
def test_serves_what_was_asked_for(client):
    with start_chain(client, chain_id=1337, genesis_at=GENESIS_AT) as started, closing(Node(started.rpc_url)) as node:
        assert started.is_running
        assert started.rpc_url == f"http://127.0.0.1:{started.port}"
        assert client in node.ask("web3_clientVersion").lower()
        assert int(node.ask("eth_chainId"), 16) == started.chain_id == 1337
        assert int(node.ask("eth_getBlockByNumber", "0x0", WITHOUT_TRANSACTIONS)["timestamp"], 16) == GENESIS_AT
        own = [development_account(index).address for index in range(DEVELOPMENT_ACCOUNTS)]
        assert [account.lower() for account in node.ask("eth_accounts")] == [account.lower() for account in own]
        for account in (own[0], own[-1]):
            assert int(node.ask("eth_getBalance", account, "latest"), 16) == 10_000 * ETHER


@pytest.mark.parametrize("client", CLIENTS)
def test_follows_the_shanghai_rules(client):
    assert HARD_FORK == "shanghai"
    with start_chain(client) as started, closing(Node(started.rpc_url)) as node:
        assert node.ask("eth_call", {"data": "0x5f5ff3"}, "latest") == "0x"  # PUSH0, since Shanghai
        with pytest.raises(AssertionError):
            node.ask("eth_call", {"data": "0x6000600060005e00"}, "latest")  # MCOPY, since Cancun


@pytest.mark.parametrize("client", CLIENTS)
def test_keeps_the_limit_on_code_size(client):
    sender = development_account(0).address
    with start_chain(client) as started, closing(Node(started.rpc_url)) as node:
        for length, is_created in ((LONGEST_CODE, True), (LONGEST_CODE + 1, False)):
            creation = f"0x61{length:04x}6000f3"  # return that many zeros
            transaction = {"from": sender, "data": creation, "gas": hex(10_000_000)}
            try:
                tx_hash = node.ask("eth_sendTransaction", transaction)
            except AssertionError:
                assert not is_created
                continue
            wait_until(lambda tx_hash=tx_hash: node.ask("eth_getTransactionReceipt", tx_hash))
            assert node.ask("eth_getTransactionReceipt", tx_hash)["status"] == hex(is_created)


def test_has_the_same_genesis_when_it_begins_at_the_same_instant():
    hashes = []
    for genesis_at in (GENESIS_AT, GENESIS_AT, GENESIS_AT + 1):
        with start_chain(genesis_at=genesis_at) as started, closing(Node(started.rpc_url)) as node:
            hashes.append(node.ask("eth_getBlockByNumber", "0x0", WITHOUT_TRANSACTIONS)["hash"])
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("client", CLIENTS)
def test_mines_in_intervals_when_asked_to(client):
    with start_chain(client, block_seconds=1) as started, closing(Node(started.rpc_url)) as node:
        account = development_account(0).address
        tx_hash = node.ask("eth_sendTransaction", {"from": account, "to": account})
        assert node.ask("eth_getTransactionReceipt", tx_hash) is None
        wait_until(lambda: node.ask("eth_getTransactionReceipt", tx_hash) is not None)


@pytest.mark.parametrize("index", [-1, DEVELOPMENT_ACCOUNTS])
def test_knows_no_account_that_local_chains_do_not_fund(index):
    with pytest.raises(ValueError, match=f"numbered 0 to 39, not {index}"):
        development_account(index)


def test_knows_which_chains_are_local():
    assert {1337, 31337} == LOCAL_CHAIN_IDS


# ---------------------------------------------------------------- how it ends


@pytest.mark.parametrize("client", CLIENTS)
def test_leaves_nothing_when_it_is_stopped(client, scratch, is_free, tmp_path, on_path):
    search_from, pid_file = wrapped(client, tmp_path, on_path)
    started = start_chain(client, search_from=search_from)
    pid = int(pid_file.read_text())
    assert list(scratch.iterdir())
    assert is_alive(pid)
    for _ in range(2):
        started.stop()
        assert not started.is_running
        assert not is_alive(pid)
        assert is_free(started.port)
        assert not list(scratch.iterdir())


@pytest.mark.parametrize("how", ["kill", "terminate", "fail", "end"])
@pytest.mark.parametrize("client", CLIENTS)
def test_leaves_nothing_when_its_starter_ends(client, how, scratch, is_free, tmp_path, on_path):
    search_from, pid_file = wrapped(client, tmp_path, on_path)
    stays = "stay" if how in ("kill", "terminate") else how
    command = [sys.executable, "-c", STARTER, client, str(search_from), stays]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as starter:
        port = int(starter.stdout.readline())
        pid = int(pid_file.read_text())
        if stays == "stay":
            assert is_alive(pid)
            assert list(scratch.iterdir())
            starter.send_signal(signal.SIGKILL if how == "kill" else signal.SIGTERM)
        starter.wait(_SECONDS)
    wait_until(lambda: not is_alive(pid))
    wait_until(lambda: not list(scratch.iterdir()))
    assert is_free(port)


@pytest.mark.parametrize("client", CLIENTS)
def test_writes_nothing_outside_its_folder(client, scratch, tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    with start_chain(client) as started, closing(Node(started.rpc_url)) as node:
        node.ask("evm_mine")
    assert not list(home.iterdir())
    assert not list(scratch.iterdir())


def wrapped(client, tmp_path, on_path):
    """Put the project's own chain client on PATH, such that it notes its process id; return where to search from."""
    command = " ".join(f"'{word}'" for word in find_chain_client(client))
    pid_file = tmp_path / "pid"
    return on_path(client, f"echo $$ > '{pid_file}'\nexec {command} \"$@\""), pid_file


# ---------------------------------------------------------------- what it cannot


@pytest.mark.parametrize("client", CLIENTS)
def test_names_a_port_that_is_taken(client, scratch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            start_chain(client, port=port)
    assert raised.value.port == port
    assert str(raised.value) == (
        f"port {port} on 127.0.0.1 is taken: stop the program that listens there or choose another port"
    )
    assert not list(scratch.iterdir())


@pytest.mark.parametrize("client", CLIENTS)
def test_names_a_port_that_is_taken_while_it_starts(client, scratch, monkeypatch):
    monkeypatch.setattr(chain, "_is_free", lambda port: True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(PortTaken) as raised:
            start_chain(client, port=port)
    assert raised.value.port == port
    assert not list(scratch.iterdir())


def test_takes_another_port_when_the_one_it_chose_is_taken(monkeypatch):
    choose = chain._free_port
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ports = [listener.getsockname()[1]]
        monkeypatch.setattr(chain, "_free_port", lambda: ports.pop() if ports else choose())
        with start_chain() as started:
            assert started.port != listener.getsockname()[1]
            assert started.is_running


@pytest.mark.parametrize("client", CLIENTS)
def test_says_how_to_get_a_client_that_is_missing(client, tmp_path, monkeypatch, scratch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ChainClientMissing) as raised:
        start_chain(client, search_from=NOWHERE)
    assert raised.value.client == client
    mend = "run `npm ci` in the project"
    assert str(raised.value).startswith(f"{client} was not found in node_modules or on PATH: {mend}")
    assert not list(scratch.iterdir())


@pytest.mark.parametrize(
    ("script", "ready_seconds", "reason"),
    [
        ("echo nonsense; echo 'no such option' >&2; exit 2", _SECONDS, "no such option"),
        ("exit 3", _SECONDS, "it ended at once"),
        ("exec sleep 60", 0.5, "no answer within 0.5 s"),
    ],
    ids=["says why", "says nothing", "never answers"],
)
def test_says_why_a_client_does_not_start(on_path, scratch, script, ready_seconds, reason):
    folder = on_path("anvil", script)
    with pytest.raises(ChainNotReady) as raised:
        start_chain(search_from=folder, ready_seconds=ready_seconds)
    assert (raised.value.client, raised.value.reason) == ("anvil", reason)
    assert not list(scratch.iterdir())


def test_prefers_the_projects_own_client(on_path):
    on_path("anvil", "exit 1")
    (program,) = find_chain_client("anvil", search_from=Path(__file__).parent)
    assert "node_modules" in Path(program).parts
