"""The looks: each sees whether some kinds of fault are there, from the database or the machine, and changes nothing."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from core import clock, faults, heartbeats, milestones, queue
from core import fault_kinds as kinds
from core.heartbeats import Heartbeat
from core.services import Services
from dispatch import timers
from dispatch.models import Incident
from dispatch.operators import waiting_alarms
from sms import canary, waiting
from sms.carriers import health
from sms.carriers.routes import routes_of
from sms.spool import Spool

LATE_S = 15.0
"""A text or an answer waits well under a second when all is well, and 3 s when the workers are stopped."""
TROUBLED_TEXTS = 3
MOST_NAMED = 20
SPOOL_LATE_S = 60.0
FREE_MB = 500
"""Less than this, and a night of a busy service may fill the disk."""
CLOCKS_MAY_DIFFER = timedelta(seconds=2)


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: its kind, of what, and plain facts."""

    kind: str
    subject: str = ""
    facts: dict[str, Any] = field(default_factory=dict, compare=False)


Seen = Iterable[Finding]


@dataclass(frozen=True)
class Look:
    """Sees whether faults of `kinds` are there. A fault of these kinds that it does not find is over. What lies on one machine
    (`here`) is looked at by every machine, and each speaks only of itself."""

    kinds: tuple[str, ...]
    see: Callable[[Session, Services], Seen]
    here: bool = False


def _processes(session: Session, _services: Services) -> Seen:
    alive = heartbeats.alive(session)
    watched = {
        "conductor": Finding(kinds.CONDUCTOR_SILENT),
        "worker:outbox": Finding(kinds.WORKER_SILENT, "outbox"),
        "worker:inbox": Finding(kinds.WORKER_SILENT, "inbox"),
        "stream": Finding(kinds.STREAM_SILENT),
        "web:": Finding(kinds.WEB_SILENT),
    }
    return [finding for name, finding in watched.items() if not any(one.startswith(name) for one in alive)]


def _redis(_session: Session, services: Services) -> Seen:
    url = services.settings.redis_url
    try:
        if url is not None and queue.connect(url).ping():
            return []
    except redis.RedisError as error:
        return [Finding(kinds.REDIS_SILENT, facts={"error": type(error).__name__})]
    return [Finding(kinds.REDIS_SILENT)]


def _queues(session: Session, _services: Services) -> Seen:
    late_s, answers = waiting.oldest_text_s(session), waiting.answers(session)
    if late_s > LATE_S:
        yield Finding(kinds.TEXTS_WAITING, facts={"waited_s": round(late_s)})
    if answers.age_s > LATE_S:
        yield Finding(kinds.ANSWERS_WAITING, facts={"waited_s": round(answers.age_s), "answers": answers.count})


def _timers(session: Session, _services: Services) -> Seen:
    """The conductor goes on when one emergency breaks it; then that one has waited for much longer than a second."""
    stuck = timers.run_out(session, clock.now() - timedelta(seconds=LATE_S), MOST_NAMED)
    codes = session.scalars(select(Incident.code).where(Incident.id.in_(stuck)))
    return [Finding(kinds.TIMERS_STUCK, code) for code in codes]


def _carrier(session: Session, _services: Services) -> Seen:
    troubled = waiting.in_trouble(session)
    return [Finding(kinds.CARRIER_SLOW, facts={"texts": troubled})] if troubled >= TROUBLED_TEXTS else []


def _refused(session: Session, _services: Services) -> Seen:
    """Whoever settles a text says that it is refused; when that is over shows only in later texts."""
    standing = [fault for fault in faults.standing(session) if fault.kind == kinds.CARRIER_REFUSES]
    still = [fault for fault in standing if waiting.is_refused_still(session, fault.subject, fault.stood_at)]
    return [Finding(fault.kind, fault.subject, fault.facts) for fault in still]


def _failing(session: Session, services: Services) -> Seen:
    """Whoever stores results says that a carrier fails; that the settings have it no more, or that its trial goes well, shows
    only here."""
    still = health.failing_still(session, {route.carrier for route in routes_of(services.settings)})
    standing = [fault for fault in faults.standing(session) if fault.kind == kinds.CARRIER_FAILING]
    return [Finding(fault.kind, fault.subject, fault.facts) for fault in standing if fault.subject in still]


def _canary(session: Session, services: Services) -> Seen:
    return [Finding(kinds.CANARY_MISSED)] if canary.is_missed(session, services.settings) else []


def _backup(session: Session, _services: Services) -> Seen:
    made = milestones.reached(session).get(milestones.BACKUP)
    if made is None or clock.now() - made.at <= milestones.BACKUP_GOOD_FOR:
        return []  # that none was ever made stands on the go-live list
    return [Finding(kinds.BACKUP_OLD, facts={"days": (clock.now() - made.at).days})]


def _clocks(session: Session, services: Services) -> Seen:
    """Another machine's newest sign of life lies in our future, or the database's own clock says otherwise."""
    now = clock.now()
    newest = session.scalar(select(func.max(Heartbeat.at)))
    apart = max(timedelta(0), newest - now) if newest else timedelta(0)
    if not services.database.is_sqlite:
        theirs: datetime = session.execute(select(text("clock_timestamp()"))).scalar_one()
        apart = max(apart, abs(theirs - now))
    return [Finding(kinds.CLOCKS_APART, facts={"apart_s": round(apart.total_seconds())})] if apart > CLOCKS_MAY_DIFFER else []


def _alarms(session: Session, _services: Services) -> Seen:
    return [Finding(kinds.ALARM_UNANSWERED, str(one.id), {"alarm": one.kind}) for one in waiting_alarms.overdue(session)]


def _disk(_session: Session, services: Services) -> Seen:
    free_mb = shutil.disk_usage(services.settings.data_dir).free // 1_000_000
    return [Finding(kinds.DISK_NEARLY_FULL, socket.gethostname(), {"free_mb": free_mb})] if free_mb < FREE_MB else []


def _spool(_session: Session, services: Services) -> Seen:
    """Webhooks that lie in this machine's spool folder because the database could not take them, or would not."""
    state, here = Spool(services.settings.data_dir).state(), socket.gethostname()
    late = state.oldest_s > SPOOL_LATE_S or not state.writable
    found = [Finding(kinds.SPOOL_WAITING, here, {"files": state.waiting, "writable": state.writable})] if late else []
    return [*found, *([Finding(kinds.SPOOL_SET_ASIDE, here, {"files": state.set_aside})] if state.set_aside else [])]


LOOKS = (
    Look((kinds.CONDUCTOR_SILENT, kinds.WORKER_SILENT, kinds.STREAM_SILENT, kinds.WEB_SILENT), _processes),
    Look((kinds.REDIS_SILENT,), _redis),
    Look((kinds.TEXTS_WAITING, kinds.ANSWERS_WAITING), _queues),
    Look((kinds.TIMERS_STUCK,), _timers),
    Look((kinds.CARRIER_SLOW,), _carrier),
    Look((kinds.CARRIER_FAILING,), _failing),
    Look((kinds.CARRIER_REFUSES,), _refused),
    Look((kinds.CANARY_MISSED,), _canary),
    Look((kinds.BACKUP_OLD,), _backup),
    Look((kinds.CLOCKS_APART,), _clocks),
    Look((kinds.ALARM_UNANSWERED,), _alarms),
    Look((kinds.DISK_NEARLY_FULL,), _disk, here=True),
    Look((kinds.SPOOL_WAITING, kinds.SPOOL_SET_ASIDE), _spool, here=True),
)
