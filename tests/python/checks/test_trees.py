"""The check of the trees beside contract tests: what it lets pass, and each kind of fault that it finds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scripts.checks import trees

TREE = """\
Shop.sell
├── given the shop is open
│   ├── when somebody pays
│   │   ├── it hands the goods over -> test_hands_the_goods_over
│   │   └── it tells so -> test_tells_of_the_sale, test_h001_tells_once
│   └── when nobody pays
│       └── it refuses -> test_reverts_when_nobody_pays
└── when the shop is closed
    └── it refuses -> test_reverts_when_closed
"""
TESTS = (
    "hands_the_goods_over",
    "tells_of_the_sale",
    "h001_tells_once",
    "reverts_when_nobody_pays",
    "reverts_when_closed",
)
NOT_DRAWN = "is not drawn with `├── `, `└── `, `│   ` and a text"
NO_LEAF = "is no leaf: `it …` with ` -> ` and the names of tests at its end"
INHERITED = {"Shop": frozenset({"approve"})}


def abi(**functions: str) -> str:
    """Return an interface: functions by name, with their mutability."""
    events = [{"type": "event", "name": "Sold", "inputs": []}]
    return json.dumps(
        [*events, *({"type": "function", "name": name, "stateMutability": how} for name, how in functions.items())]
    )


def source_of(*names: str) -> str:
    """Return a test file with these tests, a fixture and a helper beside them."""
    tests = "\n\n".join(f"def test_{name}(shop):\n    assert shop" for name in names)
    return f"def shop():\n    return True\n\n\ndef testing():\n    pass\n\n\n{tests}\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of one contract with one tree, in which all is well."""
    unit = tmp_path / trees.UNIT_TESTS / "shop"
    for folder in (unit, tmp_path / trees.ABI, tmp_path / trees.CONTRACTS / "trade"):
        folder.mkdir(parents=True)
    (tmp_path / trees.CONTRACTS / "trade" / "Shop.sol").write_text("contract Shop { }\n")
    (tmp_path / trees.ABI / "Shop.json").write_text(
        abi(sell="nonpayable", approve="nonpayable", setAuthority="nonpayable", goods="view")
    )
    (unit / "test_shop_sell.py").write_text(source_of(*TESTS))
    (unit / "test_shop_sell.tree").write_text(TREE, encoding="utf-8")
    return tmp_path


def faults_of(project: Path) -> list[str]:
    """Return what is found, with the folder of the unit tests left out."""
    return [fault.replace(f"{trees.UNIT_TESTS}/shop/", "") for fault in trees.find_faults(project, inherited=INHERITED)]


def unit_file(project: Path, name: str) -> Path:
    return project / trees.UNIT_TESTS / "shop" / name


def test_finds_nothing_when_all_is_well(project: Path) -> None:
    assert faults_of(project) == []


@pytest.mark.parametrize(
    ("drawn", "instead", "line", "what"),
    [
        ("Shop.sell\n", "Shop\n", 1, "`Shop` is neither `<Contract>.<function>` nor `<Contract> views`"),
        ("Shop.sell\n", "Shop.sell \n", 1, "`Shop.sell ` is neither `<Contract>.<function>` nor `<Contract> views`"),
        ("test_reverts_when_closed\n", "test_reverts_when_closed", 1, "the last line does not end"),
        ("│   └── when nobody", "|   └── when nobody", 6, NOT_DRAWN),
        ("│   └── when nobody", "│  └── when nobody", 6, NOT_DRAWN),
        ("└── it tells so", "└──it tells so", 5, NOT_DRAWN),
        ("│   └── when nobody", "│   ├── when nobody", 6, "is drawn wrongly: `│   └── ` fits here"),
        ("├── given the", "└── given the", 2, "is drawn wrongly: `├── ` fits here"),
        ("│   │   └── it tells", "│       └── it tells", 5, "is drawn wrongly: `│   │   └── ` fits here"),
        (
            "    └── it refuses -> test_reverts_when_c",
            "        └── it -> test_c",
            9,
            "stands deeper than what is above it",
        ),
        ("    └── it refuses -> test_reverts_when_closed\n", "", 8, "has nothing below it"),
        ("given the shop", "the shop", 2, "has something below it and begins with neither `given` nor `when`"),
        ("it tells so", "tells so", 5, NO_LEAF),
        (" -> test_reverts_when_closed", "", 9, NO_LEAF),
        ("it refuses -> test_reverts_when_closed", "it -> test_reverts_when_closed", 9, NO_LEAF),
        ("sale, test", "sale,test", 5, NO_LEAF),
    ],
)
def test_finds_the_line_when_a_tree_is_drawn_wrongly(drawn: str, instead: str, line: int, what: str) -> None:
    assert TREE.count(drawn) == 1
    assert trees.read_tree(TREE).faults == []

    assert (line, what) in trees.read_tree(TREE.replace(drawn, instead)).faults


