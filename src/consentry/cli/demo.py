"""`consentry demo`: play the whole story."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer


def demo(
    receipts: Annotated[Path, typer.Option(help="Folder for the receipts.", metavar="FOLDER")] = Path("receipts"),
    people: Annotated[int, typer.Option(min=10, max=1_000_000, help="People in each system of record.")] = 10_000,
    seed: Annotated[int, typer.Option(help="Seed of the invented people.")] = 2026,
    data: Annotated[
        Optional[Path],
        typer.Option(
            help="Folder for the three systems of record, kept and used again; without it they go when the story ends.",
            metavar="FOLDER",
        ),
    ] = None,
    sabotage: Annotated[
        bool, typer.Option("--sabotage", help="Let one share pay one unit more: the money must then not add up.")
    ] = False,
) -> None:
    """Play the whole story on a chain of its own: four exchanges settle, everything else is refused or refunded.

    Needs anvil (npm's @foundry-rs/anvil) and Faker. Ends with 0 if everything is as it must be, else with 1.
    """
    from rich.console import Console

    from consentry.demo.story import main

    raise typer.Exit(main(receipts, people=people, seed=seed, console=Console(), data=data, sabotage=sabotage))
