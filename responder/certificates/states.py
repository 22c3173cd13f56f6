"""How a certificate stands at a moment, and until when it counts: pure rules over dates. Nothing here is ever a flag.

A lapse therefore takes effect the second it comes, whether or not anything runs. A proof that was sent before the lapse keeps
whoever was verified once: until the verdict, at most `WAITS` beyond the lapse, which is a date again. Days of grace are days
before the lapse, also for whoever sends a proof in them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

NO_GRACE = timedelta()
EXPIRING_WITHIN = timedelta(days=60)
WAITS = timedelta(days=14)
"""How long past its end a certificate counts while a new proof, sent in time, waits for an admin who has not come to it."""


class State(StrEnum):
    """How one certification stands."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    EXPIRING = "expiring"
    LAPSED = "lapsed"
    REJECTED = "rejected"


class Dates(Protocol):
    """What these rules read of a certification: its row, or a row of a select of these columns."""

    type: str
    expires_at: datetime | None
    verified_at: datetime | None
    submitted_at: datetime | None
    rejected_at: datetime | None


def of(one: Dates, now: datetime) -> State:
    """How a certification stands at `now`."""
    if one.rejected_at is not None:
        return State.REJECTED
    if one.expires_at is not None and one.expires_at < now:
        return State.LAPSED
    if one.verified_at is None:
        return State.SUBMITTED
    is_near = one.expires_at is not None and one.expires_at - now < EXPIRING_WITHIN
    return State.EXPIRING if is_near else State.VERIFIED


def is_waiting(one: Dates) -> bool:
    """Whether it waits for a verdict."""
    return one.verified_at is None and one.rejected_at is None


class Counted(NamedTuple):
    """Until when the proofs of one type count by themselves (`end`, None: no end), and since when a new one of that type has
    waited for a verdict, the one that was `sent` first."""

    end: datetime | None
    sent: datetime | None

    def until(self, grace: timedelta = NO_GRACE) -> datetime | None:
        """Until when they count, to be compared with a moment that is earlier by the days of grace. A certificate lapses when
        its grace is over: a new proof that was sent before that keeps them, from then on for `WAITS`."""
        if self.end is None or self.sent is None or self.sent > self.end + grace:
            return self.end
        return self.end + WAITS


def counted(proofs: Iterable[Dates]) -> dict[str, Counted]:
    """Until when the proofs of one person count, by type. What was never verified counts for nothing."""
    proofs = list(proofs)
    ends: dict[str, datetime | None] = {}
    for one in proofs:
        if one.verified_at is not None:
            ends[one.type] = _later(ends[one.type], one.expires_at) if one.type in ends else one.expires_at
    return {kind: Counted(end, _waits_since(proofs, kind)) for kind, end in ends.items()}


def _waits_since(proofs: Iterable[Dates], kind: str) -> datetime | None:
    waiting = (one.submitted_at for one in proofs if one.type == kind and is_waiting(one))
    return min((sent for sent in waiting if sent is not None), default=None)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
