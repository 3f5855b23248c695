"""The check that no chain is started without limits on code size: what it finds, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.checks import chain_limits


@pytest.mark.parametrize(
    ("place", "line", "named"),
    [
        ("scripts/toolchain/networks.yaml", "      unlimited_contract_size: true", "unlimited_contract_size"),
        ("src/consentry/devchain/chain.py", '    "--disable-code-size-limit",', "code-size-limit"),
        ("src/consentry/devchain/chain.py", '    "--code-size-limit", "100000",', "code-size-limit"),
        ("tests/helpers/node.py", 'options = {"allowUnlimitedContractSize": True}', "UnlimitedContractSize"),
        ("Makefile", "	ganache --chain.allowUnlimitedInitCodeSize", "UnlimitedInitCodeSize"),
    ],
)
def test_finds_the_line_when_a_limit_is_lifted(tmp_path: Path, place: str, line: str, named: str) -> None:
    file = tmp_path / place
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"one line before\n{line}\n")

    assert chain_limits.find_faults(tmp_path) == [f"{place}:2: `{named}` lifts the limit on code size"]


def test_finds_nothing_when_the_limit_is_only_measured(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "export_abi.py").write_text("MOST_RUNTIME_BYTES = 24_576  # no contract is longer\n")

    assert chain_limits.find_faults(tmp_path) == []


def test_fails_when_there_is_nothing_to_look_at(tmp_path: Path) -> None:
    (fault,) = chain_limits.find_faults(tmp_path)
    assert fault.startswith("there is nothing at scripts, src, tests")


def test_prints_the_line_and_fails_when_a_limit_is_lifted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "Makefile").write_text("anvil --disable-code-size-limit\n")

    assert chain_limits.main(["--root", str(tmp_path)]) == 1
    assert capsys.readouterr().err == "chain-limits: Makefile:1: `code-size-limit` lifts the limit on code size\n"
