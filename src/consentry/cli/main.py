"""The command `consentry`.

Exit codes: 0 when everything is as it must be, 1 when something is not (one line says what and how to mend it), 2 for
a command line that cannot be understood.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from consentry import __version__
from consentry.cli import cases, council, demo, deployment, devnet, participants, receipts, sources
from consentry.cli.errors import CommandUnclear
from consentry.errors import ConsentryError

app = typer.Typer(
    name="consentry",
    help="Verified facts about a person, from an institution that knows them, with their consent.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(deployment.app, name="deployment")
app.add_typer(council.app, name="council")
app.add_typer(participants.app, name="participants")
app.add_typer(cases.app, name="case")
app.add_typer(sources.app, name="sources")
app.command("demo")(demo.demo)
app.command("devnet")(devnet.devnet)
app.command("verify-receipt")(receipts.verify_receipt)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        print(f"consentry {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """Verified facts about a person, from an institution that knows them, with their consent."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and end the process with its exit code.

    Args:
        arguments: Words of the command line, or None for the process's own.
    """
    try:
        app(args=None if arguments is None else list(arguments))
    except ConsentryError as error:
        print(f"consentry: {error}", file=sys.stderr)
        sys.exit(2 if isinstance(error, CommandUnclear) else 1)
