"""Civil hours: when a text that is not urgent may reach somebody."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

FROM, TO = time(9), time(20)
"""By the agency's clock, which is the one its volunteers live by."""


def is_civil(now: datetime, zone: ZoneInfo) -> bool:
    """Whether `now` is a civil hour."""
    return FROM <= now.astimezone(zone).time() < TO


def next_civil(now: datetime, zone: ZoneInfo) -> datetime:
    """`now` when it is a civil hour, else the first moment of the next one."""
    if is_civil(now, zone):
        return now
    here = now.astimezone(zone)
    day = here.date() if here.time() < FROM else here.date() + timedelta(days=1)
    return datetime.combine(day, FROM, zone)


def until(at: datetime, zone: ZoneInfo) -> datetime:
    """When a text written for the civil hour `at` is too late: an hour beyond, so that one of the last minute still leaves."""
    return datetime.combine(at.astimezone(zone).date(), TO, zone) + timedelta(hours=1)
