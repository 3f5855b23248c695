"""Hold the trees beside the contracts' unit tests against the tests and against the contracts.

    python -m scripts.checks.trees

A tree says in words what a function does and when, and which test shows it:

    FeeEscrow.decline
    ├── given the exchange is funded
    │   └── when the provider signs
    │       └── it returns the fee to the consumer -> test_returns_the_fee_when_the_provider_declines
    └── when somebody else signs
        └── it refuses -> test_reverts_when_the_signer_is_not_the_provider

The first line is `<Contract>.<function>` (`constructor` is one), or `<Contract> views` where the views of a contract
share a file. Below it, inner nodes begin with `given` or `when` and have something below them; leaves begin with `it`
and end in the names of the tests that show it.

The check fails when a tree is drawn wrongly, names a test that is not in the file beside it or leaves one out, when a
test file has no tree or the other way round, or when a function that writes has no tree.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

from scripts.checks.closing import close
from scripts.checks.named_tests import names_in

ROOT: Final = Path(__file__).resolve().parents[2]
UNIT_TESTS: Final = Path("tests") / "contracts" / "unit"
ABI: Final = Path("snapshots") / "abi"
CONTRACTS: Final = Path("contracts")

INHERITED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        # AccessManager, where NetworkAccess changes nothing: it counts its admins in granting and revoking alone.
        "NetworkAccess": frozenset(
            {
                "cancel",
                "consumeScheduledOp",
                "execute",
                "labelRole",
                "multicall",
                "schedule",
                "setGrantDelay",
                "setRoleAdmin",
                "setRoleGuardian",
                "setTargetAdminDelay",
                "setTargetClosed",
                "setTargetFunctionRole",
                "updateAuthority",
            }
        ),
        # Governor: other ways into `castVote`, and tokens that it never takes.
        "Council": frozenset(
            {
                "castVoteWithReason",
                "castVoteWithReasonAndParams",
                "castVoteWithReasonAndParamsBySig",
                "onERC1155BatchReceived",
                "onERC1155Received",
                "onERC721Received",
            }
        ),
        # TimelockController: `schedule` shows with one action who may do it, and the council's own tests with several.
        "CouncilTimelock": frozenset(
            {
                "cancel",
                "execute",
                "executeBatch",
                "onERC1155BatchReceived",
                "onERC1155Received",
                "onERC721Received",
                "scheduleBatch",
            }
        ),
        # ERC20: who may receive credit is asked when it moves, not when somebody is allowed to move it.
        "NetworkCredit": frozenset({"approve"}),
    }
)
"""By contract, functions of OpenZeppelin's that are as they come and need no tree here."""

INHERITED_BY_ALL: Final = frozenset({"setAuthority"})
"""AccessManaged's, in every contract under NetworkAccess."""

_SUBJECT: Final = re.compile(r"^(?P<contract>[A-Z]\w*)(?:\.(?P<function>[a-z]\w*)| views)$")
_LINE: Final = re.compile(r"^(?P<indent>(?:│   |    )*)(?P<branch>├──|└──) (?P<text>\S.*)$")
_LEAF: Final = re.compile(r"^it \S.*? +-> (?P<names>test_\w+(?:, test_\w+)*)$")


@dataclass(slots=True)
class Node:
    """A line of a tree below the first.

    Attributes:
        number: Of the line, from 1.
        indent: What is drawn before the branch: four characters for each node above.
        is_last: Whether it is drawn as the last of its siblings.
        text: The rest of the line.
        children: The nodes below.
    """

    number: int
    indent: str
    is_last: bool
    text: str
    children: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Tree:
    """A tree as it was read.

    Attributes:
        contract: Whose it is.
        function: Which, or None for a contract's views.
        names: Of the tests that its leaves name.
        faults: What is wrong with its form: number of the line and what about it.
    """

    contract: str = ""
    function: str | None = None
    names: set[str] = field(default_factory=set)
    faults: list[tuple[int, str]] = field(default_factory=list)

    @property
    def stem(self) -> str:
        """Name of the file of tests that it belongs to, without the ending."""
        return f"test_{_snake(self.contract)}_{'views' if self.function is None else _snake(self.function)}"


def main(words: Sequence[str] | None = None) -> int:
    """Check the trees and print every fault.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0 if there is none, else 1.
    """
    parser = argparse.ArgumentParser(description="Check the trees beside the contracts' unit tests.")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder")
    root: Path = parser.parse_args(words).root
    trees = list((root / UNIT_TESTS).rglob("*.tree"))
    holds = f"{len(trees)} trees agree with their tests; {len(functions_in_need(root))} functions that write have one"
    return close("trees", find_faults(root), holds)


def find_faults(root: Path, inherited: Mapping[str, frozenset[str]] = INHERITED) -> list[str]:
    """Return every fault of the trees below a project's folder, a line each.

    Args:
        root: The project's folder.
        inherited: By contract, functions that need no tree.
    """
    folder = root / UNIT_TESTS
    files = sorted({file.with_suffix("") for ending in ("py", "tree") for file in folder.rglob(f"test_*.{ending}")})
    if not files:
        return [f"there is no test below {UNIT_TESTS}"]
    faults = [f"{file.relative_to(root)} is not named after a test file" for file in _strays(folder)]
    subjects: set[tuple[str, str]] = set()
    for file in files:
        tests, drawing = file.with_suffix(".py"), file.with_suffix(".tree")
        where = drawing.relative_to(root)
        if not drawing.is_file():
            faults.append(f"{tests.relative_to(root)} has no tree beside it")
        elif not tests.is_file():
            faults.append(f"{where} has no test file beside it")
        else:
            tree = read_tree(drawing.read_text(encoding="utf-8"))
            faults += [f"{where}:{number}: {what}" for number, what in tree.faults]
            faults += [f"{where}:1: {what}" for what in _subject_faults(root, tree, file.name)]
            faults += [f"{where}: {what}" for what in _name_faults(tree, names_in(tests))]
            if tree.function is not None:
                subjects.add((tree.contract, tree.function))
    for contract, function in sorted(functions_in_need(root, inherited) - subjects):
        faults.append(f"{contract}.{function} writes and has no tree below {UNIT_TESTS}")
    return [*faults, *_inherited_faults(root, inherited)]


