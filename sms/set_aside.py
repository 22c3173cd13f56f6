"""What was told to us and could not be handled: it is tried again, ever more seldom, and at last set aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from core import clock
from sms.models import Message, MessageStatus
from sms.results import TRANSIENT
from sms.wire import Wire

MOST_FAILURES = 12
LONGEST_PAUSE_S = 30.0
"""After this many broken tries, which are some three minutes, a text or a status is set aside, so that it does not block those
after it for ever. What the database could not do at the moment is no fault of theirs, and not counted."""
T = TypeVar("T", Message, MessageStatus)


def handle_later(wire: Wire, model: type[T], row_id: Any, error: Exception, given_up: Callable[[Session, T], None]) -> None:
    """Try again after 0.25, 0.5, 1 s and so on; at last set it aside, which `given_up` tells, in the same transaction."""
    with wire.services.write() as session:
        row = session.get_one(model, row_id, with_for_update=True)
        row.handling_failures += not isinstance(error, TRANSIENT)
        if row.handling_failures < MOST_FAILURES:
            pause_s = min(LONGEST_PAUSE_S, 0.125 * 2 ** max(1, row.handling_failures))
            row.handle_after = clock.now() + timedelta(seconds=pause_s)
            return
        row.handled_at = clock.now()
        given_up(session, row)
