"""Run every check and test of the project and close with one line that sums them up.

    python scripts/run_tests.py                      everything, as `make test` does
    python scripts/run_tests.py python contracts     some of: checks, python, contracts, e2e

Two stages run side by side. One compiles and holds the exported files and Brownie's build against each other; then the
contract tests run on anvil and on Ganache, and both must collect the same number. Beside them run the invariants that
forge drives, the checks of scripts/checks, the gas snapshot, Ruff and mypy, the Python and the end-to-end tests. Chains
listen on free ports; what a stage prints is kept in `.cache/test-logs`, and shown if it fails. Nothing is written
outside the project.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

ROOT: Final = Path(__file__).resolve().parents[1]
BIN: Final = ROOT / ".venv" / "bin"
CACHE: Final = ROOT / ".cache"
LOGS: Final = CACHE / "test-logs"
NETWORKS: Final = ROOT / "scripts" / "toolchain" / "networks.yaml"

SUITES: Final = ("checks", "python", "contracts", "e2e")
CHECKS: Final = {"trees": "trees", "hostile-cases": "hostile_cases", "chain-limits": "chain_limits"}
"""Module below scripts/checks by name of its stage."""

CHAINS: Final = ("anvil", "ganache-cli")
EXPORT: Final = "exported-files"
BUILD: Final = "brownie-build"
TALLY: Final = ("-p", "pytest_tally")
"""How pytest leaves a tally of its tests."""

SIDE_BY_SIDE: Final = 2
LONGEST_STAGE_SECONDS: Final = 1_800.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one stage came to.

    Attributes:
        stage: Its name.
        passed: Tests that passed, or 1 for a check that holds.
        failed: Tests that failed, or 1 for a stage that did not get as far as counting.
        skipped: Tests that were skipped.
        collected: Tests that were found, or None for a check.
        chain: What the chain calls itself, or None.
    """

    stage: str
    passed: int
    failed: int
    skipped: int = 0
    collected: int | None = None
    chain: str | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage that is to run.

    Attributes:
        name: Its name.
        run: Runs it.
        after: Name of the stage that has to have ended before, if it is among those that run.
    """

    name: str
    run: Callable[[], Result]
    after: str | None = None


class Runner:
    """Run stages as processes of their own, and end them all when this one is interrupted."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._is_stopped = False

    def check(self, stage: str, *commands: Sequence[str]) -> Result:
        """Run commands one after the other; the stage holds if all of them do.

        Args:
            stage: Name of the stage.
            commands: Program and arguments of each.

        Returns:
            One passed, or one failed.
        """
        log = LOGS / f"{stage}.log"
        log.unlink(missing_ok=True)
        with _announced(stage) as note:
            holds = all(self._run(command, log, _environment()) == 0 for command in commands)
            if holds:
                note.append("holds")
            else:
                note += ["does not hold", *_indented(log)]
        return Result(stage, passed=int(holds), failed=int(not holds))

    def test(self, stage: str, command: Sequence[str], folder: str, environment: Mapping[str, str]) -> Result:
        """Run a folder of tests with what leaves a tally of them: pytest, Brownie before it, or scripts/forge_tests.py.

        Args:
            stage: Name of the stage.
            command: Program and first argument, which stand before the folder, and what stands behind it.
            folder: Tests, from the project's root.
            environment: Of the process.

        Returns:
            The counts. A run that collects nothing, or ends without counting, has failed once.
        """
        log, tally_file = LOGS / f"{stage}.log", LOGS / f"{stage}.json"
        for file in (log, tally_file):
            file.unlink(missing_ok=True)
        with _announced(stage) as note:
            words = [*command[:2], folder, *command[2:], "--tally", str(tally_file)]
            code = self._run(words, log, environment)
            if not tally_file.is_file():
                note += ["ended before it counted its tests", *_indented(log)]
                return Result(stage, passed=0, failed=1)
            tally = json.loads(tally_file.read_text(encoding="utf-8"))
            collected, failed = tally["collected"], tally["failed"]
            if tally["client_version"] is not None:
                note.append(f"on {tally['client_version']}:")
            note.append(f"{collected} collected, {tally['passed']} passed, {failed} failed, {tally['skipped']} skipped")
            if collected == 0:
                note.append(f"(there are no tests in {folder})")
            if code != 0:
                failed = max(failed, 1)
                note.extend(_indented(log))
            return Result(stage, tally["passed"], failed, tally["skipped"], collected, tally["client_version"])

    def stop(self) -> None:
        """End every stage that runs, and let no other begin."""
        with self._lock:
            self._is_stopped = True
            running = list(self._running)
        for process in running:
            _end(process)

    def _run(self, command: Sequence[str], log: Path, environment: Mapping[str, str]) -> int:
        with log.open("ab") as output:
            with self._lock:
                if self._is_stopped:
                    return -1
                process = subprocess.Popen(
                    command,
                    cwd=ROOT,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
                self._running.add(process)
            try:
                return process.wait(LONGEST_STAGE_SECONDS)
            except subprocess.TimeoutExpired:
                output.write(f"\nended after {LONGEST_STAGE_SECONDS:g} s without an end of its own\n".encode())
                return -1
            finally:
                _end(process)
                with self._lock:
                    self._running.discard(process)


def main(words: Sequence[str] | None = None) -> int:
    """Run the suites and print the closing line.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0 if all passed, else 1.
    """
    parser = argparse.ArgumentParser(description="Run the project's checks and tests.")
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"some of {', '.join(SUITES)}; all if none is named")
    options = parser.parse_args(words)
    unknown = sorted(set(options.suites) - set(SUITES))
    if unknown:
        parser.error(f"there is no suite {', '.join(unknown)}; there are {', '.join(SUITES)}")
    suites = frozenset(options.suites or SUITES)
    for folder in (LOGS, CACHE / "tmp", CACHE / "home"):
        folder.mkdir(parents=True, exist_ok=True)
    runner = Runner()
    signal.signal(signal.SIGTERM, _interrupt)
    started = time.monotonic()
    try:
        results = run_side_by_side(list(_stages(runner, suites)), runner.stop)
    except KeyboardInterrupt:
        _say("interrupted")
        return 130
    results += _same_counts(results)
    passed, failed, skipped = (
        sum(getattr(result, kind) for result in results) for kind in ("passed", "failed", "skipped")
    )
    _say(f"all stages ended after {time.monotonic() - started:.0f} s")
    print(f"consentry: {passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""), flush=True)
    return 1 if failed else 0


def run_side_by_side(stages: Sequence[Stage], stop: Callable[[], None]) -> list[Result]:
    """Run stages, two at a time, and return what they came to in the order in which they ended.

    Args:
        stages: Whenever there is room, the first one begins that waits for none that has not ended.
        stop: Ends those that run.

    Raises:
        KeyboardInterrupt: As it came; what ran was ended, and nothing began any more.
    """
    waiting, ended, results = list(stages), set[str](), list[Result]()
    known = {stage.name for stage in stages}
    turn = threading.Condition()

    def ready() -> Stage | None:
        return next((stage for stage in waiting if stage.after not in known - ended), None)

    def work() -> None:
        while True:
            with turn:
                turn.wait_for(lambda: not waiting or ready() is not None)
                stage = ready()
                if stage is None:
                    return
                waiting.remove(stage)
            try:
                results.append(stage.run())
            except BaseException:
                begin_no_more()
                raise
            with turn:
                ended.add(stage.name)
                turn.notify_all()

    def begin_no_more() -> None:
        with turn:
            waiting.clear()
            turn.notify_all()

    with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
        workers = [pool.submit(work) for _ in range(SIDE_BY_SIDE)]
        try:
            for worker in workers:
                worker.result()
        except BaseException:
            begin_no_more()
            stop()
            raise
    return results


def _stages(runner: Runner, suites: frozenset[str]) -> Iterator[Stage]:
    """Return the stages of some suites: what others wait for and what takes longest first."""
    python, brownie = str(BIN / "python"), str(BIN / "brownie")

    def check(name: str, *commands: Sequence[str], after: str | None = None) -> Stage:
        return Stage(name, lambda: runner.check(name, *commands), after)

    def test(
        name: str, command: Sequence[str], folder: str, chain: str | None = None, after: str | None = None
    ) -> Stage:
        def run() -> Result:
            environment = _environment() if chain is None else _brownie_environment(chain)
            return runner.test(name, command, folder, environment)

        return Stage(name, run, after)

    if suites & {"checks", "contracts", "e2e"}:
        export = [python, "scripts/export_abi.py"]
        yield check(EXPORT, [*export, "--check"])
        # All of it, from the compiler's kept output: what Brownie compiles anew by itself has other bytecode.
        yield check(BUILD, [brownie, "compile", "--all"], [*export, "--check-build"], after=EXPORT)
    if "checks" in suites:
        for name, module in CHECKS.items():
            yield check(name, [python, "-m", f"scripts.checks.{module}"])
        yield check("gas-snapshot", [python, "scripts/gas_snapshot.py", "--check"])
        yield check("ruff", [str(BIN / "ruff"), "check", "src", "scripts", "tests"])
        yield check("mypy", [str(BIN / "mypy")])
    pytest = [python, "-mpytest", "-q", *TALLY]

    def contracts(chain: str) -> Stage:
        command = [brownie, "test", "--network", chain, *TALLY]
        return test(f"contracts-{chain}", command, "tests/contracts", chain, after=BUILD)

    # The quick ones come last, so that both sides end together.
    anvil, ganache = CHAINS
    if "contracts" in suites:
        yield contracts(ganache)
    if "python" in suites:
        yield test("python", pytest, "tests/python")
    if "e2e" in suites:
        yield test("e2e", pytest, "tests/e2e", after=BUILD)
    if "contracts" in suites:
        yield contracts(anvil)
        yield test("forge", [python, "-mscripts.forge_tests"], "tests/forge", after=EXPORT)


def _same_counts(results: Sequence[Result]) -> list[Result]:
    """Compare what the contract tests collected on each chain; a test that one chain hides is a failure."""
    runs = [result for result in results if result.stage.startswith("contracts-")]
    if not runs:
        return []
    counts = ", ".join(f"{run.collected} on {run.chain or run.stage}" for run in runs)
    are_same = len(runs) == len(CHAINS) and len({run.collected for run in runs}) == 1
    _say(f"contract tests collected: {counts}" + ("" if are_same else "; they must be equal"))
    return [Result("same-counts", passed=int(are_same), failed=int(not are_same))]


def _environment() -> dict[str, str]:
    """Return the environment of a stage: home and temporary files inside the project."""
    return {
        **os.environ,
        "HOME": str(CACHE / "home"),
        "TMPDIR": str(CACHE / "tmp"),
        "PYTHONPATH": str(ROOT / "scripts" / "checks"),
        "PYTHONUNBUFFERED": "1",
    }


def _brownie_environment(chain: str) -> dict[str, str]:
    """Return the environment of a Brownie run whose chain listens on a port that is free now.

    Where something listens already, Brownie would take it for the chain and test on it.
    """
    home = CACHE / "test-home" / chain
    data = home / ".brownie"
    data.mkdir(parents=True, exist_ok=True)
    networks = yaml.safe_load(NETWORKS.read_text(encoding="utf-8"))
    for network in networks["development"]:
        network["cmd_settings"] = {**network["cmd_settings"], "port": _free_port()}
    (data / "network-config.yaml").write_text(yaml.safe_dump(networks, sort_keys=False), encoding="utf-8")
    return {**_environment(), "BROWNIE_HOME": str(home)}


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all that it started: ask first, then insist."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


@contextmanager
def _announced(stage: str) -> Iterator[list[str]]:
    _say(f"{stage} begins")
    started = time.monotonic()
    note: list[str] = []
    yield note
    head, *rest = note or [""]
    while rest and not rest[0].startswith("    "):
        head += f" {rest.pop(0)}"
    _say("\n".join([f"{stage} {head} ({time.monotonic() - started:.0f} s)", *rest]))


def _indented(log: Path) -> list[str]:
    text = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)
    return [f"    {line}" for line in plain.splitlines()]


def _say(text: str) -> None:
    print(f"test: {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
