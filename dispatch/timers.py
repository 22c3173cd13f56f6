"""When the conductor must look at an emergency: moments in rows, so that no stop and no crash can lose one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from dispatch.models import Callout, Incident


def run_out(session: Session, until: datetime, most: int) -> list[str]:
    """The ids of the incidents with a timer that ran out at `until` or before, those first that have waited longest."""
    by_incident = select(Incident.id, Incident.next_look_at.label("at")).where(Incident.next_look_at <= until)
    by_callout = select(Callout.incident_id, Callout.look_at).where(Callout.look_at <= until)
    timers = union_all(by_incident, by_callout).subquery()
    since = func.min(timers.c.at)
    return list(session.scalars(select(timers.c.id).group_by(timers.c.id).order_by(since).limit(most)))
