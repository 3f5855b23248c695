"""Set the project up inside itself: Python packages, Node packages, the Solidity compiler and Brownie's data.

Run by `make setup` through `scripts/toolchain/set-up`, with nothing but the standard library. Each step leaves a stamp
that holds a hash of what it was made from, so a second run does nothing, and a changed lock file renews its own step
only. Everything lands in `.venv`, `node_modules` and `.cache`; caches and temporary files of pip and npm too.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
HOME = CACHE / "home"
SOLCX = CACHE / "solcx"
LOGS = CACHE / "log"
MODULES = ROOT / "node_modules"

LEAST_NODE = 20
NATIVE_COMPILER_SECONDS = 5.0

# All but the lexer come as wheels for Linux on x86-64; elsewhere the others want a C compiler.
_MAY_COME_AS_SOURCE = frozenset({"ckzg", "eth-brownie", "pygments-lexer-solidity", "safe-pysha3"})


class SetUpError(Exception):
    """Say in one line what is missing and how to mend it."""


def main() -> int:
    """Bring every step up to date.

    Returns:
        Exit code: 0, or 1 after one line on standard error.
    """
    for folder in (CACHE, HOME, LOGS, CACHE / "tmp", CACHE / "stamps"):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with _one_at_a_time(), ThreadPoolExecutor(max_workers=2) as pool:
            check_prerequisites()
            steps = [pool.submit(set_up_python), pool.submit(set_up_node)]
            for step in steps:
                step.result()
            set_up_compiler()
            set_up_brownie()
    except SetUpError as error:
        print(f"set-up: {error}", file=sys.stderr)
        return 1
    return 0


def check_prerequisites() -> None:
    """Refuse a machine on which the steps cannot succeed.

    Raises:
        SetUpError: Something is missing or too old.
    """
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
            mend = f"install it (Debian, Ubuntu: apt install {package})"
            raise SetUpError(f"{sys.executable} has no {module} module; {mend}")
    for program in ("node", "npm", "git"):
        if shutil.which(program) is None:
            mend = "install git" if program == "git" else f"install Node.js {LEAST_NODE} or later, which brings npm"
            raise SetUpError(f"{program} is not on PATH; {mend}")
    said = _answer_of(["node", "--version"])
    numbers = re.match(r"v(\d+)\.", said)
    if numbers is None or int(numbers[1]) < LEAST_NODE:
        found = said or "one that does not start"
        raise SetUpError(f"Node.js {LEAST_NODE} or later is needed and {found} is on PATH; update it")


def set_up_python() -> None:
    """Make the virtual environment from the lock file and put the project into it, editable.

    Raises:
        SetUpError: A package cannot be had.
    """
    lock = ROOT / "requirements" / "locked.txt"
    interpreter = getattr(sys, "_base_executable", sys.executable)
    made_from = [platform.python_version(), platform.platform(), sys.base_prefix, str(ROOT)]
    python = VENV / "bin" / "python"
    with _stamp("venv", made_from, needs=(python,)) as is_fresh:
        if not is_fresh:
            _remove(VENV)
            _run("venv", [interpreter, "-m", "venv", str(VENV)], "install Python's venv module")
    made_from.append(_hash(lock))
    with _stamp("python", made_from, needs=(python,)) as is_fresh:
        if not is_fresh:
            _say("Python packages into .venv (a minute or two the first time)")
            _install_locked(python, lock)
            _remove_unlocked(python, lock)
    with _stamp("package", [_hash(ROOT / "pyproject.toml"), *made_from], needs=(python,)) as is_fresh:
        if not is_fresh:
            _say("consentry itself, editable")
            install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
            _run("package", [*install, "--no-build-isolation", "--editable", str(ROOT)], "see the log")


def _install_locked(python: Path, lock: Path) -> None:
    """Install the locked packages by hash: those that come as wheels first, then, with these, the few from source."""
    entries = re.findall(r"^[A-Za-z0-9].*(?:\n .*)*", lock.read_text(encoding="utf-8"), re.MULTILINE)
    from_source = [entry for entry in entries if re.split(r"[=\s]", entry)[0] in _MAY_COME_AS_SOURCE]
    wheels = [entry for entry in entries if entry not in from_source]
    install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
    for step, chosen, options in (
        ("pip", wheels, ["--only-binary", ":all:"]),
        ("pip-source", from_source, ["--no-build-isolation", "--prefer-binary"]),
    ):
        part = CACHE / "tmp" / f"{step}.txt"
        part.write_text("\n".join(chosen) + "\n", encoding="utf-8")
        _run(
            step,
            [*install, *options, "--requirement", str(part)],
            "check the network connection, or pip's configuration if packages come from a mirror",
        )


def _remove_unlocked(python: Path, lock: Path) -> None:
    """Take out of the environment what an earlier lock file had and this one has not."""
    listed = _answer_of([str(python), "-m", "pip", "list", "--format", "json"])
    installed = {_plain(item["name"]) for item in json.loads(listed)}
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE)
    locked = {_plain(name) for name in pinned}
    left_over = sorted(installed - locked - {"pip", "setuptools", "consentry"})
    if left_over:
        _run("pip-uninstall", [str(python), "-m", "pip", "uninstall", "--quiet", "--yes", *left_over], "remove .venv")


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def set_up_node() -> None:
    """Install the locked Node packages: OpenZeppelin's contracts, the compiler, both chains, forge.

    Raises:
        SetUpError: A package cannot be had.
    """
    made_from = [_hash(ROOT / "package-lock.json"), _hash(ROOT / "package.json"), platform.platform(), str(ROOT)]
    needs = (MODULES / "solc", MODULES / "ganache", MODULES / "@openzeppelin" / "contracts")
    with _stamp("node", made_from, needs=needs) as is_fresh:
        if is_fresh:
            return
        _say("Node packages into node_modules")
        _run(
            "npm",
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            "check the network connection, or npm's configuration if packages come from a mirror",
        )
        for program in ("anvil", "forge"):
            if not (foundry_folder(program) / program).is_file():
                raise SetUpError(
                    f"there is no {program} for {platform.system()} on {platform.machine()} among npm's packages; "
                    "Linux and macOS on x86-64 and arm64 are served"
                )


def set_up_compiler() -> None:
    """Put the pinned Solidity compiler where py-solc-x looks: native if it comes at once, else npm's.

    Raises:
        SetUpError: Neither runs.
    """
    version = json.loads((MODULES / "solc" / "package.json").read_text(encoding="utf-8"))["version"]
    target = SOLCX / f"solc-v{version}"
    made_from = [version, _hash(ROOT / "scripts" / "toolchain" / "solc.cjs"), platform.platform(), str(ROOT)]
    with _stamp("compiler", made_from, needs=(target,)) as is_fresh:
        if is_fresh:
            return
        full_version = _answer_of(["node", "-p", "require('solc').version()"])
        commit = re.match(rf"{re.escape(version)}\+commit\.[0-9a-f]+", full_version)
        if commit is None:
            said = f"npm's solc says it is {full_version!r}, not {version}"
            raise SetUpError(f"{said}; remove node_modules and set up again")
        SOLCX.mkdir(parents=True, exist_ok=True)
        for old in SOLCX.iterdir():
            _remove(old)
        native = _native_compiler(version)
        if native is not None and commit[0] in _answer_of([str(native), "--version"]):
            _say(f"solc {version}, native")
            native.replace(target)
        else:
            _say(f"solc {version}, npm's (no native one within {NATIVE_COMPILER_SECONDS:g} s)")
            partial = SOLCX / "partial"
            partial.write_text(_COMPILER.format(version=full_version, major_version=version), encoding="utf-8")
            partial.chmod(0o755)
            partial.replace(target)
        _remove(CACHE / "solc-native")
        if commit[0] not in _answer_of([str(target), "--version"]):
            raise SetUpError(f"the compiler at {target.relative_to(ROOT)} does not run; remove .cache and set up again")


def set_up_brownie() -> None:
    """Put a launcher in front of Brownie that keeps its data and the programs it starts inside the project."""
    launcher = VENV / "bin" / "brownie"
    networks = ROOT / "scripts" / "toolchain" / "networks.yaml"
    data = HOME / ".brownie"
    made_from = [_LAUNCHER, str(ROOT), _hash(ROOT / "requirements" / "locked.txt"), _hash(networks)]
    with _stamp("brownie", made_from, needs=(launcher, data / "network-config.yaml")) as is_fresh:
        if not is_fresh:
            data.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(networks, data / "network-config.yaml")
            partial = launcher.with_suffix(".partial")
            partial.write_text(_LAUNCHER.format(chains=foundry_folder("anvil").relative_to(ROOT)), encoding="utf-8")
            partial.chmod(0o755)
            partial.replace(launcher)


def foundry_folder(program: str) -> Path:
    """Return the folder of anvil's or forge's own program for this machine; npm's launcher outlives a kill."""
    system = platform.system().lower()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine().lower())
    return MODULES / "@foundry-rs" / f"{program}-{system}-{machine}" / "bin"


