"""The live stream beside the site, in a thread: the very server that runs as the part `live`."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from console.live.serving import Server
from core.services import Services
from dispatch.desk.board import changes


class Stream:
    """The stream on one port, which a test may take away and give back."""

    def __init__(self, services: Services, port: int) -> None:
        self._services, self._port = services, port
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="stream", daemon=True)
        self._thread.start()
        self._server: Server | None = None

    def start(self) -> None:
        """Serve."""
        self._server = Server(self._services, changes)
        self._run(self._server.start("127.0.0.1", self._port))

    def stop(self) -> None:
        """Serve no longer; every open stream ends."""
        if self._server is not None:
            self._run(self._server.stop())
        self._server = None

    def count(self) -> int:
        """How many streams are open."""
        return 0 if self._server is None else len(self._server.stream.clients)

    def close(self) -> None:
        """End the thread too."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)


@contextmanager
def serve(services: Services, port: int) -> Iterator[Stream]:
    """Serve the stream of `services` on this port of loopback."""
    stream = Stream(services, port)
    stream.start()
    try:
        yield stream
    finally:
        stream.close()


def free_port() -> int:
    """A port of loopback that nobody uses just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
