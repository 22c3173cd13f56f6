"""Erasing those who asked for it while they were on a callout: the minute it has ended and the last text to them has left."""

from __future__ import annotations

from sqlalchemy import exists, or_, select

from core.services import Services
from dispatch import states
from dispatch.models import Callout
from responder import erasure
from responder.models import Responder
from sms.models import CLAIMED, DUE, UNKNOWN, Message


def erase_due(services: Services, limit: int = 50) -> int:
    """Erase whoever waits for it and is free now. Returns how many there were."""
    # Whoever was told to get away stands red, and a dispatcher may have to ring them, until they are known to be safe.
    going = exists().where(
        Callout.responder_id == Responder.id, or_(Callout.state.in_(states.LIVE), Callout.unsafe_since.is_not(None))
    )
    still_told = exists().where(Message.contact_id == Responder.contact_id, Message.state.in_((DUE, CLAIMED, UNKNOWN)))
    wanted = select(Responder.id).where(
        Responder.erase_requested_at.is_not(None), Responder.erased_at.is_(None), ~going, ~still_told
    )
    with services.read() as session:
        waiting = list(session.scalars(wanted.limit(limit)))
    for responder_id in waiting:
        with services.write() as session:
            erasure.erase_if_requested(session, responder_id)
    return len(waiting)
