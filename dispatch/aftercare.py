"""Asking people how they are after an emergency: whoever was on scene soon after its end and again after four weeks, the others
who said 1 once. Nobody else, and nobody after a drill.

What is due is read from the emergencies themselves, so no stop can lose a question, and a row for each that was asked keeps it
from being asked twice. An emergency that is opened again has no end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from core import clock, log
from core.services import Services
from core.settings import Settings
from dispatch import states, waves, writing
from dispatch.models import CLOSED, Callout, Incident
from responder import civil
from responder.care import questions
from responder.care.models import CareQuestion
from responder.models import Responder
from sms import purposes
from sms.models import Contact

SOON, WEEKS_LATER = "soon", "weeks"
LATE = timedelta(days=3)
"""Whoever should have been asked longer ago than this, while all of it stood still, is not asked any more."""
AT_ONCE = 100
_log = log.get("aftercare")


@dataclass(frozen=True)
class Step:
    """One of the questions: its text, how long `after` the end it is due, whether to those who were `on_scene` or to the others
    who said 1, and whether also at an hour at which a phone had better not ring."""

    name: str
    key: str
    after: timedelta
    on_scene: bool
    at_any_hour: bool


STEPS = (
    Step(SOON, "T19", timedelta(minutes=90), on_scene=True, at_any_hour=True),
    # At a civil hour, but not in the minute in which they read that they are not needed, or before those who were there.
    Step(SOON, "T19b", timedelta(minutes=90), on_scene=False, at_any_hour=False),
    Step(WEEKS_LATER, "T19c", timedelta(weeks=4), on_scene=True, at_any_hour=False),
)


class _Due(NamedTuple):
    """Somebody to be asked about one emergency, which was reported at `opened_at`."""

    callout_id: str
    responder_id: int
    opened_at: datetime


def ask_due(services: Services) -> int:
    """Ask whoever is to be asked now, each once. Returns how many texts that were.

    One who cannot be asked is logged with their row and keeps no other waiting.
    """
    now = clock.now()
    is_civil = civil.is_civil(now, services.settings.zone_info)
    asked = 0
    for step in STEPS:
        if not (is_civil or step.at_any_hour):
            continue
        with services.read() as session:  # most looks find nobody, and a look must not take the turn to write
            people = {row.responder_id for row in _due(session, step, now, AT_ONCE)}
        for responder_id in sorted(people):
            try:
                with services.write() as session:
                    asked += _ask(session, services.settings, step, responder_id)
            except Exception:
                _log.exception("somebody could not be asked how they are", responder_id=responder_id)
            services.database.give_way()
    return asked


def _ask(session: Session, settings: Settings, step: Step, responder_id: int) -> bool:
    """One text, after however many emergencies it is due."""
    due = _due(session, step, clock.now(), AT_ONCE, responder_id)
    new = [row for row in due if questions.note(session, row.callout_id, step.name, responder_id)]
    if not new:
        return False
    contact = session.get_one(Responder, responder_id).contact
    writing.send_to_contact(
        session,
        settings,
        step.key,
        purposes.REMINDER,
        contact,
        weekday=new[0].opened_at.astimezone(settings.zone_info).date(),
        emergency_number=settings.emergency_number,
    )
    return True


def _due(session: Session, step: Step, now: datetime, limit: int, only: int | None = None) -> Sequence[_Due]:
    """Whom `step` is due for, the newest emergency first."""
    end = now - step.after
    asked = exists().where(CareQuestion.callout_id == Callout.id, CareQuestion.step == step.name)
    wanted = (
        select(Callout.id, Callout.responder_id, Incident.opened_at)
        .join(Incident, Incident.id == Callout.incident_id)
        .join(Responder, Responder.id == Callout.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(
            Incident.state == CLOSED,
            Incident.closed_at > end - LATE,
            Incident.closed_at <= end,
            ~Incident.drill,
            Callout.on_scene_at.is_not(None) if step.on_scene else _said_going_only(),
            ~asked,
            ~_is_on_a_callout(),
            Responder.erased_at.is_(None),
            Responder.erase_requested_at.is_(None),
            Responder.left_alone_at.is_(None),
            Contact.opted_out_at.is_(None),
        )
        .order_by(Incident.opened_at.desc(), Callout.id)
    )
    if only is not None:
        wanted = wanted.where(Callout.responder_id == only)
    return [_Due(*row) for row in session.execute(wanted.limit(limit))]


def _said_going_only() -> ColumnElement[bool]:
    """Said 1 and was not on scene: whoever was coming keeps a role; a 1 that came too late leaves none."""
    too_late = and_(
        Callout.state == states.STOOD_DOWN, Callout.answered_at.is_not(None), Callout.stood_down_as != waves.ELSEWHERE
    )
    return and_(Callout.on_scene_at.is_(None), or_(Callout.role.is_not(None), too_late))


def _is_on_a_callout() -> ColumnElement[bool]:
    """Whether this person is asked or out there at this moment: then a word of theirs would be an answer to that."""
    other = aliased(Callout)
    busy = or_(other.state.in_(states.LIVE), other.unsafe_since.is_not(None))
    return exists().where(other.responder_id == Callout.responder_id, busy)
