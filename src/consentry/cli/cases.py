"""`consentry case`: open one exchange to a regulator, and read one as a regulator."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from consentry.cli.connection import (
    DirectoryOption,
    NetworkOption,
    RpcOption,
    address,
    connect,
    file_bytes,
    write_new,
)
from consentry.cli.errors import CommandRefused, CommandUnclear
from consentry.cli.receipts import print_verified

if TYPE_CHECKING:
    from consentry.delivery import OneTimeKey

app = typer.Typer(help="One exchange, opened to one regulator.", no_args_is_help=True)

KEY_VARIABLE = "CONSENTRY_DELIVERY_KEY"


@app.command("open")
def open_(
    receipt: Annotated[Path, typer.Argument(help="Receipt of the exchange.", metavar="RECEIPT")],
    regulator: Annotated[str, typer.Option("--regulator", help="Who is to see it.", metavar="ADDRESS")],
    out: Annotated[Path, typer.Option("--out", help="Where to write the case.", metavar="FILE")],
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
) -> None:
    """Encrypt a receipt to the key that a regulator publishes."""
    from consentry.client.cases import open_case
    from consentry.records import Receipt

    who, read = address(regulator), Receipt.parse(file_bytes(receipt))

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            case = await open_case(connected, read, who)
            write_new(out, case.to_bytes().decode("ascii"))

    asyncio.run(run())
    print(f"opened to {who}: {out}")


@app.command("read")
def read(
    file: Annotated[Path, typer.Argument(help="The case.", metavar="FILE")],
    key: Annotated[
        Optional[Path],
        typer.Option(
            "--key",
            help="File with the regulator's X25519 key, in hexadecimal digits. Without it, the key stands in"
            f" {KEY_VARIABLE}.",
            metavar="FILE",
        ),
    ] = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
) -> None:
    """Decrypt a case and check it against the chain.

    With --directory, or --network, it must be of that network; else compare the directory that it prints.
    """
    from consentry.cli.connection import where_of
    from consentry.client.cases import Case, read_case

    opened, own_key = Case.parse(file_bytes(file).strip()), _key(key)
    rpc_url, known, chain_id = where_of(rpc, directory, network)
    if rpc_url is None:
        raise CommandUnclear("which chain is meant is not known; give --rpc URL")
    verified = asyncio.run(read_case(opened, own_key, rpc_url, None if known is None else address(known)))
    if chain_id is not None and verified.receipt.chain_id != chain_id:
        raise CommandRefused(f"the case is of chain {verified.receipt.chain_id}, and {network} describes {chain_id}")
    print_verified(file.name, verified)


def _key(file: Path | None) -> OneTimeKey:
    from consentry.delivery import DeliveryError, OneTimeKey

    text = os.environ.get(KEY_VARIABLE) if file is None else file_bytes(file).decode("ascii", "replace")
    if text is None:
        raise CommandRefused(f"there is no key to decrypt with: give --key FILE, or the key in {KEY_VARIABLE}")
    try:
        return OneTimeKey.from_private_bytes(bytes.fromhex(text.strip().removeprefix("0x")))
    except (ValueError, DeliveryError):
        # Raised without its cause, which may show the key.
        raise CommandRefused(f"{file or KEY_VARIABLE} does not hold a key: 32 bytes in hexadecimal digits") from None
