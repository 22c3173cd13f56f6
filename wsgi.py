"""The WSGI entry for any server that speaks WSGI: `gunicorn wsgi:app`."""

from __future__ import annotations

from console import guarding
from console.app import create_app
from core import log, settings
from core.services import open_services
from responder.imports import resuming

log.setup("web")
services = open_services(settings.load())
app = create_app(services)
guarding.start(services)
resuming.start(services)
