"""Files that are either whole or not there."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from consentry.deployment.errors import DeploymentRunning

JsonValue = None | bool | int | str | list["JsonValue"] | dict[str, "JsonValue"]


def write_json(path: Path, value: Mapping[str, JsonValue]) -> None:
    """Write a JSON file so that a reader, or a crash at any moment, finds the old one or the new one whole.

    Args:
        path: File to write; its folder is made if need be.
        value: What to write; keys keep their order.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    with beside.open("w", encoding="utf-8", newline="\n") as file:
        json.dump(value, file, indent=2, ensure_ascii=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    _sync_folder(path.parent)


def remove(path: Path) -> None:
    """Remove a file for good, if it is there."""
    path.unlink(missing_ok=True)
    _sync_folder(path.parent)


@contextmanager
def sole_writer(path: Path) -> Iterator[None]:
    """Hold a lock beside a file, which ends with the process at the latest.

    Args:
        path: File to write alone.

    Raises:
        DeploymentRunning: Another process holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock_path = path.with_name(path.name + ".lock")
    with _locked(path, lock_path):
        try:
            yield
        finally:
            # Whoever has opened the removed file sees that it is no longer the one at the path.
            if sys.platform != "win32":
                lock_path.unlink(missing_ok=True)


@contextmanager
def _locked(path: Path, lock_path: Path) -> Iterator[None]:
    while True:
        with lock_path.open("a+b") as file:
            if not _lock(file):
                raise DeploymentRunning(path)
            if _is_at(file, lock_path):
                yield
                return


def _is_at(file: IO[bytes], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> bool:
        file.seek(0)
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
