"""The dispatcher's page: one document and the modules that fill it from /desk/api and the live stream."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, g, redirect, render_template, send_from_directory
from flask.typing import ResponseReturnValue

from core.access import PUBLIC, requires
from core.services import Services
from geo import examples

_STATIC = Path(__file__).parent / "static" / "desk"
_HERE = "dispatcher|auditor"


def blueprint(services: Services) -> Blueprint:
    """GET /desk and the modules under /static/desk."""
    pages = Blueprint("desk_pages", __name__, template_folder="templates")
    settings = services.settings

    @pages.get("/desk")
    @requires(f"role:{_HERE}")
    def desk() -> str:
        writable = g.user.role == "dispatcher"
        with services.read() as session:
            house = examples.of_town(session)
        example = {"address": house.label, "coordinates": f"{house.lat:.4f}, {house.lon:.4f}"} if house else None
        return render_template("dispatch/desk.html", writable=writable, time_zone=settings.time_zone, example=example)

    @pages.get("/desk/")
    @requires(f"role:{_HERE}")
    def desk_with_a_slash() -> ResponseReturnValue:
        return redirect("/desk", code=308)

    @pages.get("/static/desk/<path:filename>")
    @requires(PUBLIC)
    def asset(filename: str) -> ResponseReturnValue:
        return send_from_directory(_STATIC, filename)

    return pages
