"""Weekly hours as people say them: which days, from when to when, and what of public holidays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from responder.hours import DAY_MIN, WEEK_MIN, week_of


class Days(NamedTuple):
    """Days that follow each other, 0 being Monday, with the same hours, such as 08:00–16:00."""

    first: int
    last: int
    hours: str


class Spoken(NamedTuple):
    """Hours in words. `holidays` is None where no pattern names them, else whether anything holds on a public holiday."""

    days: Sequence[Days]
    holidays: bool | None


def spoken(text: str) -> Spoken:
    """The hours that `responder.hours.parse` has accepted."""
    week = week_of(text)
    edges = (*week.boundaries, week.period_min) if len(week.boundaries) % 2 else week.boundaries
    spans = list(zip(edges[::2], edges[1::2], strict=True))
    by_day: list[list[str]] = [[] for _ in range(7)]
    for begin, end in _ordinary(spans):
        by_day[begin // DAY_MIN % 7].append(f"{_clock(begin)}–{_clock(end, ends=True)}")
    grouped = groupby(range(7), key=lambda day: ", ".join(by_day[day]))
    days = [Days(members[0], members[-1], hours) for hours, group in grouped if hours and (members := list(group))]
    if week.period_min == WEEK_MIN:
        return Spoken(days, None)
    return Spoken(days, any(begin < 2 * WEEK_MIN and end > WEEK_MIN for begin, end in spans))


def _ordinary(spans: Sequence[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The spans of a week without holidays; one over midnight belongs to the day it begins, one of days is told day by day."""
    own = [(begin, min(end, WEEK_MIN)) for begin, end in spans if begin < WEEK_MIN]
    if len(own) > 1 and own[0][0] == 0 and own[-1][1] == WEEK_MIN and own[0][1] < DAY_MIN:
        own = [*own[1:-1], (own[-1][0], WEEK_MIN + own[0][1])]
    for begin, end in own:
        if end - begin <= DAY_MIN:
            yield begin, end
            continue
        midnights = [minute for minute in range(0, end, DAY_MIN) if begin < minute < end]
        yield from pairwise([begin, *midnights, end])


def _clock(minute: int, *, ends: bool = False) -> str:
    """A minute of the week as the clock shows it; what ends at midnight ends at 24:00."""
    hour, rest = divmod(minute % DAY_MIN, 60)
    if ends and (hour, rest) == (0, 0):
        hour = 24
    return f"{hour:02d}:{rest:02d}"
