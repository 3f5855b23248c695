"""What runs the tests: a stage that fails, hides tests or never counts them fails the whole run."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

from scripts import run_tests
from scripts.run_tests import Result, Runner, Stage

PYTEST = (
    *(sys.executable, "-mpytest", "-q", "-p", "no:cacheprovider", "--rootdir", "/", "-c", os.devnull),
    *run_tests.TALLY,
)


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """A runner whose logs are kept apart."""
    monkeypatch.setattr(run_tests, "LOGS", tmp_path)
    return Runner()


def run_pytest(runner: Runner, folder: Path, *tests: str) -> Result:
    """Run tests, given as bodies of functions, as a stage."""
    folder.mkdir()
    source = "import pytest\n\n" + "\n".join(f"def test_{number}():\n    {body}\n" for number, body in enumerate(tests))
    (folder / "test_some.py").write_text(source)
    checks = str(run_tests.ROOT / "scripts" / "checks")
    environment = {**os.environ, "PYTHONPATH": checks, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return runner.test("some", PYTEST, str(folder), environment)


def test_holds_when_every_command_of_a_check_ends_well(runner: Runner) -> None:
    assert runner.check("some", ["true"], ["true"]) == Result("some", passed=1, failed=0)


def test_fails_a_check_when_one_command_fails(
    runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = tmp_path / "done"
    say = [sys.executable, "-c", "import sys; sys.exit('the tree has no leaf')"]

    assert runner.check("some", say, ["touch", str(done)]) == Result("some", passed=0, failed=1)
    assert "    the tree has no leaf" in capsys.readouterr().out
    assert not done.exists()


def test_counts_tests_when_they_pass_fail_and_are_skipped(runner: Runner, tmp_path: Path) -> None:
    result = run_pytest(runner, tmp_path / "tests", "pass", "assert 1 == 2", "pytest.skip()", "pass")

    assert (result.collected, result.passed, result.failed, result.skipped) == (4, 2, 1, 1)


def test_fails_a_stage_when_there_are_no_tests(runner: Runner, tmp_path: Path) -> None:
    result = run_pytest(runner, tmp_path / "tests")

    assert (result.collected, result.passed, result.failed) == (0, 0, 1)


def test_fails_a_stage_when_a_module_cannot_be_read(runner: Runner, tmp_path: Path) -> None:
    result = run_pytest(runner, tmp_path / "tests", "pass", "this is no Python")

    assert result.failed == 1


def test_fails_a_stage_when_it_ends_before_it_counted(
    runner: Runner, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    result = run_pytest(runner, tmp_path / "tests", "__import__('os')._exit(0)")

    assert result == Result("some", passed=0, failed=1)
    assert "ended before it counted its tests" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("runs", "failed"),
    [
        ([Result("contracts-anvil", 5, 0, 0, 5, "anvil"), Result("contracts-ganache-cli", 5, 0, 0, 5, "Ganache")], 0),
        ([Result("contracts-anvil", 5, 0, 0, 5, "anvil"), Result("contracts-ganache-cli", 4, 0, 0, 4, "Ganache")], 1),
        ([Result("contracts-anvil", 5, 0, 0, 5, "anvil")], 1),
    ],
)
def test_compares_what_was_collected_when_contracts_ran_on_both_chains(runs: list[Result], failed: int) -> None:
    (result,) = run_tests._same_counts([Result("python", 3, 0, 0, 3), *runs])

    assert (result.passed, result.failed) == (1 - failed, failed)


def test_runs_two_stages_side_by_side_and_each_after_what_it_waits_for() -> None:
    begun: list[str] = []
    both_run = threading.Barrier(2, timeout=10)

    def stage(name: str, after: str | None = None, *, meets: bool = False) -> Stage:
        def run() -> Result:
            begun.append(name)
            if meets:
                both_run.wait()
            return Result(name, passed=1, failed=0)

        return Stage(name, run, after)

    results = run_tests.run_side_by_side(
        [
            stage("compile", meets=True),
            stage("contracts", after="compile"),
            stage("python", meets=True),
            stage("e2e", after="nothing that runs"),
        ],
        stop=lambda: None,
    )

    assert {result.stage for result in results} == {"compile", "contracts", "python", "e2e"}
    assert set(begun[:2]) == {"compile", "python"}
    assert begun.index("compile") < begun.index("contracts")


def test_ends_what_runs_and_begins_nothing_more_when_it_is_interrupted() -> None:
    seen: list[str] = []
    runs, is_stopped = threading.Event(), threading.Event()

    def long() -> Result:
        runs.set()
        seen.append("ended" if is_stopped.wait(10) else "was left to run")
        return Result("long", passed=0, failed=1)

    def interrupted() -> Result:
        assert runs.wait(10)
        raise KeyboardInterrupt

    def late() -> Result:
        seen.append("began late")
        return Result("late", passed=1, failed=0)

    with pytest.raises(KeyboardInterrupt):
        run_tests.run_side_by_side(
            [Stage("interrupted", interrupted), Stage("long", long), Stage("late", late)], is_stopped.set
        )

    assert seen == ["ended"]


def test_runs_contract_tests_and_the_invariants_once_what_they_deploy_is_compiled(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders: dict[str, str] = {}

    def note(self: Runner, stage: str, command: list[str], folder: str, environment: dict[str, str]) -> Result:
        folders[stage] = folder
        return Result(stage, passed=1, failed=0)

    monkeypatch.setattr(Runner, "test", note)
    stages = {stage.name: stage for stage in run_tests._stages(runner, frozenset({"contracts"}))}

    assert stages["forge"].after == run_tests.EXPORT
    assert {stages[f"contracts-{chain}"].after for chain in run_tests.CHAINS} == {run_tests.BUILD}
    assert stages["forge"].run() == Result("forge", passed=1, failed=0)
    assert folders == {"forge": "tests/forge"}


def test_every_check_of_the_folder_is_a_stage(runner: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    commands: list[str] = []

    def note(self: Runner, stage: str, *given: list[str]) -> Result:
        commands.extend(" ".join(command) for command in given)
        return Result(stage, passed=1, failed=0)

    monkeypatch.setattr(Runner, "check", note)

    assert run_tests.main(["checks"]) == 0
    checks = [file for file in (run_tests.ROOT / "scripts" / "checks").glob("*.py") if "def main(" in file.read_text()]
    assert len(checks) >= 3
    for file in checks:
        assert any(command.endswith(f"-m scripts.checks.{file.stem}") for command in commands), file.stem
    commands_of_tools = ("ruff check src scripts tests", "mypy", "gas_snapshot.py --check", "export_abi.py --check")
    for tool in (*commands_of_tools, "brownie compile --all", "export_abi.py --check-build"):
        assert any(command.endswith(tool) for command in commands), tool
