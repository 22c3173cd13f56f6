"""Who may listen: the sign-in cookie, asked of the database on a thread of its own, so that no sign-in delays an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol, TypeVar

from sqlalchemy.orm import Session

from console.live.clients import Visitor
from core import heartbeats
from core.services import Services

T = TypeVar("T")
HEARTBEAT = "stream"
_SEE_INCIDENTS = ("dispatcher", "auditor")


class Person(Protocol):
    """What is asked of a user."""

    @property
    def id(self) -> int:
        """The account's number."""

    @property
    def role(self) -> str:
        """What the account is for."""


WhoIs = Callable[[Session, str | None], Person | None]
"""The user whose session a cookie's value names; None when there is none, or no longer."""


class Doors:
    """The thread that looks at sign-ins, and one that writes the sign of life: a write may wait for others."""

    def __init__(self, services: Services, who_is: WhoIs) -> None:
        self._services = services
        self._who_is = who_is
        self._looking = ThreadPoolExecutor(1, "live-doors")
        self._beating = ThreadPoolExecutor(1, "live-heart")

    async def visitor(self, cookie: str | None) -> Visitor | None:
        """Who comes with this cookie; None when nobody does."""
        return (await self.visitors([cookie]))[cookie] if cookie else None

    async def visitors(self, cookies: Iterable[str]) -> dict[str, Visitor | None]:
        """The same for many."""
        wanted = frozenset(cookies)
        return await _run(self._looking, lambda: self._look(wanted))

    async def beat(self) -> None:
        """Write that the stream lives."""
        await _run(self._beating, lambda: self._write(heartbeats.beat))

    async def forget(self) -> None:
        """Take the sign of life away: the stream stops in good order."""
        await _run(self._beating, lambda: self._write(heartbeats.forget))

    def close(self) -> None:
        """End the threads; what was asked and not yet begun is dropped."""
        for thread in (self._looking, self._beating):
            thread.shutdown(wait=False, cancel_futures=True)

    def _look(self, cookies: Iterable[str]) -> dict[str, Visitor | None]:
        with self._services.read() as session:
            return {cookie: _visitor(self._who_is(session, cookie)) for cookie in cookies}

    def _write(self, note: Callable[[Session, str], None]) -> None:
        with self._services.write() as session:
            note(session, HEARTBEAT)


async def _run(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, work)


def _visitor(person: Person | None) -> Visitor | None:
    return None if person is None else Visitor(person.id, person.role in _SEE_INCIDENTS)
