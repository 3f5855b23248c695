"""Write what a pytest run came to into a file: `pytest -p pytest_tally --tally FILE`.

Counts tests, not reports: a test that fails in its call and again in its teardown has failed once. Under Brownie the
chain that the tests ran on is named too, as it names itself (`web3_clientVersion`).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

_WORST_FIRST = ("failed", "skipped", "passed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the file."""
    parser.addoption("--tally", required=True, type=Path, help="file that takes the counts, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    """Count this run."""
    config.pluginmanager.register(_Tally(config.getoption("--tally")), "consentry-tally")


class _Tally:
    def __init__(self, file: Path) -> None:
        self._file = file
        self._collected = 0
        self._outcomes: dict[str, str] = {}
        self._client_version: str | None = None
        self._broken_modules = 0

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._broken_modules += report.failed

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._collected = len(session.items)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._client_version is None and report.when == "call":
            self._client_version = _client_version()
        known = self._outcomes.get(report.nodeid, "passed")
        if report.when == "call" or report.outcome != "passed":
            self._outcomes[report.nodeid] = min(known, report.outcome, key=_WORST_FIRST.index)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        outcomes = list(self._outcomes.values())
        tally = {outcome: outcomes.count(outcome) for outcome in _WORST_FIRST}
        tally["failed"] += self._broken_modules
        written = {"collected": self._collected, "client_version": self._client_version, **tally}
        self._file.write_text(json.dumps(written) + "\n", encoding="utf-8")


def _client_version() -> str | None:
    brownie = sys.modules.get("brownie")
    if brownie is None or not brownie.web3.isConnected():
        return None
    return str(brownie.web3.client_version)
