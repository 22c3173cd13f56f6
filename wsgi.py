"""The WSGI entry for any server that speaks WSGI: `gunicorn wsgi:app`."""

from __future__ import annotations

from console import guarding, joints
from console.app import create_app
from core import log, settings
from core.services import open_services
from responder.bulk import resuming as bulk_resuming
from responder.imports import resuming as import_resuming
from sms import taking

log.setup("web")
services = open_services(settings.load())
app = create_app(services)
guarding.start(services)
taking.start(services)
import_resuming.start(services)
bulk_resuming.start(services, joints.above_the_people(services).of_deeds)
