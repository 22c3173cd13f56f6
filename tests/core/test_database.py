"""The one door to the database: transactions that are whole, moments that keep their zone, errors that hide what they carry."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError, StatementError

from core import database as database_module
from core import postgresql as limits
from core import sqlite
from core.database import Database, advisory_lock
from core.heartbeats import Heartbeat

MOMENT = datetime(2026, 11, 23, 12, 0, 0, 123_456, tzinfo=UTC)


def _names(database: Database) -> list[str]:
    with database.read() as session:
        return sorted(session.scalars(select(Heartbeat.name)))


def test_a_block_that_ends_is_kept_and_one_that_raises_is_not(database: Database) -> None:
    with database.write() as session:
        session.add(Heartbeat(name="kept", at=MOMENT))
    with suppress(ZeroDivisionError), database.write() as session:
        session.add(Heartbeat(name="lost", at=MOMENT))
        session.flush()
        raise ZeroDivisionError
    assert _names(database) == ["kept"]


def test_what_a_reader_changes_is_not_kept(database: Database) -> None:
    with database.read() as session:
        session.add(Heartbeat(name="only looked", at=MOMENT))
        session.flush()
    assert _names(database) == []


def test_objects_outlive_their_transaction(database: Database) -> None:
    with database.write() as session:
        row = Heartbeat(name="a", at=MOMENT)
        session.add(row)
    assert (row.name, row.at) == ("a", MOMENT)


def test_moments_come_back_aware_in_utc_to_the_microsecond(database: Database) -> None:
    helsinki = MOMENT.astimezone(timezone(timedelta(hours=2)))
    with database.write() as session:
        session.add(Heartbeat(name="a", at=helsinki))
    with database.read() as session:
        at = session.scalars(select(Heartbeat.at)).one()
        found = session.scalars(select(Heartbeat.name).where(Heartbeat.at == helsinki)).all()
    assert (at, at.utcoffset()) == (MOMENT, timedelta(0))
    assert found == ["a"], "compared as moments, not as they are written"


def test_a_naive_moment_never_reaches_the_database(database: Database) -> None:
    with pytest.raises(StatementError, match="without a time zone"), database.write() as session:
        session.add(Heartbeat(name="a", at=datetime(2026, 1, 1)))  # noqa: DTZ001 - what is tested
    assert _names(database) == []


def test_errors_do_not_carry_what_was_to_be_written(database: Database) -> None:
    with database.write() as session:
        session.add(Heartbeat(name="+358401234567", at=MOMENT))
    with pytest.raises(IntegrityError) as caught, database.write() as session:
        session.execute(text("INSERT INTO heartbeats (name, at) VALUES (:n, :at)"), {"n": "+358401234567", "at": "2026-01-01"})
    assert "[parameters: " not in str(caught.value)
    if database.is_sqlite:  # PostgreSQL itself names the key that is there already
        assert "+358401234567" not in str(caught.value)


def test_writers_of_one_process_wait_for_each_other_and_lose_nothing(database: Database) -> None:
    together = threading.Barrier(8)

    def add_one(number: int) -> None:
        together.wait()
        with database.write() as session:
            advisory_lock(session, 1)
            count = len(session.scalars(select(Heartbeat.name)).all())
            session.add(Heartbeat(name=f"{count}", at=MOMENT))

    threads = [threading.Thread(target=add_one, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert _names(database) == [str(number) for number in range(8)]


def test_writers_of_two_processes_wait_too(database: Database, database_url: str) -> None:
    """Another engine has no turn in common with ours: only the database's own lock is left."""
    other = Database(database_url)
    inside, done = threading.Event(), threading.Event()

    def second() -> None:
        inside.wait(10)
        with other.write() as session:
            advisory_lock(session, 1)
            session.add(Heartbeat(name="second saw " + ",".join(session.scalars(select(Heartbeat.name))), at=MOMENT))
        done.set()

    thread = threading.Thread(target=second)
    thread.start()
    with database.write() as session:
        advisory_lock(session, 1)
        session.add(Heartbeat(name="first", at=MOMENT))
        session.flush()
        inside.set()
        assert not done.wait(0.05), "the second is held up until the first has committed"
    thread.join(10)
    other.close()
    assert _names(database) == ["first", "second saw first"]


def test_a_reader_is_never_held_up_by_a_writer(database: Database) -> None:
    with database.write() as session:
        session.add(Heartbeat(name="not yet", at=MOMENT))
        session.flush()
        assert _names(database) == []


