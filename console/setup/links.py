"""The set-up link: made while nobody is set up, shown once, good for one set-up within seven days."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from console.models import User
from console.setup.models import SetUpLink
from core import agency, clock, events
from core.problems import Problem

GOOD_FOR = timedelta(days=7)


def is_wanted(session: Session) -> bool:
    """Whether this service still waits for its set-up: nobody can sign in, and nobody has been through the page."""
    return not agency.is_set_up(session) and not session.scalar(select(exists().where(User.id.is_not(None))))


def was_made(session: Session) -> bool:
    """Whether a link was ever made here; its token is not known any more."""
    return bool(session.scalar(select(exists().where(SetUpLink.id.is_not(None)))))


def make(session: Session, actor: str = "operator") -> str:
    """Make a link and return its token, which nobody can ever read again; older ones end. Problem 409 once it is set up."""
    if not is_wanted(session):
        raise Problem(409, "This service is set up already; an admin signs in at /sign-in and changes it there")
    session.execute(delete(SetUpLink))
    token = secrets.token_urlsafe(32)
    now = clock.now()
    session.add(SetUpLink(token_hash=_hash(token), created_at=now, expires_at=now + GOOD_FOR))
    events.record(session, "set_up_link_made", actor)
    return token


def address(public_url: str, token: str) -> str:
    """Where the link leads."""
    return f"{public_url}/set-up?token={token}"


def is_good(session: Session, token: str) -> bool:
    """Whether this token can set the service up now."""
    good = select(SetUpLink.id).where(*_good(token))
    return session.scalar(good) is not None and is_wanted(session)


def use(session: Session, token: str) -> bool:
    """Use the link up. False when it is not good (any more): two who press at once are told so, all but the first."""
    used = update(SetUpLink).where(*_good(token)).values(used_at=clock.now()).returning(SetUpLink.id)
    return session.scalars(used).first() is not None and is_wanted(session)


def _good(token: str) -> tuple[ColumnElement[bool], ...]:
    return (SetUpLink.token_hash == _hash(token), SetUpLink.used_at.is_(None), SetUpLink.expires_at > clock.now())


def _hash(token: str) -> str:
    # Plain, as for API keys: the token is 256 random bits, which no slow hash could make harder to guess.
    return hashlib.sha256(token.encode()).hexdigest()
