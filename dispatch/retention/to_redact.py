"""Which texts the carrier is to forget the words of: those whose emergency was closed a day ago; of others, a day later."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, exists, func, not_, or_, select, text, update
from sqlalchemy.orm import Session

from core import clock, ids
from core.settings import Settings
from dispatch import writing
from dispatch.models import OPEN, Callout, Incident
from sms.android_gateway import ID_PREFIX
from sms.carriers.routes import ANDROID, TWILIO
from sms.models import TO_REDACT, Message, MessageStatus

CAN = TWILIO
"""The carrier that forgets words when it is asked to. (Texts through a gateway phone stay on that phone.)"""
_OF_THE_PHONE = MessageStatus.carrier_id.startswith(ID_PREFIX, autoescape=True)
_ITS_LIVES = (MessageStatus.message_id == Message.id, MessageStatus.carrier_id != "", not_(_OF_THE_PHONE))
_HAD_IT_TOO = and_(Message.carrier == ANDROID, Message.attempts > 1, exists().where(*_ITS_LIVES))
"""Of a text that the phone carried in the end: the first carrier took it without saying so, and told of it only later."""


class Due(NamedTuple):
    """A text, the carrier that is to forget its words, and the id of the text where it went in the end."""

    message_id: str
    carrier: str
    carrier_id: str


def waiting(session: Session, settings: Settings, limit: int) -> list[Due]:
    """The next texts that are due, oldest first; those that were refused a while ago again."""
    now = clock.now()
    ready = or_(Message.redact_after.is_(None), Message.redact_after <= now)
    wanted = select(Message.id, Message.carrier_id).where(_is_due(settings), ready)
    rows = session.execute(wanted.order_by(Message.id).limit(limit))
    return [Due(row.id, CAN, str(row.carrier_id)) for row in rows]


def count(session: Session, settings: Settings, most: int) -> int:
    """How many texts' words are at the carrier for too long, counted to `most`."""
    return (
        session.scalar(select(func.count()).select_from(select(Message.id).where(_is_due(settings)).limit(most).subquery()))
        or 0
    )


def carrier_ids(session: Session, one: Due) -> list[str]:
    """Every life that a text has at the carrier: one whose answer was lost may have been sent twice, and by the phone too."""
    others = select(MessageStatus.carrier_id).where(MessageStatus.message_id == one.message_id).distinct()
    lives = {one.carrier_id, *session.scalars(others)} - {""}
    return sorted(carrier_id for carrier_id in lives if not carrier_id.startswith(ID_PREFIX))


def is_done(session: Session, message_id: str) -> None:
    """The carrier has forgotten this one's words."""
    _note(session, message_id, redacted_at=clock.now())


def again_later(session: Session, message_id: str, wait: timedelta) -> None:
    """It said no to this one; ask again after `wait`."""
    _note(session, message_id, redact_after=clock.now() + wait)


def _note(session: Session, message_id: str, **values: object) -> None:
    one = update(Message).where(Message.id == message_id).values(**values)
    session.execute(one.execution_options(synchronize_session=False))


def _is_due(settings: Settings) -> ColumnElement[bool]:
    before = clock.now() - settings.carrier_texts_kept
    old = and_(Message.carrier.in_((CAN, ANDROID)), Message.id < ids.first_at(before))  # as the index has it
    return and_(text(TO_REDACT), old, or_(Message.carrier == CAN, _HAD_IT_TOO), not_(_is_of_a_recent_one(before)))


def _is_of_a_recent_one(before: datetime) -> ColumnElement[bool]:
    recent = or_(Incident.state == OPEN, Incident.closed_at > before)
    its_own = and_(Callout.id == Message.about_id, Callout.incident_id == Incident.id, recent)
    return and_(Message.about_kind == writing.ABOUT, exists().where(its_own))
