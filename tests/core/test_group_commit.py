"""Writes that come together are committed together; one that breaks breaks alone."""

from __future__ import annotations

import threading
from functools import partial

import pytest
from sqlalchemy.orm import Session

from core import events
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


def test_when_the_commit_fails_everyone_in_it_hears_so(services: Services) -> None:
    services.database.close()
    broken = Services(services.settings, type(services.database)("sqlite:////nowhere/at/all.sqlite3"), services.wake_ups)
    with pytest.raises(Exception, match="unable to open"):
        broken.write_together(partial(note, kind="lost"))