_COMPILER = """\
#!/bin/sh
# Written by the set-up: npm's solc {major_version}, behind the options of the native compiler.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/../.." && pwd)
CONSENTRY_SOLC_VERSION={version} CONSENTRY_SOLC_CACHE="$root/.cache/solc-output" \\
    exec node "$root/scripts/toolchain/solc.cjs" "$@"
"""

_LAUNCHER = """\
#!/bin/sh
# Written by the set-up. Brownie keeps its data below HOME and looks for chains on PATH: both are the project's own.
# BROWNIE_HOME names another home.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
HOME=${{BROWNIE_HOME:-$root/.cache/home}}
SOLCX_BINARY_PATH=${{SOLCX_BINARY_PATH:-$root/.cache/solcx}}
PATH=$root/{chains}:$root/node_modules/.bin:$here:$PATH
export HOME SOLCX_BINARY_PATH PATH
exec "$here/python" -c 'import sys; from brownie._cli.__main__ import main; sys.exit(main())' "$@"
"""


def _native_compiler(version: str) -> Path | None:
    """Ask py-solc-x for the native compiler, and give up after a moment whatever hangs."""
    folder = CACHE / "solc-native"
    _remove(folder)
    folder.mkdir()
    code = f"import solcx; solcx.install_solc({version!r}, solcx_binary_path={str(folder)!r})"
    with (LOGS / "solc.log").open("wb") as log:
        process = subprocess.Popen(
            [str(VENV / "bin" / "python"), "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**_environment(), "HOME": str(HOME)},
            start_new_session=True,
        )
        try:
            code_of_exit = process.wait(NATIVE_COMPILER_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            code_of_exit = process.wait()
    found = folder / f"solc-v{version}"
    return found if code_of_exit == 0 and found.is_file() else None


@contextlib.contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (CACHE / "set-up.lock").open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _say("waiting for another set-up of this checkout")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def _stamp(name: str, made_from: Sequence[str], needs: Sequence[Path]) -> Iterator[bool]:
    """Yield whether a step is up to date, and note that it is once its body has ended well."""
    file = CACHE / "stamps" / name
    key = hashlib.sha256("\n".join(made_from).encode()).hexdigest()
    is_fresh = file.is_file() and file.read_text(encoding="utf-8") == key and all(path.exists() for path in needs)
    if not is_fresh:
        file.unlink(missing_ok=True)
    yield is_fresh
    if not is_fresh:
        file.write_text(key, encoding="utf-8")


def _run(step: str, command: Sequence[str], mend: str) -> None:
    log_path = LOGS / f"{step}.log"
    with log_path.open("wb") as log:
        done = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if done.returncode != 0:
        said = _last_error(log_path.read_text(encoding="utf-8", errors="replace"))
        raise SetUpError(f"{Path(command[0]).name} failed: {said}; {mend} (all of it: {log_path.relative_to(ROOT)})")


def _last_error(log: str) -> str:
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    errors = [line for line in lines if re.match(r"(npm )?(err|error)\b", line, re.IGNORECASE)]
    return (errors or lines or ["it said nothing"])[0][:300]


def _answer_of(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(
            command, check=False, cwd=ROOT, env=_environment(), capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _environment() -> Mapping[str, str]:
    """Return the environment with every cache, log and temporary file inside the project."""
    return {
        **os.environ,
        "TMPDIR": str(CACHE / "tmp"),
        "PIP_CACHE_DIR": str(CACHE / "pip"),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_USER": "0",
        # pip asks rustc for its version, and rustup's rustc writes its settings to say that it has none.
        "RUSTUP_HOME": str(CACHE / "rustup"),
        "npm_config_cache": str(CACHE / "npm"),
        "npm_config_update_notifier": "false",
    }


def _hash(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _say(text: str) -> None:
    print(f"set-up: {text}", flush=True)


if __name__ == "__main__":
    started = time.monotonic()
    code = main()
    if code == 0:
        print(f"set-up: ready ({time.monotonic() - started:.0f} s)")
    sys.exit(code)