def functions_in_need(root: Path, inherited: Mapping[str, frozenset[str]] = INHERITED) -> set[tuple[str, str]]:
    """Return every function that must have a tree: contract and name of each that writes and is the contract's own.

    Args:
        root: The project's folder.
        inherited: By contract, functions that need none.
    """
    return {
        (contract, function)
        for contract, functions in _writes(root).items()
        for function in functions - INHERITED_BY_ALL - inherited.get(contract, frozenset())
    }


def read_tree(text: str) -> Tree:
    """Read a tree and note what is wrong with its form.

    Args:
        text: What the file holds.
    """
    tree = Tree()
    first, *rest = text.split("\n")
    subject = _SUBJECT.match(first)
    if subject is None:
        tree.faults.append((1, f"`{first}` is neither `<Contract>.<function>` nor `<Contract> views`"))
    else:
        tree.contract, tree.function = subject["contract"], subject["function"]
    if rest[-1:] != [""]:
        tree.faults.append((1, "the last line does not end"))
    else:
        rest.pop()
    roots: list[Node] = []
    path: list[Node] = []
    for number, line in enumerate(rest, start=2):
        drawn = _LINE.match(line)
        if drawn is None:
            tree.faults.append((number, "is not drawn with `├── `, `└── `, `│   ` and a text"))
            continue
        node = Node(number, drawn["indent"], drawn["branch"] == "└──", drawn["text"])
        depth = len(node.indent) // 4
        if depth > len(path):
            tree.faults.append((number, "stands deeper than what is above it"))
            continue
        (path[depth - 1].children if depth else roots).append(node)
        path[depth:] = [node]
    if not roots:
        tree.faults.append((1, "has nothing below it"))
    _read_nodes(tree, roots, "")
    tree.faults.sort()
    return tree


def _read_nodes(tree: Tree, nodes: Sequence[Node], indent: str) -> None:
    """Note what is wrong with siblings and with all below them, and the tests that their leaves name.

    Args:
        tree: What is noted in.
        nodes: The siblings.
        indent: How each of them has to be indented.
    """
    for position, node in enumerate(nodes):
        is_last = position == len(nodes) - 1
        if (node.indent, node.is_last) != (indent, is_last):
            tree.faults.append((node.number, f"is drawn wrongly: `{indent}{'└──' if is_last else '├──'} ` fits here"))
        if node.text.startswith(("given ", "when ")):
            if not node.children:
                tree.faults.append((node.number, "has nothing below it"))
            _read_nodes(tree, node.children, indent + ("    " if is_last else "│   "))
            continue
        if node.children:
            tree.faults.append((node.number, "has something below it and begins with neither `given` nor `when`"))
        leaf = _LEAF.match(node.text)
        if leaf is None:
            tree.faults.append((node.number, "is no leaf: `it …` with ` -> ` and the names of tests at its end"))
        else:
            tree.names.update(leaf["names"].split(", "))


def _subject_faults(root: Path, tree: Tree, stem: str) -> Iterator[str]:
    if not tree.contract:
        return
    if tree.stem != stem:
        yield f"belongs to {tree.stem}.py by its first line, and stands beside {stem}.py"
    if not any((root / CONTRACTS).rglob(f"{tree.contract}.sol")):
        yield f"there is no contract {tree.contract}"
    if tree.function not in (None, "constructor") and tree.function not in _functions(root, tree.contract):
        yield f"{tree.contract} has no function {tree.function}"


def _name_faults(tree: Tree, names: Sequence[str]) -> Iterator[str]:
    for name in sorted(tree.names - set(names)):
        yield f"names {name}, which is not in the test file"
    for name in sorted(set(names) - tree.names):
        yield f"leaves {name} out"
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f"{name} stands twice in the test file: the second hides the first"


def _inherited_faults(root: Path, inherited: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Return what is excused and not there, so that the list of what is excused cannot grow old."""
    writes = _writes(root)
    for contract, functions in inherited.items():
        for function in sorted(functions - writes.get(contract, set())):
            yield f"{contract}.{function} is listed as inherited and is not in the contract"


def _strays(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*.tree")) if not file.name.startswith("test_")]


def _writes(root: Path) -> dict[str, set[str]]:
    """Return the functions that write, by contract that is deployed."""
    return {
        file.stem: {name for name, mutability in _abi_functions(file) if mutability not in ("view", "pure")}
        for file in sorted((root / ABI).glob("*.json"))
    }


def _functions(root: Path, contract: str) -> set[str]:
    file = root / ABI / f"{contract}.json"
    return {name for name, _ in _abi_functions(file)} if file.is_file() else set()


def _abi_functions(file: Path) -> Iterator[tuple[str, str]]:
    for item in json.loads(file.read_text(encoding="utf-8")):
        if item["type"] == "function":
            yield item["name"], item["stateMutability"]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


if __name__ == "__main__":
    sys.exit(main())
