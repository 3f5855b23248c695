"""How long to wait before asking again for what takes a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final

_FIRST_SECONDS: Final = 0.01
_LONGEST_SECONDS: Final = 0.5


def pauses(seconds: float) -> Iterator[float]:
    """Yield pauses, each twice the one before up to half a second, until a span has passed; none goes beyond it.

    Args:
        seconds: The span.
    """
    ends_at, pause = time.monotonic() + seconds, _FIRST_SECONDS
    while (left := ends_at - time.monotonic()) > 0:
        yield min(pause, left)
        pause = min(2 * pause, _LONGEST_SECONDS)
