"""Writes that come together are committed together; one that breaks breaks alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from core import events
from core.group_commit import GroupCommit
from core.services import Services


def note(session: Session, kind: str) -> None:
    events.record(session, kind)


def kinds(services: Services) -> list[str]:
    with services.read() as session:
        return [event.kind for event in events.after(session, 0)]


def test_work_is_committed_when_run_returns(services: Services) -> None:
    services.write_together(partial(note, kind="one"))
    assert kinds(services) == ["one"]


def test_what_breaks_is_raised_to_its_own_caller_and_to_nobody_else(services: Services) -> None:
    together = services.write_together
    inside, go_on = threading.Event(), threading.Event()

    def first(session: Session) -> None:
        inside.set()
        go_on.wait(5)
        note(session, "first")

    def breaks(_session: Session) -> None:
        raise ZeroDivisionError

    errors: list[BaseException] = []

    def run_breaking() -> None:
        try:
            together(breaks)
        except ZeroDivisionError as error:
            errors.append(error)

    threads = [threading.Thread(target=together, args=(first,))]
    threads[0].start()
    assert inside.wait(5)
    threads += [threading.Thread(target=together, args=(partial(note, kind=f"n{number}"),)) for number in range(5)]
    threads.append(threading.Thread(target=run_breaking))
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join()
    assert len(errors) == 1
    assert sorted(kinds(services)) == ["first", "n0", "n1", "n2", "n3", "n4"]


@pytest.mark.parametrize("fails", ["commit", "statement"])
def test_what_cannot_be_stored_together_is_stored_one_by_one(services: Services, fails: str) -> None:
    """On PostgreSQL many rows in one transaction and many in another can be locked in opposite order, and one of them loses."""
    inside, go_on = threading.Event(), threading.Event()
    broken_off: list[str] = []

    def deadlock_once(*_: object) -> None:
        if not broken_off and inside.is_set():
            broken_off.append("deadlock")
            raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    @contextmanager
    def write() -> Iterator[Session]:
        with services.write() as session:
            yield session
            if fails == "commit" and go_on.is_set() and len(session.info["pending_events"]) > 1:
                deadlock_once()

    def first(session: Session) -> None:
        note(session, "first")
        inside.set()
        go_on.wait(5)

    def one_more(session: Session, number: int) -> None:
        if fails == "statement":
            deadlock_once()
        note(session, f"n{number}")

    group = GroupCommit(write)
    threads = [threading.Thread(target=group.run, args=(first,))]
    threads[0].start()
    assert inside.wait(5)
    threads += [threading.Thread(target=group.run, args=(partial(one_more, number=number),)) for number in range(3)]
    for thread in threads[1:]:
        thread.start()
    while len(group._pending) < 3:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert broken_off
    assert sorted(kinds(services)) == ["first", "n0", "n1", "n2"]


def test_whoever_waits_can_stop_waiting(services: Services) -> None:
    stuck, go_on = threading.Event(), threading.Event()

    def hangs(session: Session) -> None:
        stuck.set()
        go_on.wait(5)
        note(session, "late")

    with pytest.raises(TimeoutError):
        services.write_together(hangs, 0.05)
    assert stuck.is_set()
    go_on.set()
    services.write_together(partial(note, kind="next"))
    assert kinds(services) == ["late", "next"], "it is done all the same, and nobody behind it is forgotten"


def test_when_the_commit_fails_everyone_in_it_hears_so(services: Services) -> None:
    services.database.close()
    broken = Services(services.settings, type(services.database)("sqlite:////nowhere/at/all.sqlite3"), services.wake_ups)
    with pytest.raises(Exception, match="unable to open"):
        broken.write_together(partial(note, kind="lost"))


def test_when_no_thread_can_be_started_that_is_said_and_the_next_one_tries_again(services: Services) -> None:
    usual = threading.stack_size(1 << 47)
    try:
        with pytest.raises(RuntimeError):
            services.write_together(partial(note, kind="lost"), 5.0)
    finally:
        threading.stack_size(usual)
    services.write_together(partial(note, kind="next"), 5.0)
    assert kinds(services) == ["next"]
