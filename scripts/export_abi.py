"""Compile the contracts with the settings of brownie-config.yaml and write what the package and reviewers need.

    python scripts/export_abi.py               write what has changed since the last export
    python scripts/export_abi.py --check       compile, write nothing, and fail where a file is not what comes out
    python scripts/export_abi.py --check-build also hold Brownie's build/ against it, byte by byte

For every contract that is deployed it writes `src/consentry/contracts/<Name>.json` (interface and bytecode, part of the
package) and `snapshots/abi/<Name>.json`; for all of them together `snapshots/storage-layout.json`. What they were made
from is kept as a hash in `snapshots/compiled-from.json`, so that an unchanged tree compiles nothing.

The compiler's input is the one that Brownie makes: same files, names, settings and outputs, hence the same bytecode.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Union

import solcx
import solcx.install
import solcx.wrapper
import yaml
from solcx.exceptions import SolcError, SolcNotInstalled

ROOT = Path(__file__).resolve().parents[1]
SOLCX = ROOT / ".cache" / "solcx"
PACKAGED = ROOT / "src" / "consentry" / "contracts"
SNAPSHOTS = ROOT / "snapshots"
BUILD = ROOT / "build" / "contracts"

DEPLOYED_FOLDERS = ("governance", "identity", "consent", "exchange")
GUARDING_MODIFIERS = frozenset({"restricted", "onlyAuthorized", "onlyGovernance", "onlyRole", "onlyRoleOrOpenRole"})
MOST_RUNTIME_BYTES = 24_576  # EIP-170
MOST_CREATION_BYTES = 49_152  # EIP-3860

# What Brownie 1.22.2 asks for. Outputs are kept by input, so the one compilation serves both.
_OUTPUTS = {"*": {"*": ["abi", "devdoc", "evm.bytecode", "evm.deployedBytecode", "userdoc"], "": ["ast"]}}

Json = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]


class ExportError(Exception):
    """Say in one line what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Compilation:
    """What comes out of the compiler for the contracts that are deployed.

    Attributes:
        artifacts: By contract name, as the package carries them.
        storage: By contract name, the storage layout.
        settings: The compiler and how it was set.
    """

    artifacts: Mapping[str, dict[str, Json]]
    storage: Mapping[str, dict[str, Json]]
    settings: dict[str, Json]


def main(words: Sequence[str] | None = None) -> int:
    """Write or check the exported files and print the size of each contract.

    Args:
        words: Command line, or None for the process's own.

    Returns:
        Exit code: 0, or 1 after one line on standard error.
    """
    parser = argparse.ArgumentParser(description="Export the contracts' interfaces, bytecode and storage layout.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a file is not up to date")
    parser.add_argument("--check-build", action="store_true", help="as --check, and hold Brownie's build/ against it")
    options = parser.parse_args(words)
    try:
        if options.check or options.check_build:
            check(with_build=options.check_build)
        else:
            export()
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    return 0


def export() -> None:
    """Compile if the sources have changed and write what differs.

    Raises:
        ExportError: The compiler refuses, or a contract is too long for a chain.
    """
    settings = compiler_settings()
    compiled_from = _compiled_from(settings)  # before compiling: a source may be edited meanwhile
    if _reads_as(SNAPSHOTS / "compiled-from.json", compiled_from) and _is_complete():
        print("export: up to date")
        return
    compilation = compile_contracts(settings)
    wanted = exported_files(compilation, compiled_from)
    for file in _stray_files(wanted):
        file.unlink()
        print(f"export: removed {file.relative_to(ROOT)}")
    for file, text in wanted.items():
        if not _reads_as(file, text):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"export: wrote {file.relative_to(ROOT)}")
    check_sizes(compilation)


