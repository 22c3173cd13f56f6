"""Weekly hours on a phone's form, both ways; and what one's settings mean for the next day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import clock
from responder import hours, rules
from responder.me import ahead, weekly
from responder.me.weekly import Weekly
from responder.rules import Reason

HELSINKI = ZoneInfo("Europe/Helsinki")
times = st.builds(lambda hour, quarter: f"{hour:02d}:{quarter * 15:02d}", st.integers(0, 23), st.integers(0, 3))
spans = st.tuples(times, times).filter(lambda span: span[0] != span[1])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Mo-Fr 08:00-16:00", dict.fromkeys(range(5), ("08:00", "16:00"))),
        ("Fr-Sa 20:00-04:00", dict.fromkeys((4, 5), ("20:00", "04:00"))),
        ("Su 12:00-24:00", {6: ("12:00", "00:00")}),
        ("Mo 08:00-12:00,13:00-17:00", None),
        ("Mo-Fr 08:00-16:00; PH 10:00-12:00", None),
    ],
)
def test_hours_as_the_form_shows_them(text: str, days: dict[int, tuple[str, str]] | None) -> None:
    found = weekly.of(text)
    assert (found.days if found else None) == days


def test_holidays_are_kept() -> None:
    told = weekly.of("Mo-Fr 08:00-16:00; PH off")
    assert told is not None
    assert told.not_on_holidays
    assert weekly.written(told) == "Mo-Fr 08:00-16:00; PH off"
    assert weekly.written(Weekly({}, not_on_holidays=True)) == ""


@given(st.dictionaries(st.integers(0, 6), spans, min_size=1))
def test_what_the_form_says_is_what_holds(days: dict[int, tuple[str, str]]) -> None:
    text = weekly.written(Weekly(days, not_on_holidays=False))
    week = hours.parse(text, "FI")
    for day, (begin, end) in days.items():
        first = day * hours.DAY_MIN + _minutes(begin)
        assert week.contains(first)
        assert week.contains(first + (_minutes(end) - _minutes(begin)) % hours.DAY_MIN - 1)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


@dataclass
class Row:
    """What the rules read of a place."""

    kind: str = "home"
    transport: str = "foot"
    night_alerts: bool = False
    hours: bytes | None = None
    consented: bool = True
    opted_out: bool = False
    active: bool = True
    off_until: int = 0
    certified: str = rules.pack_certified({"cpr": rules.NO_END_S})


def here(now: datetime) -> rules.Moment:
    """A moment in Helsinki, by the holidays of Finland."""
    return rules.moment(now, HELSINKI, "FI")


def told(rows: list[Row], now: datetime) -> list[tuple[str, str, tuple[str, ...], Reason | None]]:
    """The spans, by the clock on the wall."""
    found = ahead.spans(rows, now, here, ("cpr",))
    return [(f"{one.begin.astimezone(HELSINKI):%H:%M}", f"{one.end.astimezone(HELSINKI):%H:%M}", *_what(one)) for one in found]


def _what(one: ahead.Span) -> tuple[tuple[str, ...], Reason | None]:
    return one.places, one.reason


def test_a_day_at_home_without_nights() -> None:
    now = datetime(2026, 11, 23, 12, 7, tzinfo=UTC)
    assert told([Row()], now) == [
        ("14:07", "23:00", ("home",), None),
        ("23:00", "07:00", (), Reason.NIGHT),
        ("07:00", "14:07", ("home",), None),
    ]


def test_work_by_night_and_an_off() -> None:
    now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    off = clock.epoch_s(now) + 3600
    work = Row(kind="work", hours=hours.week_of("Mo 22:00-06:00").packed, off_until=off)
    home = Row(hours=hours.week_of("Mo 22:00-06:00").complement().packed, off_until=off)
    assert told([home, work], now) == [
        ("14:00", "15:00", (), Reason.OFF),
        ("15:00", "22:00", ("home",), None),
        ("22:00", "06:00", ("work",), None),
        ("06:00", "07:00", (), Reason.NIGHT),
        ("07:00", "14:00", ("home",), None),
    ]


@pytest.mark.parametrize(
    ("now", "hours_of_night"),
    [
        (datetime(2026, 3, 28, 12, tzinfo=UTC), 7),
        (datetime(2026, 10, 24, 12, tzinfo=UTC), 9),
        (datetime(2026, 6, 1, 12, tzinfo=UTC), 8),
    ],
)
def test_the_night_in_which_the_clock_is_moved(now: datetime, hours_of_night: int) -> None:
    night = next(one for one in ahead.spans([Row()], now, here, ("cpr",)) if one.reason is Reason.NIGHT)
    assert (night.end - night.begin).total_seconds() == hours_of_night * 3600
    assert f"{night.begin.astimezone(HELSINKI):%H:%M} {night.end.astimezone(HELSINKI):%H:%M}" == "23:00 07:00"
