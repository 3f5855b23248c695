"""Run a chain's program for as long as the process that started this one lives.

Started as a script with a scratch folder and the command as its arguments and a pipe as standard input. However the
starter ends, even by a signal that nothing can catch, the pipe closes; then the chain ends and the folder is removed.
Standard library only: it starts in a blink.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading

_PATIENCE_SECONDS = 5.0


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()
    try:
        child.wait(_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


def main(scratch: str, command: list[str]) -> int:
    """Run the command until it ends or standard input closes; then remove the folder.

    Args:
        scratch: Folder that the command writes to. It stays when the command ends by itself, so that the starter can
            read there why.
        command: Program and arguments.

    Returns:
        The command's exit code.
    """
    released = threading.Event()
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as child:

        def watch() -> None:
            # Not through sys.stdin: its lock would be held when the command ends by itself, and Python aborts on that.
            while os.read(0, 1024):
                pass
            released.set()
            _end(child)

        signal.signal(signal.SIGTERM, lambda _number, _frame: child.terminate())
        threading.Thread(target=watch, daemon=True).start()
        code = child.wait()
    if released.is_set():
        shutil.rmtree(scratch, ignore_errors=True)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
