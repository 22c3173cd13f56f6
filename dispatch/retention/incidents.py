"""Emergencies that are long over: what they told of caller and patient goes, what counts them stays.

Gone are the caller's number, what was said about the way in, the notes, the words of every text, the address, the spot (to a
kilometre or so) and why somebody said go. Type, times, part of town, outcome, who was asked and how far they had are kept.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, delete, exists, func, select
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, not_found
from core.services import Services
from core.settings import Settings
from dispatch import notes, states, writing
from dispatch.callouts import lock_incident
from dispatch.models import CLOSED, OPEN, Alarm, Callout, Incident
from sms import forgetting
from sms.models import Message

ABOUT_A_KM = 2
"""Decimals of a degree that stay of the spot: enough for a map of a town's emergencies, too few for a door."""
BY_TIME, BY_REQUEST = "time", "request"


def count_due(session: Session, settings: Settings, most: int) -> int:
    """How many emergencies have been over for longer than they are kept whole, counted to `most`."""
    due = select(Incident.id).where(_due(settings)).limit(most).subquery()
    return session.scalar(select(func.count()).select_from(due)) or 0


def forget_next(services: Services) -> int | None:
    """Forget the one that has been over for longest, in one transaction. Returns 1, or None when none is due."""
    wanted = select(Incident.id).where(_due(services.settings)).order_by(Incident.closed_at).limit(1)
    with services.read() as session:
        incident_id = session.scalar(wanted)
    if incident_id is None:
        return None
    with services.write() as session:
        incident = lock_incident(session, incident_id)
        if incident is not None and incident.state == CLOSED and incident.forgotten_at is None:
            _forget(session, incident, "system", BY_TIME)
    return 1


def forget(session: Session, incident_id: str, actor: str) -> None:
    """The same at once, because caller or patient asked for it. Raises 404; 409 while it goes on, somebody is
    still there, or it is done already."""
    incident = lock_incident(session, incident_id)
    if incident is None:
        raise not_found("incident")
    if incident.forgotten_at is not None:
        raise Problem(409, "What this emergency told of caller and patient is erased already")
    if incident.state != CLOSED or _goes_on(session, incident):
        raise Problem(409, "The emergency still goes on: those who are there need the address. Close it, or wait an hour")
    _forget(session, incident, actor, BY_REQUEST)


def forget_again(session: Session, incident_id: str) -> None:
    """The same for one that was erased already and is back from a backup, if it is closed and nobody was faster."""
    incident = lock_incident(session, incident_id)
    if incident is not None and incident.state == CLOSED and incident.forgotten_at is None:
        _forget(session, incident, "system", BY_REQUEST)


def is_of_an_open_one() -> ColumnElement[bool]:
    """Whether a text belongs to an emergency that goes on: it is emptied with that, however old it is."""
    about = and_(Callout.incident_id == Incident.id, Incident.state == OPEN, Callout.id == Message.about_id)
    return and_(Message.about_kind == writing.ABOUT, exists().where(about))


def _due(settings: Settings) -> ColumnElement[bool]:
    return and_(
        Incident.closed_at <= clock.now() - settings.caller_kept,
        Incident.closed_at.is_not(None),
        Incident.forgotten_at.is_(None),
    )


def _goes_on(session: Session, incident: Incident) -> bool:
    going = Callout.state.in_(states.LIVE) | Callout.unsafe_since.is_not(None)
    return bool(session.scalar(select(exists().where(Callout.incident_id == incident.id, going))))


def _forget(session: Session, incident: Incident, actor: str, why: str) -> None:
    callout_ids = session.scalars(select(Callout.id).where(Callout.incident_id == incident.id)).all()
    texts = forgetting.words_about(session, writing.ABOUT, callout_ids)
    notes.erase(session, incident.id)
    settled = delete(Alarm).where(Alarm.incident_id == incident.id, Alarm.acknowledged_at.is_not(None))
    session.execute(settled.execution_options(synchronize_session=False))
    incident.caller_phone = incident.access_notes = incident.hazards_overridden = None
    incident.address = incident.address_given = None
    incident.lat, incident.lon = round(incident.lat, ABOUT_A_KM), round(incident.lon, ABOUT_A_KM)
    incident.forgotten_at = clock.now()
    events.record(session, "incident_forgotten", actor, incident_id=incident.id, why=why, texts=texts)
