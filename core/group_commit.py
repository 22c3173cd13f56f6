"""Group commit: small writes that arrive at the same moment share one transaction, and so one wait for the disk.

The carrier calls back three times a text. With a transaction each, the callbacks of one emergency stand in the way of the next.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

Work = Callable[[Session], None]


@dataclass
class _Job:
    work: Work
    done: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None


class GroupCommit:
    """Runs small pieces of work, each all or nothing, in as few transactions as possible.

    A thread of its own does them, so that whoever waits can stop waiting: no time-out of a database helps against a server that
    is frozen.
    """

    def __init__(self, write: Callable[[], AbstractContextManager[Session]]) -> None:
        """`write` opens the transactions."""
        self._write = write
        self._pending: list[_Job] = []
        self._lock = threading.Lock()
        self._at_work = False

    def run(self, work: Work, patience_s: float | None = None) -> None:
        """Do `work` in a transaction and return once it is committed. Raises what the work, or the commit, raised; the work of
        others that shared the transaction is not touched by that: what was rolled back with it is done once more, so that
        `work` may be done again.

        Raises TimeoutError after `patience_s` seconds; the work may then still be done later.
        """
        job = _Job(work)
        with self._lock:
            self._pending.append(job)
            must_start, self._at_work = not self._at_work, True
        if must_start:
            self._start()
        if not job.done.wait(patience_s):
            raise TimeoutError(f"not committed within {patience_s} s")
        if job.error is not None:
            raise job.error

    def _start(self) -> None:
        try:
            threading.Thread(target=self._do_all_pending, name="group-commit", daemon=True).start()
        except RuntimeError as error:  # the machine has no room for one more just now
            with self._lock:
                batch, self._pending, self._at_work = self._pending, [], False
            for job in batch:
                job.error = error
                job.done.set()

    def _do_all_pending(self) -> None:
        while True:
            with self._lock:
                batch, self._pending = self._pending, []
                if not batch:
                    self._at_work = False
                    return
            try:
                self._do(batch)
            finally:
                for job in batch:
                    job.done.set()

    def _do(self, batch: Sequence[_Job]) -> None:
        self._commit(batch)
        if len(batch) == 1:
            return
        # On PostgreSQL two that write many rows can lock them in opposite order, and one of them loses; one row never does.
        failure: BaseException | None = None
        for job in batch:
            if job.error is not None:
                job.error = failure
                failure = failure or self._commit([job])

    def _commit(self, batch: Sequence[_Job]) -> BaseException | None:
        """Do the jobs in one transaction. Returns what went wrong with the transaction itself; every job then has it too."""
        try:
            if not self._all_worked(batch):
                self._do_each_by_itself(batch)
        except Exception as error:
            for job in batch:
                job.error = job.error or error
            return error
        return None

    def _all_worked(self, batch: Sequence[_Job]) -> bool:
        """Do them all; False when one broke, and then nothing was done. A savepoint each would cost more than most pieces of
        work do."""
        try:
            with self._write() as session:
                for job in batch:
                    _do(session, job)
        except _Broke:
            return False
        return True

    def _do_each_by_itself(self, batch: Sequence[_Job]) -> None:
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
