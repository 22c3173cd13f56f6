"""Whose turn it is to ring: one call starts at a time, over all processes and machines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, exists, update
from sqlalchemy.orm import Session

from core import clock
from sms.models import CallTurn
from sms.once import insert_once

EVERY = timedelta(seconds=1)
"""An account of Twilio starts one call a second and queues the others (sms-facts 1.5); waiting with us, they stay in the order
of who is soonest there and can still be taken back."""
_ONLY = 1
IS_FREE = ~exists().where(CallTurn.id == _ONLY, CallTurn.next_at > bindparam("now"))
"""Whether a call may start at `now`, as part of a query."""


def take(session: Session) -> bool:
    """Take the turn for one call; False when another process has just taken it."""
    now = clock.now()
    insert_once(session, CallTurn, id=_ONLY, next_at=now)
    mine = session.execute(
        update(CallTurn)
        .where(CallTurn.id == _ONLY, CallTurn.next_at <= now)
        .values(next_at=now + EVERY)
        .returning(CallTurn.id)
        .execution_options(synchronize_session=False)
    ).first()
    return mine is not None
