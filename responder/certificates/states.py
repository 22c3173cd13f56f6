"""How a certificate stands at a moment, and until when it counts: pure rules over dates. Nothing here is ever a flag.

A lapse therefore takes effect the second it comes, whether or not anything runs. A proof that was sent before the lapse keeps
whoever was verified once: until the verdict, at most `WAITS` beyond the lapse, which is a date again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

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


def counted_until(proofs: Iterable[Dates]) -> dict[str, datetime | None]:
    """Until when the proofs of one person count, by type: the last second, None for no end. What was never verified counts for
    nothing. Grace days are not in it: they belong to the moment that it is compared with (`rules.moment_of`)."""
    proofs = list(proofs)
    ends: dict[str, datetime | None] = {}
    for one in proofs:
        if one.verified_at is not None:
            ends[one.type] = _later(ends[one.type], one.expires_at) if one.type in ends else one.expires_at
    return {kind: end + WAITS if end and _waits_since_before(proofs, kind, end) else end for kind, end in ends.items()}


def _waits_since_before(proofs: Iterable[Dates], kind: str, end: datetime) -> bool:
    waiting = (one.submitted_at for one in proofs if one.type == kind and is_waiting(one))
    return any(sent is not None and sent <= end for sent in waiting)


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return None if one is None or other is None else max(one, other)
