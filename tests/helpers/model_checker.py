"""The compiler's model checker (SMTChecker) with z3 as its solver: what it proves of contracts in tests/proofs."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROOFS = ROOT / "tests" / "proofs"
CORE = "contracts/libraries/ExchangeAccounting.sol"

VERDICTS = {"check is safe!": "proved", "happens here.": "violated"}
"""How a message ends that decides; whatever else is said of a target leaves it open."""


class NotChecked(Exception):
    """Say what kept the model checker from its work."""


@dataclass(frozen=True)
class Target:
    """Something that may go wrong at one place.

    Attributes:
        function: Name of the function that holds the place.
        what: `Assertion violation`, `Underflow` or `Overflow`.
        text: The source at the place, on one line.
    """

    function: str
    what: str
    text: str


def check(
    contract: str, engine: str, kinds: Sequence[str], edits: Mapping[str, str] | None = None
) -> dict[Target, str]:
    """Check one contract of tests/proofs, on the accounting core as it is or with edits.

    Args:
        contract: Its name.
        engine: `bmc`: every function for all its arguments and every state; `chc`: whatever steps came before.
        kinds: What may go wrong: `assert`, `underflow`, `overflow`.
        edits: Texts of the core and the contract, each of which stands there once, and what stands in their place.

    Returns:
        For each target `proved`, `violated` or `open`.

    Raises:
        NotChecked: The sources do not compile, an edit does not fit, or the checker did not run.
    """
    proof = f"tests/proofs/{contract}.sol"
    sources = {name: (ROOT / name).read_text(encoding="utf-8") for name in (CORE, proof)}
    for old, new in (edits or {}).items():
        places = [name for name in sources if sources[name].count(old) == 1]
        if len(places) != 1 or sum(text.count(old) for text in sources.values()) != 1:
            raise NotChecked(f"does not stand exactly once in the sources: {old!r}")
        sources[places[0]] = sources[places[0]].replace(old, new)
    checker = {
        "engine": engine,
        "solvers": ["smtlib2"],
        "contracts": {proof: [contract]},
        "targets": list(kinds),
        "showProvedSafe": True,
        "showUnproved": True,
        # The engine for steps in a row takes no divisions, the other one is quicker with them.
        "divModNoSlacks": engine == "bmc",
        "timeout": 0,
    }
    said = _compile(
        {
            "language": "Solidity",
            "sources": {name: {"content": text} for name, text in sources.items()},
            "settings": {
                "evmVersion": "paris",
                "outputSelection": {"*": {"*": ["abi"]}},
                "modelChecker": checker,
            },
        }
    )
    verdicts: dict[Target, str] = {}
    for message in said:
        text = message["message"].split("\n")[0]
        place = message.get("sourceLocation")
        if message["severity"] == "error" or "was not possible" in text or "No SMT solver" in text:
            raise NotChecked(message["formattedMessage"])
        found = re.match(r"(?:BMC|CHC): (Assertion violation|Underflow|Overflow)", text)
        if place is None or (found is None and "Error during interaction" not in text):
            continue
        source = sources[place["file"]]
        target = Target(
            _function_at(source, place["start"]),
            found[1] if found else "any",
            " ".join(source[place["start"] : place["end"]].split()),
        )
        verdict = next((name for end, name in VERDICTS.items() if text.endswith(end)), "open")
        # The same place may be reached from several functions: the worst counts.
        ranks = ("proved", "open", "violated")
        verdicts[target] = max(verdict, verdicts.get(target, "proved"), key=ranks.index)
    if not verdicts:
        raise NotChecked(f"nothing was said of {contract}")
    return verdicts


def assertions_of(contract: str) -> list[str]:
    """Return the functions of the assertions in a contract of tests/proofs, one for each."""
    source = (PROOFS / f"{contract}.sol").read_text(encoding="utf-8")
    return [_function_at(source, found.start()) for found in re.finditer(r"\bassert\(", source)]


def _compile(given: Mapping[str, object]) -> list[dict]:
    node = shutil.which("node")
    solver = Path(sys.executable).parent / "z3"
    if node is None or not solver.is_file():
        raise NotChecked("node or z3 is not there; run `make setup`")
    done = subprocess.run(
        [node, str(PROOFS / "solve.cjs"), str(solver)],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode != 0:
        raise NotChecked(done.stderr)
    return json.loads(done.stdout)["errors"]


def _function_at(source: str, start: int) -> str:
    names = re.findall(r"\bfunction (\w+)\(", source[:start])
    return names[-1]
