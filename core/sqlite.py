"""Connections to SQLite, and the turn to write: its one writer at a time may be a thread of any of our processes."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection

from core import clock

READING, WRITING = "BEGIN", "BEGIN IMMEDIATE"
"""A transaction that will write takes the write lock at once: a deferred one that upgrades later fails with SQLITE_BUSY no
matter how long the busy time-out is."""
BUSY_TIMEOUT_S = 5.0
"""How long a write waits for those of other processes."""
_TRY_AGAIN_S = 0.001
_GIVE_WAY_S = 0.05
"""The longest that one who gives way waits: by then all those who waited have written, or are stuck themselves."""
_PRAGMAS = (
    "journal_mode=WAL",
    "foreign_keys=ON",
    "synchronous=FULL",
    f"busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}",
    "cache_size=-65536",
    "mmap_size=1073741824",  # choosing reads from all over the table: a page that is mapped need not be copied first
)


def prepare(engine: Engine) -> None:
    """Let every connection of `engine` be set up as ours are, and begin as its option `sqlite_begin` says."""
    event.listen(engine, "connect", _set_up)
    event.listen(engine, "begin", _begin)


def give_way(engine: Engine) -> None:
    """Return once nobody waits for the turn to write, or after 50 ms. For whoever writes one long transaction after the other:
    all others try again once a millisecond, and would hardly ever find the moment between two."""
    pause, until = threading.Event(), clock.monotonic_s() + _GIVE_WAY_S
    pause.wait(_TRY_AGAIN_S)  # what waits for this thread's processor, or its Python, first says so
    with _signs(engine.url.database) as signs:
        while _stands(signs) and clock.monotonic_s() < until:
            pause.wait(_TRY_AGAIN_S)


def _set_up(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions of its own
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get("sqlite_begin") == WRITING:
        _begin_to_write(connection)
    else:
        connection.exec_driver_sql(READING)


def _begin_to_write(connection: Connection) -> None:
    """Begin as soon as no other process writes.

    SQLite's own waiting sleeps longer from try to try, up to 100 ms, and whoever comes fresh overtakes it: with five
    processes at work, one write in a hundred waited more than 240 ms for locks that are held for 3.
    """
    driver: sqlite3.Connection = connection.connection.driver_connection  # type: ignore[assignment]  # typed as anything
    driver.execute("PRAGMA busy_timeout=0")
    try:
        with suppress(sqlite3.OperationalError):
            if _may_write(driver) or _waited(driver, connection.engine.url.database):
                return
        connection.exec_driver_sql(WRITING)  # the last try, whose error is SQLAlchemy's own
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_S * 1000:.0f}")


def _waited(driver: sqlite3.Connection, path: str | None) -> bool:
    """Wait for the turn, with a sign for those who give way. False when it did not come in time."""
    until, pause = clock.monotonic_s() + BUSY_TIMEOUT_S, threading.Event()
    with _signs(path) as signs:
        if signs is not None:
            with suppress(BlockingIOError):  # somebody looks at it in this very moment, and once more in the next
                fcntl.flock(signs, fcntl.LOCK_SH | fcntl.LOCK_NB)
        while clock.monotonic_s() < until:
            pause.wait(_TRY_AGAIN_S)
            if _may_write(driver):
                return True
    return False


def _may_write(driver: sqlite3.Connection) -> bool:
    """Begin to write, unless another does. Raises any other error than that."""
    try:
        driver.execute(WRITING)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            return False
        raise
    return True


@contextmanager
def _signs(path: str | None) -> Iterator[int | None]:
    """A file beside the database: whoever waits to write holds a shared lock of it, which the kernel takes back from the dead.
    None where there is no such file, as on a full disk: then nobody gives way for long, and nothing else is lost."""
    signs = None
    with suppress(OSError):
        signs = os.open(f"{path}-waiting", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield signs
    finally:
        if signs is not None:
            os.close(signs)


def _stands(signs: int | None) -> bool:
    """Whether anybody waits."""
    if signs is None:
        return False
    try:
        fcntl.flock(signs, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    fcntl.flock(signs, fcntl.LOCK_UN)
    return False
