"""The check of the numbered cases: what it lets pass, and each kind of fault that it finds."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.checks import hostile_cases

PAGE = """\
# Security

Numbers in use: H1-H3, H55.

| Case | What is tried | Where |
|---|---|---|
| H1 | the same signature twice | `test_h001_reverts_when_used_twice`, `test_h001_h002_reverts_elsewhere` |
| H2 | on another network | `test_h001_h002_reverts_elsewhere`; waits for Council: its own messages |
| H3 | after a fork | waits for Council: it alone keeps a separator |
| H55 | moving a token | does not arise: there is no token |

Numbers in use: A15.

| Defect | What is done about it | Where |
|---|---|---|
| A15 | a fee change leaves what is funded alone | `test_a15_keeps_the_fee_when_it_changes` |
"""
TESTS = {
    "contracts/test_consents.py": ("h001_reverts_when_used_twice", "h001_h002_reverts_elsewhere", "grants"),
    "python/test_fees.py": ("a15_keeps_the_fee_when_it_changes", "high_fees"),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project in which all is well."""
    (tmp_path / "docs").mkdir()
    (tmp_path / hostile_cases.PAGE).write_text(PAGE, encoding="utf-8")
    for name, tests in TESTS.items():
        file = tmp_path / hostile_cases.TESTS / name
        file.parent.mkdir(parents=True)
        file.write_text("".join(f"def test_{test}():\n    assert True\n\n\n" for test in tests))
    return tmp_path


def test_finds_nothing_when_all_is_well(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert hostile_cases.main(["--root", str(project)]) == 0
    assert capsys.readouterr().out == "hostile-cases: 3 of 5 numbered cases are tested, the others say why not\n"


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("H1-H3, H55", "H1-H4, H55", "H4 is in use and has no row"),
        ("H1-H3, H55", "H1-H3", "H55 has a row and is not in use"),
        ("| A15 | a fee", "| A16 | a fee", "A15 is carried by test_a15_keeps_the_fee_when_it_changes and has no row"),
        ("| H3 |", "| H2 |", "H2 has two rows"),
        (
            "`test_a15_keeps_the_fee_when_it_changes`",
            "`test_a15_keeps`",
            "A15 names test_a15_keeps, which is not there",
        ),
        (
            "`test_a15_keeps_the_fee_when_it_changes`",
            "`test_grants`",
            "A15 names test_grants, which does not carry the number",
        ),
        (
            "`test_a15_keeps_the_fee_when_it_changes`",
            "waits for Council: it sets fees",
            "A15 names no test, and test_a15_keeps_the_fee_when_it_changes carries the number",
        ),
        (
            "does not arise: there is no token",
            "somewhere",
            "H55 names no test and gives no reason: `waits for …: …` or `does not arise: …`",
        ),
        (
            "waits for Council: it alone keeps a separator",
            "waits for Council:",
            "H3 names no test and gives no reason: `waits for …: …` or `does not arise: …`",
        ),
    ],
)
def test_finds_the_row_when_it_is_wrong(project: Path, written: str, instead: str, fault: str) -> None:
    assert written in PAGE
    (project / hostile_cases.PAGE).write_text(PAGE.replace(written, instead), encoding="utf-8")

    assert fault in hostile_cases.find_faults(project)


def test_finds_a_name_when_it_stands_outside_the_tables_and_is_not_there(project: Path) -> None:
    (project / hostile_cases.PAGE).write_text(f"{PAGE}\n`test_grants`, `test_gives`, `test_h055_…`\n", encoding="utf-8")

    assert hostile_cases.find_faults(project) == ["docs/security.md names test_gives, which is not there"]


def test_finds_a_row_when_its_test_is_gone(project: Path) -> None:
    (project / hostile_cases.TESTS / "python" / "test_fees.py").unlink()

    assert hostile_cases.find_faults(project) == [
        "A15 names test_a15_keeps_the_fee_when_it_changes, which is not there"
    ]


def test_finds_a_test_when_its_number_has_no_row(project: Path) -> None:
    file = project / hostile_cases.TESTS / "python" / "test_fees.py"
    file.write_text(file.read_text() + "async def test_h001_h077_is_async():\n    assert True\n")

    assert hostile_cases.find_faults(project) == ["H77 is carried by test_h001_h077_is_async and has no row"]


@pytest.mark.parametrize(("name", "fault"), [("h55_moves", "H55 has 3 digits"), ("a015_keeps", "A15 has 2 digits")])
def test_finds_a_test_when_its_number_has_other_digits(project: Path, name: str, fault: str) -> None:
    file = project / hostile_cases.TESTS / "python" / "test_fees.py"
    file.write_text(file.read_text() + f"def test_{name}():\n    assert True\n")

    assert f"test_{name}: {fault} in the name of a test" in hostile_cases.find_faults(project)


def test_finds_it_when_there_is_no_page_or_no_row(project: Path) -> None:
    (project / hostile_cases.PAGE).unlink()
    assert hostile_cases.find_faults(project) == ["there is no docs/security.md"]

    (project / hostile_cases.PAGE).write_text("# Security\n")
    for file in (project / hostile_cases.TESTS).rglob("*.py"):
        file.unlink()
    assert hostile_cases.find_faults(project) == ["docs/security.md has no row"]


def test_finds_the_list_of_numbers_when_it_cannot_be_read(project: Path) -> None:
    (project / hostile_cases.PAGE).write_text(PAGE.replace("H1-H3, H55", "H1 to H3, H55"), encoding="utf-8")

    assert hostile_cases.find_faults(project) == [
        "docs/security.md lists `H1 to H3` among the numbers in use; write `H1-H3` or `H5`"
    ]
