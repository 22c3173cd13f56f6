"""The set-up and go-live pages, and what every page shows of them."""

from __future__ import annotations

from flask import Flask

from console.setup import admin, area, pages
from console.setup.golive import GoLive
from core.services import Services


def register(app: Flask, services: Services) -> None:
    """Bring the pages into `app`, and the strip that says on every page what is missing."""
    list_ = GoLive(services)
    app.register_blueprint(pages.blueprint(services))
    app.register_blueprint(admin.blueprint(services, list_))
    app.register_blueprint(area.blueprint(services))

    @app.context_processor
    def _strip() -> dict[str, object]:
        return {"not_live_yet": list_.missing}
