"""The kinds of field that a responder is made of, each checked once, with a message that says what is allowed.

A phone, a date and hours mean something only together with the agency's region, zone and the present moment: these come as
the validation context, a `Context`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, ValidationInfo

from core import clock
from core.settings import Settings
from core.words import _, fill
from responder import hours
from responder.certificates.kinds import SHIPPED_KEYS
from sms import contacts

FIRST_YEAR, LAST_YEAR = 1950, 2200
"""Dates outside are slips of the pen; the last is below `rules.NO_END_S`, which stands for no end."""

ERASED_PREFIX = "erased-"

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")


@dataclass(frozen=True)
class Context:
    """What turns an agency's way of writing into values: its region, its time zone, the present moment, and the kinds of
    certificate that it knows."""

    region: str
    zone: ZoneInfo
    now: datetime
    kinds: tuple[str, ...] = SHIPPED_KEYS

    @classmethod
    def of(cls, settings: Settings, kinds: tuple[str, ...] = SHIPPED_KEYS) -> Context:
        """The context of an installation, now; `kinds` are those of `certificates.kinds.keys` where certificates are read."""
        return cls(settings.default_region, settings.zone_info, clock.now(), kinds)


def context(info: ValidationInfo) -> Context:
    """The context that this validation runs in."""
    assert isinstance(info.context, Context), "a responder is validated with context=Context.of(settings)"
    return info.context


def day_begins(day: date, zone: ZoneInfo) -> datetime:
    """The first moment of `day` on the wall clock of `zone`."""
    return datetime.combine(day, time(), zone)


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """The last second of `day` on the wall clock of `zone`: until then a certificate that ends that day counts."""
    return datetime.combine(day, time(23, 59, 59), zone)


def _printable(text: str) -> str:
    for character in text:
        if unicodedata.category(character) in ("Cc", "Cs"):
            code = f"U+{ord(character):04X}"
            raise ValueError(fill("text without {code}, which is no character that can be shown", code=code))
    return text


def _phone(text: str, info: ValidationInfo) -> str:
    return contacts.normalise(text, context(info).region)


def _hours(text: str, info: ValidationInfo) -> str:
    hours.parse(text, context(info).region)
    return text


def _not_reserved(text: str) -> str:
    if text.startswith(ERASED_PREFIX):
        said = fill("an id that does not begin with {prefix} (such are kept for people who were erased)", prefix=ERASED_PREFIX)
        raise ValueError(said)
    return text


def _kind(text: str, info: ValidationInfo) -> str:
    there = context(info).kinds
    if text not in there:
        raise ValueError(fill("one of {expected}", expected=", ".join(f"'{key}'" for key in there)))
    return text


def _date(value: object) -> object:
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        return _within_years(date.fromisoformat(value.strip()))
    raise ValueError(_("a date written like 2026-12-31"))


def _not_to_come(day: date, info: ValidationInfo) -> date:
    if day > context(info).now.astimezone(context(info).zone).date():
        raise ValueError(_("a date that is not in the future"))
    return day


def _past_moment(value: object, info: ValidationInfo) -> object:
    text = value.strip() if isinstance(value, str) else ""
    if _TIME.fullmatch(text):
        _within_years(date.fromisoformat(text[:10]))
        moment = datetime.fromisoformat(text.upper())
    elif _DATE.fullmatch(text):
        moment = day_begins(_within_years(date.fromisoformat(text)), context(info).zone)
    else:
        raise ValueError(_("a date written like 2026-12-31, or a time like 2026-12-31T14:00:00Z"))
    if moment > context(info).now:
        raise ValueError(_("a moment that is not in the future"))
    return moment


def _within_years(day: date) -> date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(fill("a year from {first} to {last}", first=FIRST_YEAR, last=LAST_YEAR))
    return day


_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1), AfterValidator(_printable)]

ExternalId = Annotated[_Text, StringConstraints(max_length=80), AfterValidator(_not_reserved)]
Name = Annotated[_Text, StringConstraints(max_length=200)]
Phone = Annotated[_Text, StringConstraints(max_length=40), AfterValidator(_phone)]
"""In any usual writing; E.164 afterwards."""
Address = Annotated[_Text, StringConstraints(max_length=200)]
Hours = Annotated[_Text, StringConstraints(max_length=hours.MAX_LENGTH), AfterValidator(_hours)]
CertificationType = Annotated[_Text, StringConstraints(max_length=40), AfterValidator(_kind)]
"""The key of a kind of certificate that the agency knows."""
CertificationNumber = Annotated[_Text, StringConstraints(max_length=80)]
Issuer = Annotated[_Text, StringConstraints(max_length=120)]
Latitude = Annotated[float, Field(strict=True, ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(strict=True, ge=-180, le=180, allow_inf_nan=False)]
Day = Annotated[date, BeforeValidator(_date)]
PastDay = Annotated[Day, AfterValidator(_not_to_come)]
PastMoment = Annotated[datetime, BeforeValidator(_past_moment)]
"""An aware moment; a bare date is its first moment in the agency's zone."""
