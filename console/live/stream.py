"""The heart of the stream: reads what is new once, hands it to everybody, and keeps an eye on who may still listen."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from console.live import sse
from console.live.clients import Client, Clients
from console.live.doors import Doors
from console.live.reading import Reader
from core import heartbeats, log

_log = log.get("live")


@dataclass(frozen=True)
class Pace:
    """How often things are done, in seconds."""

    look_s: float = 1.0
    """Without a wake-up the table is looked at this often."""
    gap_s: float = 0.05
    """Between two readings: what happens in a burst is read together."""
    check_s: float = 5.0
    """How often sign-ins are looked at again."""
    watched_s: float = 60.0
    """How often sessions whose stream is open are noted as in use."""
    beat_s: float = heartbeats.EVERY_S
    tick_s: float = 10.0
    write_s: float = 15.0
    """A client that has not taken what was written to it for so long is cut."""


class Stream:
    """Everything but HTTP."""

    def __init__(self, reader: Reader, doors: Doors, clients: Clients, pace: Pace) -> None:
        self.clients = clients
        self._reader = reader
        self._doors = doors
        self._pace = pace
        self._stirred = asyncio.Event()
        self._reads = False

    def wake(self) -> None:
        """Say that there may be something new."""
        self._stirred.set()

    async def begin(self) -> None:
        """Start at the newest event; raises what the database raises."""
        self.clients.number = await self._reader.newest()
        self._reads = True

    async def catch_up(self, client: Client, after: int) -> None:
        """Hand `client` what it has missed since event `after`, and let it follow from there."""
        number = after
        while True:
            batch = await self._reader.since(number)
            if batch.data:
                client.put(batch.data)
            number = batch.number
            # While this was read, the others may have been told of more; only who is level with them may follow.
            if number >= self.clients.number:
                client.number = number
                return

    async def follow(self) -> None:
        """Read and hand out whatever is new, until cancelled."""
        while True:
            try:
                await self._hand_out()
                self._reads = True
            except Exception as error:  # whatever is wrong, those who listen wait for the next try
                if self._reads:
                    _log.error("what has changed cannot be read", error=type(error).__name__, at=_place(error))
                self._reads = False
                await asyncio.sleep(self._pace.look_s)
            await asyncio.sleep(self._pace.gap_s)
            await self._rest()

    async def tick(self) -> None:
        """Tell everybody every few seconds that the stream lives; not while nothing can be read, for then it is of no use."""
        while True:
            await asyncio.sleep(self._pace.tick_s)
            if self._reads:
                self.clients.tell_all(sse.tick())

    async def beat(self) -> None:
        """Write the sign of life every few seconds."""
        await self._every(self._pace.beat_s, self._doors.beat, "the sign of life cannot be written")

    async def check(self) -> None:
        """End the streams of those whose sign-in has ended."""
        await self._every(self._pace.check_s, self._turn_away, "sign-ins cannot be checked")

    async def note_watched(self) -> None:
        """A page that listens keeps its sign-in: nobody is thrown out while an emergency runs that they watch."""
        await self._every(self._pace.watched_s, self._note_watched, "sessions in use cannot be noted")

    @staticmethod
    async def _every(seconds: float, work: Callable[[], Awaitable[None]], fault: str) -> None:
        while True:
            try:
                await work()
            except Exception as error:  # whatever it is, the next time may be better
                _log.error(fault, error=type(error).__name__, at=_place(error))
            await asyncio.sleep(seconds)

    async def _hand_out(self) -> None:
        batch = await self._reader.since(self.clients.number)
        if batch.number != self.clients.number:
            self.clients.tell(batch)

    async def _rest(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._pace.look_s):
                await self._stirred.wait()
        self._stirred.clear()

    async def _note_watched(self) -> None:
        if len(self.clients):
            await self._doors.note_watched(client.cookie for client in self.clients)

    async def _turn_away(self) -> None:
        if not len(self.clients):
            return
        visitors = await self._doors.visitors(client.cookie for client in self.clients)
        for client in self.clients:
            if client.cookie in visitors and visitors[client.cookie] != client.visitor:
                client.cut()


def _place(error: Exception) -> str:
    """Where it happened; the message itself may quote somebody's number."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.name}:{frame.lineno}"
