"""The whole board, and what changed on it since an event: what the page loads, what the live stream sends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from core import clock
from core.clock import rfc3339
from core.events import Event
from dispatch import lifecycle, plans, standing_down
from dispatch.desk import red, speech
from dispatch.desk.shown import incidents_json
from dispatch.models import CLOSED, OPEN, Incident, PlanRow
from dispatch.operators import shown
from dispatch.plans import HAZARDS, Plan, of

CLOSED_STAYS = timedelta(hours=2)
"""How long a closed incident stays on the board."""
MOST_EVENTS = 2000
MOST_INCIDENTS = 100
"""More than this since the last look, and a reader does better to load the board anew."""
READ_AGAIN = "closed_incident_opened"
"""Looking at a closed incident is an event, but changes nothing that the board shows."""


def board(session: Session, *, writable: bool) -> dict[str, Any]:
    """Everything that the page shows when it opens. `writable` is false for whoever may only look."""
    number = last_number(session)  # read first: what is newer than it is sent once more, and nothing is missed
    return {
        "now": rfc3339(clock.now()),
        "number": number,
        "writable": writable,
        "incidents": incidents_json(session, _on_board(session, [])),
        "alarms": red.standing(session),
        "faults": shown.as_json(session),
        "plans": [_plan(row) for row in plans.in_order(session)],
        "hazards": list(HAZARDS),
        "outcomes": list(lifecycle.OUTCOMES),
        "reasons": list(standing_down.REASONS),
    }


def changes(session: Session, after: int) -> dict[str, Any]:
    """What differs from the board as it stood at event `after`: every incident on the board that something happened to, and
    all alarms and faults that stand. `reset` says that so much has changed (or that the number is not ours) that the board is
    to be loaded anew; then there are no incidents in it."""
    number = last_number(session)
    wanted = select(Event.incident_id, Event.kind).where(Event.number > after).order_by(Event.number).limit(MOST_EVENTS + 1)
    happened = session.execute(wanted).all()
    touched = {row.incident_id for row in happened if row.incident_id is not None and row.kind != READ_AGAIN}
    reset = after > number or len(happened) > MOST_EVENTS or len(touched) > MOST_INCIDENTS
    changed = [] if reset or not touched else _on_board(session, [Incident.id.in_(touched)])
    return {
        "number": number,
        "incidents": incidents_json(session, changed),
        "alarms": red.standing(session),
        "faults": shown.as_json(session),
        "reset": reset,
    }


def last_number(session: Session) -> int:
    """The number of the newest event; 0 before the first."""
    return session.scalar(select(func.max(Event.number))) or 0


def _on_board(session: Session, only: Sequence[ColumnElement[bool]]) -> Sequence[Incident]:
    recent = and_(Incident.state == CLOSED, Incident.closed_at > clock.now() - CLOSED_STAYS)
    wanted = select(Incident).where(or_(Incident.state == OPEN, recent), *only)
    return session.scalars(wanted.order_by(Incident.opened_at.desc(), Incident.id.desc())).all()


def _plan(row: PlanRow) -> dict[str, Any]:
    plan: Plan = of(row)
    return {
        "type": row.type,
        "name": speech.type_name(row.type),
        "is_on": row.is_on,
        "roles": list(plan.roles),
        "excluded_hazards": list(plan.excluded_hazards),
    }
