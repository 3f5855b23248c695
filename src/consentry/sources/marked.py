"""YAML in which everything still knows the line that it stands on.

Every scalar is text, as it is written: a country ``NO`` is not false, a code ``007`` not seven and
``2020-01-01`` not a date. What a text stands for is said by who reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, cast

import yaml

from consentry.sources.errors import MappingFileMissing, MappingInvalid

MAX_BYTES: Final = 256 * 1024
"""Greatest length of a file, in bytes."""

MAX_DEPTH: Final = 32
"""Greatest number of lists and mappings inside one another."""

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"
"""What a document says, without its lines."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A value and where it stands.

    Attributes:
        line: The line that it begins on, from 1 on.
        key_line: The line of the key that leads to it; that of the value itself if none does.
        value: Text, a list, or a mapping by key.
    """

    line: int
    key_line: int
    value: str | tuple[Marked, ...] | Mapping[str, Marked]

    @property
    def text(self) -> str:
        """The value, which is text."""
        return cast(str, self.value)

    @property
    def members(self) -> Mapping[str, Marked]:
        """The value, which is a mapping."""
        return cast("Mapping[str, Marked]", self.value)

    @property
    def elements(self) -> tuple[Marked, ...]:
        """The value, which is a list."""
        return cast("tuple[Marked, ...]", self.value)

    def plain(self) -> Plain:
        """Return the value without its lines."""
        if isinstance(self.value, str):
            return self.value
        if isinstance(self.value, tuple):
            return [element.plain() for element in self.value]
        return {name: member.plain() for name, member in self.value.items()}

    def at(self, path: Iterable[str | int]) -> Marked:
        """Follow names and indexes to a value."""
        here = self
        for part in path:
            here = here.members[part] if isinstance(part, str) else here.elements[part]
        return here


def read_marked(file: Path) -> Marked:
    """Read a YAML file.

    Args:
        file: The file.

    Returns:
        What it says.

    Raises:
        MappingFileMissing: It is not there or cannot be read.
        MappingInvalid: It is not YAML, or YAML of a kind that is not let in: two documents, a key
            that stands twice or is not text, an anchor, a tag.
    """
    name = file.name
    try:
        octets = file.read_bytes()
    except OSError as error:
        raise MappingFileMissing(str(file), error.strerror or "it cannot be opened") from None
    if len(octets) > MAX_BYTES:
        raise MappingInvalid(name, 1, f"the file is longer than {MAX_BYTES} bytes")
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise MappingInvalid(name, line, "the file is not UTF-8: save it as UTF-8") from None
    try:
        _refuse_what_hides(name, text)
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "a character that YAML does not allow"
        line = mark.line + 1 if mark is not None else 1
        raise MappingInvalid(name, line, f"it is not YAML: {problem}") from None
    if root is None:
        raise MappingInvalid(name, 1, "the file is empty")
    return _marked(name, root, root.start_mark.line + 1)


def _refuse_what_hides(name: str, text: str) -> None:
    """Refuse what makes a document mean something else than what is read at a place in it."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise MappingInvalid(name, line, "anchors and aliases are not allowed: write it out")
        if getattr(event, "tag", None) is not None:
            raise MappingInvalid(name, line, "tags are not allowed: remove it")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise MappingInvalid(name, line, f"it is nested deeper than {MAX_DEPTH} levels")


def _marked(name: str, node: yaml.Node, key_line: int) -> Marked:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Marked(line, key_line, str(node.value))
    if isinstance(node, yaml.SequenceNode):
        elements = (_marked(name, one, one.start_mark.line + 1) for one in node.value)
        return Marked(line, key_line, tuple(elements))
    members: dict[str, Marked] = {}
    for key, value in node.value:
        at = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode):
            raise MappingInvalid(name, at, "a key must be text")
        if key.value in members:
            raise MappingInvalid(name, at, f"{key.value} stands twice: remove one")
        members[str(key.value)] = _marked(name, value, at)
    return Marked(line, key_line, members)
