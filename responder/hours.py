"""Weekly hours: written as OSM opening_hours, checked and sampled once at the edge, compared as plain minutes ever after.

What holds at a minute depends on the weekday, on whether today is a public holiday, and, because a night shift reaches into
the next morning, on whether yesterday was one. That makes 7 x 2 x 2 kinds of day; put side by side they are a calendar of 28
days, in which a minute is one number below 40,320. A pattern that names no holiday needs its first 7 days alone.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State
from opening_hours import ParserError as _ParserError  # type: ignore[attr-defined]  # it is there, its stub forgets it
from opening_hours import UnknownCountryError as _UnknownCountryError  # type: ignore[attr-defined]  # as above

from core.words import fill

DAY_MIN = 24 * 60
WEEK_MIN = 7 * DAY_MIN
CALENDAR_MIN = 4 * WEEK_MIN
"""28 kinds of day: weekday + 7 if today is a public holiday + 14 if yesterday was one."""

NIGHT_BEGINS_H, NIGHT_ENDS_H = 23, 7
"""Local hours between which nobody is asked at home without having agreed to it (contract.md, Responder CSV)."""

MAX_LENGTH = 300
_EXAMPLE = "Mo-Fr 08:00-16:00; PH off"
_WEEKLY = re.compile(r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|open|closed|24/7|\d\d:\d\d|\|\||[-,; ])*")
_REFERENCE_COUNTRY = "FI"
"""Whose calendar serves as an example when a pattern is sampled: over the years Christmas gives it every kind of day. What a
pattern means on a kind of day is the same in every country; which days are holidays is asked with the real region."""


@dataclass(frozen=True)
class Week:
    """When something holds: from each boundary to the next, in turn, beginning with "does not hold" before the first."""

    period_min: int
    boundaries: tuple[int, ...]

    def contains(self, minute: int) -> bool:
        """Whether `minute`, a number from `minute_of_week`, is inside."""
        return bisect_right(self.boundaries, minute % self.period_min) & 1 == 1

    def complement(self) -> Week:
        """Every minute that is not in this one."""
        inverted = self.boundaries[1:] if self.boundaries[:1] == (0,) else (0, *self.boundaries)
        return Week(self.period_min, inverted)

    @property
    def packed(self) -> bytes:
        """The same as little-endian uint16 numbers, the period first; what the narrow table keeps."""
        return struct.pack(f"<{1 + len(self.boundaries)}H", self.period_min, *self.boundaries)

    @property
    def is_empty(self) -> bool:
        """Whether it never holds."""
        return not self.boundaries

    def touches_night(self) -> bool:
        """Whether any minute of it lies between 23:00 and 07:00 on any kind of day."""
        ends = (*self.boundaries[1:], self.period_min)
        spans = list(zip(self.boundaries, ends, strict=True))[::2]
        return any(_span_touches_night(begin, end) for begin, end in spans)


@lru_cache(maxsize=65_536)
def unpack(packed: bytes) -> Week:
    """The Week that `Week.packed` was made from."""
    period_min, *boundaries = struct.unpack(f"<{len(packed) // 2}H", packed)
    return Week(period_min, tuple(boundaries))


def parse(text: str, region: str) -> Week:
    """Read OSM opening_hours that repeat every week. `region` is the country whose public holidays PH means.

    Raises ValueError, saying what is allowed, for anything unreadable, for hours that do not repeat weekly (months, dates,
    week numbers, sunrise), that may or may not hold (unknown, comments, open ends), or that never hold.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(fill("at most {most} characters", most=MAX_LENGTH))
    week = week_of(text.strip())
    if week.period_min != WEEK_MIN and not _knows_holidays(region):
        raise ValueError(fill("the public holidays of {region} are not known here, so PH cannot be used", region=region))
    return week


def minute_of_week(now: datetime, zone: ZoneInfo, region: str) -> int:
    """Which minute of the 28-day calendar `now` is, by the clock on the wall in `zone` and the holidays of `region`."""
    local = now.astimezone(zone)
    return _first_minute(local.date(), region) + local.hour * 60 + local.minute


def is_night(now: datetime, zone: ZoneInfo) -> bool:
    """Whether the clock on the wall in `zone` stands between 23:00 and 07:00."""
    return is_night_hour(now.astimezone(zone).hour)


def is_night_hour(hour: int) -> bool:
    """Whether a local hour of the day belongs to the night."""
    return hour >= NIGHT_BEGINS_H or hour < NIGHT_ENDS_H


