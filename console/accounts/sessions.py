"""Sessions: which browser is signed in as whom. A row each, which can be ended; the cookie's token is kept only as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta

from sqlalchemy import delete, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from console.models import User, UserSession
from core import clock, events
from core.problems import not_found

COOKIE = "doorstep_session"
IDLE = timedelta(hours=12)
LONGEST = timedelta(days=30)
_COARSE = timedelta(minutes=5)
_KEPT = timedelta(days=90)
"""For how long a session that has ended can still be looked at."""


def begin(session: Session, user: User, address: str, browser: str) -> str:
    """Sign `user` in on a browser; returns the token for its cookie, always a new one."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.execute(delete(UserSession).where(UserSession.seen_at < now - _KEPT))
    row = UserSession(user_id=user.id, token_hash=_hash(token), created_at=now, seen_at=now)
    row.address, row.browser = address[:45], browser[:200]
    session.add(row)
    session.flush()
    user.signed_in_at = now
    events.record(session, "signed_in", f"user:{user.name}", user_id=user.id, session_id=row.id)
    return token


def user_of(session: Session, cookie_value: str | None, *, demo: bool) -> User | None:
    """Who is signed in with this cookie; None when nobody is, any more or ever. `demo` as in `find`."""
    found = find(session, cookie_value, demo=demo)
    return found[1] if found else None


def find(session: Session, cookie_value: str | None, *, demo: bool) -> tuple[UserSession, User] | None:
    """The live session of this cookie, with its user. `demo` is whether the demo town's logins, whose password everybody
    knows, count: they do only while the carrier is simulated."""
    if not cookie_value:
        return None
    counts = true() if demo else User.demo.is_(False)
    wanted = select(UserSession, User).join(User, User.id == UserSession.user_id)
    row = session.execute(wanted.where(UserSession.token_hash == _hash(cookie_value), counts, *_live())).first()
    return (row[0], row[1]) if row else None


def is_seen_stale(row: UserSession) -> bool:
    """Whether `seen_at` is worth writing again."""
    return clock.now() - row.seen_at > _COARSE


def note_seen(session: Session, session_id: int) -> None:
    """The session is in use, so its twelve idle hours begin anew."""
    live = (UserSession.id == session_id, UserSession.ended_at.is_(None))
    session.execute(update(UserSession).where(*live).values(seen_at=clock.now()))


def note_watched(session: Session, cookie_values: Iterable[str]) -> None:
    """The sessions of these cookies have a page open that hears what happens: a desk that is being watched is in use, however
    long nobody has pressed anything. What has ended stays ended."""
    hashes = [_hash(value) for value in cookie_values]
    stale = UserSession.seen_at < clock.now() - _COARSE
    watched = select(UserSession.id).join(User, User.id == UserSession.user_id)
    session.execute(
        update(UserSession)
        .where(UserSession.id.in_(watched.where(UserSession.token_hash.in_(hashes), stale, *_live())))
        .values(seen_at=clock.now())
        .execution_options(synchronize_session=False)
    )


def of_user(session: Session, user_id: int) -> Sequence[UserSession]:
    """The live sessions of a user, the last used first."""
    wanted = select(UserSession).join(User, User.id == UserSession.user_id).where(UserSession.user_id == user_id, *_live())
    return session.scalars(wanted.order_by(UserSession.seen_at.desc(), UserSession.id.desc())).all()


def end(session: Session, user: User, session_id: int, actor: str, kind: str = "session_ended") -> None:
    """End one session of `user`. Problem 404 when it is none of theirs; ending it again changes nothing."""
    row = session.scalar(select(UserSession).where(UserSession.id == session_id, UserSession.user_id == user.id))
    if row is None:
        raise not_found("session")
    if _end(session, UserSession.id == session_id):
        events.record(session, kind, actor, user_id=user.id, session_id=session_id)


def end_all(session: Session, user: User, actor: str, keep: int | None = None) -> int:
    """End every session of `user` but `keep`; returns how many."""
    which = [UserSession.user_id == user.id]
    if keep is not None:
        which.append(UserSession.id != keep)
    ended = _end(session, *which)
    if ended:
        events.record(session, "sessions_ended", actor, user_id=user.id, count=ended)
    return ended


def _end(session: Session, *which: ColumnElement[bool]) -> int:
    live = update(UserSession).where(*which, UserSession.ended_at.is_(None)).values(ended_at=clock.now())
    return len(session.scalars(live.returning(UserSession.id)).all())


def _live() -> tuple[ColumnElement[bool], ...]:
    now = clock.now()
    return (
        UserSession.ended_at.is_(None),
        UserSession.seen_at > now - IDLE,
        UserSession.created_at > now - LONGEST,
        User.disabled_at.is_(None),
    )


def _hash(token: str) -> str:
    # 256 random bits need no slow hash; an unsalted one lets a single indexed look-up find the row.
    return hashlib.sha256(token.encode()).hexdigest()
