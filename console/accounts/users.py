"""The people who sign in, as admins and the command line look after them. Every change is an event."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from console.accounts import passwords, sessions
from console.models import User
from core import clock, events
from core.access import ADMIN, ROLES
from core.database import advisory_lock
from core.problems import Problem, field_problem, not_found
from core.words import fill

THEMES = ("auto", "day", "night")
_NAME = re.compile(r"\w[\w.@+-]{0,79}")
_USERS_LOCK = 4011
"""Held while who is an admin changes: two admins who switch each other off at once would leave none."""


def normal(name: str) -> str:
    """`name` as it is kept and compared: case and the way of typing an accent do not matter."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def add(session: Session, name: str, role: str, password: str, actor: str, *, given: bool, demo: bool = False) -> User:
    """Let somebody sign in. `given` says that somebody else has chosen the password. Problem 422 on what is no good."""
    kept = normal(name)
    if not _NAME.fullmatch(kept):
        raise field_problem("/name", "1 to 80 letters, digits, dots, hyphens, underscores, + or @, without spaces")
    _check_role(role)
    if by_name(session, kept) is not None:
        raise field_problem("/name", fill("there is or was already a user named {name}; names are not given twice", name=kept))
    user = User(name=kept, role=role, password_hash=passwords.hashed(password), password_given=given, demo=demo)
    user.theme, user.created_at = "auto", clock.now()
    session.add(user)
    session.flush()
    events.record(session, "user_added", actor, user_id=user.id, role=role, demo=demo)
    return user


def by_name(session: Session, name: str) -> User | None:
    """The user of that name, switched off or not."""
    return session.scalar(select(User).where(User.name == normal(name)))


def by_id(session: Session, user_id: int) -> User:
    """The user, or a Problem 404."""
    user = session.get(User, user_id)
    if user is None:
        raise not_found("user")
    return user


def everybody(session: Session) -> Sequence[User]:
    """All users, those who may sign in first, by name."""
    return session.scalars(select(User).order_by(User.disabled_at.is_not(None), User.name)).all()


def admins(session: Session) -> int:
    """How many may look after users now, demo logins not counted."""
    active = select(func.count()).select_from(User).where(User.role == ADMIN, User.disabled_at.is_(None), User.demo.is_(False))
    return session.scalar(active) or 0


def change_role(session: Session, user_id: int, role: str, actor: str) -> User:
    """Give another role; whoever was signed in with the old one signs in again."""
    _check_role(role)
    user = _locked(session, user_id)
    if user.role == role:
        return user
    if user.role == ADMIN:
        _keep_an_admin(session, user)
    before, user.role = user.role, role
    events.record(session, "user_role_changed", actor, user_id=user.id, role=role, before=before)
    sessions.end_all(session, user, actor)
    return user


def switch(session: Session, user_id: int, actor: str, *, on: bool) -> User:
    """Let somebody sign in again, or no more: then all their sessions end."""
    user = _locked(session, user_id)
    if on == (user.disabled_at is None):
        return user
    if not on and user.role == ADMIN:
        _keep_an_admin(session, user)
    user.disabled_at = None if on else clock.now()
    events.record(session, "user_switched_on" if on else "user_switched_off", actor, user_id=user.id)
    if not on:
        sessions.end_all(session, user, actor)
    return user


def set_password(session: Session, user: User, password: str, actor: str, *, given: bool, keep: int | None = None) -> None:
    """Replace the password and end every session but `keep`: whoever knew the old one is out."""
    user.password_hash, user.password_given = passwords.hashed(password), given
    events.record(session, "password_changed", actor, user_id=user.id, given=given)
    sessions.end_all(session, user, actor, keep=keep)


def set_theme(user: User, theme: str) -> None:
    """Day, night, or as the machine is set."""
    if theme not in THEMES:
        raise field_problem("/theme", fill("one of {expected}", expected=", ".join(THEMES)))
    user.theme = theme


def _check_role(role: str) -> None:
    if role not in ROLES:
        given, allowed = role or fill("none"), ", ".join(ROLES)
        raise field_problem("/role", fill("{role} given; allowed are {roles}", role=given, roles=allowed))


def _locked(session: Session, user_id: int) -> User:
    advisory_lock(session, _USERS_LOCK)
    return by_id(session, user_id)


def _keep_an_admin(session: Session, user: User) -> None:
    others = select(User.id).where(User.role == ADMIN, User.disabled_at.is_(None), User.id != user.id, User.demo == user.demo)
    if user.disabled_at is None and session.scalar(others.limit(1)) is None:
        raise Problem(409, "This is the last admin. Make somebody else an admin first")
