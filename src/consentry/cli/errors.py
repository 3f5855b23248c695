"""What the command itself refuses."""

from __future__ import annotations

from consentry.errors import ConsentryError


class CommandRefused(ConsentryError):
    """Something that the command was given, or was not, so that it cannot do what it is asked."""


class CommandUnclear(CommandRefused):
    """A command line that does not say what is to be done: a word is missing, or two contradict each other."""
