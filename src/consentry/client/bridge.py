"""The one synchronous bridge to the asynchronous client.

The client is asynchronous throughout. Code that is not runs it through a `Bridge`::

    with Bridge() as bridge:
        network = bridge.run(Network.connect("http://127.0.0.1:8545", directory))
        state = bridge.run(network.exchanges.state_of(exchange_id))
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Optional, TypeVar

from consentry.client.errors import BridgeClosed

T = TypeVar("T")


class Bridge:
    """Runs coroutines of one event loop, in a thread of its own, for callers that have none."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="consentry-bridge", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[object, object, T]) -> T:
        """Run a coroutine to its end and return its result; its exceptions come through unchanged.

        A caller that is interrupted while it waits takes the coroutine with it.

        Raises:
            BridgeClosed: The bridge is closed; the coroutine did not begin.
        """
        if self._loop.is_closed():
            work.close()
            raise BridgeClosed("the bridge is closed; open another one")
        running = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return running.result()
        finally:
            running.cancel()

    def close(self) -> None:
        """End what still runs, and stop the loop and its thread. Does nothing the second time."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(_end_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def __enter__(self) -> Bridge:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        value: Optional[BaseException],
        traceback: Optional[TracebackType],
    ) -> None:
        self.close()


async def _end_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await asyncio.get_running_loop().shutdown_asyncgens()
