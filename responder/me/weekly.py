"""Weekly hours as a phone's form asks for them: for each day one span from when to when, and what of public holidays.

Pure, both ways. What the form cannot say (two spans a day, hours of their own on holidays) is left as it was written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from responder.hours_words import spoken

CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


@dataclass(frozen=True)
class Weekly:
    """`days` has for each day, 0 being Monday, from when to when (`08:00`, `16:00`), or nothing at all. An end that is not
    after its beginning is one of the next morning."""

    days: Mapping[int, tuple[str, str]]
    not_on_holidays: bool


def of(text: str) -> Weekly | None:
    """Hours that `responder.hours.parse` has accepted, if the form can say them."""
    told = spoken(text)
    if told.holidays or any("," in one.hours for one in told.days):
        return None
    days: dict[int, tuple[str, str]] = {}
    for one in told.days:
        begin, _, end = one.hours.partition("–")
        days |= dict.fromkeys(range(one.first, one.last + 1), (begin, "00:00" if end == "24:00" else end))
    return Weekly(days, told.holidays is False)


def written(weekly: Weekly) -> str:
    """The same as OSM opening_hours; "" when no day has hours."""
    days = [_span(weekly.days.get(day)) for day in range(7)]
    parts = []
    for hours, group in groupby(range(7), key=lambda day: days[day]):
        members = list(group)
        if hours:
            named = CODES[members[0]] if len(members) == 1 else f"{CODES[members[0]]}-{CODES[members[-1]]}"
            parts.append(f"{named} {hours}")
    # With commas, because after a semicolon a day takes the place of what reached into it from the evening before.
    hours = ", ".join(parts)
    return f"{hours}; PH off" if hours and weekly.not_on_holidays else hours


def _span(hours: tuple[str, str] | None) -> str:
    if hours is None:
        return ""
    begin, end = hours
    return f"{begin}-{'24:00' if end == '00:00' else end}"
