"""A stream in this process over a board of the test's own, and browsers that are nothing but a socket."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from console.accounts import sessions
from console.live.clients import Clients
from console.live.reading import Changes
from console.live.serving import Server
from console.live.stream import Pace
from console.models import User, UserSession
from core import clock, events
from core.events import Event
from core.queue import WakeUps
from core.services import Services
from core.settings import Settings
from scripts.lib import ports
from tests.live.listener import Listener

QUICK = Pace(look_s=0.2, gap_s=0.01, check_s=0.2, tick_s=0.2, watched_s=0.2, write_s=0.5)


def numbers_after(session: Session, after: int) -> dict[str, Any]:
    """Stands for the board: every number after `after`, so that a test can see whether one was missed."""
    found = list(session.scalars(select(Event.number).where(Event.number > after).order_by(Event.number)))
    return {"number": found[-1] if found else after, "incidents": found, "alarms": [], "reset": False}


class Stage:
    """One stream that runs, and the means to sign in, to make events, and to listen."""

    def __init__(self, services: Services, server: Server, port: int) -> None:
        self.services = services
        self.server = server
        self.url = f"http://127.0.0.1:{port}/live"

    def sign_in(self, role: str = "dispatcher", name: str | None = None, *, demo: bool = False) -> str:
        """A new account of this role; returns its cookie."""
        with self.services.write() as session:
            user = User(name=name or role, role=role, password_hash="x", created_at=clock.now(), demo=demo)
            session.add(user)
            session.flush()
            return sessions.begin(session, user, "127.0.0.1", "test")

    def sign_out(self, name: str) -> None:
        """End every session of an account."""
        with self.services.write() as session:
            user = session.scalars(select(User).where(User.name == name)).one()
            sessions.end_all(session, user, "user:" + name)

    def let_rest(self, span: timedelta) -> None:
        """Every session has been unused for so much longer than it was."""
        with self.services.write() as session:
            for row in session.scalars(select(UserSession)):
                row.seen_at -= span

    def rested(self, name: str) -> timedelta:
        """For how long the session of an account has been unused."""
        with self.services.read() as session:
            wanted = select(UserSession.seen_at).join(User, User.id == UserSession.user_id).where(User.name == name)
            return clock.now() - session.scalars(wanted).one()

    def is_signed_in(self, cookie: str) -> bool:
        """Whether this cookie still opens anything."""
        with self.services.read() as session:
            return sessions.user_of(session, cookie, demo=True) is not None

    def happen(self, count: int = 1) -> int:
        """Let something happen, each in a transaction of its own; returns the last one's number."""
        for _ in range(count):
            with self.services.write() as session:
                events.record(session, "happened")
        return self.newest()

    def newest(self) -> int:
        """The number of the newest event."""
        with self.services.read() as session:
            return session.scalars(select(Event.number).order_by(Event.number.desc()).limit(1)).first() or 0

    def listen(self, cookie: str | None = None, **more: Any) -> Listener:
        """Open a stream."""
        return Listener(self.url, cookie, **more)


@contextmanager
def running(
    services: Services, changes: Changes = numbers_after, pace: Pace = QUICK, clients: Clients | None = None
) -> Iterator[Stage]:
    """A stream on a port of its own, in a thread, for as long as the block lasts."""
    port = ports.free()
    up: Future[Server] = Future()
    loop, stopping = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        server = Server(services, changes, pace=pace, clients=clients)
        try:
            await server.start("127.0.0.1", port)
            up.set_result(server)
            await stopping.wait()
        except BaseException as error:
            up.set_exception(error)
        finally:
            await server.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        yield Stage(services, up.result(10), port)
    finally:
        loop.call_soon_threadsafe(stopping.set)
        thread.join()
        loop.close()


@pytest.fixture
def open_services(settings: Settings, database: Any) -> Callable[..., Services]:
    """The tools of one process by the machine's own clock, with a Redis or without."""
    return lambda redis_url=None: Services(settings.model_copy(update={"redis_url": redis_url}), database, WakeUps(redis_url))


@pytest.fixture
def stage(open_services: Callable[..., Services]) -> Iterator[Stage]:
    """A stream over an empty database, without a Redis."""
    with running(open_services()) as stage:
        yield stage
