"""What runs forge: a test that fails, a suite that reached too little and a report that is none fail the run."""

from __future__ import annotations

import json
import platform
import stat
from collections import Counter
from pathlib import Path

import pytest

from consentry.deployment import load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS, steps_of
from scripts import forge_tests
from scripts.forge_tests import LEAST_OF_EACH, ForgeError

NOTED = '{{"suite": "SomeInvariants", "kind": "vote", "times": {}}}\n'


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep what is written apart."""
    monkeypatch.setattr(forge_tests, "WORK", tmp_path)
    monkeypatch.setattr(forge_tests, "NETWORK", tmp_path / "network.json")
    monkeypatch.setattr(forge_tests, "REACHED", tmp_path / "reached.jsonl")
    return tmp_path


def stand_in(work: Path, monkeypatch: pytest.MonkeyPatch, report: str, times: int, code: int = 0) -> None:
    """Let a script stand where forge would, which notes what was reached and prints a report."""
    program = work / "forge"
    noted = NOTED.format(times)
    program.write_text(f"#!/bin/sh\nprintf '%s' '{noted}' > {work}/reached.jsonl\necho '{report}'\nexit {code}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(forge_tests, "forge", lambda: program)


def report_of(status: str, reason: str | None = None) -> str:
    """Return forge's report on one suite with one invariant."""
    steps = [{"func_name": "vote", "raw_args": "7"}, {"func_name": "execute", "raw_args": "8"}]
    result = {"status": status, "reason": reason, "counterexample": {"Sequence": [2, steps]} if reason else None}
    return json.dumps({"tests/forge/Some.t.sol:SomeInvariants": {"test_results": {"invariant_some()": result}}})


def tally_of(work: Path) -> tuple[int, dict[str, int]]:
    """Run the tests; exit code and tally."""
    tally = work / "tally.json"
    code = forge_tests.main(["tests/forge", "--tally", str(tally)])
    return code, json.loads(tally.read_text())


def test_counts_a_test_and_the_reach_of_its_suite_when_both_hold(work: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(work, monkeypatch, report_of("Success"), LEAST_OF_EACH)

    code, tally = tally_of(work)

    assert code == 0
    assert (tally["collected"], tally["passed"], tally["failed"]) == (2, 2, 0)


def test_fails_and_says_why_when_an_invariant_does_not_hold(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(work, monkeypatch, report_of("Failure", "InvariantBroken(4, another seat)"), LEAST_OF_EACH, code=1)

    code, tally = tally_of(work)

    assert code == 1
    assert (tally["passed"], tally["failed"]) == (1, 1)
    steps = "\n    1. vote(7)\n    2. execute(8)\n"
    assert f"SomeInvariants.invariant_some: failed: InvariantBroken(4, another seat){steps}" in capsys.readouterr().out


def test_fails_when_a_kind_of_step_was_taken_too_seldom(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(work, monkeypatch, report_of("Success"), LEAST_OF_EACH - 1)

    code, tally = tally_of(work)

    assert code == 1
    assert (tally["passed"], tally["failed"]) == (1, 1)
    assert "SomeInvariants.reach: failed: fewer than 5 of vote" in capsys.readouterr().out


def test_fails_when_a_suite_says_nothing_of_what_it_reached() -> None:
    assert dict(forge_tests.reach_outcomes(["SomeInvariants.invariant_some"], {})) == {
        "SomeInvariants.reach": "reached nothing"
    }


def test_fails_when_a_suite_holds_no_tests() -> None:
    assert dict(forge_tests.outcomes_of({"Some.t.sol:Some": {"test_results": {}}})) == {
        "Some.t.sol:Some": "holds no tests"
    }


def test_leaves_no_tally_when_forge_ends_without_a_report(
    work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stand_in(work, monkeypatch, "Compiler run failed", LEAST_OF_EACH, code=1)

    assert forge_tests.main(["tests/forge", "--tally", str(work / "tally.json")]) == 1
    assert "forge: ended with 1 and no report" in capsys.readouterr().err
    assert not (work / "tally.json").exists()


def test_names_what_is_missing_when_there_is_no_forge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "vax")

    with pytest.raises(ForgeError, match=r"forge-\w+-vax/bin/forge is not there; run `make setup`"):
        forge_tests.forge()


def test_sums_up_what_was_reached_over_all_runs() -> None:
    assert forge_tests.reached_in(NOTED.format(2) + NOTED.format(3)) == {"SomeInvariants": Counter(vote=5)}


def test_replays_every_transaction_of_a_deployment_and_tries_every_guarded_function() -> None:
    parameters = load_parameters()

    network = forge_tests.network_of(parameters)

    steps = steps_of(parameters, network["deployer"], 0)
    assert network["datas"] == ["0x" + step.data.hex() for step in steps]
    assert network["targets"] == [step.address for step in steps]
    assert sum(network["creates"]) == len(CONTRACTS)
    privileged = sum(len(load_artifact(contract).privileged) for contract in CONTRACTS)
    assert len(network["guardedCalls"]) == privileged > 40
