"""An escrow that does as it is told: see contracts/mocks/PuppetEscrow.sol."""

from __future__ import annotations

import enum


class Answer(enum.IntEnum):
    """What becomes of a call by the consent token; as in the contract."""

    PROPER = 0
    REFUSAL = 1
    HUNGER = 2
    NOTHING = 3
    WORD = 4
