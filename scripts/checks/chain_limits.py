"""Hold every place from which a chain is started to the limits that public chains have.

    python -m scripts.checks.chain_limits

A contract that is too long for a chain (EIP-170, EIP-3860) deploys all the same where the limit is lifted, and is found
out where it is not. The check fails where a setting or an option that lifts it is named, in any spelling of anvil's,
Ganache's or Brownie's.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from scripts.checks.closing import close

ROOT: Final = Path(__file__).resolve().parents[2]
PLACES: Final = ("scripts", "src", "tests", ".ci", "Makefile", "brownie-config.yaml", "package.json")
SPOKEN_OF: Final = ("scripts/checks/chain_limits.py", "tests/python/checks/test_chain_limits.py")
"""The two files that name what lifts the limits in order to find it."""

_LIFTS: Final = re.compile(
    r"unlimited[-_.]?(?:contract|init[-_.]?code)[-_.]?size|code[-_.]?size[-_.]?limit", re.IGNORECASE
)


def main(words: Sequence[str] | None = None) -> int:
    """Check the places and print every fault.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0 if there is none, else 1.
    """
    parser = argparse.ArgumentParser(description="Check that no chain is started without limits on code size.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    root: Path = parser.parse_args(words).root
    return close("chain-limits", find_faults(root), "every chain keeps its limits on code size")


def find_faults(root: Path) -> list[str]:
    """Return every line that lifts a limit, as file, number and what it says."""
    files = list(_files(root))
    if not files:
        return [f"there is nothing at {', '.join(PLACES)}"]
    faults: list[str] = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8", errors="replace").splitlines(), start=1):
            lifted = _LIFTS.search(line)
            if lifted is not None:
                faults.append(f"{file.relative_to(root)}:{number}: `{lifted.group()}` lifts the limit on code size")
    return faults


def _files(root: Path) -> Iterator[Path]:
    for place in PLACES:
        path = root / place
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            name = file.relative_to(root).as_posix()
            if file.is_file() and "__pycache__" not in name and name not in SPOKEN_OF:
                yield file


if __name__ == "__main__":
    sys.exit(main())
