"""`consentry devnet`: a local network to develop against."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def devnet(
    port: Annotated[int, typer.Option(min=1, max=65_535, help="TCP port on 127.0.0.1.")] = 8545,
    file: Annotated[
        Path,
        typer.Option(help="Describes the network while it is up; its manifest stands beside it.", metavar="FILE"),
    ] = Path("deployments/devnet.json"),
) -> None:
    """Serve a network with everything deployed, everyone admitted and accredited, and balances in place.

    Describes itself in a file, serves until interrupted, and leaves nothing behind. Needs anvil.
    """
    from rich.console import Console

    from consentry.demo.devnet import serve

    raise typer.Exit(serve(port, file, Console()))
