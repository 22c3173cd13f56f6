"""Reads what has changed, once for everybody: one thread, one transaction a question, the same bytes for all who ask it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.live import sse
from core.events import Event
from core.services import Services

T = TypeVar("T")
Changes = Callable[[Session, int], Mapping[str, Any]]
"""What has changed after an event's number: `number` (up to where), `reset` (too much: load the board anew), and the rest as
the board understands it."""


@dataclass(frozen=True)
class Batch:
    """What changed up to event `number`, as it goes over the wire; empty when nothing did."""

    number: int
    data: bytes


class Reader:
    """The one thread that reads changes. Questions are answered in the order in which they are asked."""

    def __init__(self, services: Services, changes: Changes) -> None:
        self._services = services
        self._changes = changes
        self._thread = ThreadPoolExecutor(1, "live-reader")
        self._answered: dict[int, Batch] = {}
        self._answered_at = -1

    async def newest(self) -> int:
        """The number of the newest event; 0 when there is none."""
        return await self._ask(self._newest)

    async def since(self, number: int) -> Batch:
        """What changed after event `number`. A number that is yet to come (the database was put back to an earlier day) is
        answered by a reset."""
        return await self._ask(lambda session: self._since(session, number))

    def close(self) -> None:
        """End the thread; what was asked and not yet begun is dropped."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, question: Callable[[Session], T]) -> T:
        def answer() -> T:
            with self._services.read() as session:
                return question(session)

        return await asyncio.get_running_loop().run_in_executor(self._thread, answer)

    @staticmethod
    def _newest(session: Session) -> int:
        return session.scalar(select(func.max(Event.number))) or 0

    def _since(self, session: Session, number: int) -> Batch:
        newest = self._newest(session)
        if newest != self._answered_at:
            self._answered, self._answered_at = {}, newest
        if number not in self._answered:
            # When a hundred browsers come back at once, they ask for the same few numbers.
            self._answered[number] = self._read(session, number, newest)
        return self._answered[number]

    def _read(self, session: Session, number: int, newest: int) -> Batch:
        if number == newest:
            return Batch(newest, b"")
        if number > newest:
            return _reset(newest)
        found = self._changes(session, number)
        reached: int = found["number"]
        return _reset(reached) if found["reset"] else Batch(reached, sse.event("change", found, reached))


def _reset(number: int) -> Batch:
    return Batch(number, sse.event("reset", {"number": number}, number))
