"""An attempt to sign in, from the form to the session."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.orm import Session

from console.accounts import demo, passwords, sessions, throttle, users
from console.accounts.passwords import Busy, Turns
from console.accounts.signed_in import network
from console.models import User
from core import events
from core.services import Services

T = TypeVar("T")
BUSY_S = 2
_strangers, _known = Turns(waiting=3, patience_s=1.0), Turns(waiting=5, patience_s=3.0)
"""Browsers that have signed in before queue by themselves: strangers' guesses do not stand before them."""


@dataclass(frozen=True)
class From:
    """Where an attempt comes from: address, what the browser calls itself, and its id if it has signed in before."""

    address: str
    browser: str
    device: str | None


class MustWait(Exception):
    """Nothing is accepted from there for now."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def attempt(services: Services, name: str, password: str, whence: From) -> tuple[User, str] | None:
    """Sign in: the user and the token for the cookie, or None when name or password is wrong (nobody learns which).

    Raises MustWait when too many attempts have failed from there.
    """

    def begin(session: Session, user: User) -> tuple[User, str]:
        return user, sessions.begin(session, user, whence.address, whence.browser)

    return prove(services, name, password, whence, begin)


def prove(services: Services, name: str, password: str, whence: From, then: Callable[[Session, User], T]) -> T | None:
    """Do `then` in a transaction in which `password` is surely the one of that user, or return None when it is not.

    Every failure is counted and an event. Raises MustWait when too many attempts have failed from there.
    """
    wanted = users.normal(name)
    counted = throttle.buckets(services.settings.secret, wanted, network(whence.address), whence.device)
    try:
        with (_strangers if whence.device is None else _known).taken():
            user = _look(services, wanted, counted)
            # Outside any transaction: it takes a tenth of a second. For nobody's name it takes as long.
            right = passwords.matches(user.password_hash if user is not None and _is_usable(services, user) else None, password)
    except Busy:
        raise MustWait(BUSY_S) from None
    with services.write() as session:
        # Read again: somebody may have switched them off, or changed the password, meanwhile.
        again = session.get(User, user.id) if user is not None and right else None
        if user is None or again is None or again.disabled_at is not None or again.password_hash != user.password_hash:
            place = hmac.new(services.settings.secret, whence.address.encode(), hashlib.sha256).hexdigest()[:12]
            events.record(session, "sign_in_failed", user_id=user.id if user else None, place=place)
            return None
        throttle.give_back(session, counted)
        if passwords.is_outdated(again.password_hash):
            again.password_hash = passwords.hashed(password)
        return then(session, again)


def _look(services: Services, name: str, counted: Sequence[throttle.Bucket]) -> User | None:
    """The user of that name, once the attempt is counted."""
    with services.read() as session:
        seconds = throttle.wait_s(session, counted)
        user = users.by_name(session, name)
    if not seconds:
        with services.write() as session:
            seconds = throttle.take(session, counted)
    if seconds:
        raise MustWait(seconds)
    return user


def _is_usable(services: Services, user: User) -> bool:
    return user.disabled_at is None and (demo.opens(services.settings) or not user.demo)
