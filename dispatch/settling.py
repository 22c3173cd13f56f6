"""A dispatcher settles what stands red: looks at it, dismisses it, or opens the refused emergency where it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, not_found
from core.services import Services
from core.words import fill
from dispatch import alarms, callouts, correcting, following_up, intake, placing, refusals
from dispatch.models import OPEN, Alarm, Callout
from dispatch.placing import Place
from dispatch.reports import Correction, NewIncident, Report
from geo.geocoding import Geocoder

ACKNOWLEDGED, DISMISSED, PLACED = "acknowledged", "dismissed", "placed"


def acknowledge(services: Services, alarm_id: int, actor: str) -> None:
    """Note that a person has seen to it; it stands red no more. Of somebody told to get away this says that they are safe.
    Said again it changes nothing. Raises 404, 409 for a refused emergency, which is placed or dismissed."""
    with _at_hand(services, alarm_id) as (session, alarm):
        if alarm.kind == alarms.ADDRESS_REFUSED:
            raise Problem(409, "A refused emergency is placed or dismissed: it may be waiting for help")
        if not _settle(session, alarm, ACKNOWLEDGED, actor):
            return
        _note(session, alarm, actor)
        callout = session.get(Callout, alarm.callout_id) if alarm.callout_id else None
        if alarm.kind == alarms.UNSAFE_NOT_AWAY and callout is not None:
            following_up.is_away(session, callout, actor)


def dismiss(services: Services, alarm_id: int, actor: str) -> None:
    """Note that a refused emergency is none, or needs no volunteers. Said again it changes nothing. Raises 404, 409 for any
    other alarm, and when it was placed meanwhile."""
    with _at_hand(services, alarm_id) as (session, alarm):
        if alarm.kind != alarms.ADDRESS_REFUSED:
            raise Problem(409, "Only a refused emergency is dismissed; this is acknowledged")
        if _settle(session, alarm, DISMISSED, actor):
            _note(session, alarm, actor)
        elif alarm.settled_as != DISMISSED:
            raise _settled_otherwise(alarm)


def place(services: Services, geocoder: Geocoder, alarm_id: int, where: Report, actor: str) -> str:
    """Open a refused emergency at `where`, with everything that its report held (or put a refused correction right). Returns
    the incident's id; said again it returns the same one. Raises 404, 409 for any other alarm or one that was dismissed, 422
    when the place cannot be used."""
    found = placing.find_called(geocoder, where)
    with _at_hand(services, alarm_id) as (session, alarm):
        if alarm.kind != alarms.ADDRESS_REFUSED:
            raise Problem(409, "Only a refused emergency can be placed")
        if not _settle(session, alarm, PLACED, actor):
            if alarm.settled_as != PLACED or alarm.incident_id is None:
                raise _settled_otherwise(alarm)
            return alarm.incident_id
        report = dict(alarm.data["report"])
        found = Place(found.lat, found.lon, found.address, report.get("address"))
        _count_down(report, alarm)
        if alarm.incident_id is None:
            alarm.incident_id = _open(session, services, report, found, actor)
        else:
            _put_right(session, services, alarm.incident_id, report, found, actor)
        _note(session, alarm, actor)
        return alarm.incident_id


@contextmanager
def _at_hand(services: Services, alarm_id: int) -> Iterator[tuple[Session, Alarm]]:
    """The alarm in a write transaction, its incident locked first as everybody does. Raises 404."""
    with services.write() as session:
        alarm = session.get(Alarm, alarm_id)
        if alarm is None:
            raise not_found("alarm")
        if alarm.incident_id is not None:
            callouts.lock_incident(session, alarm.incident_id)
        yield session, alarm


def _settle(session: Session, alarm: Alarm, how: str, actor: str) -> bool:
    """Take it off the board if it still stands there. Of two who press at once one does, and the other reads who."""
    settled = session.execute(
        update(Alarm)
        .where(Alarm.id == alarm.id, Alarm.acknowledged_at.is_(None))
        .values(acknowledged_at=clock.now(), acknowledged_by=actor, settled_as=how)
        .returning(Alarm.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(alarm)
    return settled is not None


def _note(session: Session, alarm: Alarm, actor: str) -> None:
    """In the timeline of its incident, which a refused emergency has only now."""
    events.record(
        session,
        f"alarm_{alarm.settled_as}",
        actor,
        incident_id=alarm.incident_id,
        callout_id=alarm.callout_id,
        alarm=alarm.kind,
        alarm_id=alarm.id,
    )


def _settled_otherwise(alarm: Alarm) -> Problem:
    who = (alarm.acknowledged_by or "").removeprefix("user:")
    if alarm.settled_as == PLACED:
        return Problem(409, fill("{who} has placed this already", who=who))
    return Problem(409, fill("{who} has dismissed this already", who=who))


def _count_down(report: dict[str, Any], alarm: Alarm) -> None:
    """What was said of the ambulance counts from when it was said."""
    if report.get("ambulance_eta_s") is not None:
        gone_s = int((clock.now() - alarm.raised_at).total_seconds())
        report["ambulance_eta_s"] = max(0, report["ambulance_eta_s"] - gone_s)


def _open(session: Session, services: Services, report: dict[str, Any], found: Place, actor: str) -> str:
    wanted = NewIncident.model_validate(report)
    known = intake.find(session, wanted.external_id)
    if known is not None:
        raise Problem(409, fill("This emergency was opened meanwhile as {code}: dismiss this row", code=known.code))
    return intake.create(session, services, wanted, found, actor).id


def _put_right(
    session: Session, services: Services, incident_id: str, report: dict[str, Any], found: Place, actor: str
) -> None:
    incident = callouts.lock_incident(session, incident_id)
    assert incident is not None, "incidents are never deleted"
    if incident.state != OPEN:
        raise refusals.stands_otherwise(incident.state)
    given = {name: value for name, value in report.items() if value is not None}
    correcting.apply(session, services, incident, Correction.model_validate(given), found, actor)
