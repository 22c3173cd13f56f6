"""The words of a volunteer's own page for what the tables hold as keys. Each is translated where it is shown."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from core.words import _
from responder.care.sparing import MOST_WISHED
from responder.pages import wording
from responder.rules import Reason

LANGUAGES = wording.LANGUAGES
LIMITS = range(1, MOST_WISHED + 1)
GIVEN = {
    "alerts": _("Alerts"),
    "accepted": _("You set out"),
    "on_scene": _("You were there"),
    "false_alarms": _("Were false alarms"),
    "last_to_arrive": _("You were the last to arrive"),
}
TRANSPORTS = {"foot": _("On foot"), "bike": _("By bike"), "car": _("By car")}
PLACES = {"home": _("Home"), "work": _("Work")}
ASKED = {
    ("home",): _("You are asked, near your home."),
    ("work",): _("You are asked, near your work."),
    ("home", "work"): _("You are asked, near your home and your work."),
}
REASONS = {
    Reason.INACTIVE: _("You are not asked at present. If you wonder why, ring us."),
    Reason.NOT_CERTIFIED: _("You are not asked: nobody has verified a certificate of yours yet."),
    Reason.CERTIFICATION_LAPSED: _("You are not asked: your certificate has ended."),
    Reason.NO_CONSENT: _("You are not asked: you have not agreed to it."),
    Reason.OPTED_OUT: _("You are not asked: you have stopped our texts. Text START to have them again."),
    Reason.OFF: _("You are not asked: you are off."),
    Reason.OUTSIDE_HOURS: _("You are not asked: these are not your hours."),
    Reason.NIGHT: _("You are not asked: it is night, and you have not agreed to be woken."),
}
DAYS = (
    _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday"),
)  # fmt: skip
SHORT_DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
ALERTS = {
    "queued": _("not answered"),
    "alerted": _("not answered"),
    "unclear": _("not understood"),
    "failed": _("the text did not reach you"),
    "expired": _("not answered"),
    "accepted": _("you are going"),
    "declined": _("you could not go"),
    "on_scene": _("you are there"),
    "finished": _("you were there"),
    "stood_down": _("you were not needed"),
}
EMERGENCIES = {
    "cardiac_arrest": _("Cardiac arrest"),
    "breathing": _("Trouble breathing"),
    "bleeding": _("Severe bleeding"),
    "fire": _("Fire"),
}
SAID = {
    "joined": _(
        "Thank you for joining! Save our numbers below, so that an alarm is heard at night. Text TEST for a test alarm."
    ),
    "saved": _("Saved."),
    "unchanged": _("Nothing was different, so nothing was changed."),
    "proof": _("Thank you! Somebody looks at it soon. You hear from us if it cannot be accepted."),
    "off": _("You are off: nobody asks you."),
    "on": _("You are on again."),
}


def moment(at: datetime, zone: ZoneInfo, language: str) -> str:
    """A day and a time by the clock on the wall, as the language writes them."""
    return _formatted(at, zone, language, "EEE d MMM HH:mm")


def day(at: datetime, zone: ZoneInfo, language: str) -> str:
    """A day."""
    return _formatted(at, zone, language, "d MMM y")


def _formatted(at: datetime, zone: ZoneInfo, language: str, pattern: str) -> str:
    return str(format_datetime(at.astimezone(zone), pattern, tzinfo=zone, locale=language))