def check(*, with_build: bool) -> None:
    """Compile and compare with the files that are there.

    Args:
        with_build: Whether Brownie's build/ is compared too.

    Raises:
        ExportError: A file is missing, differs or is left over; or as `export`.
    """
    settings = compiler_settings()
    compiled_from = _compiled_from(settings)
    compilation = compile_contracts(settings)
    wanted = exported_files(compilation, compiled_from)
    stale = [file for file, text in wanted.items() if not _reads_as(file, text)] + _stray_files(wanted)
    if stale:
        names = ", ".join(str(file.relative_to(ROOT)) for file in stale)
        raise ExportError(f"not what the sources compile to: {names}; run `make compile` and commit the result")
    if with_build:
        check_build(compilation)
    check_sizes(compilation)
    print(f"export: {len(wanted)} files of {len(compilation.artifacts)} contracts are fresh")


def compiler_settings() -> dict[str, Json]:
    """Read the compiler's version and settings from brownie-config.yaml.

    Returns:
        `version`, `evmVersion`, `optimizer`, `viaIR` and `remappings`.

    Raises:
        ExportError: A setting is missing, so that Brownie would choose one by itself.
    """
    config = yaml.safe_load((ROOT / "brownie-config.yaml").read_text(encoding="utf-8"))
    try:
        compiler = config["compiler"]
        solc = compiler["solc"]
        return {
            "version": solc["version"],
            "evmVersion": compiler["evm_version"],
            "optimizer": solc["optimizer"],
            "viaIR": solc["viaIR"],
            "remappings": solc["remappings"],
        }
    except (KeyError, TypeError) as error:
        raise ExportError(f"brownie-config.yaml does not set {error} of the compiler; write it there") from error


def sources() -> dict[str, str]:
    """Return every source of the project, by path from its root."""
    files = [file for folder in ("contracts", "interfaces") for file in sorted((ROOT / folder).glob("**/*.sol"))]
    return {file.relative_to(ROOT).as_posix(): file.read_text(encoding="utf-8") for file in files}


def compiled_sources() -> dict[str, str]:
    """Return the sources that Brownie hands to the compiler: those below contracts/ that define a contract.

    What these import is found by the compiler itself. With viaIR the code depends on which sources are named.
    """
    defining = re.compile(r"^\s*(abstract\s+contract|contract|library|interface)\s+\w+", re.MULTILINE)
    return {path: text for path, text in sources().items() if path.startswith("contracts/") and defining.search(text)}


def compile_contracts(settings: Mapping[str, Json]) -> Compilation:
    """Compile all sources and keep what concerns the contracts that are deployed.

    Args:
        settings: As `compiler_settings` returns them.

    Returns:
        The compiled contracts.

    Raises:
        ExportError: There is no compiler, it refuses the sources, or a contract needs linking.
    """
    texts = compiled_sources()
    output = _solc(settings, texts, _OUTPUTS)
    names = {
        path: Path(path).stem
        for path in texts
        if path.startswith(tuple(f"contracts/{folder}/" for folder in DEPLOYED_FOLDERS))
        and output["contracts"].get(path, {}).get(Path(path).stem, {}).get("evm", {}).get("bytecode", {}).get("object")
    }
    layouts = _solc(settings, texts, {path: {name: ["storageLayout"]} for path, name in names.items()})
    compiler: dict[str, Json] = {
        "version": _full_version(str(settings["version"])),
        **{key: settings[key] for key in ("evmVersion", "optimizer", "viaIR")},
    }
    immutables = _immutable_names(output["sources"])
    privileged = _privileged_functions(output["sources"])
    artifacts: dict[str, dict[str, Json]] = {}
    storage: dict[str, dict[str, Json]] = {}
    for path, name in sorted(names.items(), key=lambda item: item[1]):
        compiled = output["contracts"][path][name]
        creation, runtime = compiled["evm"]["bytecode"], compiled["evm"]["deployedBytecode"]
        if creation["linkReferences"] or runtime["linkReferences"]:
            raise ExportError(f"{name} calls a library that has to be deployed apart; make its functions internal")
        artifacts[name] = {
            "contractName": name,
            "sourceName": path,
            "abi": compiled["abi"],
            "bytecode": "0x" + creation["object"],
            "deployedBytecode": "0x" + runtime["object"],
            "privilegedFunctions": privileged[name],
            "immutableReferences": _named(runtime.get("immutableReferences", {}), immutables),
            "compiler": compiler,
        }
        storage[name] = _layout(layouts["contracts"][path][name]["storageLayout"])
    if not artifacts:
        raise ExportError(f"there is no contract below contracts/{{{','.join(DEPLOYED_FOLDERS)}}}")
    return Compilation(artifacts, storage, compiler)


