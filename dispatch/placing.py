"""From what was said of a place to a place that volunteers can be sent to. Runs before any transaction is open: a geocoder may
be slow."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.problems import FieldProblem, Problem, field_problem
from core.services import Services
from dispatch import alarms
from dispatch.reports import Report
from geo import districts, zones
from geo.geocoding import Geocoder, Resolution


@dataclass(frozen=True)
class Place:
    """A place inside the service area. `address` is None when only coordinates were given."""

    lat: float
    lon: float
    address: str | None
    address_given: str | None


def place_of(
    services: Services, geocoder: Geocoder, report: Report, type_: str | None, actor: str, incident_id: str | None = None
) -> Place | None:
    """The place that `report` names, or None when it names none. An address that fits none or several is a 422 with what it
    could be, and a red row on the console until a dispatcher places or dismisses it: a refused emergency is never lost."""
    if report.location is not None:
        return Place(report.location.lat, report.location.lon, None, None)
    if report.address is None:
        return None
    resolution = geocoder.resolve(report.address)
    if resolution.match is None:
        _refuse(services, report, resolution, type_, actor, incident_id)
    assert resolution.match is not None, "_refuse always raises"
    return Place(resolution.match.lat, resolution.match.lon, resolution.match.label, report.address)


def _refuse(
    services: Services, report: Report, resolution: Resolution, type_: str | None, actor: str, incident_id: str | None
) -> None:
    matches = [{"label": match.label, "lat": match.lat, "lon": match.lon} for match in resolution.matches]
    with services.write() as session:
        alarms.raise_alarm(
            session,
            alarms.ADDRESS_REFUSED,
            incident_id=incident_id,
            report=report.model_dump(mode="json", exclude_none=True) | {"type": type_},
            matches=matches,
            reported_by=actor,
        )
    detail = "fits several places: choose one of matches" if matches else "fits no place known here; give location instead"
    raise Problem(422, "The address could not be placed", [FieldProblem("/address", detail)], matches=matches)


def check_inside(session: Session, agency_id: int, place: Place) -> None:
    """Refuse, with the reason, a place outside the service area or in an excluded zone."""
    area = zones.service_area(session, agency_id)
    pointer = "/address" if place.address_given else "/location"
    if not area.contains(place.lat, place.lon):
        raise field_problem(pointer, "outside the service area")
    excluded = area.excluded(place.lat, place.lon)
    if excluded is not None:
        raise field_problem(pointer, f"inside the excluded zone {excluded}")


def district_of(session: Session, place: Place) -> str | None:
    """The part of town as people there call it, where known."""
    return districts.district_near(session, place.lat, place.lon)
