"""What one's settings mean for the next day: from when to when one is asked, near which place, and else why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.settings import Settings
from responder import rules
from responder.models import ReachablePlace
from responder.rules import Moment, Reason

AHEAD = timedelta(hours=24)
STEP = timedelta(minutes=15)
_SOONEST_OVER = (Reason.NIGHT, Reason.OUTSIDE_HOURS)
"""Of several places' reasons the one that ends by itself is told: the others hold for every place alike."""


@dataclass(frozen=True)
class Span:
    """From `begin` to `end` one is asked near `places`, or near none, for `reason`."""

    begin: datetime
    end: datetime
    places: tuple[str, ...]
    reason: Reason | None


def of_person(
    session: Session, settings: Settings, responder_id: int, now: datetime, helping: tuple[str, ...]
) -> Sequence[Span]:
    """The spans of the next 24 hours, by the very rules that choosing uses; none for somebody without a place. Of the
    certificates one of the kinds in `helping` is enough to be asked, () any."""
    rows = session.scalars(select(ReachablePlace).where(ReachablePlace.responder_id == responder_id)).all()
    return list(spans(rows, now, partial(rules.moment_of, settings), helping)) if rows else []


def spans(
    rows: Sequence[Any], now: datetime, moment_of: Callable[[datetime], Moment], helping: tuple[str, ...]
) -> Iterator[Span]:
    """The same over rows at hand, in time's own order: an hour that a clock repeats or leaves out is told as it passes."""
    current: Span | None = None
    for begin, end in _steps(now):
        one = _at(rows, begin, end, moment_of(begin), helping)
        if current is not None and (current.places, current.reason) == (one.places, one.reason):
            current = replace(current, end=end)
            continue
        if current is not None:
            yield current
        current = one
    if current is not None:
        yield current


def _steps(now: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From now to the next quarter of an hour, and on in quarters: every change of hours and nights falls on a minute that is
    told well enough by them."""
    begin, until = now, now + AHEAD
    while begin < until:
        full = begin.replace(minute=begin.minute // 15 * 15, second=0, microsecond=0)
        end = min(full + STEP, until)
        yield begin, end
        begin = end


def _at(rows: Sequence[Any], begin: datetime, end: datetime, moment: Moment, helping: tuple[str, ...]) -> Span:
    against = {row.kind: rules.reason_against(row, (), helping, moment) for row in rows}
    asked = tuple(sorted(kind for kind, reason in against.items() if reason is None))
    if asked:
        return Span(begin, end, asked, None)
    reasons = [reason for reason in against.values() if reason is not None]
    return Span(begin, end, (), min(reasons, key=lambda one: one not in _SOONEST_OVER))
