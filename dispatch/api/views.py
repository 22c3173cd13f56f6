"""The calls on incidents. Each reads its input, hands it to the room, and answers with the incident as it then stands."""

from __future__ import annotations

from flask import Blueprint, Response, g, jsonify, request, url_for
from sqlalchemy import select

from core.access import PUBLIC, requires
from core.services import Services
from dispatch import correcting, intake, lifecycle, view
from dispatch.api import limits, openapi, reading, shapes
from dispatch.models import Incident
from dispatch.reports import Correction, NewIncident
from geo.geocoding import Geocoder

WRITES = "key:incidents"
READS = "key:incidents|read"


def blueprint(services: Services, geocoder: Geocoder) -> Blueprint:
    """Every call under /api/v1/incidents, and the description of the API."""
    api = Blueprint("dispatch_api", __name__, url_prefix="/api/v1")
    _add_description(api)
    _add_reports(api, services, geocoder)
    _add_readings(api, services)
    _add_endings(api, services)
    return api


def _add_description(api: Blueprint) -> None:
    @api.get("/openapi.json")
    @requires(PUBLIC)
    def described() -> Response:
        return jsonify(openapi.description())


def _add_reports(api: Blueprint, services: Services, geocoder: Geocoder) -> None:
    @api.post("/incidents")
    @requires(WRITES)
    def open_incident() -> tuple[Response, int]:
        wanted = reading.body(request, NewIncident)
        opened = _open(services, geocoder, wanted, g.actor)
        answer = _shown(services, opened.incident_id)
        answer.headers["Location"] = url_for(".show_incident", incident_id=opened.incident_id)
        return answer, 201 if opened.created else 200

    @api.patch("/incidents/<incident_id>")
    @requires(WRITES)
    def correct_incident(incident_id: str) -> Response:
        correction = reading.body(request, Correction)
        correcting.correct_incident(services, geocoder, incident_id, correction, g.actor)
        return _shown(services, incident_id)


def _add_readings(api: Blueprint, services: Services) -> None:
    @api.get("/incidents")
    @requires(READS)
    def list_incidents() -> Response:
        asked = reading.query(request, shapes.ListQuery)
        with services.read() as session:
            items, following = view.list_incidents(session, asked.state, asked.after, asked.limit)
        return jsonify(items=items, next=following)

    @api.get("/incidents/<incident_id>")
    @requires(READS)
    def show_incident(incident_id: str) -> Response:
        return _shown(services, incident_id)


def _add_endings(api: Blueprint, services: Services) -> None:
    @api.post("/incidents/<incident_id>/stand-down")
    @requires(WRITES)
    def stand_down(incident_id: str) -> Response:
        lifecycle.stand_down(services, incident_id, reading.body(request, shapes.StandDown).reason, g.actor)
        return _shown(services, incident_id)

    @api.post("/incidents/<incident_id>/close")
    @requires(WRITES)
    def close_incident(incident_id: str) -> Response:
        lifecycle.close_incident(services, incident_id, reading.body(request, shapes.Close).outcome, g.actor)
        return _shown(services, incident_id)

    @api.post("/incidents/<incident_id>/reopen")
    @requires(WRITES)
    def reopen_incident(incident_id: str) -> Response:
        reading.body(request, shapes.Nothing, may_be_empty=True)
        lifecycle.reopen(services, incident_id, g.actor)
        return _shown(services, incident_id)


def _open(services: Services, geocoder: Geocoder, wanted: NewIncident, actor: str) -> intake.Opened:
    """Open it within the key's limit. A report of a known incident opens nothing and is never refused for the limit's sake."""
    if _is_known(services, wanted.external_id):
        return intake.open_incident(services, geocoder, wanted, actor)
    place = limits.take_place(services, actor)
    created = False
    try:
        opened = intake.open_incident(services, geocoder, wanted, actor)
        created = opened.created
    finally:
        if not created:
            limits.give_back(services, place)
    return opened


def _is_known(services: Services, external_id: str | None) -> bool:
    if external_id is None:
        return False
    with services.read() as session:
        return session.scalar(select(Incident.id).where(Incident.external_id == external_id).limit(1)) is not None


def _shown(services: Services, incident_id: str) -> Response:
    with services.read() as session:
        return jsonify(view.incident_json(session, incident_id))
