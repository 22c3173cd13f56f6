"""The pages of this part, as the application takes them."""

from __future__ import annotations

from flask import Flask

from console.accounts import account, administration, pages
from core.services import Services


def register(app: Flask, services: Services) -> None:
    """Signing in and out, the own account, and who may sign in."""
    app.register_blueprint(pages.blueprint(services))
    app.register_blueprint(account.blueprint(services))
    app.register_blueprint(administration.blueprint(services))
