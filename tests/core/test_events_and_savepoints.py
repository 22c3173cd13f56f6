"""Events and savepoints: what was undone did not happen, what was not undone did, and the lock is taken at the very end."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import event

from core import events
from core.database import Database


class _Undone(Exception):
    """Ends a savepoint."""


def _kinds(database: Database) -> list[str]:
    with database.read() as session:
        return [one.kind for one in events.after(session, 0)]


def test_an_undone_savepoint_takes_only_its_own_events_along(database: Database) -> None:
    with database.write() as session:
        events.record(session, "before")
        with suppress(_Undone), session.begin_nested():
            events.record(session, "undone")
            raise _Undone
        events.record(session, "after")
    assert _kinds(database) == ["before", "after"]


def test_a_kept_savepoint_keeps_its_events_in_their_order(database: Database) -> None:
    with database.write() as session:
        events.record(session, "before")
        with session.begin_nested():
            events.record(session, "inside")
            with suppress(_Undone), session.begin_nested():
                events.record(session, "undone")
                raise _Undone
        events.record(session, "after")
    assert _kinds(database) == ["before", "inside", "after"]


def test_a_transaction_undone_after_a_kept_savepoint_leaves_nothing(database: Database) -> None:
    with suppress(_Undone), database.write() as session:
        with session.begin_nested():
            events.record(session, "inside")
        raise _Undone
    assert _kinds(database) == []


def test_nothing_is_written_of_events_before_the_transaction_ends(database: Database) -> None:
    """A savepoint in the middle must not take the lock that every other writer waits for."""
    written: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        written.append(statement)

    with database.write() as session:
        events.record(session, "before")
        with session.begin_nested():
            events.record(session, "inside")
        early = list(written)
    assert not [one for one in early if "advisory" in one or "INTO events" in one]
    assert [one for one in written if "INTO events" in one]
