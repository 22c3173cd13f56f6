"""What the wire tells of numbers and carriers, where people of this room read it: an admin's task, and the timelines of the
emergencies that are open."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from dispatch import alarms
from dispatch.models import OPEN, Alarm, Incident
from responder.models import Responder
from sms.models import Contact


def on_trouble(session: Session, contact: Contact, trouble: str | None) -> None:
    """For `Wire.trouble_handlers`: a volunteer's number that does not work is a task of an admin, until a text reaches it."""
    person_id = session.scalar(select(Responder.id).where(Responder.contact_id == contact.id, Responder.erased_at.is_(None)))
    if person_id is None:
        return
    _settle(session, alarms.NUMBER_TROUBLE, person_id, "carrier")
    if trouble is not None:
        alarms.raise_alarm(session, alarms.NUMBER_TROUBLE, responder_id=person_id, trouble=str(trouble))


def on_opt(session: Session, contact: Contact, opted_out: bool) -> None:
    """For `Wire.opt_handlers`: whoever opted out, by whatever word or because the carrier says so, is a task of an admin, for
    only they themselves can come back; once they have, it is none."""
    person_id = session.scalar(select(Responder.id).where(Responder.contact_id == contact.id, Responder.erased_at.is_(None)))
    if person_id is None:
        return
    if opted_out:
        alarms.raise_once(session, alarms.OPTED_OUT, responder_id=person_id)
    else:
        _settle(session, alarms.OPTED_OUT, person_id, f"responder:{person_id}")


def on_carrier(session: Session, kind: str, facts: Mapping[str, str | None]) -> None:
    """For `Wire.carrier_handlers`: what happened to a carrier stands in the timeline of every emergency it happened in."""
    for incident_id in session.scalars(select(Incident.id).where(Incident.state == OPEN).order_by(Incident.id)):
        events.record(session, kind, incident_id=incident_id, carrier=facts.get("carrier"), instead=facts.get("instead"))


def _settle(session: Session, kind: str, person_id: int, actor: str) -> None:
    """What was said of the number before is true no more."""
    standing = select(Alarm).where(Alarm.kind == kind, Alarm.responder_id == person_id, Alarm.acknowledged_at.is_(None))
    for alarm in session.scalars(standing):
        alarm.acknowledged_at, alarm.acknowledged_by, alarm.settled_as = clock.now(), actor, "cleared"
        events.record(session, "alarm_cleared", actor, responder_id=person_id, alarm_id=alarm.id)
