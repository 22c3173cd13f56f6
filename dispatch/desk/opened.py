"""One incident with its timeline, as somebody at the desk opens it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.events import Event
from core.problems import not_found
from core.services import Services
from dispatch import view
from dispatch.desk import reading, sentences, speech
from dispatch.desk.board import READ_AGAIN
from dispatch.desk.shown import incidents_json
from dispatch.models import CLOSED, Callout, Incident, IncidentNote

ONE_LOOK = timedelta(minutes=10)
"""Looking again within this time is the same look."""
PAGE = 50
_BRIEF = ("id", "code", "state", "type", "location", "drill", "opened_at", "closed_at", "outcome", "covered")


def open_one(services: Services, incident_id: str, actor: str) -> dict[str, Any]:
    """An incident with its timeline. Opening a closed one is itself an event. Raises 404."""
    with services.read() as session:
        incident = session.get(Incident, incident_id)
        if incident is None:
            raise not_found("incident")
        is_new_look = incident.state == CLOSED and not _looked_already(session, incident_id, actor)
    if is_new_look:
        with services.write() as session:
            events.record(session, READ_AGAIN, actor, incident_id=incident_id)
    with services.read() as session:
        return with_events(session, incident_id)


def with_events(session: Session, incident_id: str) -> dict[str, Any]:
    """The same without leaving a trace, for the answer to what somebody did. Raises 404."""
    incident = session.get(Incident, incident_id, populate_existing=True)
    if incident is None:
        raise not_found("incident")
    return {"incident": incidents_json(session, [incident])[0], "events": _timeline(session, incident_id)}


def closed_ones(session: Session, after: str | None) -> dict[str, Any]:
    """A page of closed incidents, the newest first, in a few words each: reading one whole is an event."""
    statement = select(Incident).where(Incident.state == CLOSED).order_by(Incident.closed_at.desc(), Incident.id.desc())
    if after is not None:
        last = session.get(Incident, after)
        if last is None or last.closed_at is None:
            raise not_found("incident to go on after")
        same_moment = (Incident.closed_at == last.closed_at) & (Incident.id < last.id)
        statement = statement.where((Incident.closed_at < last.closed_at) | same_moment)
    found = session.scalars(statement.limit(PAGE + 1)).all()
    page = found[:PAGE]
    return {"incidents": [_brief(incident) for incident in page], "next": page[-1].id if len(found) > PAGE else None}


def _brief(incident: Incident) -> dict[str, Any]:
    told = view.facts(incident)
    return {name: told[name] for name in _BRIEF} | {
        "type_name": speech.type_name(incident.type),
        "district": incident.district,
        "stood_down_as": incident.stood_down_as,
    }


def _looked_already(session: Session, incident_id: str, actor: str) -> bool:
    recent = select(Event.number).where(
        Event.incident_id == incident_id,
        Event.kind.in_((READ_AGAIN, "incident_closed")),  # whoever closes it has it before them
        Event.actor == actor,
        Event.at > clock.now() - ONE_LOOK,
    )
    return session.scalar(recent.limit(1)) is not None


def _timeline(session: Session, incident_id: str) -> list[dict[str, Any]]:
    happened = view.events_of(session, incident_id)
    names = _names(session, incident_id)
    said = reading.bodies(session, [one.message_id for one in happened if one.message_id and one.callout_id in names])
    notes: dict[int, str] = dict(
        session.execute(select(IncidentNote.id, IncidentNote.text).where(IncidentNote.incident_id == incident_id)).all()
    )
    return [_event(event, names, said, notes) for event in happened]


def _event(event: Event, names: dict[str, str], said: dict[str, str], notes: dict[int, str]) -> dict[str, Any]:
    who, note = names.get(event.callout_id or ""), notes.get(event.data.get("note_id", 0))
    return view.event_facts(event) | {"text": sentences.sentence(event, who, note, said.get(event.message_id or ""))}


def _names(session: Session, incident_id: str) -> dict[str, str]:
    """Names by callout, of those whom the desk may show now."""
    rows: Sequence[Callout] = session.scalars(
        select(Callout).where(Callout.incident_id == incident_id).options(reading.WITH_PERSON)
    ).all()
    return {row.id: row.responder.name for row in rows if reading.is_shown(row)}
