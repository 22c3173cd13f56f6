"""An incident as the API shows it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from core.clock import rfc3339
from core.events import Event
from core.problems import not_found
from dispatch import callouts, writing
from dispatch.models import Callout, Incident
from dispatch.shortfall import Shortfall
from sms.models import IN, Message

MOST_EVENTS = 2000
"""An incident has some 5 events a callout; this bound keeps one answer readable whatever happens."""


def incident_json(session: Session, incident_id: str) -> dict[str, Any]:
    """One incident with its callouts and events. Raises 404."""
    incident = session.get(Incident, incident_id)
    if incident is None:
        raise not_found("incident")
    return _incidents_json(session, [incident])[0]


def list_incidents(
    session: Session, state: str | None = None, after: str | None = None, limit: int = 50
) -> tuple[list[dict[str, Any]], str | None]:
    """Incidents, newest first, at most `limit`, and the id to pass as `after` for the next page (None at the end).
    Raises 404 for an `after` that is no incident."""
    statement = select(Incident).order_by(Incident.opened_at.desc(), Incident.id.desc()).limit(limit + 1)
    if state is not None:
        statement = statement.where(Incident.state == state)
    if after is not None:
        last = session.get(Incident, after)
        if last is None:
            raise not_found("incident to go on after")
        older = and_(Incident.opened_at == last.opened_at, Incident.id < last.id)
        statement = statement.where(or_(Incident.opened_at < last.opened_at, older))
    found = list(session.scalars(statement))
    page = found[:limit]
    return _incidents_json(session, page), page[-1].id if len(found) > limit else None


def _incidents_json(session: Session, incidents: Sequence[Incident]) -> list[dict[str, Any]]:
    rows: dict[str, list[Callout]] = defaultdict(list)
    for callout in callouts.of_incidents(session, [incident.id for incident in incidents]):
        rows[callout.incident_id].append(callout)
    words = _words(session, [callout.id for of_one in rows.values() for callout in of_one])
    return [_incident(session, incident, rows[incident.id], words) for incident in incidents]


def _incident(session: Session, incident: Incident, rows: Sequence[Callout], words: dict[str, list[str]]) -> dict[str, Any]:
    return facts(incident) | {
        "callouts": [callout_facts(callout) | {"words": words.get(callout.id, [])} for callout in rows],
        "events": [event_facts(event) for event in events_of(session, incident.id)],
    }


def facts(incident: Incident) -> dict[str, Any]:
    """What is known of the incident itself, without anybody's name in it."""
    return {
        "id": incident.id,
        "code": incident.code,
        "external_id": incident.external_id,
        "state": incident.state,
        "covered": incident.covered,
        "asking": incident.asking,
        "shortfall": short.words if (short := Shortfall.kept(incident.shortfall)) else None,
        "type": incident.type,
        "location": {"lat": incident.lat, "lon": incident.lon, "address": incident.address},
        "access_notes": incident.access_notes,
        "caller_phone": incident.caller_phone,
        "ambulance_at": rfc3339(incident.ambulance_at),
        "hazards": incident.hazards,
        "drill": incident.drill,
        "opened_at": rfc3339(incident.opened_at),
        "closed_at": rfc3339(incident.closed_at),
        "outcome": incident.outcome,
    }


def callout_facts(callout: Callout) -> dict[str, Any]:
    """A callout without its words; its person must be loaded."""
    return {
        "id": callout.id,
        "responder_id": None if callout.responder.erased_at else callout.responder.external_id,
        "role": callout.role,
        "state": callout.state,
        "wave": callout.wave,
        "distance_m": callout.distance_m,
        "eta_s": callout.eta_s,
        "reason": callout.reason,
        "alerted_at": rfc3339(callout.alerted_at),
        "answered_at": rfc3339(callout.answered_at),
    }


def _words(session: Session, callout_ids: Sequence[str]) -> dict[str, list[str]]:
    """Every text that people wrote about these callouts, kept whole, oldest first."""
    statement = (
        select(Message.about_id, Message.body)
        .where(Message.direction == IN, Message.about_kind == writing.ABOUT, Message.about_id.in_(callout_ids))
        .order_by(Message.created_at, Message.id)
    )
    words: dict[str, list[str]] = defaultdict(list)
    for callout_id, body in session.execute(statement):
        words[callout_id or ""].append(body)
    return words


def events_of(session: Session, incident_id: str) -> Sequence[Event]:
    """Everything that happened to an incident, oldest first."""
    return session.scalars(
        select(Event).where(Event.incident_id == incident_id).order_by(Event.number).limit(MOST_EVENTS)
    ).all()


def event_facts(event: Event) -> dict[str, Any]:
    """An event with the ids of what it is about in its data."""
    ids = {"callout_id": event.callout_id, "message_id": event.message_id}
    return {
        "number": event.number,
        "at": rfc3339(event.at),
        "kind": event.kind,
        "actor": event.actor,
        "data": event.data | {name: value for name, value in ids.items() if value},
    }
