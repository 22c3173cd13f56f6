"""Which ends of certificates a reminder is due for, in days of the agency's calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from responder.certificates import reminders

ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def step_of(days_left: int, grace_days: int = 0) -> list[int]:
    """The steps that are the newest due for a certificate that ends in so many days, at the last second of that day."""
    day = NOW.astimezone(ZONE).date() + timedelta(days=days_left)
    end = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZONE)
    return [one.step for one in reminders.windows(NOW, ZONE, grace_days) if one.since <= end < one.until]


@pytest.mark.parametrize(
    ("days_left", "steps"),
    [
        (61, []),
        (60, [60]),
        (31, [60]),
        (30, [30]),
        (8, [30]),
        (7, [7]),
        (2, [7]),
        (1, [1]),
        (0, [1]),
        (-1, [0]),
        (-7, [0]),
        (-8, []),
    ],
)
def test_the_newest_step_that_is_due(days_left: int, steps: list[int]) -> None:
    assert step_of(days_left) == steps


def test_within_the_days_of_grace_nobody_is_told_that_they_are_out() -> None:
    assert [step_of(-days, grace_days=3) for days in (1, 3, 4)] == [[], [], [0]]


def test_the_day_on_which_clocks_change_is_a_day() -> None:
    now = datetime(2026, 10, 25, 10, 0, tzinfo=UTC)
    lapsed, day_before, *_ = reminders.windows(now, ZONE, 0)
    assert (day_before.until - day_before.since).total_seconds() == 2 * 86_400
    assert day_before.until.astimezone(UTC) - day_before.since.astimezone(UTC) == timedelta(hours=49)
    assert lapsed.until == day_before.since
