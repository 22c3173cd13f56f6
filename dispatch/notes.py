"""Words that a dispatcher keeps with an incident, in rows of their own: events are for ever, words must not be."""

from __future__ import annotations

from sqlalchemy import delete
from sqlalchemy.orm import Session

from core import clock, events
from core.services import Services
from dispatch.lifecycle import locked
from dispatch.models import IncidentNote


def add(services: Services, incident_id: str, text: str, actor: str) -> None:
    """Keep `text` with an incident, open or closed. Raises 404."""
    with locked(services, incident_id) as (session, incident):
        note = IncidentNote(incident_id=incident.id, at=clock.now(), actor=actor, text=text)
        session.add(note)
        session.flush()
        events.record(session, "note_added", actor, incident_id=incident.id, note_id=note.id)


def erase(session: Session, incident_id: str) -> None:
    """Erase every note of an incident; the timeline still says that there were some, and by whom."""
    session.execute(delete(IncidentNote).where(IncidentNote.incident_id == incident_id))
