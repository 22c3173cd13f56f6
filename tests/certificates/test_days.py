"""Days as they are typed off certificates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from responder import civil
from responder.certificates import days

HELSINKI = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2027-12-31", date(2027, 12, 31)),
        ("31.12.2027", date(2027, 12, 31)),
        (" 1.2.2027 ", date(2027, 2, 1)),
        ("31/12/2027", date(2027, 12, 31)),
        ("31 12 2027", date(2027, 12, 31)),
        ("31122027", date(2027, 12, 31)),
        ("31.12.27", date(2027, 12, 31)),
        ("12/2027", date(2027, 12, 31)),
        ("2/2028", date(2028, 2, 29)),
        ("02.2027", date(2027, 2, 28)),
    ],
)
def test_in_the_ways_that_certificates_write_it(typed: str, day: date) -> None:
    assert days.last_day(typed) == day


@pytest.mark.parametrize(
    "typed", ["", "soon", "2027", "31.2.2027", "13/2027", "0/2027", "12-31-2027", "311227", "1.1.1.2027", "٣١.١٢.٢٠٢٧x"]
)
def test_what_is_no_day_is_never_guessed(typed: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        days.last_day(typed)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 23), 24, date(2028, 11, 23)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 36, date(2029, 12, 31)),
    ],
)
def test_so_many_months_later(day: date, months: int, then: date) -> None:
    assert days.months_after(day, months) == then


@pytest.mark.parametrize(
    ("here", "civil_from"),
    [
        ("2026-11-23 08:59:59", "2026-11-23 09:00:00"),
        ("2026-11-23 09:00:00", "2026-11-23 09:00:00"),
        ("2026-11-23 19:59:59", "2026-11-23 19:59:59"),
        ("2026-11-23 20:00:00", "2026-11-24 09:00:00"),
        ("2026-10-25 01:00:00", "2026-10-25 09:00:00"),
    ],
)
def test_a_text_that_is_not_urgent_waits_for_a_civil_hour(here: str, civil_from: str) -> None:
    now, expected = (datetime.fromisoformat(text).replace(tzinfo=HELSINKI) for text in (here, civil_from))
    assert civil.next_civil(now.astimezone(UTC), HELSINKI) == expected
