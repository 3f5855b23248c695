"""The gas figures: fresh in this checkout, and a check that fails on any one that differs or is above its limit."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from consentry.devchain import ChainNotReady
from scripts import gas_snapshot
from scripts.gas_snapshot import LIMITS, GasError, Measurement

ROWS = {
    "consent.grant": 80_000,
    "consent.withdraw": 40_000,
    "exchange.accept": 50_000,
    "exchange.batch.100": 17_000,
    "exchange.batch.250": 16_000,
    "exchange.deliver": 40_000,
    "exchange.fund": 110_000,
    "exchange.single": 130_000,
    "exchange.stepwise": 200_000,
}


def measurement_of(*, chain_client="anvil/v1.7.1", runs=10_000, **changes):
    """Return what would have been measured, with some figures changed (`__` for the dot; None for no such row)."""
    gas = {**ROWS, **{row.replace("__", "."): figure for row, figure in changes.items()}}
    measured = {row: figure for row, figure in gas.items() if figure is not None}
    return Measurement(measured, chain_client, {"version": "0.8.37", "optimizer": {"runs": runs}})


@pytest.fixture
def snapshot(tmp_path, monkeypatch):
    """A file that stands in the snapshot's place, written from what was measured."""
    file = tmp_path / "gas.json"
    monkeypatch.setattr(gas_snapshot, "SNAPSHOT", file)
    file.write_text(measurement_of().text())
    return file


@pytest.fixture
def measured(monkeypatch):
    """Choose what is measured: a function of a measurement."""
    return lambda measurement: monkeypatch.setattr(gas_snapshot, "measure", lambda: measurement)


def test_is_fresh_and_within_limits(capsys):
    assert gas_snapshot.main(["--check"]) == 0, capsys.readouterr().err
    document = json.loads(gas_snapshot.SNAPSHOT.read_text())
    gas = document["gas"]
    assert ROWS.keys() <= gas.keys()
    assert gas["exchange.stepwise"] == gas["exchange.fund"] + gas["exchange.deliver"] + gas["exchange.accept"]
    assert document["hard_fork"] == "shanghai"
    assert document["chain_client"].startswith("anvil/")
    assert document["compiler"]["version"].startswith("0.8.37")


def test_limits_are_what_docs_gas_states():
    assert LIMITS == {
        "consent.grant": 92_000,
        "exchange.stepwise": 200_000,
        "exchange.single": 135_000,
        "exchange.batch.100": 18_500,
        "exchange.batch.250": 18_000,
    }


def test_writes_what_was_measured(snapshot, measured, capsys):
    measured(measurement_of(consent__grant=81_000))
    assert gas_snapshot.main([]) == 0
    assert json.loads(snapshot.read_text())["gas"] == {**ROWS, "consent.grant": 81_000}
    assert "consent.grant                         81,000  (at most 92,000)" in capsys.readouterr().out
    assert gas_snapshot.main(["--check"]) == 0


@pytest.mark.parametrize("row", ROWS)
def test_fails_when_a_figure_in_the_file_is_changed(snapshot, measured, capsys, row):
    measured(measurement_of())
    assert gas_snapshot.main(["--check"]) == 0
    document = json.loads(snapshot.read_text())
    document["gas"][row] += 1
    snapshot.write_text(json.dumps(document))
    changed = snapshot.read_text()
    assert gas_snapshot.main(["--check"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(f"gas: gas.json says {row} {ROWS[row] + 1} (measured {ROWS[row]}); ")
    assert snapshot.read_text() == changed


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"exchange__fund": 109_999}, "exchange.fund 110000 (measured 109999)"),
        ({"exchange__fund": None}, "exchange.fund 110000 (measured None)"),
        ({"escrow__deposit": 64_000}, "escrow.deposit None (measured 64000)"),
        (
            {"consent__grant": 1, "exchange__fund": 2},
            "consent.grant 80000 (measured 1), exchange.fund 110000 (measured 2)",
        ),
    ],
    ids=["a figure", "a row less", "a row more", "two figures"],
)
def test_fails_when_something_else_is_measured(snapshot, measured, capsys, changes, said):
    measured(measurement_of(**changes))
    assert gas_snapshot.main(["--check"]) == 1
    assert f"gas.json says {said}; if that is meant, run `make snapshots`" in capsys.readouterr().err


@pytest.mark.parametrize("changes", [{"chain_client": "anvil/v9"}, {"runs": 200}], ids=["chain client", "settings"])
def test_fails_when_it_was_measured_on_something_else(snapshot, measured, capsys, changes):
    measured(measurement_of(**changes))
    assert gas_snapshot.main(["--check"]) == 1
    assert "gas.json names another compiler, setting, chain client or hard fork; " in capsys.readouterr().err


def test_fails_when_the_hard_fork_is_another(snapshot, measured, capsys, monkeypatch):
    monkeypatch.setattr(gas_snapshot, "HARD_FORK", "cancun")
    measured(measurement_of())
    assert gas_snapshot.main(["--check"]) == 1
    assert "hard fork" in capsys.readouterr().err


@pytest.mark.parametrize("text", [None, "", "[]", "{}"], ids=["missing", "empty", "a list", "no figures"])
def test_fails_when_the_file_cannot_be_read(snapshot, measured, capsys, text):
    snapshot.unlink()
    if text is not None:
        snapshot.write_text(text)
    measured(measurement_of())
    assert gas_snapshot.main(["--check"]) == 1
    assert capsys.readouterr().err == "gas: gas.json cannot be read; run `make snapshots` and commit the result\n"


@pytest.mark.parametrize("words", [[], ["--check"]], ids=["write", "check"])
@pytest.mark.parametrize("row", LIMITS)
def test_fails_when_a_figure_is_above_its_limit(snapshot, measured, capsys, row, words):
    key = row.replace(".", "__")
    at_the_limit, above = measurement_of(**{key: LIMITS[row]}), measurement_of(**{key: LIMITS[row] + 1})
    snapshot.write_text(at_the_limit.text())
    measured(at_the_limit)
    assert gas_snapshot.main(words) == 0
    snapshot.write_text(above.text())
    measured(above)
    assert gas_snapshot.main(words) == 1
    said = f"gas: {row} takes {LIMITS[row] + 1:,} and at most {LIMITS[row]:,} are allowed\n"
    assert capsys.readouterr().err == said


def test_says_in_a_line_when_there_is_no_chain(snapshot, monkeypatch, capsys):
    def refuse(**options):
        raise ChainNotReady("anvil", "no such option")

    monkeypatch.setattr(gas_snapshot, "start_chain", refuse)
    assert gas_snapshot.main(["--check"]) == 1
    assert capsys.readouterr().err == "gas: anvil did not start: no such option\n"


def test_refuses_contracts_of_two_compilers(monkeypatch):
    first, *others = gas_snapshot.network_artifacts()
    foreign = replace(first, compiler={**first.compiler, "version": "0.8.36"})
    monkeypatch.setattr(gas_snapshot, "network_artifacts", lambda: (foreign, *others))
    with pytest.raises(GasError, match="different compilers"):
        gas_snapshot.measure()
