"""The first pages: what runs here and how to use it. The dispatcher's pages extend the same layout."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, redirect, render_template
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from console import navigation
from console.accounts import csrf, demo, signed_in
from console.live.address import stream_url
from core import clock
from core.access import PUBLIC, requires
from core.services import Services
from core.words import translated
from geo import examples


def install(app: Flask, services: Services) -> None:
    """Give every template what the layout shows: whose service this is, and whether the texts reach anybody."""
    # Pages are written to be translated; without a catalogue in use the English of the source is shown.
    environment: Any = app.jinja_env
    environment.add_extension("jinja2.ext.i18n")
    environment.install_null_translations(newstyle=True)

    # What a program says of its own accord is no markup and holds no gaps: `_` would take it for both.
    environment.filters["said"] = translated
    environment.filters["rfc3339"] = clock.rfc3339
    environment.filters["local"] = lambda at: at.astimezone(services.settings.zone_info).strftime("%Y-%m-%d %H:%M")

    @app.context_processor
    def _shown_everywhere() -> dict[str, object]:
        settings = services.settings
        found = signed_in.current_or_none(services)
        return {
            "organisation": settings.organisation,
            "emergency_number": settings.emergency_number,
            "simulating": settings.simulating,
            "live_url": stream_url(settings),
            "user": found.user if found else None,
            "entries": navigation.entries(app, found.user.role if found else None),
            "csrf_token": lambda: signed_in.form_token(services),
            "csrf": lambda: _hidden(signed_in.form_token(services)),
        }

    @app.after_request
    def _remember_form(response: Response) -> Response:
        if "form_cookie" in g:
            signed_in.set_cookie(services, response, csrf.COOKIE, g.form_cookie)
        return response

    requires(PUBLIC)(app.view_functions["static"])


def blueprint(services: Services) -> Blueprint:
    """The start page."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    @requires(PUBLIC)
    def start() -> ResponseReturnValue:
        found = signed_in.current_or_none(services)
        first = navigation.first_page(current_app, found.user.role) if found else "/"
        if first != "/":
            return redirect(first, 303)
        with services.read() as session:
            house = examples.of_town(session)
        names = demo.offered(services)
        return render_template("start.html", address=services.settings.public_url, demo_names=names, house=house)

    return pages


def _hidden(token: str) -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, token)
