"""Going on with imports whose process has ended: any process that serves the pages takes them over, where they stopped."""

from __future__ import annotations

import threading

from sqlalchemy import select

from core import log, repeating
from core.services import Services
from geo.geocoding import open_geocoder
from responder.imports import jobs, working
from responder.imports.models import PeopleImport

EVERY_S = 5.0
MOST_TRIES = 3
"""An import that ends its process each time must not do so for ever: then an admin decides."""
_log = log.get("import")


def start(services: Services) -> None:
    """Look every few seconds for as long as the process lives."""
    repeating.start("people-import-resumer", EVERY_S, lambda: resume(services))


def resume(services: Services) -> list[threading.Thread]:
    """Take over what nobody works on any more; the threads that now do."""
    wanted = select(PeopleImport.id).where(*jobs.stalled(), PeopleImport.tries < MOST_TRIES)
    with services.read() as session:
        ids = list(session.scalars(wanted))
    taken = [import_id for import_id in ids if jobs.claim_stalled(services, import_id)]
    for import_id in taken:
        _log.warning("an import is gone on with; its process had ended", import_id=import_id)
    return [working.start(services, open_geocoder(services), import_id) for import_id in taken]
