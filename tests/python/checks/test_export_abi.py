"""What the export refuses: contracts too long for a chain, files that are not fresh, another build of Brownie's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts import export_abi
from scripts.export_abi import Compilation, ExportError

SETTINGS: dict[str, export_abi.Json] = {"version": "0.8.37"}


def compilation_of(runtime_bytes: int = 3, creation_bytes: int = 5) -> Compilation:
    """Return one contract of these lengths as it comes out of the compiler."""
    artifact: dict[str, export_abi.Json] = {
        "contractName": "Shop",
        "abi": [],
        "bytecode": "0x" + "60" * creation_bytes,
        "deployedBytecode": "0x" + "60" * runtime_bytes,
    }
    return Compilation({"Shop": artifact}, {"Shop": {"storage": []}}, {})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the export takes for the project, with everything exported that one compilation gives."""
    for name, folder in (("ROOT", ""), ("PACKAGED", "src"), ("SNAPSHOTS", "snapshots"), ("BUILD", "build")):
        monkeypatch.setattr(export_abi, name, tmp_path / folder)
    monkeypatch.setattr(export_abi, "compiler_settings", lambda: SETTINGS)
    monkeypatch.setattr(export_abi, "compile_contracts", lambda _settings: compilation_of())
    (tmp_path / "package-lock.json").write_text(
        json.dumps({"packages": {"node_modules/@openzeppelin/contracts": {"version": "5.3.0"}}})
    )
    export_abi.export()
    build = compilation_of().artifacts["Shop"]
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "Shop.json").write_text(json.dumps(build))
    return tmp_path


def test_takes_a_contract_when_it_is_as_long_as_a_chain_takes(capsys: pytest.CaptureFixture[str]) -> None:
    export_abi.check_sizes(compilation_of(runtime_bytes=24_576, creation_bytes=49_152))

    assert capsys.readouterr().out.splitlines()[1].split() == ["Shop", "24,576", "100.0%", "49,152"]


@pytest.mark.parametrize(
    ("runtime_bytes", "creation_bytes", "what"),
    [
        (24_577, 49_152, "Shop by 1 bytes at run time;"),
        (24_576, 49_153, "Shop by 1 bytes at creation;"),
        (30_000, 60_000, "Shop by 5,424 bytes at run time, Shop by 10,848 bytes at creation;"),
    ],
)
def test_refuses_a_contract_when_it_is_longer(runtime_bytes: int, creation_bytes: int, what: str) -> None:
    with pytest.raises(ExportError) as caught:
        export_abi.check_sizes(compilation_of(runtime_bytes, creation_bytes))

    assert str(caught.value) == f"longer than a chain takes (EIP-170, EIP-3860): {what} split it by subject"


def test_fails_when_a_contract_has_become_too_long(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(export_abi, "compile_contracts", lambda _settings: compilation_of(runtime_bytes=24_577))
    (project / "snapshots" / "compiled-from.json").unlink()

    assert export_abi.main([]) == 1
    assert "Shop by 1 bytes at run time" in capsys.readouterr().err


def test_holds_when_everything_is_fresh(project: Path) -> None:
    assert export_abi.main(["--check"]) == 0
    assert export_abi.main(["--check-build"]) == 0


@pytest.mark.parametrize("name", ["src/Shop.json", "snapshots/abi/Shop.json", "snapshots/storage-layout.json"])
def test_fails_when_a_file_is_not_what_the_sources_compile_to(
    project: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / name).write_text("{}\n")

    assert export_abi.main(["--check"]) == 1
    assert f"not what the sources compile to: {name};" in capsys.readouterr().err


def test_fails_when_a_file_is_left_over(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "src" / "Market.json").write_text("{}\n")

    assert export_abi.main(["--check"]) == 1
    assert "not what the sources compile to: src/Market.json;" in capsys.readouterr().err


def test_fails_when_brownie_built_something_else(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build = {**compilation_of().artifacts["Shop"], "deployedBytecode": "0x61"}
    (project / "build" / "Shop.json").write_text(json.dumps(build))

    assert export_abi.main(["--check-build"]) == 1
    assert "Brownie's deployedBytecode of Shop is not the packaged one" in capsys.readouterr().err


def test_fails_when_brownie_has_not_built_a_contract(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "build" / "Shop.json").unlink()

    assert export_abi.main(["--check-build"]) == 1
    assert "Brownie has not compiled Shop" in capsys.readouterr().err
