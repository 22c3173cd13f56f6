"""What goes in and out of the API beside incidents: as typed models, from which the description at openapi.json is made."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from dispatch.plans import Hazard
from dispatch.states import STATES


class Given(BaseModel):
    """Something that is sent to us: unknown names are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class StandDown(Given):
    """Why volunteers are told that they are not needed, or must not go."""

    reason: Literal["covered", "ambulance_on_scene", "not_needed", "unsafe"]


class Close(Given):
    """How the incident ended."""

    outcome: Literal["helped", "ambulance_first", "not_needed", "not_found", "unsafe", "false_alarm", "mistaken", "other"]


class Nothing(Given):
    """A call without content: no body, or an empty object."""


class ListQuery(BaseModel):
    """Which incidents to list."""

    model_config = ConfigDict(extra="forbid")

    state: Literal["open", "closed"] | None = Field(None, description="Only those in this state.")
    after: Annotated[str, Field(max_length=200)] | None = Field(None, description="`next` of the answer before.")
    limit: int = Field(50, ge=1, le=200, description="At most so many.")


class Shown(BaseModel):
    """Something we answer with: every name is always there, null when it is not known."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class LocationOut(Shown):
    """Where it is."""

    lat: float
    lon: float
    address: str | None


class CalloutOut(Shown):
    """One volunteer asked to come."""

    id: str
    responder_id: Annotated[str | None, Field(description="The volunteer's external_id; null once the person was erased.")]
    role: Literal["direct", "aed", "guide"] | None
    state: Annotated[str, Field(json_schema_extra={"enum": list(STATES)})]
    wave: int
    distance_m: int
    eta_s: int | None
    reason: str | None
    alerted_at: datetime | None
    answered_at: datetime | None
    words: Annotated[list[str], Field(description="Texts of the volunteer that were no plain answer, oldest first.")]


class EventOut(Shown):
    """One thing that happened, in the order of its number."""

    number: int
    at: datetime
    kind: str
    actor: str
    data: dict[str, Any]


class IncidentOut(Shown):
    """One emergency with everybody asked and everything that happened."""

    id: str
    code: str
    external_id: str | None
    state: Literal["open", "closed"]
    covered: Annotated[bool, Field(description="Whether all roles are filled by people coming, on scene or finished.")]
    asking: Annotated[str, Field(description="Whether people are being asked, and if not, why.")]
    shortfall: Annotated[str | None, Field(description="Why fewer could be asked than are wanted.")]
    type: str
    location: LocationOut
    access_notes: str | None
    caller_phone: str | None
    ambulance_at: datetime | None
    hazards: list[Hazard]
    drill: bool
    opened_at: datetime
    closed_at: datetime | None
    outcome: str | None
    callouts: list[CalloutOut]
    events: list[EventOut]


class IncidentList(Shown):
    """A page of incidents, newest first; `next` leads to the page after it, null at the end."""

    items: list[IncidentOut]
    next: str | None


class ErasureOut(Shown):
    """A person who is on a callout now; erased the minute it ends."""

    erased: bool
    detail: str


class FieldProblemOut(Shown):
    """What is wrong with one field; the pointer is a JSON pointer (RFC 6901)."""

    pointer: str
    detail: str


class MatchOut(Shown):
    """A place that the address could mean."""

    label: str
    lat: float
    lon: float


class ProblemOut(BaseModel):
    """An error, RFC 9457."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    errors: list[FieldProblemOut]
    matches: list[MatchOut] | None = Field(None, description="With an address that fits none or several: what it could mean.")
    retry_after_s: int | None = Field(None, description="With 429: seconds to wait.")
    fault: str | None = Field(None, description="With 500 and 503: what to tell whoever runs this.")
