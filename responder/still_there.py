"""Who is to be asked whether they are still there: a long OFF without an end, and half a year without a sign.

People move, change numbers and forget; an alarm that goes to somebody who is gone is a minute lost. Only the question and the
moments are kept here; that a pause holds is an OFF like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from core import clock, events
from responder import availability
from responder.models import ACTIVE, Responder
from sms.models import TAKEN, Contact, Message
from sms.statuses import OUTCOMES
from sms.wire import FAILED

LONG_OFF = timedelta(days=7)
HALF_A_YEAR = timedelta(days=182)
ANSWER_WITHIN = timedelta(days=14)
_FAILED = [status for status, outcome in OUTCOMES.items() if outcome == FAILED]
ABOUT = "still_there"
"""`about_kind` of the text that asks for an ON; its `about_id` is the row of the person."""


def long_off(session: Session, now: datetime, limit: int, only: int | None = None) -> Sequence[Responder]:
    """People off without an end for a week, who have not been asked about it."""
    wanted = _reachable().where(
        Responder.off_since <= now - LONG_OFF, Responder.off_until >= clock.FOREVER, Responder.off_asked_at.is_(None)
    )
    return _first(session, wanted.order_by(Responder.off_since), limit, only)


def unheard_of(session: Session, now: datetime, limit: int, only: int | None = None) -> Sequence[Responder]:
    """People on, who have not said so for half a year and have not been asked since."""
    wanted = _reachable().where(Responder.said_on_at <= now - HALF_A_YEAR, Responder.asked_on_at.is_(None), _on(now))
    return _first(session, wanted.order_by(Responder.said_on_at), limit, only)


def silent(session: Session, now: datetime, limit: int, only: int | None = None) -> Sequence[Responder]:
    """People on, who were asked two weeks ago and have not been heard of since."""
    wanted = _reachable().where(Responder.asked_on_at <= now - ANSWER_WITHIN, _on(now))
    return _first(session, wanted.order_by(Responder.asked_on_at), limit, only)


def paused(session: Session, limit: int) -> Sequence[Responder]:
    """People paused because they did not answer, who have not said ON since; those who have been so longest first."""
    wanted = _alive().where(Responder.asked_on_at.is_not(None), Responder.off_until >= clock.FOREVER)
    return session.scalars(wanted.order_by(Responder.asked_on_at).limit(limit)).all()


def has_got_the_question(session: Session, person: Responder) -> bool:
    """Whether a carrier took the text that asked them, and has not said since that it failed. Nobody is paused for a question
    that they never got."""
    asked = exists().where(
        Message.about_kind == ABOUT,
        Message.about_id == str(person.id),
        Message.created_at >= person.asked_on_at,
        Message.state == TAKEN,
        Message.carrier_status.is_(None) | Message.carrier_status.not_in(_FAILED),
    )
    return session.scalar(select(asked)) is True


def pause(session: Session, person: Responder) -> None:
    """Ask this person nothing until they say ON. They know why: nobody asks about this OFF after a week."""
    availability.pause(session, person, None, "system")
    person.off_asked_at = clock.now()
    events.record(session, "responder_paused", responder_id=person.id)


def _on(now: datetime) -> ColumnElement[bool]:
    return or_(Responder.off_until.is_(None), Responder.off_until <= now)


def _alive() -> Select[Responder]:
    here = (Responder.membership == ACTIVE, Responder.erased_at.is_(None), Responder.erase_requested_at.is_(None))
    return select(Responder).join(Contact, Contact.id == Responder.contact_id).where(*here)


def _reachable() -> Select[Responder]:
    willing = (Responder.consent_at.is_not(None), Responder.left_alone_at.is_(None), Contact.opted_out_at.is_(None))
    return _alive().where(*willing)


def _first(session: Session, wanted: Select[Responder], limit: int, only: int | None) -> Sequence[Responder]:
    """The first of them; of `only` one, locked, nobody while somebody else has a hand on them: the next look comes in a
    minute."""
    if only is not None:
        wanted = wanted.where(Responder.id == only).with_for_update(skip_locked=True, key_share=True, of=Responder)
    return session.scalars(wanted.limit(limit)).all()
