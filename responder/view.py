"""A responder as the API shows one: the same shape as the input, so that what was read can be put back."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from core import clock
from responder import availability
from responder.models import Certification, Place, Responder


class PlaceOut(BaseModel):
    """Where a responder can be; without hours a home holds whenever the person is not at work."""

    kind: str
    lat: float
    lon: float
    address: str | None
    hours: str | None


class CertificationOut(BaseModel):
    """A proof of one type, with days in the agency's time zone."""

    type: str
    number: str | None
    issuer: str | None
    issued: date | None
    expires: date | None


class ResponderOut(BaseModel):
    """A volunteer as they stand now. Every name is always there; what is unknown is null."""

    external_id: str
    name: str
    phone: str
    language: str
    places: list[PlaceOut]
    certifications: list[CertificationOut]
    consent_at: str | None
    night_alerts: bool
    calls: bool
    transport: str
    available: bool


def show(responder: Responder, zone: ZoneInfo, now: datetime) -> ResponderOut:
    """`responder` at `now`, with dates as days in `zone`."""
    return ResponderOut(
        external_id=responder.external_id,
        name=responder.name,
        phone=responder.contact.phone,
        language=responder.contact.language,
        places=[_place(one) for one in sorted(responder.places, key=lambda one: one.kind)],
        certifications=[_certification(one, zone) for one in _listed(responder)],
        consent_at=clock.rfc3339(responder.consent_at),
        night_alerts=responder.night_alerts,
        calls=responder.calls,
        transport=responder.transport,
        available=availability.is_available(responder, now),
    )


def _place(place: Place) -> PlaceOut:
    return PlaceOut(kind=place.kind, lat=place.lat, lon=place.lon, address=place.address, hours=place.hours)


def _listed(responder: Responder) -> list[Certification]:
    """Those that can be put back as they were read: not the ones that wait for an admin's verdict."""
    return sorted((one for one in responder.certifications if not one.is_of_the_queue), key=lambda one: one.id)


def _certification(one: Certification, zone: ZoneInfo) -> CertificationOut:
    issued, expires = _day(one.issued_at, zone), _day(one.expires_at, zone)
    return CertificationOut(type=one.type, number=one.number, issuer=one.issuer, issued=issued, expires=expires)


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None
