"""The rules of the house around whatever is registered: access, limits, errors, headers, request metrics, layout."""

from __future__ import annotations

from flask import Flask

from console import access, bodies, errors, headers, metrics, pages
from core.services import Services


def shell(services: Services) -> Flask:
    """An application with every rule of the house and no room in it yet."""
    app = Flask("console", static_folder="static", template_folder="templates")
    # One more than is allowed: of a body without a length Werkzeug silently drops what is over its limit, so we must see that.
    app.config["MAX_CONTENT_LENGTH"] = bodies.API_LIMIT_BYTES + 1
    app.json.sort_keys = False  # type: ignore[attr-defined]  # Flask's default provider has it; its base class does not say so
    counted = metrics.install(app, services)  # first, so that it times whatever the others do
    access.install(app, services)
    headers.install(app, services.settings)
    errors.install(app)
    pages.install(app, services)
    app.register_blueprint(counted)
    return app
