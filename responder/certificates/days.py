"""A day as it is typed off a certificate, in the ways that certificates write it."""

from __future__ import annotations

import calendar
import re
from datetime import date

from core.words import _

HOW = _("a day such as 31.12.2027, 2027-12-31 or 12/2027")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[./ ](\d{1,2})[./ ](\d{4}|\d\d)")
_IN_A_ROW = re.compile(r"(\d\d)(\d\d)(\d{4})")
_MONTH = re.compile(r"(\d{1,2})[./](\d{4})")
_CENTURY = 2000


def last_day(typed: str) -> date:
    """The day that `typed` means, day before month; of a month alone its last day. Raises ValueError that says how to write."""
    text = typed.strip()
    if found := _ISO.fullmatch(text):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _DAY_FIRST.fullmatch(text) or _IN_A_ROW.fullmatch(text):
        year = int(found[3])
        return _day(year if year > 99 else year + _CENTURY, int(found[2]), int(found[1]))
    if found := _MONTH.fullmatch(text):
        year, month = int(found[2]), int(found[1])
        return _day(year, month, calendar.monthrange(year, month)[1] if 1 <= month <= 12 else 0)
    raise ValueError(HOW)


def months_after(day: date, months: int) -> date:
    """The day so many months later, the last of a shorter month where there is no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(HOW) from None
