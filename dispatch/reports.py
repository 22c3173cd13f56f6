"""What a caller of the API, or the command line, may say of an emergency: the input, checked field by field."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from core.words import _
from dispatch.plans import HAZARDS, Hazard

LONGEST_ETA_S = 4 * 3600
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class Location(BaseModel):
    """A place by coordinates, WGS 84 degrees."""

    model_config = ConfigDict(extra="forbid", strict=True)

    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_a_fix(self) -> Self:
        if self.lat == 0 and self.lon == 0:
            raise ValueError(_("0,0 is what a device sends when it does not know where it is; give the address"))
        return self


class Report(BaseModel):
    """The fields that a first report and a correction share. What is not given stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    location: Location | None = None
    address: Text | None = None
    access_notes: Text | None = None
    caller_phone: Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=40)] | None = None
    ambulance_eta_s: int | None = Field(None, ge=0, le=LONGEST_ETA_S)
    hazards: list[Hazard] | None = None

    @field_validator("hazards")
    @classmethod
    def _once_each(cls, value: list[Hazard] | None) -> list[Hazard] | None:
        return None if value is None else sorted(set(value), key=HAZARDS.index)

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.location is not None and self.address is not None:
            raise ValueError(_("give either location or address, not both"))
        return self


class NewIncident(Report):
    """A first report of an emergency."""

    type: str = Field(max_length=40)
    external_id: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)] | None = None
    drill: bool = False

    @model_validator(mode="after")
    def _some_place(self) -> Self:
        if self.location is None and self.address is None:
            raise ValueError(_("give location (lat and lon) or address"))
        return self


class Correction(Report):
    """A correction of an open incident; only the fields that are given change."""

    type: str | None = Field(None, max_length=40)
