"""Going on with what is done to many where the process that did it has ended: nobody who was to be suspended is left over."""

from __future__ import annotations

import threading

from sqlalchemy import select

from core import log, repeating
from core.services import Services
from responder.bulk import actions, working
from responder.bulk.deeds import Above
from responder.bulk.models import BulkAction

EVERY_S = 5.0
MOST_TRIES = 3
"""One that ends its process each time must not do so for ever: then an admin decides."""
_log = log.get("bulk")


def start(services: Services, above: Above) -> None:
    """Look every few seconds for as long as the process lives."""
    repeating.start("bulk-action-resumer", EVERY_S, lambda: resume(services, above))


def resume(services: Services, above: Above) -> list[threading.Thread]:
    """Take over what nobody works on any more; the threads that now do."""
    wanted = select(BulkAction.id).where(*actions.stalled(), BulkAction.tries < MOST_TRIES)
    with services.read() as session:
        ids = list(session.scalars(wanted))
    taken = [action_id for action_id in ids if actions.claim_stalled(services, action_id)]
    for action_id in taken:
        _log.warning("what is done to many is gone on with; its process had ended", action_id=action_id)
    return [working.start(services, above, action_id) for action_id in taken]
