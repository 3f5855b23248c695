"""Systems of record as they are found, made for tests and demonstrations. Needs the extra ``dev``."""

from __future__ import annotations

from consentry.sources.generation.generate import Generated, Progress, generate
from consentry.sources.generation.people import KnownPerson, read_people

__all__ = ["Generated", "KnownPerson", "Progress", "generate", "read_people"]
