"""The first pages: what runs here and how to use it. The dispatcher's pages extend the same layout."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, render_template

from core.access import PUBLIC, requires
from core.services import Services


def install(app: Flask, services: Services) -> None:
    """Give every template what the layout shows: whose service this is, and whether the texts reach anybody."""
    settings = services.settings
    # Pages are written to be translated; without a catalogue in use the English of the source is shown.
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_null_translations(newstyle=True)

    @app.context_processor
    def _shown_everywhere() -> dict[str, object]:
        return {
            "organisation": settings.organisation,
            "emergency_number": settings.emergency_number,
            "simulating": settings.simulating,
        }

    requires(PUBLIC)(app.view_functions["static"])


def blueprint(services: Services) -> Blueprint:
    """The start page."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    @requires(PUBLIC)
    def start() -> str:
        return render_template("start.html", address=services.settings.public_url)

    return pages
