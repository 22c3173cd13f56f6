"""The HTTP API v1 of the people: put, get and delete one responder by the id that the caller knows them by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.exceptions import BadRequest

from core import clock, events
from core.access import requires
from core.problems import FieldProblem, Problem, field_problem, not_found
from core.services import Services
from geo.geocoding import Geocoder
from responder import erasure, people, view
from responder.certificates import fhir, kinds
from responder.fields import Context
from responder.input import ResponderInput
from responder.models import Responder

IsBound = Callable[[Session, int], bool]
"""Whether the responder of this row is coming to or at an emergency; asked of the room above, which alone knows."""


def blueprint(services: Services, geocoder: Geocoder, is_bound: IsBound) -> Blueprint:
    """PUT, GET and DELETE /api/v1/responders/{external_id}, and GET /api/v1/practitioners/{external_id}: the same in FHIR.
    The caller's name comes from `flask.g.actor`."""
    routes = Blueprint("responder_api", __name__, url_prefix="/api/v1")

    @routes.put("/responders/<path:external_id>")
    @requires("key:people")
    def put(external_id: str) -> ResponseReturnValue:
        body = _body(external_id)
        with services.read() as session:
            context = Context.of(services.settings, kinds.keys(session))
        person = ResponderInput.read(body, context)
        outcome = people.upsert(services, geocoder, person, people.Manner(g.actor))
        with services.read() as session:
            shown = _shown(services, _found(session, person.external_id))
        return jsonify(shown), 201 if outcome.kind == people.ADDED else 200

    @routes.get("/responders/<path:external_id>")
    @requires("key:people|read")
    def get(external_id: str) -> ResponseReturnValue:
        # Whoever opens a person leaves a trace, therefore a write.
        with services.write() as session:
            responder = _found(session, external_id)
            events.record(session, "responder_opened", g.actor, responder_id=responder.id)
            return jsonify(_shown(services, responder))

    @routes.delete("/responders/<path:external_id>")
    @requires("key:people")
    def delete(external_id: str) -> ResponseReturnValue:
        with services.write() as session:
            if is_bound(session, erasure.lock(session, external_id).id):
                erasure.request(session, external_id, g.actor)
                return jsonify(erased=False, detail="On a callout now; erased when that ends"), 202
            erasure.erase(session, external_id, g.actor)
        return "", 204

    @routes.get("/practitioners/<path:external_id>")
    @requires("key:people")
    def practitioner(external_id: str) -> ResponseReturnValue:
        with services.write() as session:
            responder = _found(session, external_id)
            events.record(session, "responder_opened", g.actor, responder_id=responder.id)
            return in_fhir(services, session, responder)

    return routes


def in_fhir(services: Services, session: Session, responder: Responder) -> Response:
    """The answer that shows a person's certificates in FHIR."""
    settings = services.settings
    shown = fhir.practitioner(
        responder, kinds.known(session), settings.zone_info, settings.public_url, settings.default_language
    )
    answer = jsonify(shown)
    answer.mimetype = fhir.MEDIA_TYPE
    return answer


def _body(external_id: str) -> dict[str, Any]:
    try:
        body = request.get_json()
    except BadRequest:
        raise Problem(400, "The body is not readable JSON") from None
    if not isinstance(body, dict):
        raise Problem(422, "Some fields cannot be used", [FieldProblem("", "an object with the fields of a responder")])
    if body.get("external_id", external_id) != external_id:
        raise field_problem("/external_id", "the same id as in the address of the call, or nothing")
    return body | {"external_id": external_id}


def _found(session: Session, external_id: str) -> Responder:
    responder = people.find(session, external_id)
    if responder is None:
        raise not_found("responder")
    return responder


def _shown(services: Services, responder: Responder) -> dict[str, Any]:
    return view.show(responder, services.settings.zone_info, clock.now()).model_dump(mode="json")
