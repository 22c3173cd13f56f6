"""The people's pages: admins look after volunteers here, auditors read."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from core.access import PUBLIC, requires
from core.services import Services
from geo.geocoding import Geocoder
from responder.pages import actions, bulk, calls, coverage, membership, people, person, proofs, verifying
from responder.pages import forms as forms
from responder.pages import imports as imports
from responder.pages import kinds as kinds
from responder.pages import waiting as waiting
from responder.pages.room import Above, Room

_STATIC = Path(__file__).parent.parent / "static" / "people"


def blueprint(services: Services, geocoder: Geocoder, above: Above) -> Blueprint:
    """Everything below /people."""
    routes = Blueprint("people", __name__, template_folder="../templates")
    room = Room(services, geocoder, above)
    parts = (people, kinds, imports, forms, person, proofs, verifying, waiting, calls, coverage, actions, membership, bulk)
    for part in parts:
        part.add(routes, room)

    @routes.get("/static/people/<path:filename>")
    @requires(PUBLIC)
    def style(filename: str) -> Response:
        return send_from_directory(_STATIC, filename, conditional=True)

    return routes
