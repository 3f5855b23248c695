"""Start and stop a local chain: anvil, or Ganache as the second opinion."""

from __future__ import annotations

import json
import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Final, Literal

from consentry.devchain.accounts import DEVELOPMENT_ACCOUNTS, DEVELOPMENT_MNEMONIC
from consentry.devchain.errors import ChainClientMissing, ChainNotReady, PortTaken

ChainClient = Literal["anvil", "ganache"]

DEVELOPMENT_CHAIN_ID: Final = 31337
HARD_FORK: Final = "shanghai"
_HOST: Final = "127.0.0.1"
_GUARD: Final = Path(__file__).with_name("guard.py")
_POLL_SECONDS: Final = 0.05
_STOP_SECONDS: Final = 15.0
_PORT_TRIES: Final = 5

_MENDS: Final[dict[ChainClient, str]] = {
    "anvil": "run `npm ci` in the project, or `npm install @foundry-rs/anvil` where you are",
    "ganache": "run `npm ci` in the project, or `npm install ganache@7.9.2` where you are (Node 20 or later)",
}


class DevChain:
    """Hold a running local chain; leaving its `with` block, or the end of this process, stops it.

    Attributes:
        client: Which program runs it.
        port: TCP port on 127.0.0.1.
        chain_id: EIP-155 chain id.
        rpc_url: Where it answers JSON-RPC.
    """

    def __init__(
        self,
        client: ChainClient,
        port: int,
        chain_id: int,
        process: subprocess.Popen[bytes],
        scratch: Path,
    ) -> None:
        self.client = client
        self.port = port
        self.chain_id = chain_id
        self.rpc_url = f"http://{_HOST}:{port}"
        self._process = process
        self._scratch = scratch

    def __enter__(self) -> DevChain:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def is_running(self) -> bool:
        """Whether the chain's program is still there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """Stop the chain and remove what it wrote. Does nothing the second time."""
        stdin = self._process.stdin
        if stdin is not None and not stdin.closed:
            stdin.close()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.terminate()
            self._process.wait(_STOP_SECONDS)
        shutil.rmtree(self._scratch, ignore_errors=True)


def start_chain(
    client: ChainClient = "anvil",
    *,
    port: int | None = None,
    chain_id: int = DEVELOPMENT_CHAIN_ID,
    genesis_at: int | None = None,
    block_seconds: int | None = None,
    search_from: Path | None = None,
    ready_seconds: float = 60.0,
) -> DevChain:
    """Start a local chain with the development accounts funded, and wait until it answers.

    The chain runs the Shanghai rules with the standard limits on code size, mines on demand unless `block_seconds` is
    given, listens on 127.0.0.1 only and ends with this process, however that ends.

    Args:
        client: Program to run.
        port: TCP port, or None for a free one.
        chain_id: EIP-155 chain id.
        genesis_at: Instant of the genesis block in Unix seconds, or None for now. Equal instants give equal genesis
            hashes.
        block_seconds: Seconds between blocks, or None to mine each transaction as it comes.
        search_from: Folder from which `node_modules` is looked for upward, or None for the current one.
        ready_seconds: How long to wait for the first answer.

    Returns:
        The running chain.

    Raises:
        ChainClientMissing: The program is not installed.
        PortTaken: Something listens on the port asked for.
        ChainNotReady: The program ended or did not answer in time.
    """
    program = find_chain_client(client, search_from=search_from)
    for attempt in range(1, _PORT_TRIES + 1):
        chosen = _free_port() if port is None else port
        if not _is_free(chosen):
            if port is None and attempt < _PORT_TRIES:
                continue
            raise PortTaken(chosen)
        scratch = Path(tempfile.mkdtemp(prefix="consentry-chain-"))
        options = _options(client, chosen, chain_id, genesis_at, block_seconds, scratch)
        log_path = scratch / "chain.log"
        environment = {**os.environ, "HOME": str(scratch)}
        with log_path.open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_GUARD), str(scratch), *program, *options],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                start_new_session=True,
            )
        chain = DevChain(client, chosen, chain_id, process, scratch)
        try:
            _wait_until_ready(chain, log_path, ready_seconds)
        except PortTaken:
            chain.stop()
            if port is None and attempt < _PORT_TRIES:
                continue
            raise
        except BaseException:
            chain.stop()
            raise
        return chain
    raise AssertionError("the loop returns or raises on its last turn")


def find_chain_client(client: ChainClient, *, search_from: Path | None = None) -> tuple[str, ...]:
    """Find the command that runs a local chain.

    The project's own pinned copy in `node_modules`, upward from the folder, comes before whatever is on PATH.

    Args:
        client: Program to look for.
        search_from: Folder to start from, or None for the current one.

    Returns:
        The command's first words.

    Raises:
        ChainClientMissing: It is neither there nor on PATH.
    """
    start = (search_from or Path.cwd()).resolve()
    on_path = shutil.which(client)
    folders = [folder / "node_modules" for folder in (start, *start.parents)]
    if on_path is not None:
        # npm's launcher leaves the program behind when it is killed: take the program that it would launch.
        folders += [parent for parent in Path(on_path).resolve().parents if parent.name == "node_modules"]
    for modules in folders:
        found = _in_node_modules(client, modules)
        if found is not None:
            return found
    if on_path is not None:
        return (on_path,)
    raise ChainClientMissing(client, _MENDS[client])


def _in_node_modules(client: ChainClient, modules: Path) -> tuple[str, ...] | None:
    if client == "anvil":
        system = {"Windows": "win32"}.get(platform.system(), platform.system().lower())
        machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
        for package in (f"anvil-{system}-{machine}", "anvil"):
            binary = modules / "@foundry-rs" / package / "bin" / ("anvil.exe" if system == "win32" else "anvil")
            if binary.is_file() and os.access(binary, os.X_OK):
                return (str(binary),)
        return None
    script = modules / "ganache" / "dist" / "node" / "cli.js"
    node = shutil.which("node")
    return (node, str(script)) if node is not None and script.is_file() else None


def _options(
    client: ChainClient, port: int, chain_id: int, genesis_at: int | None, block_seconds: int | None, scratch: Path
) -> list[str]:
    if client == "anvil":
        options = ["--host", _HOST, "--port", str(port), "--chain-id", str(chain_id), "--hardfork", HARD_FORK]
        options += ["--accounts", str(DEVELOPMENT_ACCOUNTS), "--mnemonic", DEVELOPMENT_MNEMONIC, "--quiet"]
        options += ["--cache-path", str(scratch)]
        if genesis_at is not None:
            options += ["--timestamp", str(genesis_at)]
        if block_seconds is not None:
            options += ["--block-time", str(block_seconds)]
        return options
    options = ["--server.host", _HOST, "--server.port", str(port), "--chain.chainId", str(chain_id)]
    options += ["--chain.networkId", str(chain_id), "--chain.hardfork", HARD_FORK]
    options += ["--wallet.totalAccounts", str(DEVELOPMENT_ACCOUNTS), "--wallet.mnemonic", DEVELOPMENT_MNEMONIC]
    options += ["--wallet.defaultBalance", "10000", "--logging.quiet"]
    if genesis_at is not None:
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(genesis_at))
        options += ["--chain.time", moment]
    if block_seconds is not None:
        options += ["--miner.blockTime", str(block_seconds)]
    return options


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # A port in TIME_WAIT is free; one that somebody listens on stays refused.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_HOST, port))
        except OSError:
            return False
        return True


def _wait_until_ready(chain: DevChain, log_path: Path, ready_seconds: float) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(chain.rpc_url, data=body, headers=headers)  # noqa: S310 - http on this machine
    deadline = time.monotonic() + ready_seconds
    while time.monotonic() < deadline:
        if not chain.is_running:
            said = log_path.read_text(errors="replace")
            if "address already in use" in said.lower() or "eaddrinuse" in said.lower():
                raise PortTaken(chain.port)
            last = next((line.strip() for line in reversed(said.splitlines()) if line.strip()), "it ended at once")
            raise ChainNotReady(chain.client, last)
        try:
            with opener.open(request, timeout=5.0) as answer:
                said_id = json.load(answer).get("result")
        except (urllib.error.URLError, ConnectionError, TimeoutError, ValueError):
            time.sleep(_POLL_SECONDS)
            continue
        if said_id is not None and int(said_id, 16) == chain.chain_id and chain.is_running:
            return
        time.sleep(_POLL_SECONDS)
    raise ChainNotReady(chain.client, f"no answer within {ready_seconds:g} s")
