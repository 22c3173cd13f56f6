"""A visit to one's own page: begun by opening a link, over after half an hour without a click, or with the number."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from responder.links.making import digest, is_bound, language_where
from responder.links.models import PersonalLink

COOKIE = "doorstep_me"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=12)
"""However busy a visit is: a phone left in other hands is not a key for ever."""
_NOTED_EVERY = timedelta(minutes=1)


def visitor(session: Session, cookie: str) -> int | None:
    """Whose visit this cookie belongs to, or None when there is none (any more). `session` may write: a visit that goes on is
    noted at most once a minute."""
    now = clock.now()
    found = _found(session, cookie, now)
    if found is None:
        return None
    if found.seen_at is None or found.seen_at < now - _NOTED_EVERY:
        session.execute(update(PersonalLink).where(PersonalLink.id == found.id).values(seen_at=now))
    return found.responder_id


def is_visit(session: Session, cookie: str) -> bool:
    """Whether this cookie belongs to a visit that lasts; to look does not prolong it."""
    return _found(session, cookie, clock.now()) is not None


def language_of(session: Session, cookie: str) -> str | None:
    """The language of whoever this cookie is of, also when the visit is over; None for one that never was, or was left."""
    return language_where(session, PersonalLink.cookie_hash == digest(cookie))


def _found(session: Session, cookie: str, now: datetime) -> PersonalLink | None:
    lasting = (PersonalLink.seen_at > now - IDLE, PersonalLink.opened_at > now - LONGEST)
    return session.scalar(select(PersonalLink).where(PersonalLink.cookie_hash == digest(cookie), *lasting, is_bound()))


def end(session: Session, cookie: str) -> None:
    """Leave: the cookie opens nothing any more."""
    session.execute(update(PersonalLink).where(PersonalLink.cookie_hash == digest(cookie)).values(cookie_hash=None))
