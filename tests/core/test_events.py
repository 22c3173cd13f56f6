"""Events are written last and numbered in the order of the commits."""

from __future__ import annotations

import threading

import pytest

from core import events
from core.database import Database


def test_an_event_is_written_with_its_transaction_and_not_without(database: Database) -> None:
    with database.write() as session:
        events.record(session, "kept", place="here")
    with pytest.raises(ZeroDivisionError):
        _write_and_fail(database)
    with database.read() as session:
        assert [(e.kind, e.data) for e in events.after(session, 0)] == [("kept", {"place": "here"})]


def test_a_reader_that_tails_by_number_misses_no_event_of_eight_writers(database: Database) -> None:
    writers, each = 8, 25
    seen: list[int] = []
    done = threading.Event()

    def write() -> None:
        for _ in range(each):
            with database.write() as session:
                events.record(session, "tick")

    def tail() -> None:
        while len(seen) < writers * each and not (done.is_set() and not step()):
            step()

    def step() -> bool:
        with database.read() as session:
            found = [event.number for event in events.after(session, seen[-1] if seen else 0)]
        seen.extend(found)
        return bool(found)

    threads = [threading.Thread(target=write) for _ in range(writers)]
    reader = threading.Thread(target=tail)
    for thread in [reader, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()
    with database.read() as session:
        everything = [event.number for event in events.after(session, 0)]
    assert seen == everything
    assert len(everything) == writers * each


def _write_and_fail(database: Database) -> None:
    with database.write() as session:
        events.record(session, "lost")
        raise ZeroDivisionError
