"""A volunteer's own page, behind the link that a text brings: no password, made for a phone first."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from core.access import PUBLIC, requires
from core.services import Services
from geo.geocoding import Geocoder
from responder.api import IsBound
from responder.me import changing, leaving, opening, page, pauses
from responder.me.room import AlertsOf, Room

_STATIC = Path(__file__).parent.parent / "static" / "me"


def blueprint(services: Services, geocoder: Geocoder, is_bound: IsBound, alerts_of: AlertsOf) -> Blueprint:
    """Everything below /m and /me. `is_bound` and `alerts_of` are asked of the room above, which alone knows."""
    routes = Blueprint("me", __name__, template_folder="../templates")
    room = Room(services, geocoder, is_bound, alerts_of)
    for part in (opening, page, pauses, changing, leaving):
        part.add(routes, room)

    @routes.get("/static/me/<path:filename>")
    @requires(PUBLIC)
    def style(filename: str) -> Response:
        return send_from_directory(_STATIC, filename, conditional=True)

    return routes
