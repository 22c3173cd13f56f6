"""What is kept of one emergency about caller and patient, as a file for whoever asks; and the same of a report or a text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from dispatch import view, writing
from dispatch.models import Alarm, Callout, Incident, IncidentNote
from dispatch.retention.asked import MOST, Found
from responder.links.making import without_tokens
from sms.models import Message

_OF_IT = (
    "code",
    "external_id",
    "type",
    "location",
    "access_notes",
    "caller_phone",
    "hazards",
    "opened_at",
    "closed_at",
    "outcome",
)
_NOT_SAID = "Names and numbers of volunteers and staff are not in it: they are other people's."


def as_file(session: Session, settings: Settings, found: Found) -> str:
    """Everything found, as JSON."""
    told = {
        "written_at": clock.rfc3339(clock.now()),
        "organisation": settings.organisation,
        "note": _NOT_SAID,
        "is_all": max(len(found.incidents), len(found.reports), len(found.texts)) < MOST,
        "emergencies": [_emergency(session, one) for one in found.incidents],
        "reports_that_were_refused": [_report(one) for one in found.reports],
        "texts": [_text(one) for one in found.texts],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _emergency(session: Session, incident: Incident) -> dict[str, Any]:
    known = view.facts(incident)
    callout_ids = session.scalars(select(Callout.id).where(Callout.incident_id == incident.id)).all()
    notes = session.scalars(select(IncidentNote).where(IncidentNote.incident_id == incident.id).order_by(IncidentNote.id)).all()
    came = select(func.count()).where(Callout.incident_id == incident.id, Callout.on_scene_at.is_not(None))
    return {name: known[name] for name in _OF_IT} | {
        "erased_at": clock.rfc3339(incident.forgotten_at),
        "address_as_reported": incident.address_given,
        "said_go_because": incident.hazards_overridden,
        "notes": [{"at": clock.rfc3339(one.at), "text": one.text} for one in notes],
        "texts_to_and_from_volunteers": [_text(one) for one in _texts(session, callout_ids)],
        "reports_and_alarms": [_report(one) for one in _alarms(session, incident.id)],
        "volunteers_asked": len(callout_ids),
        "volunteers_who_came": session.scalar(came),
    }


def _texts(session: Session, callout_ids: Sequence[str]) -> Sequence[Message]:
    about = (Message.about_kind == writing.ABOUT, Message.about_id.in_(callout_ids), Message.body != "")
    return session.scalars(select(Message).where(*about).order_by(Message.id)).all()


def _alarms(session: Session, incident_id: str) -> Sequence[Alarm]:
    return session.scalars(select(Alarm).where(Alarm.incident_id == incident_id).order_by(Alarm.id)).all()


def _text(one: Message) -> dict[str, Any]:
    return {"at": clock.rfc3339(one.created_at), "direction": one.direction, "words": without_tokens(one.body)}


def _report(one: Alarm) -> dict[str, Any]:
    return {"at": clock.rfc3339(one.raised_at), "kind": one.kind, "report": one.data.get("report")}
