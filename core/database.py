"""The database: SQLite by default, PostgreSQL where one machine is not enough. Both through this one door."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from core import clock, postgresql

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

WRITE_TURN_TIMEOUT_S = 10.0
BUSY_TIMEOUT_S = 5.0
"""How long a write waits for those of other processes."""
_TRY_AGAIN_S = 0.001

_LOCK = text("SELECT pg_advisory_xact_lock(:number)")
_READING, _WRITING = "BEGIN", "BEGIN IMMEDIATE"
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=FULL",
    f"busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}",
    "cache_size=-65536",
    "mmap_size=1073741824",  # choosing reads from all over the table: a page that is mapped need not be copied first
)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware datetime in UTC on both databases; SQLite alone would hand back naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone may not reach the database")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), dict[str, Any]: JSON(), list[str]: JSON()}


class Database:
    """One engine with two kinds of transaction: `write` and `read`."""

    def __init__(self, url: str, pool_size: int = 20, *, patient: bool = False) -> None:
        """`patient`: a statement may take as long as it takes, as those of migrations do."""
        self.engine = _engine(url, pool_size, patient=patient)
        # On SQLite a transaction that will write takes the write lock at once: a deferred one that upgrades later
        # fails with SQLITE_BUSY no matter how long the busy time-out is.
        self._writing = self.engine.execution_options(sqlite_begin=_WRITING)
        self._reading = self.engine.execution_options(sqlite_begin=_READING)
        # SQLite lets a waiting writer sleep up to 100 ms between two tries; threads of one process queue here instead,
        # and are served at once.
        self._turn = threading.Lock() if self.is_sqlite else None

    @property
    def is_sqlite(self) -> bool:
        """Whether this is the embedded database."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that commits when the block ends and rolls back when it raises. Keep it short; never do HTTP in it."""
        with self._in_turn(), Session(self._writing, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction for looking only; whatever it changed is rolled back."""
        with Session(self._reading, expire_on_commit=False, autoflush=False) as session:
            yield session

    def give_way(self) -> None:
        """For whoever writes one long transaction after the other: let those who wait to write go first. On SQLite they would
        hardly ever find the moment between two; PostgreSQL needs no such kindness."""
        if self.is_sqlite:
            threading.Event().wait(2 * _TRY_AGAIN_S)

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._turn is None:
            yield
            return
        if not self._turn.acquire(timeout=WRITE_TURN_TIMEOUT_S):
            raise TimeoutError("no turn to write: another thread has held its transaction open for too long")
        try:
            yield
        finally:
            self._turn.release()

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str, pool_size: int, *, patient: bool) -> Engine:
    """Parameters are hidden from exceptions: they carry phone numbers."""
    if url.startswith(("postgresql://", "postgres://")):
        url = "postgresql+psycopg://" + url.split("://", 1)[1]
    if url.startswith("postgresql+psycopg://"):
        engine = create_engine(url, pool_size=pool_size, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
        event.listen(engine, "do_connect", postgresql.connect_patiently if patient else postgresql.connect)
        return engine
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, hide_parameters=True, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if connection.get_execution_options().get("sqlite_begin") == _WRITING:
        _begin_to_write(connection)
    else:
        connection.exec_driver_sql(_READING)


def _begin_to_write(connection: Connection) -> None:
    """Begin as soon as no other process writes.

    SQLite's own waiting sleeps longer from try to try, up to 100 ms, and whoever comes fresh overtakes it: with five
    processes at work, one write in a hundred waited more than 240 ms for locks that are held for 3.
    """
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # typed as anything
    until, pause = clock.monotonic_s() + BUSY_TIMEOUT_S, threading.Event()
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while clock.monotonic_s() < until:
            try:
                driver.execute(_WRITING)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
                    break
                pause.wait(_TRY_AGAIN_S)
            else:
                return
        connection.exec_driver_sql(_WRITING)  # the last try, whose error is SQLAlchemy's own
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")


def storable(words: str) -> str:
    """`words` without what a database cannot hold: PostgreSQL takes no NUL, and none takes half of a character of two halves,
    which JSON can name."""
    return words.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def advisory_lock(session: Session, number: int) -> None:
    """Hold lock `number` until this transaction ends. SQLite needs none: its writers already stand in one queue."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK, {"number": number})
