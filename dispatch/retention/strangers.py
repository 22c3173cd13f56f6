"""What is kept of somebody who is neither a volunteer nor an emergency's caller: texts from and to their number, and a report
that became nothing. It is erased when they ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists
from sqlalchemy.orm import Session

from core import clock
from core.upsert import upsert
from dispatch.models import Alarm
from dispatch.retention.models import ErasedOnRequest
from responder.models import Responder
from sms import forgetting
from sms.models import Contact, Message

TEXT, REPORT = "text", "report"
IS_NOBODYS: ColumnElement[bool] = ~exists().where(Responder.contact_id == Contact.id)
"""Of a number: that it is no volunteer's."""


def is_of_a_stranger() -> ColumnElement[bool]:
    """Of a text: that its number is no volunteer's."""
    return ~exists().where(Responder.contact_id == Message.contact_id)


def erase_texts(session: Session, texts: Sequence[Message]) -> int:
    """Erase words and number of these texts, save those under way, and the number itself where nothing needs it any more.
    Returns how many were erased."""
    made_at = {one.id: one.created_at for one in texts}
    gone = forgetting.texts_and_numbers(session, list(made_at), IS_NOBODYS)
    for message_id in gone:
        note(session, TEXT, message_id, made_at[message_id])
    return len(gone)


def erase_report(session: Session, alarm_id: int) -> bool:
    """Erase a report that became no emergency and that somebody has seen to; False when there is no such one (any more)."""
    settled = (Alarm.id == alarm_id, Alarm.incident_id.is_(None), Alarm.acknowledged_at.is_not(None))
    gone = delete(Alarm).where(*settled).returning(Alarm.raised_at).execution_options(synchronize_session=False)
    raised_at = session.scalar(gone)
    if raised_at is not None:
        note(session, REPORT, str(alarm_id), raised_at)
    return raised_at is not None


def note(session: Session, what: str, key: str, made_at: datetime) -> None:
    """Note that this was erased on request."""
    upsert(session, ErasedOnRequest, what=what, key=key, made_at=made_at, erased_at=clock.now())
