"""Connections to a test worker's PostgreSQL, open from one test to the next: to make them anew for each took a tenth of the
time of every test there."""

from __future__ import annotations

import threading
import time
from typing import Any

import psycopg
from sqlalchemy import event

from core import postgresql
from core.database import Database

BACK_WITHIN_S = 5.0


class KeptConnections:
    """Those of one database. Each test has a pool of its own, since what is remembered of tables is remembered by pool; only
    the connections in it are the ones of the test before."""

    def __init__(self, database: Database, *, keep: bool = True) -> None:
        """`keep=False` for a server that is stopped on the way, which none outlives."""
        self._database, self._keep = database, keep
        self._kept: list[psycopg.Connection[Any]] = []
        event.remove(database.engine, "do_connect", postgresql.connect)
        event.listen(database.engine, "do_connect", self._one)
        event.listen(database.engine, "do_connect", postgresql.connect)

    def take_back(self) -> None:
        """Take them out of the pool of the test that has ended; the next one has a new pool."""
        pool = self._database.engine.pool
        self._wait_until_back(pool)
        count = pool.checkedin() if self._keep else 0  # type: ignore[attr-defined]  # a QueuePool, which counts
        for one in [pool.connect() for _ in range(count)]:
            self._kept.append(one.dbapi_connection)  # type: ignore[arg-type]
            one.detach()
        self._database.close()

    def _wait_until_back(self, pool: Any) -> None:
        """One that a thread still holds would belong to a pool that is gone."""
        pause, until = threading.Event(), time.monotonic() + BACK_WITHIN_S
        while pool.checkedout() and time.monotonic() < until:
            pause.wait(0.005)

    def _one(self, *_: object) -> psycopg.Connection[Any] | None:
        """As SQLAlchemy's `do_connect` asks: one of them, or None, and it is made anew."""
        while self._kept:
            one = self._kept.pop()
            if not one.closed:
                return one
        return None

    def close(self) -> None:
        """Close them."""
        for one in self._kept:
            one.close()