def exported_files(compilation: Compilation, compiled_from: str) -> dict[Path, str]:
    """Return every file of an export and what it holds."""
    files = {PACKAGED / f"{name}.json": _text(artifact) for name, artifact in compilation.artifacts.items()}
    for name, artifact in compilation.artifacts.items():
        files[SNAPSHOTS / "abi" / f"{name}.json"] = _text(artifact["abi"])
    files[SNAPSHOTS / "storage-layout.json"] = _text(dict(compilation.storage))
    files[SNAPSHOTS / "compiled-from.json"] = compiled_from
    return files


def check_build(compilation: Compilation) -> None:
    """Hold the bytecode in Brownie's build/ against ours.

    Raises:
        ExportError: A contract is missing there, or differs.
    """
    for name, artifact in compilation.artifacts.items():
        file = BUILD / f"{name}.json"
        if not file.is_file():
            raise ExportError(f"Brownie has not compiled {name}; run `make compile`")
        build = json.loads(file.read_text(encoding="utf-8"))
        for key in ("bytecode", "deployedBytecode"):
            if "0x" + build[key].removeprefix("0x") != artifact[key]:
                mend = "remove build/ and run `make compile`"
                raise ExportError(f"Brownie's {key} of {name} is not the packaged one; {mend}")
    print(f"export: Brownie compiled the same bytecode for {len(compilation.artifacts)} contracts")


def check_sizes(compilation: Compilation) -> None:
    """Print how long each contract is.

    Raises:
        ExportError: One is longer than a chain takes.
    """
    print(f"{'contract':<24}{'runtime bytes':>14}{'of 24,576':>11}{'creation bytes':>16}")
    too_long: list[str] = []
    for name, artifact in compilation.artifacts.items():
        runtime, creation = (_bytes_of(artifact[key]) for key in ("deployedBytecode", "bytecode"))
        print(f"{name:<24}{runtime:>14,}{runtime / MOST_RUNTIME_BYTES:>11.1%}{creation:>16,}")
        if runtime > MOST_RUNTIME_BYTES:
            too_long.append(f"{name} by {runtime - MOST_RUNTIME_BYTES:,} bytes at run time")
        if creation > MOST_CREATION_BYTES:
            too_long.append(f"{name} by {creation - MOST_CREATION_BYTES:,} bytes at creation")
    if too_long:
        raise ExportError(f"longer than a chain takes (EIP-170, EIP-3860): {', '.join(too_long)}; split it by subject")


def _solc(settings: Mapping[str, Json], texts: Mapping[str, str], outputs: Mapping[str, Json]) -> Mapping[str, dict]:
    request = {
        "language": "Solidity",
        "sources": {path: {"content": text} for path, text in texts.items()},
        "settings": {
            "outputSelection": outputs,
            **{key: settings[key] for key in ("evmVersion", "optimizer", "remappings", "viaIR")},
        },
    }
    try:
        return solcx.compile_standard(
            request,
            solc_binary=_executable(str(settings["version"])),
            base_path=str(ROOT),
            allow_paths=str(ROOT),
        )
    except SolcError as error:
        raise ExportError(f"the compiler refuses the sources\n{error.message or error}") from error


def _executable(version: str) -> Path:
    try:
        return solcx.install.get_executable(version, solcx_binary_path=SOLCX)
    except SolcNotInstalled as error:
        raise ExportError(f"solc {version} is not in {SOLCX.relative_to(ROOT)}; run `make setup`") from error


