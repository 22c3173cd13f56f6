"""The WSGI entry for any server that speaks WSGI: `gunicorn wsgi:app`."""

from __future__ import annotations

from console.app import create_app
from core import log

log.setup("web")
app = create_app()
