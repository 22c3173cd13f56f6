"""What the carrier's word means for a callout. It touches that one row and asks the conductor to look, no more: it runs inside
the sender's batch, where waiting for an incident's lock could stand in the way of other texts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import clock, events
from dispatch import callouts, states
from dispatch.models import Callout
from sms import purposes, wire
from sms.models import Message


def hear(session: Session, message: Message, outcome: str, reason: str) -> None:
    """A text about a callout was taken, failed or was delivered (which proves nothing and moves nothing)."""
    callout = session.get(Callout, message.about_id)
    if callout is None:
        return
    if outcome == wire.TAKEN and message.purpose == purposes.FIRST:
        callouts.move(session, callout, "taken", "carrier", alerted_at=message.taken_at, look_at=clock.now())
    elif outcome == wire.FAILED:
        _failed(session, message, callout, reason)


def _failed(session: Session, message: Message, callout: Callout, reason: str) -> None:
    events.record(
        session,
        "text_failed",
        "carrier",
        incident_id=callout.incident_id,
        callout_id=callout.id,
        message_id=message.id,
        responder_id=callout.responder_id,
        purpose=message.purpose,
        reason=reason,
    )
    if message.purpose == purposes.FIRST and callout.state in (states.QUEUED, states.ALERTED):
        callouts.move(session, callout, "fail", "carrier", look_at=clock.now())
