"""The calls of the API as data: what each takes, what it answers, and which scope opens it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pydantic import BaseModel

from dispatch.api import shapes
from dispatch.reports import Correction, NewIncident
from responder.certificates import fhir
from responder.input import ResponderBody
from responder.view import ResponderOut


@dataclass(frozen=True)
class Call:
    """One call: what it takes and what it answers."""

    method: Literal["get", "post", "put", "patch", "delete"]
    path: str
    name: str
    summary: str
    scopes: tuple[str, ...]
    answers: dict[int, type[BaseModel] | None]
    body: type[BaseModel] | None = None
    body_needed: bool = True
    query: type[BaseModel] | None = None
    errors: tuple[int, ...] = field(default=())
    media_type: str = "application/json"


_ONE = "/api/v1/incidents/{incident_id}"
_WRITE, _READ = ("incidents",), ("incidents", "read")
INCIDENTS = (
    Call(
        "post",
        "/api/v1/incidents",
        "openIncident",
        "Report an emergency. The nearest volunteers are asked at once. The same external_id again changes nothing.",
        _WRITE,
        {201: shapes.IncidentOut, 200: shapes.IncidentOut},
        body=NewIncident,
        errors=(409, 429),
    ),
    Call(
        "get",
        "/api/v1/incidents",
        "listIncidents",
        "List incidents, newest first.",
        _READ,
        {200: shapes.IncidentList},
        query=shapes.ListQuery,
        errors=(404, 422),
    ),
    Call("get", _ONE, "getIncident", "One incident as it stands now.", _READ, {200: shapes.IncidentOut}, errors=(404,)),
    Call(
        "patch",
        _ONE,
        "correctIncident",
        "Correct what was reported; names left out stay. A new place chooses again.",
        _WRITE,
        {200: shapes.IncidentOut},
        body=Correction,
        errors=(404, 409),
    ),
    Call(
        "post",
        _ONE + "/stand-down",
        "standDown",
        "Tell those asked and coming that they are not needed.",
        _WRITE,
        {200: shapes.IncidentOut},
        body=shapes.StandDown,
        errors=(404, 409),
    ),
    Call(
        "post",
        _ONE + "/close",
        "closeIncident",
        "End the incident.",
        _WRITE,
        {200: shapes.IncidentOut},
        body=shapes.Close,
        errors=(404, 409),
    ),
    Call(
        "post",
        _ONE + "/reopen",
        "reopenIncident",
        "Open a closed incident again; roles that are not filled are asked for again.",
        _WRITE,
        {200: shapes.IncidentOut},
        body=shapes.Nothing,
        body_needed=False,
        errors=(404, 409),
    ),
)
_PERSON = "/api/v1/responders/{external_id}"
_PEOPLE = ("people",)
RESPONDERS = (
    Call(
        "put",
        _PERSON,
        "putResponder",
        "Add or change a volunteer. Both lists are replaced whole when given.",
        _PEOPLE,
        {201: ResponderOut, 200: ResponderOut},
        body=ResponderBody,
        errors=(409,),
    ),
    Call("get", _PERSON, "getResponder", "One volunteer.", ("people", "read"), {200: ResponderOut}, errors=(404,)),
    Call(
        "get",
        "/api/v1/practitioners/{external_id}",
        "getPractitioner",
        "One volunteer with their verified certificates, as a FHIR R4 Practitioner.",
        _PEOPLE,
        {200: fhir.Practitioner},
        errors=(404,),
        media_type=fhir.MEDIA_TYPE,
    ),
    Call(
        "delete",
        _PERSON,
        "eraseResponder",
        "Erase a volunteer, at once or, from a callout, the minute it ends.",
        _PEOPLE,
        {204: None, 202: shapes.ErasureOut},
        errors=(404, 422),
    ),
)
CALLS = (*INCIDENTS, *RESPONDERS)
