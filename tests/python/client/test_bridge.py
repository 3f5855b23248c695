"""The synchronous bridge."""

from __future__ import annotations

import asyncio
import signal
import threading
import time

import pytest

from consentry.client import Bridge, Network
from consentry.client.errors import BridgeClosed, WrongChain


def test_runs_the_client_where_there_is_no_event_loop(chain, brought_up_once):
    with Bridge() as bridge:
        network = bridge.run(Network.connect(chain.rpc_url, brought_up_once.manifest.address("NetworkDirectory")))
        assert bridge.run(network.now()) > 1_700_000_000
        bridge.run(network.close())


def test_lets_exceptions_through_unchanged(chain):
    with Bridge() as bridge, pytest.raises(WrongChain, match="is not an address"):
        bridge.run(Network.connect(chain.rpc_url, "nonsense"))


def test_serves_several_threads_at_once():
    met = asyncio.Event()

    async def wait():
        await asyncio.wait_for(met.wait(), 5)
        return "met"

    async def meet():
        met.set()

    answers = []
    with Bridge() as bridge:
        waiting = threading.Thread(target=lambda: answers.append(bridge.run(wait())))
        waiting.start()
        bridge.run(meet())
        waiting.join()
    assert answers == ["met"]


def test_takes_the_work_along_when_the_caller_is_interrupted():
    ended = threading.Event()
    begun = threading.Event()

    async def work():
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    def interrupt():
        begun.wait(5)
        # Until the caller waits for the result, and not before.
        time.sleep(0.1)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    def interrupted(*_):
        raise KeyboardInterrupt

    former = signal.signal(signal.SIGINT, interrupted)
    try:
        with Bridge() as bridge:
            threading.Thread(target=interrupt).start()
            with pytest.raises(KeyboardInterrupt):
                bridge.run(work())
            assert ended.wait(5)
    finally:
        signal.signal(signal.SIGINT, former)


def test_ends_what_still_runs_when_it_is_closed():
    ended = []

    async def background():
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("background")

    tasks = []

    async def start():
        tasks.append(asyncio.create_task(background()))
        await asyncio.sleep(0)

    bridge = Bridge()
    bridge.run(start())
    bridge.close()

    assert ended == ["background"]
    assert not bridge._thread.is_alive()


def test_says_that_it_is_closed():
    bridge = Bridge()
    bridge.close()
    bridge.close()
    begun = []

    async def work():
        begun.append(True)

    with pytest.raises(BridgeClosed, match="open another one"):
        bridge.run(work())
    assert begun == []