@lru_cache(maxsize=2_048)
def is_holiday(day: date, region: str) -> bool:
    """Whether `day` is a public holiday in `region`; never, where the library knows no calendar."""
    holidays = _holidays(region)
    return holidays is not None and holidays.is_open(datetime.combine(day, time(12)))


@lru_cache(maxsize=4_096)
def week_of(text: str) -> Week:
    """The Week of hours that `parse` has accepted before. It is the same in every region."""
    rule = _read(text)
    period_min = CALENDAR_MIN if "PH" in str(rule) else WEEK_MIN
    week = _joined(period_min, lambda kind: _open_spans(rule, _example_days()[kind]))
    if week.is_empty:
        raise ValueError(fill("these hours never hold; write it as OSM opening_hours, such as {example}", example=_EXAMPLE))
    return week


def _read(text: str) -> OpeningHours:
    if not text:
        raise ValueError(fill("no hours are written; write it as OSM opening_hours, such as {example}", example=_EXAMPLE))
    try:
        rule = OpeningHours(text, country=_REFERENCE_COUNTRY)
    except _ParserError as error:
        raise ValueError(_unreadable(text, str(error))) from None
    canonical = str(rule)
    rest = _WEEKLY.sub("", canonical, count=1)
    if rest:
        said = fill(
            "only hours that surely repeat every week can be used, not {stranger};"
            " write it as OSM opening_hours, such as {example}",
            stranger=repr(rest.split(" ", maxsplit=1)[0]),
            example=_EXAMPLE,
        )
        raise ValueError(said)
    return rule


def _unreadable(text: str, complaint: str) -> str:
    position = re.search(r"--> 1:(\d+)", complaint)
    rest = text[int(position.group(1)) - 1 :] if position else ""
    if not rest:
        return fill("cannot be read; write it as OSM opening_hours, such as {example}", example=_EXAMPLE)
    return fill(
        "cannot be read from {rest} on; write it as OSM opening_hours, such as {example}",
        rest=repr(rest[:20]),
        example=_EXAMPLE,
    )


def _joined(period_min: int, spans_of: Callable[[int], Iterator[tuple[int, int]]]) -> Week:
    """Boundaries of the whole calendar from the spans of each kind of day; spans that touch become one."""
    boundaries: list[int] = []
    for kind in range(period_min // DAY_MIN):
        for begin, end in spans_of(kind):
            first = kind * DAY_MIN + begin
            if boundaries and boundaries[-1] == first:
                boundaries.pop()
            else:
                boundaries.append(first)
            boundaries.append(kind * DAY_MIN + end)
    if boundaries and boundaries[-1] == period_min:
        boundaries.pop()
    return Week(period_min, tuple(boundaries))


def _open_spans(rule: OpeningHours, day: date) -> Iterator[tuple[int, int]]:
    """The spans of `day` at which `rule` holds, as minutes of that day, oldest first."""
    midnight = datetime.combine(day, time())
    for begin, end, state, _comment in rule.intervals(midnight, midnight + timedelta(days=1)):
        if state == State.OPEN and begin is not None and end is not None:
            yield _minutes_between(midnight, begin), _minutes_between(midnight, end)


def _minutes_between(earlier: datetime, later: datetime) -> int:
    return int((later - earlier).total_seconds()) // 60


@lru_cache(maxsize=1)
def _example_days() -> dict[int, date]:
    """A real day of the reference country for each kind of day."""
    days: dict[int, date] = {}
    day = date(2001, 1, 1)
    while len(days) < 28:
        days.setdefault(_kind(day, _REFERENCE_COUNTRY), day)
        day += timedelta(days=1)
    return days


def _kind(day: date, region: str) -> int:
    yesterday = day - timedelta(days=1)
    return day.weekday() + 7 * is_holiday(day, region) + 14 * is_holiday(yesterday, region)


@lru_cache(maxsize=256)
def _first_minute(day: date, region: str) -> int:
    return _kind(day, region) * DAY_MIN


@lru_cache(maxsize=64)
def _holidays(region: str) -> OpeningHours | None:
    try:
        return OpeningHours("PH", country=region)
    except _UnknownCountryError:
        return None


def _knows_holidays(region: str) -> bool:
    return _holidays(region) is not None


def _span_touches_night(begin: int, end: int) -> bool:
    """Whether [begin, end), in minutes since some midnight, meets a night."""
    into_day = begin % DAY_MIN
    return into_day < NIGHT_ENDS_H * 60 or into_day + (end - begin) > NIGHT_BEGINS_H * 60
