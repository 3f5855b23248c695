"""The development network: what a developer of a wallet or a backend, in any language, works against."""

from __future__ import annotations

import asyncio
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eth_account.signers.local import LocalAccount
from rich.console import Console
from rich.table import Table

from consentry.demo.bring_up import PROVIDED, BroughtUp, bring_up, delivery_key_of, issuer_key_of
from consentry.demo.cast import DEPLOYER, GUARDIAN, MEMBERS, REGULATOR, STRANGER, TREASURER, Member
from consentry.demo.governance import Step, pass_time_to
from consentry.demo.narration import roles_of
from consentry.deployment import manifest_path
from consentry.deployment.files import JsonValue, write_json
from consentry.devchain import DevChain, start_chain

HEAD_START_SECONDS = 86_400
"""More than the votes of the bring-up take."""

OPERATORS = {
    "guardian": GUARDIAN,
    "treasurer": TREASURER,
    "deployer": DEPLOYER,
    "stranger": STRANGER,
}
"""Accounts that are no participants, by what they do."""


def serve(port: int, file: Path, console: Console) -> int:
    """Bring a network up on a local chain, describe it in a file, and serve it until interrupted.

    Its manifest stands beside the description, under the name by custom, so that the network can be verified.

    Args:
        port: TCP port on 127.0.0.1.
        file: Takes the description while the network is up; removed at the end. So is the manifest, and a former one
            of the same name, of a chain that bears the same id, is put back.
        console: Where to print.

    Returns:
        0 when it was interrupted.

    Raises:
        ConsentryError: The chain cannot be started, or the network cannot be brought up.
    """
    # Votes take their time: the chain begins early enough to have come to the present when they are over.
    began_at = int(time.time()) - HEAD_START_SECONDS
    with _interruption() as is_interrupted, start_chain(port=port, genesis_at=began_at) as chain:
        console.print(f"chain {chain.chain_id} is up; deploying, admitting, accrediting…", highlight=False)
        manifest = manifest_path(chain.chain_id, file.parent)
        former = manifest.read_bytes() if manifest.exists() else None
        try:
            asyncio.run(_bring_up(chain, file, is_interrupted, console))
            while chain.is_running and not is_interrupted.wait(0.5):
                pass
            if not chain.is_running:
                console.print("the chain ended by itself; start again", highlight=False)
                return 1
        finally:
            file.unlink(missing_ok=True)
            manifest.unlink(missing_ok=True)
            if former is not None:
                manifest.write_bytes(former)
    console.print("devnet: ended; nothing is left behind", highlight=False)
    return 0


async def _bring_up(chain: DevChain, file: Path, is_interrupted: threading.Event, console: Console) -> None:
    def stop_if_interrupted(_: Step) -> None:
        if is_interrupted.is_set():
            raise KeyboardInterrupt

    with tempfile.TemporaryDirectory(prefix="consentry-devnet-") as scratch:
        brought_up = await bring_up(chain.rpc_url, Path(scratch), stop_if_interrupted)
        await pass_time_to(brought_up.network, int(time.time()))
        await brought_up.network.close()
    brought_up.manifest.write(manifest_path(chain.chain_id, file.parent))
    write_json(file, describe(chain.rpc_url, brought_up))
    _print(chain, file, brought_up, console)


def describe(rpc_url: str, brought_up: BroughtUp) -> dict[str, JsonValue]:
    """Return the description of a network that is up, as it stands in the file.

    Addresses have their checksum; keys are 0x-prefixed hexadecimal digits of well-known development keys.
    """
    return {
        "rpc_url": rpc_url,
        "chain_id": brought_up.manifest.chain_id,
        "contracts": {name: contract.address for name, contract in brought_up.manifest.contracts.items()},
        "participants": [_participant(member) for member in MEMBERS],
        "operators": {name: _account(key) for name, key in OPERATORS.items()},
    }


def _participant(member: Member) -> dict[str, JsonValue]:
    described: dict[str, JsonValue] = {
        "name": member.name,
        "roles": [role.name.lower() for role in type(member.roles) if role in member.roles and role.name],
        **_account(member.key),
    }
    if member in {provider for provider, _ in PROVIDED}:
        described["issuer_key"] = "0x" + issuer_key_of(member).to_seed().hex()
    if member is REGULATOR:
        described["delivery_key"] = "0x" + delivery_key_of(member).to_private_bytes().hex()
    return described


def _account(key: LocalAccount) -> dict[str, JsonValue]:
    return {"address": key.address, "key": "0x" + bytes(key.key).hex()}


def _print(chain: DevChain, file: Path, brought_up: BroughtUp, console: Console) -> None:
    table = Table(title="Well-known development keys: anyone can sign with them", title_justify="left")
    for column in ("name", "roles", "address", "key"):
        table.add_column(column, no_wrap=column in ("address", "key"))
    for member in MEMBERS:
        account = _account(member.key)
        table.add_row(member.name, roles_of(member), str(account["address"]), str(account["key"]))
    for name, key in OPERATORS.items():
        account = _account(key)
        table.add_row(name, "", str(account["address"]), str(account["key"]))
    Console(file=console.file, width=max(console.width, 190)).print(table)
    for line in (
        f"rpc        {chain.rpc_url}",
        f"chain id   {chain.chain_id}",
        f"directory  {brought_up.manifest.address('NetworkDirectory')}",
        f"described  {file}",
        f"manifest   {manifest_path(chain.chain_id, file.parent)}",
        "devnet: ready; interrupt (Ctrl-C) to end",
    ):
        console.print(line, highlight=False, soft_wrap=True)


@contextmanager
def _interruption() -> Iterator[threading.Event]:
    """Turn the signals that end a program into an event, so that everything is put away in order."""
    is_interrupted = threading.Event()

    def interrupt(number: int, frame: object) -> None:
        if is_interrupted.is_set():  # asked twice: now
            raise KeyboardInterrupt
        is_interrupted.set()

    former = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield is_interrupted
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
