"""The guard: watches, and tells. The conductor runs it; a web process runs it in the conductor's stead while that is silent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock, fault_kinds, faults, heartbeats, log
from core.faults import Fault
from core.services import Services
from dispatch.operators import posting, telling, watch
from dispatch.operators.telling import Told
from sms import canary

PATIENCE_S = 5.0
"""How long a round waits for the database before it tells that nothing can be stored: one that is frozen never answers."""
SLOW_S = 2.0
"""A commit takes a few milliseconds; one that takes this long keeps emergencies waiting."""
BEGINS_AFTER_S = 20.0
"""A start takes some seconds, in which the processes that it begins with are no fault."""
NAME = "guard"
_log = log.get("guard")


@dataclass
class _Unwritable:
    """That nothing can be written, which cannot be written down either."""

    since: datetime
    told: int = 0
    told_at: datetime | None = None


class Guard:
    """One round after the other."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._unwritable: _Unwritable | None = None

    def round(self) -> None:
        """Look at everything and tell whom it concerns. Never raises."""
        if not self._database_works():
            self._tell_without_database()
            return
        try:
            watch.look(self._services)
            self._do_what_is_due()
        except Exception:
            _log.exception("a round broke")

    def _database_works(self) -> bool:
        """Write the sign of life, and see how long that takes."""
        started_s = clock.monotonic_s()
        try:
            self._services.write_together(lambda session: heartbeats.beat(session, NAME), PATIENCE_S)
            self._note_database(clock.monotonic_s() - started_s)
        except (SQLAlchemyError, TimeoutError, OSError) as error:
            if self._unwritable is None:
                _log.error("nothing can be stored", error=type(error).__name__)
                self._unwritable = _Unwritable(clock.now())
            return False
        return True

    def _note_database(self, took_s: float) -> None:
        was, self._unwritable = self._unwritable, None
        slow = took_s >= SLOW_S
        with self._services.read() as session:
            stands = any(one.kind == fault_kinds.DATABASE_FAILING for one in faults.standing(session))
        if was is None and slow == stands:
            return
        with self._services.write() as session:
            if was is not None:
                _write_down(session, was)
            elif slow:
                faults.stand(session, fault_kinds.DATABASE_FAILING, took_s=round(took_s, 1))
            else:
                faults.end(session, fault_kinds.DATABASE_FAILING)

    def _do_what_is_due(self) -> None:
        settings = self._services.settings
        with self._services.read() as session:  # nearly always it is nothing, and that takes no turn to write
            if not canary.is_due(session, settings) and not telling.is_anything_due(session, settings):
                return
        with self._services.write() as session:
            canary.send_due(session, settings)
            notice = telling.tell_due(session, settings)
        if notice is not None:
            posting.post(self._services, settings.alert_addresses.services, notice)

    def _tell_without_database(self) -> None:
        """Texts go through the outbox, which cannot be written; mail and webhooks need no database."""
        unwritable, now, settings = self._unwritable, clock.now(), self._services.settings
        assert unwritable is not None
        told = Told(fault_kinds.DATABASE_FAILING, unwritable.since, unwritable.told, unwritable.told_at)
        if not settings.alert_addresses.services or not telling.is_due(told, now):
            return
        unwritable.told, unwritable.told_at = unwritable.told + 1, now
        fault = Fault(kind=fault_kinds.DATABASE_FAILING, subject="", facts={}, stood_at=unwritable.since)
        notice = telling.notice(settings, [fault], [])
        posting.post_unnoted(settings.alert_addresses.services, notice)


def _write_down(session: Session, was: _Unwritable) -> None:
    """Now that it can be written: it stood since then. The next round ends it, and tells those who heard of it."""
    faults.stand(session, fault_kinds.DATABASE_FAILING)
    session.execute(
        update(Fault)
        .where(Fault.kind == fault_kinds.DATABASE_FAILING, Fault.ended_at.is_(None))
        .values(stood_at=was.since, told=was.told, told_at=was.told_at)
        .execution_options(synchronize_session=False)
    )
