"""The guard against two machines that answer each other for ever: a phone with an auto-reply, and us.

Whatever we write to a contact while we handle a text of theirs is an answer that no person decided on, and is counted. Past
the limits such an answer is held back, unless it says something for the first time: the first text of its purpose about its
callout (the address, a stand-down, the safety text) always leaves. What a decision writes to somebody is no answer and is never
counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core import clock, events, log
from sms.models import CANCELLED, DUE, OUT, Message

LIMITS = ((6, timedelta(minutes=5)), (30, timedelta(days=1)))
"""At most so many automatic answers to one contact within so long; a person who answers, asks where, arrives and leaves needs
four. Twilio's own guard fails every text after 15 in 30 s (sms-facts 1.5)."""
HELD_BACK = "loop_guard"
"""The error code of an answer that was never sent."""
_ANSWERED, _WAS_HELD, _COUNTED = "answered_text", "answer_was_held", "answers_counted"
_log = log.get("loop guard")


def count(session: Session, contact_ids: Collection[int]) -> None:
    """Count the answers to these contacts so far, for all whose texts this transaction handles at once. It holds their locks:
    whatever else answers them until it ends is counted here."""
    now = clock.now()
    within = [func.count().filter(Message.created_at > now - limit) for _, limit in LIMITS]
    longest = max(limit for _, limit in LIMITS)
    answers = (
        select(Message.contact_id, *within)
        .where(Message.contact_id.in_(contact_ids), Message.created_at > now - longest, Message.in_answer_to.is_not(None))
        .where(or_(Message.error_code.is_(None), Message.error_code != HELD_BACK))
        .group_by(Message.contact_id)
    )
    counts = {contact_id: [0] * len(LIMITS) for contact_id in contact_ids}
    session.info[_COUNTED] = counts | {contact_id: so_far for contact_id, *so_far in session.execute(answers)}


@contextmanager
def answering(session: Session, message: Message) -> Iterator[None]:
    """What is written to the sender of `message`, whose answers were counted, answers it in this block."""
    session.info[_ANSWERED] = (message.contact_id, message.id)
    try:
        yield
    finally:
        del session.info[_ANSWERED]


def guard(session: Session, message: Message) -> None:
    """Mark `message`, about to be written, as an answer if it is one, and hold it back if there have been too many."""
    contact_id, answered = session.info.get(_ANSWERED, (None, None))
    if contact_id is None or message.contact_id != contact_id:
        return
    message.in_answer_to = answered
    so_far: list[int] = session.info[_COUNTED][contact_id]
    if message.state == DUE and _too_many(so_far) and not _is_news(session, message):
        message.state, message.error_code = CANCELLED, HELD_BACK
        session.info[_WAS_HELD] = True
        events.record(session, "answer_held_back", message_id=message.id, purpose=message.purpose)
        _log.warning("an answer is held back", message_id=message.id, answers=answered)
    else:
        so_far[:] = [count + 1 for count in so_far]


def take_held(session: Session) -> bool:
    """Whether an answer was held back in this transaction since this was last asked."""
    return bool(session.info.pop(_WAS_HELD, False))


def _too_many(so_far: Sequence[int]) -> bool:
    return any(count >= most for count, (most, _) in zip(so_far, LIMITS, strict=True))


def _is_news(session: Session, message: Message) -> bool:
    """Whether it is the first text of its purpose about its callout, as far as the earlier ones were not taken back."""
    if message.about_id is None:
        return False
    earlier = select(Message.id).where(
        Message.direction == OUT,
        Message.about_kind == message.about_kind,
        Message.about_id == message.about_id,
        Message.purpose == message.purpose,
        Message.state != CANCELLED,
    )
    return session.scalar(earlier.limit(1)) is None
