"""Until when somebody has to ring: what is promised can be kept, whatever the hour and whatever the clock does that night."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from responder.care.call_backs import RING_ME, SO_SO, due

ZONE = ZoneInfo("Europe/Helsinki")


@pytest.mark.parametrize(
    ("wish", "asked", "until"),
    [
        (RING_ME, "2026-11-23 03:00", "2026-11-23 20:00"),
        (RING_ME, "2026-11-23 14:00", "2026-11-23 20:00"),
        (RING_ME, "2026-11-23 19:00", "2026-11-23 20:00"),
        (RING_ME, "2026-11-23 19:01", "2026-11-24 12:00"),
        (RING_ME, "2026-12-31 23:59", "2027-01-01 12:00"),
        (RING_ME, "2027-03-27 23:00", "2027-03-28 12:00"),  # summer time begins that night
        (SO_SO, "2026-11-23 03:00", "2026-11-25 20:00"),
        (SO_SO, "2026-10-24 21:00", "2026-10-26 20:00"),  # summer time ends in between
    ],
)
def test_by_when_somebody_rings(wish: str, asked: str, until: str) -> None:
    assert due(wish, datetime.fromisoformat(asked).replace(tzinfo=ZONE), ZONE) == datetime.fromisoformat(until).replace(
        tzinfo=ZONE
    )
