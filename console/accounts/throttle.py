"""Attempts at signing in, slowed down where they come from and never for whom they are aimed at.

Failures are counted by address and by (name, address), never by name alone: otherwise anybody could keep a dispatcher out by
failing in their name. A browser on which somebody has signed in before carries a signed cookie; its attempts in that name
are counted by themselves, so that even a flood from the same network does not reach it.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from console.models import SignInFailures
from core import clock

QUIET = timedelta(hours=1)
"""After an hour without an attempt a place begins anew."""
LONGEST_WAIT = timedelta(minutes=15)
MOST_ROWS = 20_000


@dataclass(frozen=True)
class Bucket:
    """One thing that failures are counted by: a digest, and how many are free before waiting begins."""

    key: str
    free: int


def buckets(secret: bytes, name: str, network: str, device: str | None) -> tuple[Bucket, ...]:
    """What an attempt counts against."""
    if device is not None:
        return (_bucket(secret, 10, "device", device, name),)
    return _bucket(secret, 5, "pair", network, name), _bucket(secret, 25, "network", network)


def wait_s(session: Session, attempt: Sequence[Bucket]) -> int:
    """For how many seconds nothing more is accepted from there; 0: go on."""
    wanted = select(SignInFailures.wait_until).where(SignInFailures.bucket.in_([one.key for one in attempt]))
    until = max(session.scalars(wanted), default=None)
    return 0 if until is None else max(0, -int((clock.now() - until).total_seconds() // 1))


def take(session: Session, attempt: Sequence[Bucket]) -> int:
    """Count the attempt as failed before it is looked at (a hundred at once would else all be free), unless it has to wait:
    then returns for how many seconds."""
    now = clock.now()
    _sweep(session, now)
    # In the order of their keys, so that two attempts never wait for each other's row.
    rows = [_row(session, one, now) for one in sorted(attempt, key=lambda one: one.key)]
    waiting = wait_s(session, attempt)
    if waiting:
        return waiting
    for one, row in zip(sorted(attempt, key=lambda one: one.key), rows, strict=True):
        row.failures = 1 if now - row.last_at > QUIET else row.failures + 1
        row.last_at, row.wait_until = now, now + _delay(row.failures - one.free)
    return 0


def give_back(session: Session, attempt: Sequence[Bucket]) -> None:
    """The attempt was right: forget what failed in this name here, and take this one off the whole network's count."""
    for number, one in enumerate(attempt):
        this = SignInFailures.bucket == one.key
        if number == 0:
            session.execute(delete(SignInFailures).where(this))
        else:
            # Not forgotten: whoever has one password of their own could else go on guessing others' for ever.
            fewer = {"failures": SignInFailures.failures - 1, "wait_until": clock.now()}
            session.execute(update(SignInFailures).where(this, SignInFailures.failures > 0).values(fewer))


def _delay(over: int) -> timedelta:
    """0 while attempts are free, then 5, 10, 20 … seconds, at most `LONGEST_WAIT`."""
    return timedelta(0) if over < 0 else min(LONGEST_WAIT, timedelta(seconds=5 * 2 ** min(over, 20)))


def _row(session: Session, one: Bucket, now: datetime) -> SignInFailures:
    """The bucket's row, locked; made when it is not there."""
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    fresh = {"bucket": one.key, "agency_id": 1, "failures": 0, "last_at": now, "wait_until": now}
    session.execute(insert(SignInFailures).values(fresh).on_conflict_do_nothing())
    return session.scalars(select(SignInFailures).where(SignInFailures.bucket == one.key).with_for_update()).one()


def _sweep(session: Session, now: datetime) -> None:
    """Forget what is quiet, and whatever is over the most that is kept: guessing must not fill the disk."""
    session.execute(delete(SignInFailures).where(SignInFailures.last_at < now - QUIET))
    oldest = select(SignInFailures.last_at).order_by(SignInFailures.last_at.desc()).offset(MOST_ROWS).limit(1)
    beyond = session.scalar(oldest)
    if beyond is not None:
        session.execute(delete(SignInFailures).where(SignInFailures.last_at <= beyond))


def _bucket(secret: bytes, free: int, *parts: str) -> Bucket:
    text = "\0".join(parts)
    return Bucket(hmac.new(secret, f"attempts\0{text}".encode(), hashlib.sha256).hexdigest(), free)
