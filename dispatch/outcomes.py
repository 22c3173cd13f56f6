"""What the carrier's word means for a callout. It touches that one row and asks the conductor to look, no more: it runs inside
the sender's batch, where waiting for an incident's lock could stand in the way of other texts."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core import clock, events
from dispatch import callouts, states, writing
from dispatch.models import Callout
from sms import error_table, purposes, statuses, wire
from sms.models import CALL, Message


def hear(session: Session, message: Message, outcome: str, reason: str) -> None:
    """A text about a callout was taken, failed or was delivered (which proves nothing and moves nothing)."""
    callout = session.get(Callout, message.about_id)
    if callout is None:
        return
    if message.channel == CALL:
        if outcome == wire.FAILED:
            _note_failure(session, "call_failed", message, callout, reason)
        return
    if message.purpose == purposes.FIRST and message.created_at < callout.queued_at:
        return  # a late word about a text of an earlier asking says nothing of this one
    if message.purpose in (purposes.ADDRESS, purposes.CORRECTION):
        _note_address(session, message, callout, outcome)
    if outcome == wire.TAKEN and message.purpose == purposes.FIRST:
        _taken(session, message, callout)
    elif outcome == wire.FAILED:
        _failed(session, message, callout, reason)


def _note_address(session: Session, message: Message, callout: Callout, outcome: str) -> None:
    """Whoever goes must have the address: taken, it has a while to arrive; failed, it will not."""
    due_at = {wire.FAILED: clock.now(), wire.TAKEN: (message.taken_at or clock.now()) + writing.ADDRESS_WITHIN}.get(outcome)
    callouts.note_address(session, message.id, callout.id, due_at, look=outcome == wire.FAILED)


def _taken(session: Session, message: Message, callout: Callout) -> None:
    """It has left. Whoever had failed for want of a word about it is asked after all; what failed at its carrier meanwhile,
    and the copy of what did, moves nobody."""
    values = {"alerted_at": message.taken_at, "look_at": clock.now()}
    has_failed = message.again_of is not None or statuses.OUTCOMES.get(message.carrier_status or "") == wire.FAILED
    callouts.move(session, callout, "taken", "carrier", **values)
    if callout.state == states.FAILED and not has_failed:
        callouts.move(session, callout, "taken_late", "carrier", **values)


def _failed(session: Session, message: Message, callout: Callout, reason: str) -> None:
    _note_failure(session, "text_failed", message, callout, reason)
    if message.purpose == purposes.FIRST and callout.state in (states.QUEUED, states.ALERTED):
        now = clock.now()
        callouts.move(session, callout, "fail", "carrier", look_at=now, ring_at=now if error_table.row(reason).voice else None)


def _note_failure(session: Session, kind: str, message: Message, callout: Callout, reason: str) -> None:
    events.record(
        session,
        kind,
        "carrier",
        incident_id=callout.incident_id,
        callout_id=callout.id,
        message_id=message.id,
        responder_id=callout.responder_id,
        purpose=message.purpose,
        reason=reason,
    )
