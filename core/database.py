"""The database: SQLite by default, PostgreSQL where one machine is not enough. Both through this one door."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from core import postgresql, sqlite

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

WRITE_TURN_TIMEOUT_S = 10.0

_LOCK = text("SELECT pg_advisory_xact_lock(:number)")
_LOCKS_HELD = "advisory_locks"


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
        self._writing = self.engine.execution_options(sqlite_begin=sqlite.WRITING)
        self._reading = self.engine.execution_options(sqlite_begin=sqlite.READING)
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
        """For whoever writes one long transaction after the other: let those who wait to write go first. PostgreSQL, which has
        many writers, needs no such kindness."""
        if self.is_sqlite:
            sqlite.give_way(self.engine)

    @property
    def is_writing(self) -> bool:
        """Whether a thread of this process has the one turn to write; another would wait for it. Never on PostgreSQL."""
        return self._turn is not None and self._turn.locked()

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
        engine = create_engine(url, pool_size=pool_size, max_overflow=20, hide_parameters=True)
        event.listen(engine, "do_connect", postgresql.connect_patiently if patient else postgresql.connect)
        event.listen(engine, "checkout", postgresql.replace_what_ended)
        return engine
    engine = create_engine(
        url, pool_size=pool_size, max_overflow=20, hide_parameters=True, connect_args={"check_same_thread": False}
    )
    sqlite.prepare(engine)
    return engine


def storable(words: str) -> str:
    """`words` without what a database cannot hold: PostgreSQL takes no NUL, and none takes half of a character of two halves,
    which JSON can name."""
    return words.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def writes_alone(session: Session) -> bool:
    """Whether nobody else can write until this writing transaction ends, as on SQLite: then there is nothing to lock, and what
    was read stays true."""
    return session.connection().dialect.name == "sqlite"


def advisory_lock(session: Session, number: int) -> None:
    """Hold lock `number` until this transaction ends, where others can write meanwhile. Asked for again it is held already."""
    held: set[int] = session.info.setdefault(_LOCKS_HELD, set())
    if number not in held and not writes_alone(session):
        session.connection().execute(_LOCK, {"number": number})
        if not session.in_nested_transaction():  # a savepoint that is undone gives its locks back
            held.add(number)
