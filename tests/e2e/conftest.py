"""What the end-to-end tests start from: the command as a user has it, and one story played on a living chain."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from consentry.demo.story import main as play
from consentry.devchain import start_chain

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-c", "from consentry.cli.main import main; main()")
PEOPLE = 200
SEED = 2026


@dataclass(frozen=True)
class Played:
    """A story that was played: how it ended, what it printed, its receipts, and its chain, which still runs."""

    code: int
    printed: str
    receipts: Path
    rpc_url: str

    @property
    def last_line(self) -> str:
        """The last line that it printed."""
        return self.printed.rstrip("\n").rsplit("\n", 1)[-1]


@pytest.fixture(scope="session")
def run_consentry():
    """Run the command `consentry` in a process of its own: a function of its words, where to run it, and what to add to
    an environment that is empty but for PATH, HOME, TMPDIR and PYTHONPATH."""

    def run(*words, cwd=ROOT, **environment):
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "PYTHONPATH") if name in os.environ}
        return subprocess.run(
            [*COMMAND, *map(str, words)],
            cwd=cwd,
            env={**kept, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def played(tmp_path_factory):
    """The story, played once for all tests."""
    receipts = tmp_path_factory.mktemp("receipts")
    with start_chain() as chain:
        printed = io.StringIO()
        console = Console(file=printed, width=200)
        code = play(receipts, people=PEOPLE, seed=SEED, console=console, rpc_url=chain.rpc_url)
        yield Played(code, printed.getvalue(), receipts, chain.rpc_url)
