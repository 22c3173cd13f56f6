"""Who may listen: the sign-in cookie, asked of the database on a thread of its own, so that no sign-in delays an event."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy.orm import Session

from console.accounts import demo, sessions
from console.live.clients import Visitor
from console.models import User
from core import heartbeats
from core.services import Services

T = TypeVar("T")
HEARTBEAT = "stream"
_SEE_INCIDENTS = ("dispatcher", "auditor")


class Doors:
    """The thread that looks at sign-ins, and one that writes (the sign of life, who watches): a write may wait for others."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._looking = ThreadPoolExecutor(1, "live-doors")
        self._writing = ThreadPoolExecutor(1, "live-heart")

    async def visitor(self, cookie: str | None) -> Visitor | None:
        """Who comes with this cookie; None when nobody does."""
        return (await self.visitors([cookie]))[cookie] if cookie else None

    async def visitors(self, cookies: Iterable[str]) -> dict[str, Visitor | None]:
        """The same for many."""
        wanted = frozenset(cookies)
        return await _run(self._looking, lambda: self._look(wanted))

    async def beat(self) -> None:
        """Write that the stream lives."""
        await _run(self._writing, lambda: self._write(lambda session: heartbeats.beat(session, HEARTBEAT)))

    async def forget(self) -> None:
        """Take the sign of life away: the stream stops in good order."""
        await _run(self._writing, lambda: self._write(lambda session: heartbeats.forget(session, HEARTBEAT)))

    async def note_watched(self, cookies: Iterable[str]) -> None:
        """Write that the sessions of these cookies are in use: somebody watches what they show."""
        watched = frozenset(cookies)
        await _run(self._writing, lambda: self._write(lambda session: sessions.note_watched(session, watched)))

    def close(self) -> None:
        """End the threads; what was asked and not yet begun is dropped."""
        for thread in (self._looking, self._writing):
            thread.shutdown(wait=False, cancel_futures=True)

    def _look(self, cookies: Iterable[str]) -> dict[str, Visitor | None]:
        with_demo = demo.opens(self._services.settings)
        with self._services.read() as session:
            return {cookie: _visitor(sessions.user_of(session, cookie, demo=with_demo)) for cookie in cookies}

    def _write(self, note: Callable[[Session], None]) -> None:
        with self._services.write() as session:
            note(session)


async def _run(thread: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(thread, work)


def _visitor(user: User | None) -> Visitor | None:
    return None if user is None else Visitor(user.id, user.role in _SEE_INCIDENTS)
