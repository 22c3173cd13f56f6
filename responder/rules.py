"""Who may be asked at a place now, and why not: pure rules over one narrow row, shared by choosing and by explaining.

They run for hundreds of rows inside the two milliseconds that a choice may take: everything about the clock is worked out
once, in `Moment`, and what rows have in common is read once and remembered. Dates are compared; nothing is ever a flag.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from core import clock
from core.settings import Settings
from responder import hours
from responder.certificates.states import NO_GRACE, WAITS
from responder.models import HOME

NO_END_S = 9_999_999_999
"""Stands for "has no end" in `ReachablePlace.certified`; a later moment than any certificate names (the year 2286)."""


class Reason(StrEnum):
    """Why a volunteer is not asked at a place now."""

    INACTIVE = "inactive"
    """Suspended or deactivated: which of the two, and why, is for admins alone."""
    NOT_CERTIFIED = "not_certified"
    CERTIFICATION_LAPSED = "certification_lapsed"
    NO_CONSENT = "no_consent"
    OPTED_OUT = "opted_out"
    OFF = "off"
    OUTSIDE_HOURS = "outside_hours"
    NIGHT = "night"
    OUTSIDE_ZONE = "outside_zone"
    """Decided where zones are known, for the few who passed everything else."""


COLUMNS = ("kind", "transport", "night_alerts", "hours", "consented", "opted_out", "active", "off_until", "certified")
"""The columns of `ReachablePlace`, by name, that a row must have besides its own place and person."""


_WAITS_S = int(WAITS.total_seconds())


class Moment(NamedTuple):
    """One moment as the rules compare with it: epoch seconds, minute of the 28-day calendar, whether it is night, and the
    second that certificates are compared with: earlier by the days of grace, which are `grace_s`."""

    now_s: int
    minute_of_week: int
    is_night: bool
    certified_s: int

    @property
    def grace_s(self) -> int:
        """How long certificates count beyond their end."""
        return self.now_s - self.certified_s


def moment(now: datetime, zone: ZoneInfo, region: str, grace: timedelta = NO_GRACE) -> Moment:
    """What `reason_against` needs to know about an aware `now`, by the wall clock of `zone` and the holidays of `region`, where
    certificates count for `grace` beyond their end."""
    minute, night = hours.minute_of_week(now, zone, region), hours.is_night(now, zone)
    return Moment(clock.epoch_s(now), minute, night, clock.epoch_s(now - grace))


def moment_of(settings: Settings, now: datetime) -> Moment:
    """The same by the settings of an installation."""
    return moment(now, settings.zone_info, settings.default_region, settings.certificate_grace)


def reason_against(row: Any, all_of: tuple[str, ...], any_of: tuple[str, ...], at: Moment) -> Reason | None:
    """The first reason against asking this person at this place `at` a moment, or None when nothing is against it.

    `row` is anything with the attributes `COLUMNS`: a ReachablePlace, or a row of a select of these columns. A plan asks for
    certifications of every type in `all_of` and, unless `any_of` is empty, of one type in it; one that names none asks for any
    one. Whoever joined on the web is therefore asked for nothing before somebody has verified a certificate of theirs.
    """
    if not row.active:
        return Reason.INACTIVE
    missing = certified(row.certified, all_of, any_of, at.certified_s, at.now_s - at.certified_s)
    if missing is not None:
        return missing
    if not row.consented:
        return Reason.NO_CONSENT
    if row.opted_out:
        return Reason.OPTED_OUT
    if row.off_until > at.now_s:
        return Reason.OFF
    if row.hours is not None and not hours.unpack(row.hours).contains(at.minute_of_week):
        return Reason.OUTSIDE_HOURS
    if at.is_night and row.kind == HOME and not row.night_alerts:
        return Reason.NIGHT
    return None


def certified(packed: str, all_of: tuple[str, ...], any_of: tuple[str, ...], at_s: int, grace_s: int = 0) -> Reason | None:
    """Whether verified certifications, packed by `pack_certified`, satisfy a plan at `at_s`, which is `grace_s` ago.

    One counts up to and including its last second. Missing altogether and lapsed are two reasons.
    """
    until_s = good_until(packed, all_of, any_of, grace_s)
    if until_s is None:
        return Reason.NOT_CERTIFIED
    return Reason.CERTIFICATION_LAPSED if until_s < at_s else None


def pack_certified(untils: Mapping[str, int], sent: Mapping[str, int] | None = None) -> str:
    """Types with their last second, and where a new proof waits the one in which it was `sent`, in epoch seconds, as
    `type:until` or `type:until/sent`: what `ReachablePlace.certified` keeps. Days of grace belong to the moment."""
    waits = {kind: f"/{at_s}" for kind, at_s in (sent or {}).items()}
    return " ".join(f"{kind}:{until_s}{waits.get(kind, '')}" for kind, until_s in sorted(untils.items()))


@lru_cache(maxsize=65_536)
def good_until(packed: str, all_of: tuple[str, ...], any_of: tuple[str, ...], grace_s: int = 0) -> int | None:
    """The last second at which the plan is satisfied, or None when a type it needs is not there at all."""
    untils = {kind: _until(said, grace_s) for kind, _, said in (part.partition(":") for part in packed.split())}
    ends = [untils.get(kind) for kind in all_of]
    if any_of or not all_of:
        # A plan that names none is still for people of whom somebody has verified something, whatever that is.
        ends.append(max((untils[kind] for kind in any_of or untils if kind in untils), default=None))
    if None in ends:
        return None
    return min((end for end in ends if end is not None), default=NO_END_S)


def _until(said: str, grace_s: int) -> int:
    """`responder.certificates.states.Counted.until` in seconds."""
    end, _, sent = said.partition("/")
    return int(end) + _WAITS_S if sent and int(sent) <= int(end) + grace_s else int(end)
