"""How every check closes: each fault on a line of its own, or one line that says what holds."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def close(check: str, faults: Sequence[str], holds: str) -> int:
    """Print what a check found.

    Args:
        check: Its name.
        faults: One line each.
        holds: What is true when there is none.

    Returns:
        Exit code: 1 if there are faults, else 0.
    """
    for fault in faults:
        print(f"{check}: {fault}", file=sys.stderr)
    if faults:
        return 1
    print(f"{check}: {holds}")
    return 0
