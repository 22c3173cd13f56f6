"""What people answered when they were asked how they are after an emergency."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from responder.care.models import CareQuestion
from responder.models import Responder
from sms.once import insert_once

ANSWER_WITHIN = timedelta(days=14)
"""A FINE later than this is no answer to our question."""


def note(session: Session, callout_id: str, step: str, responder_id: int) -> bool:
    """Note that this is asked, in the transaction that asks. Whether nobody had noted it before."""
    asked = {"callout_id": callout_id, "step": step, "responder_id": responder_id}
    is_new = insert_once(session, CareQuestion, **asked, asked_at=clock.now())
    if is_new:
        events.record(session, "care_asked", responder_id=responder_id, step=step)
    return is_new


def answer(session: Session, person: Responder, said: str) -> bool:
    """Keep an answer with the newest question. Whether there is one, and this is not what they have answered it already."""
    newest = (
        select(CareQuestion)
        .where(CareQuestion.responder_id == person.id, CareQuestion.asked_at > clock.now() - ANSWER_WITHIN)
        .order_by(CareQuestion.asked_at.desc(), CareQuestion.callout_id.desc())
        .limit(1)
    )
    question = session.scalar(newest)
    if question is None or question.answer == said:
        return False
    question.answer, question.answered_at = said, clock.now()
    events.record(session, "care_answered", f"responder:{person.id}", responder_id=person.id)
    return True
