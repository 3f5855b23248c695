"""Systems of record as they are found, made for tests and demonstrations. Needs the extra ``dev``."""

from __future__ import annotations

from consentry.sources.generation.generate import Generated, Progress, generate, read_generated
from consentry.sources.generation.people import PEOPLE_FILE, KnownPerson

__all__ = ["PEOPLE_FILE", "Generated", "KnownPerson", "Progress", "generate", "read_generated"]
