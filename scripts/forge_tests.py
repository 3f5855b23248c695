"""Run the tests that forge drives: the invariants of tests/forge, on a network as the package deploys it.

    python -m scripts.forge_tests tests/forge                       as `make test` does
    FOUNDRY_INVARIANT_RUNS=100 FOUNDRY_INVARIANT_DEPTH=400 python -m scripts.forge_tests tests/forge

Nothing of contracts/ is compiled for it. Every transaction of a deployment, as `consentry.deployment` plans it from the
packaged bytecode, is written to `.cache/forge/network.json`, and the tests replay them. What their handlers reached is
summed up over all runs: a kind of step that was not taken often enough fails. How many runs there are and how long
each is stands in foundry.toml; forge's own environment variables change it, as above. Nothing is written outside the
project.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from eth_abi.abi import encode
from eth_utils.abi import abi_to_signature, collapse_if_tuple, function_signature_to_4byte_selector

from consentry.deployment import Parameters, load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS, Creation, addresses_of, steps_of
from consentry.deployment.roles import FUNCTION_ROLES, Role
from consentry.deployment.verify import zero_of
from consentry.devchain import DEVELOPMENT_ACCOUNTS, development_account
from scripts.toolchain.set_up import foundry_folder

ROOT: Final = Path(__file__).resolve().parents[1]
CACHE: Final = ROOT / ".cache"
WORK: Final = CACHE / "forge"
STORAGE_LAYOUT: Final = ROOT / "snapshots" / "storage-layout.json"
NETWORK: Final = WORK / "network.json"
REACHED: Final = WORK / "reached.jsonl"

LEAST_OF_EACH: Final = 5
"""How often each kind of step that a handler lists must have been taken, over all runs."""

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class ForgeError(Exception):
    """Say in one line what kept forge from testing."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the tests and print what they came to and what they reached.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0 if every test passed and every kind of step was reached, else 1.
    """
    parser = argparse.ArgumentParser(description="Run the tests that forge drives.")
    parser.add_argument("folder", type=Path, help="the tests, from the project's root")
    parser.add_argument("--tally", type=Path, help="file that takes the counts, as JSON")
    options = parser.parse_args(words)
    WORK.mkdir(parents=True, exist_ok=True)
    REACHED.unlink(missing_ok=True)
    # Forge would take the steps of a former failure first, and no others while they fail.
    shutil.rmtree(WORK / "failures", ignore_errors=True)
    NETWORK.write_text(json.dumps(network_of(load_parameters())), encoding="utf-8")
    try:
        suites = run_forge(options.folder)
    except ForgeError as error:
        print(f"forge: {error}", file=sys.stderr)
        return 1
    outcomes = dict(outcomes_of(suites))
    reached = reached_in(REACHED.read_text(encoding="utf-8") if REACHED.is_file() else "")
    outcomes.update(list(reach_outcomes(outcomes, reached)))
    for name, why in outcomes.items():
        print(f"{name}: {'passed' if why is None else f'failed: {why}'}")
    failed = sum(why is not None for why in outcomes.values())
    if options.tally is not None:
        counts = {"collected": len(outcomes), "passed": len(outcomes) - failed, "failed": failed, "skipped": 0}
        options.tally.write_text(json.dumps({**counts, "client_version": None}) + "\n", encoding="utf-8")
    return 1 if failed or not outcomes else 0


def network_of(parameters: Parameters) -> dict[str, Json]:
    """Return what the tests replay: the transactions of a deployment, and what they ask of it by name.

    Args:
        parameters: What is deployed with; its accounts are development accounts.
    """
    deployer = development_account(0).address
    addresses = addresses_of(deployer, 0)
    steps = steps_of(parameters, deployer, 0)
    guarded = list(_guarded(addresses))
    errors = dict(sorted(_errors()))
    return {
        "deployer": deployer,
        "guardian": parameters.access.guardians[0],
        "treasurer": parameters.access.treasurers[0],
        "founders": list(parameters.council.founders),
        "keys": ["0x" + bytes(development_account(index).key).hex() for index in range(DEVELOPMENT_ACCOUNTS)],
        "addresses": dict(addresses),
        "targets": [step.address for step in steps],
        "datas": ["0x" + step.data.hex() for step in steps],
        "creates": [isinstance(step, Creation) for step in steps],
        "guardedNames": [name for name, _, _, _ in guarded],
        "guardedTargets": [target for _, target, _, _ in guarded],
        "guardedCalls": ["0x" + call.hex() for _, _, call, _ in guarded],
        "guardedRoles": [int(role) for _, _, _, role in guarded],
        "slots": _slots(),
        "errorSelectors": ["0x" + selector.ljust(32, b"\0").hex() for selector in errors],
        "errorNames": list(errors.values()),
    }


def run_forge(folder: Path) -> dict[str, Json]:
    """Run forge and return its report, a suite by name.

    Args:
        folder: The tests, from the project's root.

    Raises:
        ForgeError: There is no forge for this machine, or it ended without a report.
    """
    # One test at a time: the machine has other stages to run.
    command = [str(forge()), "test", "--json", "--threads", "1", "--match-path", f"{folder}/**"]
    done = subprocess.run(
        command, check=False, cwd=ROOT, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    try:
        report: Json = json.loads(lines[-1])
    except (IndexError, ValueError):
        raise ForgeError(f"ended with {done.returncode} and no report\n{done.stdout}{done.stderr}") from None
    if not isinstance(report, dict):
        raise ForgeError("reported something else than suites")
    return report


def forge() -> Path:
    """Return forge's own program for this machine, as npm's packages lay it out.

    Raises:
        ForgeError: There is none.
    """
    program = foundry_folder("forge") / "forge"
    if not program.is_file():
        raise ForgeError(f"{program.relative_to(ROOT)} is not there; run `make setup`")
    return program


def outcomes_of(suites: Mapping[str, Json]) -> Iterator[tuple[str, str | None]]:
    """Yield each test of a report by name, with the reason why it failed or None."""
    for suite, found in suites.items():
        tests = found.get("test_results") if isinstance(found, dict) else None
        if not isinstance(tests, dict) or not tests:
            yield suite, "holds no tests"
            continue
        for test, result in tests.items():
            name = f"{suite.rpartition(':')[2]}.{test.removesuffix('()')}"
            status = result.get("status") if isinstance(result, dict) else None
            yield name, None if status == "Success" else _reason(result)


def reached_in(text: str) -> dict[str, Counter[str]]:
    """Sum up what handlers wrote after their runs: one JSON object a line, with the suite, the kind and how often.

    Args:
        text: The lines.
    """
    reached: dict[str, Counter[str]] = defaultdict(Counter)
    for line in text.splitlines():
        noted = json.loads(line)
        reached[noted["suite"]][noted["kind"]] += noted["times"]
    return dict(reached)


def reach_outcomes(tests: Collection[str], reached: Mapping[str, Counter[str]]) -> Iterator[tuple[str, str | None]]:
    """Yield for each suite with an invariant whether it reached every kind of step often enough, and print how often.

    Args:
        tests: Names of the tests that ran.
        reached: What each suite reached.
    """
    for suite in sorted({test.partition(".")[0] for test in tests if ".invariant" in test}):
        kinds = reached.get(suite, Counter())
        print(f"{suite} reached " + ", ".join(f"{kind}: {times}" for kind, times in sorted(kinds.items())))
        rare = sorted(kind for kind, times in kinds.items() if times < LEAST_OF_EACH)
        why = f"fewer than {LEAST_OF_EACH} of {', '.join(rare)}" if rare else None
        yield f"{suite}.reach", why if kinds else "reached nothing"


def _reason(result: Json) -> str:
    """Say why a test failed, and the steps that led there as forge shortened them."""
    if not isinstance(result, dict):
        return "it has no result"
    found = result.get("counterexample")
    sequence = found.get("Sequence") if isinstance(found, dict) else None
    steps = sequence[-1] if isinstance(sequence, list) else None
    lines = [
        f"    {number}. {step.get('func_name')}({step.get('raw_args')})"
        for number, step in enumerate(steps if isinstance(steps, list) else [], start=1)
        if isinstance(step, dict)
    ]
    return "\n".join([str(result.get("reason")), *lines])


def _guarded(addresses: Mapping[str, str]) -> Iterator[tuple[str, str, bytes, Role]]:
    """Yield each function that is kept for a role: name, contract, a call of it, and the role."""
    for contract in CONTRACTS:
        artifact = load_artifact(contract)
        roles = {name: role for role, names in FUNCTION_ROLES.get(contract, {}).items() for name in names}
        for function in artifact.functions():
            selector = artifact.selector_of(function)
            if selector in artifact.privileged:
                types = [collapse_if_tuple(item) for item in function.get("inputs", ())]
                call = selector + encode(types, [zero_of(kind) for kind in types])
                name = f"{contract}.{function['name']}"
                yield name, addresses[contract], call, roles.get(function["name"], Role.ADMIN)


def _slots() -> dict[str, Json]:
    """Return where each contract keeps each of its variables, by contract and name."""
    layouts = json.loads(STORAGE_LAYOUT.read_text(encoding="utf-8"))
    return {name: {item["label"]: item["slot"] for item in layouts[name]["storage"]} for name in CONTRACTS}


def _errors() -> Iterator[tuple[bytes, str]]:
    """Yield each error that a contract of the network declares: selector and name."""
    yield function_signature_to_4byte_selector("Panic(uint256)"), "Panic"
    yield function_signature_to_4byte_selector("Error(string)"), "Error"
    for contract in CONTRACTS:
        for item in load_artifact(contract).abi:
            if item["type"] == "error":
                yield function_signature_to_4byte_selector(abi_to_signature(item)), item["name"]


def _environment() -> dict[str, str]:
    """Return the environment of forge, with its data and temporary files inside the project."""
    folders = {"HOME": CACHE / "home", "TMPDIR": CACHE / "tmp"}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return {**os.environ, **{name: str(folder) for name, folder in folders.items()}}


if __name__ == "__main__":
    sys.exit(main())
