"""`consentry sources`: systems of record, made and checked."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Systems of record and their mappings.", no_args_is_help=True)


@app.command("generate")
def generate(
    folder: Annotated[Path, typer.Argument(help="Where to write.", metavar="FOLDER")],
    people: Annotated[int, typer.Option(min=10, max=1_000_000, help="People in each system of record.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same people.")] = 2026,
    replace: Annotated[bool, typer.Option("--replace", help="Write over what is there.")] = False,
) -> None:
    """Invent a bank's, a licence office's and a utility's systems of record, as SQLite files. Needs Faker."""
    from rich.progress import Progress, TaskID

    from consentry.sources.generation import generate as generate_sources

    with Progress(transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def report(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done)

        made = generate_sources(folder, people=people, seed=seed, replace=replace, progress=report)
    for file in (made.bank, made.licence_office, made.utility):
        print(file)


@app.command("check")
def check(
    mapping: Annotated[Path, typer.Argument(help="YAML mapping of columns to attributes.", metavar="MAPPING")],
    database: Annotated[str, typer.Option(help="URL of the database, as SQLAlchemy writes it.", metavar="URL")],
) -> None:
    """Check that a mapping fits its database: every table, column and attribute that it names is there."""
    from consentry.sources import SqlSource

    async def open_and_close() -> None:
        source = await SqlSource.open(database, mapping)
        await source.close()

    asyncio.run(open_and_close())
    print(f"{mapping} fits the database")
