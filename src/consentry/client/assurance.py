"""Levels of assurance."""

from __future__ import annotations

import enum


class Assurance(enum.IntEnum):
    """Level of assurance (eIDAS, Regulation (EU) 910/2014, article 8)."""

    NONE = 0
    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3
