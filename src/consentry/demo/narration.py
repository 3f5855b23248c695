"""What the story prints as it goes."""

from __future__ import annotations

from collections.abc import Mapping

from eth_typing import ChecksumAddress
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from consentry.client.credit import UNITS_PER_CREDIT
from consentry.client.identities import Role
from consentry.demo.cast import MEMBERS, Member
from consentry.demo.money import Money
from consentry.records import JsonValue


class Narrator:
    """Prints who did what with gas and fee. The story's people are invented, so their claims may be shown."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.gas_used = 0

    def act(self, title: str) -> None:
        """Begin an act."""
        self._console.print(f"\n[bold]{title}[/bold]")

    def step(self, who: str, what: str, *, gas: int = 0, fee: int = 0) -> None:
        """Tell a step.

        Args:
            who: Who acted.
            what: What they did.
            gas: Gas units of the transaction, if there was one.
            fee: Token units that left a prepaid balance; negative when they came back.
        """
        self.gas_used += gas
        cost = f"{gas:>9,} gas" if gas else " " * 13
        paid = f"{credits_of(fee):>7}" if fee else " " * 7
        line = f"  [cyan]{who:<22}[/cyan] [dim]{cost} {paid}[/dim]  {escape(what)}"
        self._console.print(line, highlight=False, soft_wrap=True)

    def claims(self, claims: Mapping[str, JsonValue]) -> str:
        """Return invented claims as one line."""
        return ", ".join(f"{name}={_plain(value)}" for name, value in claims.items())

    def balances(self, before: Money, after: Money) -> None:
        """Print every participant's balance before and after."""
        table = Table(title="Balances in network credit", title_justify="left")
        table.add_column("participant")
        table.add_column("roles")
        for column in ("before", "after", "change"):
            table.add_column(column, justify="right")
        for member in MEMBERS:
            first, last = before.balances[member.identity].total, after.balances[member.identity].total
            table.add_row(
                member.name,
                roles_of(member),
                credits_of(first),
                credits_of(last),
                credits_of(last - first, signed=True),
            )
        table.add_row("hosts, undivided", "", credits_of(before.undivided), credits_of(after.undivided), "")
        table.add_row("all there is", "", credits_of(before.supply), credits_of(after.supply), "")
        self._console.print()
        self._console.print(table)

    def line(self, text: str) -> None:
        """Print a line as it is."""
        self._console.print(text, highlight=False, markup=False, soft_wrap=True)


def roles_of(member: Member) -> str:
    """Return a member's roles in words."""
    names = [role.name.lower().replace("_", " ") for role in Role if role in member.roles and role.name]
    return ", ".join((["founder"] if member.founder else []) + names)


def credits_of(units: int, *, signed: bool = False) -> str:
    """Return token units as network credit with all six decimals that are not zero, two at least."""
    whole, part = divmod(abs(units), UNITS_PER_CREDIT)
    decimals = f"{part:06d}".rstrip("0").ljust(2, "0")
    sign = "-" if units < 0 else "+" if signed and units else ""
    return f"{sign}{whole:,}.{decimals}"


def names_by_identity() -> dict[ChecksumAddress, str]:
    """Return the participants' names by their addresses."""
    return {member.identity: member.name for member in MEMBERS}


def _plain(value: JsonValue) -> str:
    if isinstance(value, Mapping):
        return ", ".join(str(member) for member in value.values())
    return str(value)
