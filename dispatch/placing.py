"""From what was said of a place to a place that volunteers can be sent to. Runs before any transaction is open: a geocoder may
be slow."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.problems import FieldProblem, Problem, field_problem
from core.services import Services
from core.words import _, fill
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
    try:
        return find(geocoder, report)
    except Problem as problem:
        _keep_red(services, report, problem, type_, actor, incident_id)
        raise


def find(geocoder: Geocoder, report: Report) -> Place | None:
    """The same for somebody who sees the refusal on a page before them: it stands red nowhere."""
    if report.location is not None:
        return Place(report.location.lat, report.location.lon, None, None)
    if report.address is None:
        return None
    resolution = geocoder.resolve(report.address)
    if resolution.match is None:
        raise _refusal(resolution)
    return Place(resolution.match.lat, resolution.match.lon, resolution.match.label, report.address)


def find_called(geocoder: Geocoder, report: Report) -> Place:
    """The place of a dispatcher, who may have picked it and named it too: then it is the location, called by the address.
    Raises a 422 like `find`, and when there is no place at all."""
    if report.location is not None:
        return Place(report.location.lat, report.location.lon, report.address, None)
    place = find(geocoder, report)
    if place is None:
        raise field_problem("/location", "give location (lat and lon) or address")
    return place


def _refusal(resolution: Resolution) -> Problem:
    matches = [{"label": match.label, "lat": match.lat, "lon": match.lon} for match in resolution.matches]
    several, none = _("fits several places: choose one of matches"), _("fits no place known here; give location instead")
    detail = several if matches else none
    return Problem(422, "The address could not be placed", [FieldProblem("/address", detail)], matches=matches)


def _keep_red(
    services: Services, report: Report, problem: Problem, type_: str | None, actor: str, incident_id: str | None
) -> None:
    with services.write() as session:
        alarms.raise_alarm(
            session,
            alarms.ADDRESS_REFUSED,
            incident_id=incident_id,
            report=report.model_dump(mode="json", exclude_none=True) | {"type": type_},
            matches=problem.extra["matches"],
            reported_by=actor,
        )


def check_inside(session: Session, agency_id: int, place: Place) -> None:
    """Refuse, with the reason, a place outside the service area or in an excluded zone."""
    area = zones.service_area(session, agency_id)
    pointer = "/address" if place.address_given else "/location"
    if not area.contains(place.lat, place.lon):
        raise field_problem(pointer, "outside the service area")
    excluded = area.excluded(place.lat, place.lon)
    if excluded is not None:
        raise field_problem(pointer, fill("inside the excluded zone {zone}", zone=excluded))


def district_of(session: Session, place: Place) -> str | None:
    """The part of town as people there call it, where known."""
    return districts.district_near(session, place.lat, place.lon)
