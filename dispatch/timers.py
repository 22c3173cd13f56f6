"""When the conductor must look at an emergency: moments in rows, so that no stop and no crash can lose one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BindParameter, bindparam, func, select, union_all
from sqlalchemy.orm import Session

from dispatch.models import Callout, Incident

_UNTIL: BindParameter[datetime] = bindparam("until")
_TIMERS = union_all(
    select(Incident.id, Incident.next_look_at.label("at")).where(Incident.next_look_at <= _UNTIL),
    select(Callout.incident_id, Callout.look_at).where(Callout.look_at <= _UNTIL),
).subquery()
# Built once: it is asked every second, and to build it took twice as long as to ask it.
_RUN_OUT = select(_TIMERS.c.id).group_by(_TIMERS.c.id).order_by(func.min(_TIMERS.c.at)).limit(bindparam("most"))


def run_out(session: Session, until: datetime, most: int) -> list[str]:
    """The ids of the incidents with a timer that ran out at `until` or before, those first that have waited longest."""
    return list(session.scalars(_RUN_OUT, {"until": until, "most": most}))
