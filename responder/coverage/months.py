"""The moments that a forecast looks at: now, and the ends of the months to come, by the agency's own calendar."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core import clock
from responder import hours
from responder.certificates.days import months_after
from responder.rules import Moment

HORIZON = 6
"""How many month ends lie ahead: this month's is the first. Beyond that, people have not yet been asked to renew."""
DAY_H, NIGHT_H = 12, 2
"""The local hours that stand for the day and for the night, on a Wednesday that is no holiday."""
_WEDNESDAY_MIN = 2 * hours.DAY_MIN
_AFTER_EVERY_OFF_S = 10**12
_BEFORE_EVERY_END_S = 0


class End(NamedTuple):
    """One moment as people are compared with it, in epoch seconds: `certified_s` is earlier by the days of grace. `month`, 1 to
    12, is the one that ends then; 0 for now."""

    month: int
    now_s: int
    certified_s: int


BY_DAY = Moment(_AFTER_EVERY_OFF_S, _WEDNESDAY_MIN + DAY_H * 60, is_night=False, certified_s=_BEFORE_EVERY_END_S)
BY_NIGHT = Moment(_AFTER_EVERY_OFF_S, _WEDNESDAY_MIN + NIGHT_H * 60, is_night=True, certified_s=_BEFORE_EVERY_END_S)
"""The rules asked at these leave out whoever the hour, the consent or a certificate that never was leaves out; the end of an
OFF and of a certificate are compared with each `End`."""


def ends(now: datetime, zone: ZoneInfo, grace: timedelta) -> list[End]:
    """Now, then each month's end: the midnight at which the next one begins."""
    first = now.astimezone(zone).date().replace(day=1)
    begins = [months_after(first, number) for number in range(1, HORIZON + 1)]
    midnights = [datetime(day.year, day.month, 1, tzinfo=zone) for day in begins]
    months = [months_after(first, number).month for number in range(HORIZON)]
    looked_at = [(0, now), *zip(months, midnights, strict=True)]
    return [End(month, clock.epoch_s(moment), clock.epoch_s(moment - grace)) for month, moment in looked_at]


def at(end: End, by: Moment) -> Moment:
    """The moment that the rules of choosing would be asked about at this hour of that time."""
    return by._replace(now_s=end.now_s, certified_s=end.certified_s)
