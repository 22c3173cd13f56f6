"""The life of a text at the carrier, told by its callbacks: late, doubled, in any order, and never downwards."""

from __future__ import annotations

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from core import events, log
from sms import measures
from sms.models import TAKEN, Message, MessageStatus
from sms.results import tell_outcome
from sms.wire import DELIVERED, FAILED, Wire
from sms.wire import TAKEN as TAKEN_OUTCOME

RANK = {
    "accepted": 1,
    "scheduled": 2,
    "queued": 3,
    "sending": 4,
    "sent": 5,
    "partially_delivered": 5,
    "undelivered": 6,
    "failed": 6,
    "canceled": 6,
    "delivered": 7,
    "read": 8,
}
"""sms-facts 1.4: a message's status is the highest that was ever told, whatever order they come in."""
OUTCOMES = {"undelivered": FAILED, "failed": FAILED, "canceled": FAILED, "delivered": DELIVERED}
_log = log.get("inbox")


def below(status: str) -> list[str]:
    """The statuses that `status` may take the place of; none for one we do not know."""
    rank = RANK.get(status, 0)
    return [other for other, theirs in RANK.items() if theirs < rank]


def apply(wire: Wire, session: Session, told: MessageStatus) -> None:
    """Let a status have its effect on its message, and tell the rooms above when it had one that concerns them."""
    if told.status not in RANK:
        _log.warning("a status we do not know", message_id=told.message_id, status=told.status)
        return
    adopted = bool(told.carrier_id) and _adopt(session, told)
    rose = _rise(session, told)
    message = session.get_one(Message, told.message_id, populate_existing=True)
    if adopted:
        tell_outcome(wire, session, message, TAKEN_OUTCOME, "")
    if not rose or told.status not in OUTCOMES:
        return
    outcome = OUTCOMES[told.status]
    measures.ended(told.status, told.error_code if outcome == FAILED else None)
    if outcome == FAILED and told.carrier_id:
        events.record(session, "text_failed", "carrier", message_id=message.id, status=told.status, reason=told.error_code)
    tell_outcome(wire, session, message, outcome, told.error_code if outcome == FAILED else "")


def _adopt(session: Session, told: MessageStatus) -> bool:
    """The callback is the first to tell that the carrier has the text: the answer to our request was lost, or is slower."""
    adopted = session.execute(
        update(Message)
        .where(Message.id == told.message_id, Message.carrier_id.is_(None))
        .values(
            carrier_id=told.carrier_id,
            state=TAKEN,
            taken_at=told.received_at,
            error_code=None,
            claim=None,
            claimed_until=None,
            unknown_since=None,
        )
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    ).first()
    return adopted is not None


def _rise(session: Session, told: MessageStatus) -> bool:
    """Move the message's status up to this one; False when it is there or higher already.

    A text that was sent twice has two lives at the carrier: good news of the other copy counts, its failure does not.
    """
    where = [Message.id == told.message_id]
    where.append(or_(Message.carrier_status.is_(None), Message.carrier_status.in_(below(told.status))))
    failed = OUTCOMES.get(told.status) == FAILED
    if failed and told.carrier_id:
        where.append(Message.carrier_id == told.carrier_id)
    values: dict[str, object] = {"carrier_status": told.status}
    if failed:
        values["error_code"] = told.error_code or told.status
    rose = session.execute(
        update(Message).where(*where).values(**values).returning(Message.id).execution_options(synchronize_session=False)
    ).first()
    return rose is not None
