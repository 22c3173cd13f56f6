"""A volunteer's verified certificates as a FHIR R4 Practitioner, for whoever keeps registers in that format.

hl7.org/fhir/R4/practitioner.html. What is not known is left out, as FHIR demands; phone and places are no part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from responder.certificates.kinds import Kind
from responder.models import Certification, Responder

MEDIA_TYPE = "application/fhir+json"
KINDS = "certificate-kinds"
PEOPLE = "responders"


class Identifier(BaseModel):
    """A number, and the name of the space in which it means something."""

    system: str | None = None
    value: str


class HumanName(BaseModel):
    """A name as one text: which part is the family's nobody has asked."""

    text: str


class Coding(BaseModel):
    """A kind of certificate by its key and in words."""

    system: str
    code: str
    display: str


class Concept(BaseModel):
    """A CodeableConcept."""

    coding: list[Coding]
    text: str


class Period(BaseModel):
    """From the first day to the last, both included."""

    start: date | None = None
    end: date | None = None


class Organization(BaseModel):
    """A reference to an organisation of which only the name is known."""

    display: str


class Qualification(BaseModel):
    """One verified certificate, lapsed ones too: its period says so."""

    identifier: list[Identifier] | None = None
    code: Concept
    period: Period | None = None
    issuer: Organization | None = None


class Practitioner(BaseModel):
    """A volunteer with what they are certified for."""

    resource_type: Literal["Practitioner"] = Field("Practitioner", alias="resourceType")
    identifier: list[Identifier]
    active: bool
    name: list[HumanName]
    qualification: list[Qualification] | None = None


def practitioner(
    person: Responder, kinds: Mapping[str, Kind], zone: ZoneInfo, base_url: str, language: str
) -> dict[str, object]:
    """`person` as JSON of FHIR, days being days in `zone`; systems are names below `base_url` that lead nowhere."""
    verified = sorted((one for one in person.certifications if one.verified_at is not None), key=lambda one: one.id)
    shown = Practitioner(
        identifier=[Identifier(system=f"{base_url}/{PEOPLE}", value=person.external_id)],
        active=person.consent_at is not None,
        name=[HumanName(text=person.name)],
        qualification=[_qualification(one, kinds, zone, base_url, language) for one in verified] or None,
    )
    return shown.model_dump(mode="json", by_alias=True, exclude_none=True)


def _qualification(
    one: Certification, kinds: Mapping[str, Kind], zone: ZoneInfo, base_url: str, language: str
) -> Qualification:
    called = kinds[one.type].called(language) if one.type in kinds else one.type
    period = Period(start=_day(one.issued_at, zone), end=_day(one.expires_at, zone))
    return Qualification(
        identifier=[Identifier(value=one.number)] if one.number else None,
        code=Concept(coding=[Coding(system=f"{base_url}/{KINDS}", code=one.type, display=called)], text=called),
        period=period if period.start or period.end else None,
        issuer=Organization(display=one.issuer) if one.issuer else None,
    )


def _day(moment: datetime | None, zone: ZoneInfo) -> date | None:
    return moment.astimezone(zone).date() if moment else None