def test_a_turn_that_never_comes_is_an_error_and_no_silence(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_sqlite:
        pytest.skip("PostgreSQL has no turns: its writers meet at rows")
    monkeypatch.setattr(database_module, "WRITE_TURN_TIMEOUT_S", 0.01)
    refused: list[BaseException] = []

    def second() -> None:
        try:
            with database.write():
                pass
        except TimeoutError as error:
            refused.append(error)

    with database.write():
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(10)
    assert len(refused) == 1
    with database.write() as session:
        session.add(Heartbeat(name="the turn was given back", at=MOMENT))


def test_a_write_waits_for_another_process_only_as_long_as_that_one_writes(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only")
    other = _another_process(database)
    threading.Timer(0.2, other.rollback).start()
    with database.write() as session:
        session.add(Heartbeat(name="after the other", at=MOMENT))
    assert _names(database) == ["after the other"]


def test_a_write_that_another_process_never_lets_in_is_an_error(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only")
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_S", 0.01)
    other = _another_process(database)
    with pytest.raises(OperationalError, match="locked"), database.write() as session:
        session.connection()
    other.rollback()
    with database.write() as session:
        session.add(Heartbeat(name="the turn was given back", at=MOMENT))


def test_whoever_gives_way_waits_for_those_who_wait_to_write(empty_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_GIVE_WAY_S", 10.0)
    other = _another_process(empty_sqlite)
    neighbour = Database(str(empty_sqlite.engine.url))  # as in another process: it knows nothing of our threads' turns
    writing = threading.Thread(target=_write, args=(neighbour, "waited"))
    writing.start()
    _wait_for_a_sign(empty_sqlite)
    giving = threading.Thread(target=empty_sqlite.give_way)
    giving.start()
    giving.join(0.05)
    assert giving.is_alive(), "somebody waits"
    other.rollback()
    giving.join(5)
    assert not giving.is_alive()
    writing.join(5)
    neighbour.close()
    assert _names(empty_sqlite) == ["waited"]


def test_whoever_gives_way_to_nobody_goes_on(empty_sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "_GIVE_WAY_S", 3600.0)
    empty_sqlite.give_way()
    with empty_sqlite.write() as session:
        session.add(Heartbeat(name="went on", at=MOMENT))
    empty_sqlite.give_way()
    assert _names(empty_sqlite) == ["went on"]


@pytest.mark.parametrize("gone", ["full disk", "no descriptor"])
def test_without_room_for_a_sign_writes_are_made_all_the_same(
    empty_sqlite: Database, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(gone)

    other = _another_process(empty_sqlite)
    monkeypatch.setattr(sqlite.os, "open", refuse)
    threading.Timer(0.05, other.rollback).start()
    _write(empty_sqlite, "without a sign")
    empty_sqlite.give_way()
    assert _names(empty_sqlite) == ["without a sign"]


def _write(database: Database, name: str) -> None:
    with database.write() as session:
        session.add(Heartbeat(name=name, at=MOMENT))


def _wait_for_a_sign(database: Database) -> None:
    until = time.monotonic() + 5
    with sqlite._signs(database.engine.url.database) as signs:
        while not sqlite._stands(signs) and time.monotonic() < until:
            threading.Event().wait(0.001)
        assert sqlite._stands(signs)


def _another_process(database: Database) -> sqlite3.Connection:
    """A connection of nobody's turn, that holds the lock for writing."""
    other = sqlite3.connect(str(database.engine.url.database), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


def test_a_client_that_stops_in_the_middle_of_a_transaction_holds_its_locks_for_seconds_only(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL only: of SQLite's writers the supervisor kills one that is frozen")
    frozen = Database(database_url)
    with pytest.raises(OperationalError, match="idle-in-transaction"), frozen.write() as session:  # noqa: PT012 - where is no matter
        with monkeypatch.context() as patch:
            patch.setattr(limits, "_OPTIONS", limits._OPTIONS.replace("timeout=10s", "timeout=100ms", 1))
            advisory_lock(session, 1)
        with database.write() as after:
            advisory_lock(after, 1)
            after.add(Heartbeat(name="after it", at=MOMENT))
        session.execute(text("SELECT 1"))
    frozen.close()
    assert _names(database) == ["after it"]


def test_connections_that_the_server_has_ended_are_replaced_before_anybody_uses_them(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL only: there is no server")
    with database.read() as one, database.read() as another, database.read() as third:
        pids = [session.scalar(text("SELECT pg_backend_pid()")) for session in (one, another, third)]
    with database.engine.connect() as killer:
        gone = [pid for pid in pids if pid != killer.scalar(text("SELECT pg_backend_pid()"))]
        for pid in gone:
            assert killer.scalar(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})
    with database.read() as one, database.read() as another, database.read() as third:
        now = [session.scalar(text("SELECT pg_backend_pid()")) for session in (one, another, third)]
    assert (len(gone), {*now} & {*gone}) == (2, set())


def test_a_connection_that_was_told_something_while_nobody_used_it_is_kept(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("PostgreSQL only: there is no server")
    with database.read() as session:
        pid = session.scalar(text("SELECT pg_backend_pid()"))
        session.connection().exec_driver_sql("LISTEN something").close()
        session.commit()
    other = Database(database.engine.url.render_as_string(hide_password=False))
    with other.write() as session:
        session.connection().exec_driver_sql("NOTIFY something")
    other.close()
    with database.read() as session:
        assert session.scalar(text("SELECT pg_backend_pid()")) == pid


def test_the_embedded_database_is_set_for_emergencies(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("SQLite only")
    with database.read() as session:
        names = ("journal_mode", "foreign_keys", "synchronous")
        found = {name: session.execute(text(f"PRAGMA {name}")).scalar() for name in names}
    assert found == {"journal_mode": "wal", "foreign_keys": 1, "synchronous": 2}
