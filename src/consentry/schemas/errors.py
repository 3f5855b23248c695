"""What can be wrong with a schema or a purpose that somebody names.

::

    ConsentryError
    └── SchemaError
        ├── SchemaUnknown           no packaged schema has that URN
        ├── AttributeUnknown        the schema has no attribute of that name
        ├── PurposeUnknown          no packaged purpose has that URN
        ├── PurposeLanguageMissing  the purpose has no text in that language
        └── SchemaFileInvalid       a packaged file is damaged
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from consentry.errors import ConsentryError

_SHOWABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}")


def _shown(name: str) -> str:
    """Write a name for a message; what does not look like one may hide a value."""
    return name if _SHOWABLE.fullmatch(name) else "(an unprintable name)"


class SchemaError(ConsentryError):
    """Base of every error of :mod:`consentry.schemas`."""


class SchemaUnknown(SchemaError):
    """Raised when no packaged schema has a URN.

    Attributes:
        urn: The URN.
        known: The URNs there are.
    """

    def __init__(self, urn: str, known: Iterable[str]) -> None:
        self.urn = urn
        self.known = tuple(sorted(known))
        super().__init__(f"there is no schema {_shown(urn)}: name one of {', '.join(self.known)}")


class AttributeUnknown(SchemaError):
    """Raised when a schema has no attribute of a name.

    Attributes:
        urn: URN of the schema.
        attribute: The name.
    """

    def __init__(self, urn: str, attribute: str, known: Iterable[str]) -> None:
        self.urn = urn
        self.attribute = attribute
        super().__init__(
            f"schema {urn} has no attribute {_shown(attribute)}: it has {', '.join(known)}"
        )


class PurposeUnknown(SchemaError):
    """Raised when no packaged purpose has a URN.

    Attributes:
        urn: The URN.
        known: The URNs there are.
    """

    def __init__(self, urn: str, known: Iterable[str]) -> None:
        self.urn = urn
        self.known = tuple(sorted(known))
        super().__init__(f"there is no purpose {_shown(urn)}: name one of {', '.join(self.known)}")


class PurposeLanguageMissing(SchemaError):
    """Raised when a purpose is not put into words in a language.

    Attributes:
        urn: URN of the purpose.
        language: The language asked for (BCP 47).
    """

    def __init__(self, urn: str, language: str, known: Iterable[str]) -> None:
        self.urn = urn
        self.language = language
        super().__init__(
            f"purpose {urn} has no text in language {_shown(language)}: it has {', '.join(known)}"
        )


class SchemaFileInvalid(SchemaError):
    """Raised when a file that the package carries is not what it should be.

    Attributes:
        file: Name of the file.
        reason: What is wrong with it.
    """

    def __init__(self, file: str, reason: str) -> None:
        self.file = file
        self.reason = reason
        super().__init__(f"packaged file {file} is damaged, {reason}: install consentry again")
