"""What the page may send, checked field by field."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from dispatch.api.shapes import Given
from dispatch.plans import HAZARDS, Hazard
from dispatch.reports import LONGEST_ETA_S, Correction, NewIncident, Report


class After(BaseModel):
    """Since which event."""

    model_config = ConfigDict(extra="forbid")

    after: int = Field(ge=0, le=2**62)


class Closed(BaseModel):
    """A page of closed incidents."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["closed"] = "closed"
    after: Annotated[str, Field(max_length=200)] | None = None


class Typed(BaseModel):
    """An address as far as it is typed."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=300)


class Spot(Given):
    """A place that may be none: the preview says so instead of refusing."""

    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)


class Preview(Given):
    """An emergency that is not raised yet; without a place there is nothing to show but what is held."""

    type: str = Field(max_length=40)
    location: Spot | None = None
    address: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] | None = None
    hazards: list[Hazard] | None = None
    ambulance_eta_s: int | None = Field(None, ge=0, le=LONGEST_ETA_S)
    drill: bool = False
    # What the form holds besides and the choice does not depend on.
    external_id: Any = None
    access_notes: Any = None
    caller_phone: Any = None

    @field_validator("hazards")
    @classmethod
    def _once_each(cls, value: list[Hazard] | None) -> list[Hazard]:
        return sorted(set(value or ()), key=HAZARDS.index)


class Raised(NewIncident):
    """A first report from the desk. With location and address both, the place is the location and is called by the address:
    a dispatcher has picked it from a list or put the pin right."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        return self


class Corrected(Correction):
    """A correction from the desk; a place as in a first report."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        return self


class MorePeople(Given):
    """How many to ask beyond what the plan has asked."""

    people: int = Field(ge=1, le=10)


class Person(Given):
    """Whom to ask, by the id that `askable` gave them."""

    responder: str = Field(min_length=1, max_length=80)


class Go(Given):
    """Why volunteers may come in spite of a danger."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]


class Note(Given):
    """Words to be kept with an incident."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]


class Placed(Report):
    """Where a refused emergency is: by location, by address, or by a location that is called by the address."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        return self
