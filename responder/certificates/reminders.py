"""Which reminder of a certificate is due: 60, 30 and 7 days before its end, the day before, and once it has lapsed.

Days are those of the agency's calendar. A late start sends only the newest that is due: each step has a window of days, which
begins where that of the next one ends. A row says what was sent, so that it is sent once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from core import clock
from core.later import later
from responder.certificates.models import Reminder
from responder.certificates.states import NO_GRACE, WAITS
from responder.models import ACTIVE, Certification, Responder
from sms.models import Contact
from sms.once import insert_once

LAPSED = 0
STEPS_DAYS = (60, 30, 7, 1, LAPSED)
LATE_DAYS = 7
"""Whoever lapsed longer ago than this, and was not told, is not told any more: it would be no news."""


class Window(NamedTuple):
    """The ends of certificates, from `since` to before `until`, for which a step is the newest that is due."""

    step: int
    since: datetime
    until: datetime


def windows(now: datetime, zone: ZoneInfo, grace_days: int) -> list[Window]:
    """The windows at `now`, the most urgent first."""
    today = now.astimezone(zone).date()
    lapsed = today - timedelta(days=grace_days)
    found = [Window(LAPSED, _begin(lapsed - timedelta(days=LATE_DAYS), zone), _begin(lapsed, zone))]
    nearest = 0
    for step in sorted(STEPS_DAYS)[1:]:
        since, until = today + timedelta(days=nearest), today + timedelta(days=step + 1)
        found.append(Window(step, _begin(since, zone), _begin(until, zone)))
        nearest = step + 1
    return found


def due(session: Session, window: Window, most: int, grace: timedelta = NO_GRACE) -> Sequence[int]:
    """The certifications whose reminder of this window is due and not sent: verified, not followed by a longer one, and with
    no new proof waiting. A proof that waits keeps nobody from being told that they have lapsed; one that was sent in time puts
    that off for as long as it keeps them (`states.Counted`)."""
    other = aliased(Certification)
    same = (other.responder_id == Certification.responder_id, other.type == Certification.type)
    longer = exists().where(
        *same,
        other.id != Certification.id,
        other.verified_at.is_not(None),
        other.expires_at.is_(None) | (other.expires_at > Certification.expires_at),
    )
    waiting = exists().where(*same, other.verified_at.is_(None), other.rejected_at.is_(None))
    kept = waiting.where(other.submitted_at <= later(Certification.expires_at, grace))
    ends = _ends_in(window.since, window.until)
    if window.step == LAPSED:
        is_due = or_(and_(ends, ~kept), and_(_ends_in(window.since - WAITS, window.until - WAITS), kept))
    else:
        is_due = and_(ends, ~waiting)
    told = exists().where(Reminder.certification_id == Certification.id, Reminder.step == window.step)
    wanted = (
        select(Certification.id)
        .join(Responder, Responder.id == Certification.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(
            is_due,
            Certification.verified_at.is_not(None),
            Contact.opted_out_at.is_(None),
            Responder.left_alone_at.is_(None),
            Responder.consent_at.is_not(None),
            Responder.membership == ACTIVE,
            Responder.erased_at.is_(None),
            Responder.erase_requested_at.is_(None),
            ~longer,
            ~told,
        )
        .order_by(Certification.expires_at, Certification.id)
    )
    return session.scalars(wanted.limit(most)).all()


def note(session: Session, certification_id: int, step: int) -> bool:
    """Note that this reminder is sent, in the transaction that sends it. Whether nobody had noted it before."""
    return insert_once(session, Reminder, certification_id=certification_id, step=step, sent_at=clock.now())


def _ends_in(since: datetime, until: datetime) -> ColumnElement[bool]:
    return and_(Certification.expires_at >= since, Certification.expires_at < until)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)
