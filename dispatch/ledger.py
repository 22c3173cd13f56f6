"""Counting what one person was asked and has given; drills count in nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
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
    counted = [
        func.count().filter(and_(Callout.queued_at > now - span, which)) for span in SPANS.values() for which in _columns()
    ]
    wanted = (
        select(*counted)
        .join(Incident, Incident.id == Callout.incident_id)
        .where(Callout.responder_id == responder_id, Callout.queued_at > now - max(SPANS.values()), ~Incident.drill, REACHED)
    )
    found = iter(session.execute(wanted).one())
    return {span: Given(*(next(found) for _ in Given._fields)) for span in SPANS}


def _columns() -> tuple[ColumnElement[bool], ...]:
    """What is counted, in the order of `Given`; whoever was coming keeps the role that they had."""
    return (
        REACHED,
        Callout.role.is_not(None),
        Callout.on_scene_at.is_not(None),
        Incident.outcome.in_(FALSE_ALARMS),
        and_(_another_arrived(before=True), ~_another_arrived(before=False)),
    )


def _another_arrived(*, before: bool) -> ColumnElement[bool]:
    other = aliased(Callout)
    at = other.on_scene_at
    return exists().where(
        other.incident_id == Callout.incident_id,
        other.id != Callout.id,
        at < Callout.on_scene_at if before else at > Callout.on_scene_at,
    )