def test_finds_it_when_a_tree_is_empty(project: Path) -> None:
    unit_file(project, "test_shop_sell.tree").write_text("Shop.sell\n")

    assert "test_shop_sell.tree:1: has nothing below it" in faults_of(project)


def test_finds_a_test_when_the_tree_leaves_it_out(project: Path) -> None:
    unit_file(project, "test_shop_sell.py").write_text(source_of(*TESTS, "reverts_when_sold_out"))

    assert faults_of(project) == ["test_shop_sell.tree: leaves test_reverts_when_sold_out out"]


def test_finds_a_name_when_the_test_is_gone(project: Path) -> None:
    unit_file(project, "test_shop_sell.py").write_text(source_of(*TESTS[1:]))

    assert faults_of(project) == ["test_shop_sell.tree: names test_hands_the_goods_over, which is not in the test file"]


def test_finds_a_test_when_another_of_its_name_hides_it(project: Path) -> None:
    unit_file(project, "test_shop_sell.py").write_text(source_of(*TESTS, TESTS[0]))

    assert faults_of(project) == [
        "test_shop_sell.tree: test_hands_the_goods_over stands twice in the test file: the second hides the first"
    ]


def test_finds_a_test_file_when_it_has_no_tree(project: Path) -> None:
    unit_file(project, "test_shop_views.py").write_text(source_of("tells_its_goods"))

    assert faults_of(project) == ["test_shop_views.py has no tree beside it"]


def test_finds_a_tree_when_it_has_no_test_file(project: Path) -> None:
    unit_file(project, "test_shop_views.tree").write_text("Shop views\n└── it tells -> test_tells\n", encoding="utf-8")

    assert faults_of(project) == ["test_shop_views.tree has no test file beside it"]


def test_finds_a_tree_when_it_is_named_after_no_test_file(project: Path) -> None:
    unit_file(project, "shop.tree").write_text(TREE, encoding="utf-8")

    assert faults_of(project) == ["shop.tree is not named after a test file"]


@pytest.mark.parametrize(
    ("subject", "fault"),
    [
        ("Shop views", "belongs to test_shop_views.py by its first line, and stands beside test_shop_sell.py"),
        ("Shop.sellMany", "Shop has no function sellMany"),
        ("Market.sell", "there is no contract Market"),
    ],
)
def test_finds_the_first_line_when_it_names_something_else(project: Path, subject: str, fault: str) -> None:
    unit_file(project, "test_shop_sell.tree").write_text(TREE.replace("Shop.sell", subject), encoding="utf-8")

    found = faults_of(project)
    assert f"test_shop_sell.tree:1: {fault}" in found
    assert "Shop.sell writes and has no tree below tests/contracts/unit" in found


def test_finds_nothing_when_a_constructor_has_a_tree(project: Path) -> None:
    unit_file(project, "test_shop_constructor.py").write_text(source_of("has_no_goods"))
    drawing = "Shop.constructor\n└── it has no goods -> test_has_no_goods\n"
    unit_file(project, "test_shop_constructor.tree").write_text(drawing, encoding="utf-8")

    assert faults_of(project) == []


def test_finds_a_function_when_it_writes_and_has_no_tree(project: Path) -> None:
    (project / trees.ABI / "Shop.json").write_text(
        abi(sell="nonpayable", close="payable", approve="nonpayable", goods="view", price="pure")
    )

    assert faults_of(project) == ["Shop.close writes and has no tree below tests/contracts/unit"]


def test_finds_an_excuse_when_the_function_is_not_there(project: Path) -> None:
    (project / trees.ABI / "Shop.json").write_text(abi(sell="nonpayable"))

    assert faults_of(project) == ["Shop.approve is listed as inherited and is not in the contract"]


def test_fails_when_there_is_no_test_at_all(tmp_path: Path) -> None:
    assert trees.find_faults(tmp_path, inherited={}) == ["there is no test below tests/contracts/unit"]


def test_prints_every_fault_and_fails_when_there_is_one(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    unit_file(project, "test_shop_sell.py").write_text(source_of(*TESTS, "reverts_when_sold_out"))

    code = trees.main(["--root", str(project)])

    assert code == 1
    assert (
        "trees: tests/contracts/unit/shop/test_shop_sell.tree: leaves test_reverts_when_sold_out out"
        in capsys.readouterr().err.splitlines()
    )
