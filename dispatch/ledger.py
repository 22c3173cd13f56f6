"""Counting what one person was asked and has given; drills count in nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import clock
from dispatch.models import Callout, Incident
from responder.care.ledger import SPANS, Given

FALSE_ALARMS = ("false_alarm", "mistaken")
"""Outcomes for which nobody needed to be woken."""
REACHED = or_(Callout.alerted_at.is_not(None), Callout.answered_at.is_not(None))
"""Whether a first text reached somebody: the carrier took it, or they have answered it."""


def of_person(session: Session, responder_id: int) -> Mapping[str, Given]:
    """Everything about one person in one look at their callouts of the longest span."""
    now = clock.now()
    since = {span: now - length for span, length in SPANS.items()}
    found = iter(session.execute(_COUNTED, {"responder": responder_id, **since, "longest": min(since.values())}).one())
    return {span: Given(*(next(found) for _ in Given._fields)) for span in SPANS}


def _another_arrived(*, before: bool) -> ColumnElement[bool]:
    other = aliased(Callout)
    at = other.on_scene_at
    return exists().where(
        other.incident_id == Callout.incident_id,
        other.id != Callout.id,
        at < Callout.on_scene_at if before else at > Callout.on_scene_at,
    )


_COLUMNS = (
    REACHED,
    Callout.role.is_not(None),
    Callout.on_scene_at.is_not(None),
    Incident.outcome.in_(FALSE_ALARMS),
    and_(_another_arrived(before=True), ~_another_arrived(before=False)),
)
"""What is counted, in the order of `Given`; whoever was coming keeps the role that they had."""
_COUNTED = (
    select(*(func.count().filter(and_(Callout.queued_at > bindparam(span), which)) for span in SPANS for which in _COLUMNS))
    .join(Incident, Incident.id == Callout.incident_id)
    .where(Callout.responder_id == bindparam("responder"), Callout.queued_at > bindparam("longest"), ~Incident.drill, REACHED)
)
"""Built once: to build it anew takes longer than to count."""
