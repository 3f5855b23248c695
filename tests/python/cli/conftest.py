"""The command in this process, without a network: `run` is a function of its words, to how it ended."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from consentry.cli.main import main
from consentry.devchain import development_account


@dataclass(frozen=True)
class Ended:
    """How the command ended: its exit code, and what it printed."""

    code: int
    stdout: str
    stderr: str


@pytest.fixture
def run(monkeypatch, capsys):
    """Run the command with a key to sign with, and nothing else in its environment."""
    for name in ("CONSENTRY_RPC_URL", "CONSENTRY_DIRECTORY", "CONSENTRY_NETWORK"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CONSENTRY_KEY", "0x" + bytes(development_account(0).key).hex())

    def call(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        printed = capsys.readouterr()
        return Ended(ended.value.code or 0, printed.out, printed.err)

    return call