def _full_version(version: str) -> str:
    return str(solcx.wrapper.get_solc_version(_executable(version), with_commit_hash=True))


def _immutable_names(asts: Mapping[str, dict]) -> dict[str, tuple[str, str]]:
    """Return contract and name of each immutable, by the number that the compiler gave it."""
    found: dict[str, tuple[str, str]] = {}
    for source in asts.values():
        for contract in source["ast"]["nodes"]:
            if contract["nodeType"] != "ContractDefinition":
                continue
            for node in contract["nodes"]:
                if node["nodeType"] == "VariableDeclaration" and node["mutability"] == "immutable":
                    found[str(node["id"])] = (contract["name"], node["name"])
    return found


def _privileged_functions(asts: Mapping[str, dict]) -> dict[str, list[Json]]:
    """Return, by contract, the selectors of the external functions that a modifier keeps for some callers."""
    contracts = {
        node["id"]: node
        for source in asts.values()
        for node in source["ast"]["nodes"]
        if node["nodeType"] == "ContractDefinition"
    }
    found: dict[str, list[Json]] = {}
    for contract in contracts.values():
        seen: dict[str, bool] = {}
        for base in contract["linearizedBaseContracts"]:  # the most derived comes first
            for node in contracts[base]["nodes"]:
                if node["nodeType"] == "FunctionDefinition" and node.get("functionSelector") and node["implemented"]:
                    modifiers = {modifier["modifierName"]["name"] for modifier in node["modifiers"]}
                    seen.setdefault(node["functionSelector"], bool(modifiers & GUARDING_MODIFIERS))
        found[contract["name"]] = sorted(f"0x{selector}" for selector, is_guarded in seen.items() if is_guarded)
    return found


def _named(references: Mapping[str, Json], names: Mapping[str, tuple[str, str]]) -> dict[str, Json]:
    """Key the places of immutables by name: the compiler's numbers change with every other source."""
    plain = [names[number][1] for number in references]
    return {
        (name if plain.count(name) == 1 else f"{contract}.{name}"): references[number]
        for number, (contract, name) in sorted((number, names[number]) for number in references)
    }


def _layout(raw: Mapping[str, Json]) -> dict[str, Json]:
    """Return a storage layout with types by their names in the source."""
    types = raw["types"] or {}

    def place(item: Mapping[str, str]) -> dict[str, Json]:
        kind = types[item["type"]]
        return {
            "slot": int(item["slot"]),
            "offset": item["offset"],
            "bytes": int(kind["numberOfBytes"]),
            "type": kind["label"],
            "label": item["label"],
        }

    return {
        "storage": [{**place(item), "contract": item["contract"].rsplit(":", 1)[1]} for item in raw["storage"]],
        "structs": {
            kind["label"]: [place(member) for member in kind["members"]] for kind in types.values() if "members" in kind
        },
    }


def _compiled_from(settings: Mapping[str, Json]) -> str:
    digest = hashlib.sha256()
    for name, text in sorted(sources().items()):
        digest.update(f"{name}\0{len(text)}\0{text}".encode())
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    openzeppelin = packages["node_modules/@openzeppelin/contracts"]["version"]
    return _text({"sources_sha256": digest.hexdigest(), "openzeppelin": openzeppelin, "settings": dict(settings)})


def _is_complete() -> bool:
    packaged = {file.name for file in PACKAGED.glob("*.json")}
    return bool(packaged) and packaged == {file.name for file in (SNAPSHOTS / "abi").glob("*.json")}


def _stray_files(wanted: Mapping[Path, str]) -> list[Path]:
    there = [*PACKAGED.glob("*.json"), *(SNAPSHOTS / "abi").glob("*.json")]
    return sorted(file for file in there if file not in wanted)


def _reads_as(file: Path, text: str) -> bool:
    return file.is_file() and file.read_text(encoding="utf-8") == text


def _text(value: Json) -> str:
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def _bytes_of(code: Json) -> int:
    return (len(str(code)) - 2) // 2


if __name__ == "__main__":
    sys.exit(main())
