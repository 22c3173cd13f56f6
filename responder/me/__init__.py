"""A volunteer's own page, behind the link that a text brings: no password, made for a phone first."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, send_from_directory

from core.access import PUBLIC, requires
from core.services import Services
from geo.geocoding import Geocoder
from responder.me import by_admin, card, changing, failing, joining, leaving, limits, opening, page, pauses, proofs
from responder.me.room import Above, Room

_STATIC = Path(__file__).parent.parent / "static" / "me"


def blueprint(services: Services, geocoder: Geocoder, above: Above) -> Blueprint:
    """Everything below /m and /me, and what an admin sends to a person's phone."""
    routes = Blueprint("me", __name__, template_folder="../templates")
    room = Room(services, geocoder, above)
    for part in (opening, page, pauses, limits, changing, proofs, leaving, joining, card, by_admin, failing):
        part.add(routes, room)

    @routes.get("/static/me/<path:filename>")
    @requires(PUBLIC)
    def style(filename: str) -> Response:
        return send_from_directory(_STATIC, filename, conditional=True)

    return routes
