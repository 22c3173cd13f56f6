"""Knowing when nothing is going on, so that a test can wait for exactly that instead of sleeping."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from core import log

_log = log.get("simulated carrier")


class Idle:
    """Counts what is outstanding in one event loop: requests being answered, lives of texts, webhooks under way."""

    def __init__(self) -> None:
        self._busy = 0
        self._at_rest = asyncio.Event()
        self._at_rest.set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def outstanding(self) -> int:
        """How many things are under way."""
        return self._busy

    def enter(self) -> None:
        """One more thing is under way."""
        self._busy += 1
        self._at_rest.clear()

    def leave(self) -> None:
        """One thing is done."""
        self._busy -= 1
        if self._busy == 0:
            self._at_rest.set()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Something is under way while the block runs."""
        self.enter()
        try:
            yield
        finally:
            self.leave()

    def spawn(self, work: Coroutine[Any, Any, None], *, counted: bool = True) -> asyncio.Task[None]:
        """Run `work` beside everything else. `counted=False` is for plans that nobody should wait for."""
        if counted:
            self.enter()
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        if counted:
            task.add_done_callback(lambda _: self.leave())
        return task

    async def wait(self) -> None:
        """Return once nothing is under way."""
        while self._busy:
            await self._at_rest.wait()

    async def stop(self) -> None:
        """End every piece of work that is still running."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("work of the carrier failed", error=repr(error))


class Gate:
    """Work stops before it while it is closed; what stands there does not count as outstanding."""

    def __init__(self, idle: Idle) -> None:
        self._idle = idle
        self._closed = False
        self._waiting: list[asyncio.Future[None]] = []

    @property
    def closed(self) -> bool:
        """Whether work is being held."""
        return self._closed

    def close(self) -> None:
        """Hold all work that comes here from now on."""
        self._closed = True

    def open(self) -> None:
        """Let everything go. It counts as outstanding again before this returns, so that waiting for rest sees it."""
        self._closed = False
        for waiter in self._waiting:
            if not waiter.done():
                self._idle.enter()
                waiter.set_result(None)
        self._waiting.clear()

    async def passed(self) -> None:
        """Return when the gate is open. The caller must be counted as outstanding."""
        while self._closed:
            waiter = asyncio.get_running_loop().create_future()
            self._waiting.append(waiter)
            self._idle.leave()
            try:
                await waiter
            except asyncio.CancelledError:
                if not waiter.done() or waiter.cancelled():
                    self._idle.enter()
                raise
