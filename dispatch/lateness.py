"""After a stop: what should have happened meanwhile and now happens late. A dispatcher is told, once, with a red row.

Nothing is caught up here: the next tick does that by itself, because timers are moments in rows.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from core import clock, events, heartbeats, log
from core.database import advisory_lock
from core.services import Services
from dispatch import alarms
from dispatch.models import OPEN, Callout, Incident
from sms.models import TO_HANDLE, TO_SEND, Message

WORTH_TELLING = timedelta(seconds=5)
"""A stop that is shorter delays a timer by less than people do."""
_MOST_NAMED = 20
_LOCK = 4006
_log = log.get("conductor")


def tell(services: Services, name: str) -> None:
    """Say for how long `name` was stopped and what is late, before the first tick mends it. Never raises."""
    try:
        with services.read() as session:
            texts, answers = _late_texts(session), _late_answers(session)
        with services.write() as session:
            _tell(session, name, texts, answers)
    except Exception:
        _log.exception("what ran late could not be told")


def _tell(session: Session, name: str, texts: int, answers: int) -> None:
    advisory_lock(session, _LOCK)
    last, now = heartbeats.last_seen(session, name), clock.now()
    if last is None or now - last < WORTH_TELLING:
        return
    heartbeats.beat(session, name)  # so that another one, which starts at the same moment, says nothing
    stopped_s = round((now - last).total_seconds())
    late = _late_incidents(session)
    events.record(session, "was_stopped", stopped_s=stopped_s, incidents=len(late), texts=texts, answers=answers)
    for incident in late:
        events.record(session, "ran_late", incident_id=incident.id, stopped_s=stopped_s)
    if late or texts or answers:
        codes = [incident.code for incident in late[:_MOST_NAMED]]
        facts: dict[str, Any] = {
            "stopped_s": stopped_s,
            "codes": codes,
            "incidents": len(late),
            "texts": texts,
            "answers": answers,
        }
        alarms.raise_alarm(session, alarms.RAN_LATE, **facts)


def _late_incidents(session: Session) -> list[Incident]:
    """Open incidents with a timer that ran out during the stop."""
    now = clock.now()
    of_callout = exists().where(Callout.incident_id == Incident.id, Callout.look_at <= now)
    late = select(Incident).where(Incident.state == OPEN, or_(Incident.next_look_at <= now, of_callout))
    return list(session.scalars(late.order_by(Incident.opened_at)))


def _late_texts(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Message).where(TO_SEND, Message.send_at <= clock.now())) or 0


def _late_answers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Message).where(TO_HANDLE)) or 0
