"""Deployments in processes of their own that end by SIGKILL at a chosen moment."""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

from consentry.deployment import Progress, deploy, load_parameters
from consentry.devchain import development_account

_SECONDS = 60.0


def deploy_and_be_killed(rpc_url: str, path: Path, step: int, phase: str, *, gas_price_wei: int | None) -> None:
    """Deploy in another process, which nothing can keep from ending at this moment.

    Args:
        rpc_url: The chain.
        path: Manifest to write.
        step: Number of the step, 1 for the first.
        phase: `signed`, `sent` or `mined`.
        gas_price_wei: Price of gas in wei, or None for what the node suggests.
    """
    # Forked from a process that has this module loaded and no threads: it starts in a blink.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    process = context.Process(target=_deploy_until, args=(rpc_url, path, step, phase, gas_price_wei))
    process.start()
    process.join(_SECONDS)
    assert process.exitcode == -signal.SIGKILL, f"step {step} ({phase}): ended with {process.exitcode}"


def _deploy_until(rpc_url: str, path: Path, step: int, phase: str, gas_price_wei: int | None) -> None:
    def kill(progress: Progress) -> None:
        if (progress.step, progress.phase) == (step, phase):
            os.kill(os.getpid(), signal.SIGKILL)

    deploy(rpc_url, development_account(0), load_parameters(), path, on_progress=kill, gas_price_wei=gas_price_wei)
