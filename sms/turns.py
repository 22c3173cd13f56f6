"""Whose turn it is to ring: one call starts at a time, over all processes and machines."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, exists, or_, update
from sqlalchemy.orm import Session

from core import clock
from sms.models import CallTurn
from sms.once import insert_once

EVERY = timedelta(seconds=1)
"""An account of Twilio starts one call a second and queues the others (sms-facts 1.5); waiting with us, they stay in the order
of who is soonest there and can still be taken back."""
LONGEST = EVERY + timedelta(seconds=10)
"""No turn is further ahead, even where the clocks of two machines differ a little. One that is was taken by a clock that ran
ahead and was set back since: it keeps nobody waiting."""
_ONLY = 1
IS_FREE = ~exists().where(
    CallTurn.id == _ONLY, CallTurn.next_at > bindparam("now"), CallTurn.next_at <= bindparam("longest_turn")
)
"""Whether a call may start at `now`, as part of a query; `longest_turn` is `LONGEST` later."""


def take(session: Session) -> bool:
    """Take the turn for one call; False when another process has just taken it."""
    now = clock.now()
    insert_once(session, CallTurn, id=_ONLY, next_at=now)
    mine = session.execute(
        update(CallTurn)
        .where(CallTurn.id == _ONLY, or_(CallTurn.next_at <= now, CallTurn.next_at > now + LONGEST))
        .values(next_at=now + EVERY)
        .returning(CallTurn.id)
        .execution_options(synchronize_session=False)
    ).first()
    return mine is not None
