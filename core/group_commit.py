"""Group commit: small writes that arrive at the same moment share one transaction, and so one wait for the disk.

The carrier calls back three times a text. With a transaction each, the callbacks of one emergency stand in the way of the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy.orm import Session

Work = Callable[[Session], None]


@dataclass
class _Job:
    work: Work
    done: bool = False
    error: BaseException | None = None


class GroupCommit:
    """Runs small pieces of work, each all or nothing, in as few transactions as their callers' threads allow."""

    def __init__(self, write: Callable[[], AbstractContextManager[Session]]) -> None:
        """`write` opens the transactions."""
        self._write = write
        self._pending: list[_Job] = []
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def run(self, work: Work) -> None:
        """Do `work` in a transaction and return once it is committed. Raises what the work, or the commit, raised; the work of
        others that shared the transaction is not touched by that: what was rolled back with it is done once more."""
        job = _Job(work)
        with self._lock:
            self._pending.append(job)
        with self._turn:
            # Whoever had the turn before may have done this one with theirs.
            if not job.done:
                self._do_all_pending()
        if job.error is not None:
            raise job.error

    def _do_all_pending(self) -> None:
        with self._lock:
            batch, self._pending = self._pending, []
        try:
            if not self._all_worked(batch):
                self._do_each_by_itself(batch)
        except Exception as error:
            for job in batch:
                job.error = job.error or error
        finally:
            for job in batch:
                job.done = True

    def _all_worked(self, batch: list[_Job]) -> bool:
        """Do them all; False when one broke, and then nothing was done. A savepoint each would cost more than most pieces of
        work do."""
        try:
            with self._write() as session:
                for job in batch:
                    _do(session, job)
        except _Broke:
            return False
        return True

    def _do_each_by_itself(self, batch: list[_Job]) -> None:
        with self._write() as session:
            for job in batch:
                _try(session, job)


class _Broke(Exception):
    """A piece of work raised; the others of its transaction are to be done again."""


def _do(session: Session, job: _Job) -> None:
    try:
        job.work(session)
        session.flush()
    except Exception as error:
        raise _Broke from error


def _try(session: Session, job: _Job) -> None:
    try:
        with session.begin_nested():
            job.work(session)
    except Exception as error:
        job.error = error
