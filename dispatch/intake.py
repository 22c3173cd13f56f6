"""An emergency comes in: in ONE transaction it becomes an incident, its callouts, their first texts and the events."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core import clock, events, ids
from core.problems import FieldProblem, Problem, field_problem
from core.services import Services
from dispatch import advance, alarms, coverage, placing, plans
from dispatch.callouts import lock_incident
from dispatch.models import OPEN, Incident
from dispatch.placing import Place
from dispatch.reports import NewIncident
from geo.geocoding import Geocoder
from sms import contacts

CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ23456789"
"""No vowels, no 0 and 1: a public code never spells a word and is never misheard as a digit."""


@dataclass(frozen=True)
class Opened:
    """The incident that a report belongs to, and whether this report created it."""

    incident_id: str
    created: bool


def open_incident(
    services: Services, geocoder: Geocoder, wanted: NewIncident, actor: str, place: Place | None = None
) -> Opened:
    """Open an incident and ask the first people; `place` is where it is, for a caller who has found that out already.

    The same external_id again returns the same incident and texts nobody twice. Raises Problem: 422 with the field at fault
    (and `matches` for an address), 409 naming each field that differs from what was reported before.
    """
    try:
        return _open(services, geocoder, wanted, actor, place)
    except IntegrityError:
        # The same external_id came in twice in the same moment: the other one is committed now, and this is its repetition.
        return _open(services, geocoder, wanted, actor, place)


def _open(services: Services, geocoder: Geocoder, wanted: NewIncident, actor: str, place: Place | None) -> Opened:
    known = _reported_before(services, wanted)
    if known is None and place is None:
        place = placing.place_of(services, geocoder, wanted, wanted.type, actor)
    try:
        with services.write() as session:
            existing = find(session, wanted.external_id)
            if existing is not None:
                return _once_more(session, services, existing, wanted, actor)
            assert place is not None, "a new report names a place"
            return Opened(create(session, services, wanted, place, actor).id, True)
    except _Differs as differing:
        _show_conflict(services, differing, actor)
        raise Problem(409, "This external_id was reported before with other facts", differing.fields) from None


def _reported_before(services: Services, wanted: NewIncident) -> str | None:
    with services.read() as session:
        existing = find(session, wanted.external_id)
        return existing.id if existing else None


def find(session: Session, external_id: str | None) -> Incident | None:
    """The incident that was reported under this external_id, if any."""
    if external_id is None:
        return None
    return session.scalars(select(Incident).where(Incident.agency_id == 1, Incident.external_id == external_id)).one_or_none()


def create(session: Session, services: Services, wanted: NewIncident, place: Place, actor: str) -> Incident:
    """The incident with its first callouts and texts, in the caller's transaction. Raises a 422 with the field at fault."""
    plan_row = plans.current(session, wanted.type)
    placing.check_inside(session, plan_row.agency_id, place)
    now = clock.now()
    incident = Incident(
        id=ids.new_id(),
        agency_id=plan_row.agency_id,
        code=_new_code(session),
        external_id=wanted.external_id,
        type=wanted.type,
        plan=plan_row,
        state=OPEN,
        asking=coverage.ASKING,
        lat=place.lat,
        lon=place.lon,
        address=place.address,
        address_given=place.address_given,
        district=placing.district_of(session, place),
        placed_at=now,
        access_notes=wanted.access_notes,
        caller_phone=phone_of(services, wanted.caller_phone),
        ambulance_at=now + timedelta(seconds=wanted.ambulance_eta_s) if wanted.ambulance_eta_s is not None else None,
        hazards=list(wanted.hazards or ()),
        drill=wanted.drill,
        door_code=f"{secrets.randbelow(9000) + 1000}",
        opened_at=now,
        opened_by=actor,
    )
    session.add(incident)
    session.flush()
    events.record(session, "incident_opened", actor, incident_id=incident.id, type=wanted.type, drill=wanted.drill)
    advance.settle_asking(session, incident, actor)
    advance.advance(session, services.settings, incident, actor)
    return incident


def phone_of(services: Services, phone: str | None) -> str | None:
    """A caller's phone as E.164; a 422 that names the field when it cannot be one."""
    if phone is None:
        return None
    try:
        return contacts.normalise(phone, services.settings.default_region)
    except ValueError as error:
        raise field_problem("/caller_phone", error.args[0]) from error


def _new_code(session: Session) -> str:
    while True:
        code = "".join(secrets.choice(CODE_LETTERS) for _ in range(5))
        if session.scalars(select(Incident.id).where(Incident.code == code)).first() is None:
            return code


class _Differs(Exception):
    """A second report that contradicts the first; raised to leave the transaction with nothing written."""

    def __init__(self, incident_id: str, fields: list[FieldProblem], wanted: NewIncident) -> None:
        super().__init__(incident_id)
        self.incident_id, self.fields, self.wanted = incident_id, fields, wanted


def _once_more(session: Session, services: Services, known: Incident, wanted: NewIncident, actor: str) -> Opened:
    incident = lock_incident(session, known.id)
    assert incident is not None, "incidents are never deleted"
    fields = _differences(services, incident, wanted)
    if fields:
        raise _Differs(incident.id, fields, wanted)
    if wanted.ambulance_eta_s is not None and incident.state == OPEN:
        # The newest estimate wins; it counts from this request and is no contradiction.
        incident.ambulance_at = clock.now() + timedelta(seconds=wanted.ambulance_eta_s)
        events.record(session, "ambulance_eta", actor, incident_id=incident.id, eta_s=wanted.ambulance_eta_s)
        advance.advance(session, services.settings, incident, actor)
    return Opened(incident.id, False)


def _differences(services: Services, incident: Incident, wanted: NewIncident) -> list[FieldProblem]:
    """The fields given now that differ from what is known. Fields left out, or forgotten, are no difference."""
    if incident.forgotten_at is not None:
        return []
    given = wanted.model_fields_set
    pairs: dict[str, tuple[object, object]] = {
        "type": (incident.type, wanted.type),
        # A place picked at the desk is called by its address, and nothing else was given.
        "address": (incident.address_given or incident.address, wanted.address),
        "access_notes": (incident.access_notes, wanted.access_notes),
        "caller_phone": (incident.caller_phone, phone_of(services, wanted.caller_phone)),
        "hazards": (sorted(incident.hazards), sorted(wanted.hazards or [])),
        "drill": (incident.drill, wanted.drill),
    }
    found = [
        FieldProblem(f"/{name}", "differs from what was reported before")
        for name, (before, now) in pairs.items()
        if name in given and before != now
    ]
    at = wanted.location
    if at is not None and (abs(at.lat - incident.lat) > 1e-6 or abs(at.lon - incident.lon) > 1e-6):
        found.append(FieldProblem("/location", "differs from what was reported before"))
    return found


def _show_conflict(services: Services, differing: _Differs, actor: str) -> None:
    report = differing.wanted.model_dump(mode="json", exclude_none=True)
    eta_s = report.pop("ambulance_eta_s", None)  # it counts down, and would make a row of every repetition
    with services.write() as session:
        lock_incident(session, differing.incident_id)  # or the same contradiction, twice at once, would be two rows
        alarms.raise_for_each(
            session,
            alarms.CONFLICTING_REPORT,
            incident_id=differing.incident_id,
            facts={"fields": [problem.pointer for problem in differing.fields], "report": report},
            ambulance_eta_s=eta_s,
            reported_by=actor,
        )
