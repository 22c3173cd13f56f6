"""Alarms that stand red at the desk for so long that somebody outside is told: perhaps nobody sits there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from core import clock
from dispatch import alarms
from dispatch.models import Alarm, Incident

UNANSWERED_S: Mapping[str, int] = {
    alarms.ADDRESS_NOT_DELIVERED: 60,
    alarms.ADDRESS_REFUSED: 60,
    alarms.CALL_FOR_HELP: 60,
    alarms.HAZARD_HELD: 60,
    alarms.HAZARD_WHILE_COMING: 60,
    alarms.NOBODY_ASKED: 60,
    alarms.RING_OPTED_OUT: 120,
    alarms.UNSAFE_NOT_AWAY: 120,
    alarms.ANSWERS_ITSELF: 300,
    alarms.CONFLICTING_REPORT: 300,
    alarms.RAN_LATE: 300,
    alarms.UNCLEAR_WORDS: 300,
}
"""After how many seconds, by kind. Kinds that are not here are an admin's tasks and can wait for the morning."""
MOST = 20


@dataclass(frozen=True)
class Overdue:
    """One of them."""

    id: int
    kind: str


def of_real_life() -> ColumnElement[bool]:
    """What happens in a drill rings on the board, where people practise, and wakes no operator."""
    in_drill = select(Incident.id).where(Incident.drill, Incident.id == Alarm.incident_id).exists()
    of_drill = Alarm.data["report"]["drill"].as_boolean().is_(True)  # a refused report, which is no incident yet
    return and_(~in_drill, of_drill.is_not(True))


def overdue(session: Session) -> Sequence[Overdue]:
    """The oldest `MOST` that have waited for longer than their kind may."""
    now = clock.now()
    late = or_(*(and_(Alarm.kind == kind, Alarm.raised_at <= now - timedelta(seconds=s)) for kind, s in UNANSWERED_S.items()))
    wanted = select(Alarm).where(Alarm.acknowledged_at.is_(None), late, of_real_life()).order_by(Alarm.raised_at, Alarm.id)
    return [Overdue(alarm.id, alarm.kind) for alarm in session.scalars(wanted.limit(MOST))]
