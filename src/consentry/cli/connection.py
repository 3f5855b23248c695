"""Which network a command speaks to, and with whose key."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from consentry.cli.errors import CommandRefused, CommandUnclear

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from eth_typing import ChecksumAddress

    from consentry.client import Network

RpcOption = Annotated[
    Optional[str], typer.Option("--rpc", help="HTTP URL of a node.", metavar="URL", envvar="CONSENTRY_RPC_URL")
]
DirectoryOption = Annotated[
    Optional[str],
    typer.Option(
        "--directory", help="Address of the NetworkDirectory.", metavar="ADDRESS", envvar="CONSENTRY_DIRECTORY"
    ),
]
NetworkOption = Annotated[
    Optional[Path],
    typer.Option(
        "--network",
        help="A file that says both: of the development network, or a manifest (which has no URL).",
        metavar="FILE",
        envvar="CONSENTRY_NETWORK",
    ),
]
KeystoreOption = Annotated[
    Optional[Path],
    typer.Option(
        "--keystore",
        help="Encrypted key; its password stands in CONSENTRY_KEYSTORE_PASSWORD. Without it, the key stands in"
        " CONSENTRY_KEY.",
        metavar="FILE",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]


async def connect(rpc: str | None, directory: str | None, file: Path | None) -> Network:
    """Connect to the network that is meant; what is given by itself goes before what stands in a file.

    Raises:
        CommandUnclear: It is not known which one is meant.
        CommandRefused: The file describes no network.
        ClientError: It cannot be connected to, or is on another chain than the file says.
    """
    from consentry.client import Network

    rpc_url, where, chain_id = where_of(rpc, directory, file)
    if rpc_url is None or where is None:
        missing = "--rpc URL and --directory ADDRESS, or --network FILE" if where is None else "--rpc URL"
        raise CommandUnclear(f"which network is meant is not known; give {missing}")
    return await Network.connect(rpc_url, where, chain_id=chain_id)


def where_of(rpc: str | None, directory: str | None, file: Path | None) -> tuple[str | None, str | None, int | None]:
    """Return the URL of a node, the directory's address and the chain's id, as far as they are given.

    The file's chain id goes with what is taken from the file: none where both others are given by themselves.

    Raises:
        CommandRefused: The file describes no network.
    """
    if file is None or (rpc and directory):
        return rpc or None, directory or None, None
    described = _described(file)
    rpc_url, where, chain_id = described.get("rpc_url"), _directory(described), described.get("chain_id")
    if isinstance(chain_id, bool) or not isinstance(chain_id, int):
        raise CommandRefused(f"{file} describes no network: its 'chain_id' is missing or not a number")
    return (
        rpc or (rpc_url if isinstance(rpc_url, str) else None),
        directory or (where if isinstance(where, str) else None),
        chain_id,
    )


def signer(keystore: Path | None) -> LocalAccount:
    """Return the key that signs; raises as `find_signer`."""
    from consentry.deployment.signer import find_signer

    return find_signer(keystore)


def address(text: str) -> ChecksumAddress:
    """Read an address from the command line.

    Raises:
        CommandRefused: It is none.
    """
    from consentry.client.encoding import read_address
    from consentry.client.errors import ArgumentInvalid

    try:
        return read_address(text)
    except ArgumentInvalid as cause:
        raise CommandRefused(f"'{text}' is {cause}") from cause


def jurisdiction_of(text: str) -> str:
    """Read a jurisdiction from the command line.

    Raises:
        CommandRefused: It is none.
    """
    from consentry.client.encoding import read_jurisdiction
    from consentry.client.errors import ArgumentInvalid

    try:
        return read_jurisdiction(text)
    except ArgumentInvalid as cause:
        raise CommandRefused(f"--jurisdiction: '{text}' is {cause}") from cause


def file_bytes(file: Path) -> bytes:
    """Read a file that the command line names.

    Raises:
        CommandRefused: It cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as cause:
        raise CommandRefused(f"{file} cannot be read: {cause.strerror}") from cause


def write_new(file: Path, text: str) -> None:
    """Write a file that is not there yet.

    Raises:
        CommandRefused: It is there, or cannot be written.
    """
    try:
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text + "\n")
    except OSError as cause:
        raise CommandRefused(f"{file} cannot be written: {cause.strerror}; name another file") from cause


def instant(seconds: int) -> str:
    """Return an instant for people, in UTC."""
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")


def _described(file: Path) -> dict[str, object]:
    try:
        document = json.loads(file_bytes(file))
    except ValueError as cause:
        raise CommandRefused(f"{file} describes no network: it is not JSON") from cause
    if not isinstance(document, dict):
        raise CommandRefused(f"{file} describes no network: it is not a JSON object")
    return document


def _directory(described: dict[str, object]) -> object:
    """Return the directory's address: by itself as of the development network, or in its entry of a manifest."""
    contracts = described.get("contracts")
    entry: object = contracts.get("NetworkDirectory") if isinstance(contracts, dict) else None
    return entry.get("address") if isinstance(entry, dict) else entry
