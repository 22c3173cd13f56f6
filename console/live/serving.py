"""The stream as a process: opens everything, serves until told to stop, ends at once."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress

from aiohttp import web

from console.live.app import Live
from console.live.clients import Clients
from console.live.doors import Doors
from console.live.reading import Changes, Reader
from console.live.stream import Pace, Stream
from console.live.waking import listen
from core.services import Services

SHIPPED = Pace()
_END_WITHIN_S = 1.0


class Server:
    """The stream on one address, over the question what has changed."""

    def __init__(self, services: Services, changes: Changes, *, pace: Pace = SHIPPED, clients: Clients | None = None) -> None:
        self._services = services
        self._reader = Reader(services, changes)
        self._doors = Doors(services)
        self.stream = Stream(self._reader, self._doors, clients if clients is not None else Clients(), pace)
        self._tasks: list[asyncio.Task[None]] = []
        live = Live(services.settings, self.stream, self._doors, pace.write_s)
        # A browser that goes away gives its place back at once, not with the next thing that is written to it.
        self._runner = web.AppRunner(live.app(), access_log=None, handler_cancellation=True, shutdown_timeout=_END_WITHIN_S)

    async def start(self, host: str, port: int) -> None:
        """Listen; OSError when the address cannot be used."""
        await self.stream.begin()
        stream = self.stream
        work = [stream.follow(), stream.tick(), stream.check(), stream.note_watched(), stream.beat()]
        if self._services.settings.redis_url:
            work.append(listen(self._services.settings.redis_url, self.stream.wake))
        self._tasks = [asyncio.create_task(one) for one in work]
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port, backlog=1024).start()

    async def stop(self) -> None:
        """End every stream and stop listening."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for client in self.stream.clients:
            client.end()
        await self._runner.cleanup()
        with suppress(Exception):  # nobody may be kept from ending by a database that is gone
            async with asyncio.timeout(_END_WITHIN_S):
                await self._doors.forget()
        self._reader.close()
        self._doors.close()


async def serve(server: Server, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(ending, stopping.set)
    try:
        await server.start(host, port)
        await stopping.wait()
    finally:
        await server.stop()
