"""What is said about a responder, from the API or a CSV file: one shape, every field checked before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StrictBool, ValidationError, ValidationInfo, field_validator

from core.problems import FieldProblem, Problem, from_validation
from core.words import _, fill
from geo.geocoding import Geocoder
from responder.fields import (
    Address,
    CertificationNumber,
    CertificationType,
    Context,
    Day,
    ExternalId,
    Hours,
    Issuer,
    Latitude,
    Longitude,
    Name,
    PastDay,
    PastMoment,
    Phone,
)
from responder.models import HOME, WORK


class _Input(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def read(cls, data: Mapping[str, Any], context: Context) -> Self:
        """Check everything that can be known without looking anywhere. Raises Problem, with a pointer to each bad field."""
        try:
            return cls.model_validate(dict(data), context=context)
        except ValidationError as error:
            raise from_validation(error) from None


class PlaceInput(_Input):
    """Where a responder can be: coordinates in degrees, or an address that the geocoder finds, and the hours it holds for."""

    kind: Literal["home", "work"]
    lat: Latitude | None = None
    lon: Longitude | None = Field(None, validate_default=True)
    address: Address | None = Field(None, validate_default=True)
    hours: Hours | None = Field(None, validate_default=True)

    @field_validator("lon")
    @classmethod
    def _whole_and_real(cls, lon: float | None, info: ValidationInfo) -> float | None:
        if "lat" not in info.data:
            return lon
        lat = info.data["lat"]
        if (lat is None) != (lon is None):
            raise ValueError(_("lat and lon go together: give both, or an address"))
        if lat == 0 and lon == 0:
            raise ValueError(_("0,0 lies in the sea off Africa and means that no place was known; give the real one"))
        return lon

    @field_validator("address")
    @classmethod
    def _somewhere(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is None and "lat" in info.data and "lon" in info.data and info.data["lat"] is None:
            raise ValueError(_("an address, or lat and lon"))
        return address

    @field_validator("hours")
    @classmethod
    def _work_has_hours(cls, hours: str | None, info: ValidationInfo) -> str | None:
        if hours is None and info.data.get("kind") == WORK:
            raise ValueError(_("a work place needs its hours, such as Mo-Fr 08:00-16:00; PH off"))
        return hours


class CertificationInput(_Input):
    """A proof of one type; it holds to the last minute of the date `expires`, in the agency's time zone."""

    type: CertificationType
    number: CertificationNumber | None = None
    issuer: Issuer | None = None
    issued: PastDay | None = None
    expires: Day | None = None

    @field_validator("expires")
    @classmethod
    def _after_issued(cls, expires: Any, info: ValidationInfo) -> Any:
        issued = info.data.get("issued")
        if expires is not None and issued is not None and expires < issued:
            raise ValueError(_("a date that is not before issued"))
        return expires


class ResponderBody(_Input):
    """A volunteer. What may be left out keeps its value where the person is known, and begins with the plain default;
    places and certifications are replaced whole when given."""

    name: Name
    phone: Phone
    places: list[PlaceInput] = Field(min_length=1, max_length=2)
    consent_at: PastMoment | None
    language: Literal["en", "sv", "fi"] | None = None
    certifications: list[CertificationInput] | None = Field(None, max_length=50)
    night_alerts: StrictBool | None = None
    calls: StrictBool | None = None
    transport: Literal["foot", "bike", "car"] | None = None
    available: StrictBool | None = None

    @field_validator("places")
    @classmethod
    def _each_kind_once(cls, places: list[PlaceInput]) -> list[PlaceInput]:
        for kind in (HOME, WORK):
            if sum(place.kind == kind for place in places) > 1:
                raise ValueError(fill("{kind} is given twice; one place of each kind", kind=kind))
        return places

    @field_validator("certifications")
    @classmethod
    def _each_proof_once(cls, given: list[CertificationInput] | None) -> list[CertificationInput] | None:
        proofs = [(one.type, one.number, one.expires) for one in given or ()]
        for proof in proofs:
            if proofs.count(proof) > 1:
                raise ValueError(fill("the same {kind} certification is given twice", kind=proof[0]))
        return given


class ResponderInput(ResponderBody):
    """A volunteer together with the id that the people who sent them know them by."""

    external_id: ExternalId


def locate(person: ResponderInput, geocoder: Geocoder) -> ResponderInput:
    """The same person with coordinates at every place; looks addresses up, so never call it inside a transaction.

    Raises Problem for an address that fits none or several; it then offers what comes near as `matches`.
    """
    places = [_located(place, number, geocoder) for number, place in enumerate(person.places)]
    return person.model_copy(update={"places": places})


def _located(place: PlaceInput, number: int, geocoder: Geocoder) -> PlaceInput:
    if place.lat is not None or place.address is None:
        return place
    found = geocoder.resolve(place.address)
    if found.match is None:
        several = _("several addresses fit; take one of those offered, or give coordinates")
        none = _("no such address is known; write it otherwise, or give coordinates")
        detail = several if found.matches else none
        error = FieldProblem(f"/places/{number}/address", detail)
        matches = [{"label": one.label, "lat": one.lat, "lon": one.lon} for one in found.matches]
        raise Problem(422, "Some fields cannot be used", [error], matches=matches)
    return place.model_copy(update={"lat": found.match.lat, "lon": found.match.lon})
