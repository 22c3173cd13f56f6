"""The words of the people's pages for what the tables hold as keys. Each is translated where it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from core.words import _, fill, translated
from responder.certificates.states import State
from responder.imports import undoing
from responder.rules import Reason
from responder.standing import Standing
from sms.loop_guard import HELD_BACK


class Sign(NamedTuple):
    """A standing as it is shown: a shape, a word, the badge's colour class, and what it means."""

    shape: str
    label: str
    badge: str
    meaning: str


SIGNS = {
    Standing.READY: Sign("●", _("Can be asked"), "good", _("Is asked when an emergency is near and the hour is right.")),
    Standing.OFF: Sign("◐", _("Off"), "off", _("Has said OFF: is not asked before the end of it, or before they say ON.")),
    Standing.CALL: Sign(
        "◎",
        _("Waits for a call"),
        "warn",
        _("Has asked to be rung: is asked for nothing before somebody has rung them, or they say ON."),
    ),
    Standing.FULL: Sign("◑", _("Had enough alerts"), "off", _("Has had as many alerts in 7 days as they wish.")),
    Standing.LAPSED: Sign(
        "▲", _("Lapsed"), "warn", _("Every certificate is past its end. Is not asked before a new one is here.")
    ),
    Standing.UNVERIFIED: Sign("◆", _("To verify"), "warn", _("A certificate waits for an admin to verify it.")),
    Standing.NO_CERTIFICATE: Sign(
        "○", _("No certificate"), "", _("No certificate is noted that any kind of emergency asks for.")
    ),
    Standing.NO_PLACE: Sign("□", _("No place"), "warn", _("Nobody knows where this person is, so no emergency is near.")),
    Standing.NO_CONSENT: Sign("◇", _("No consent"), "", _("Has not agreed to be asked, or has taken that back.")),
    Standing.OPTED_OUT: Sign("✕", _("Opted out"), "off", _("Has stopped all our texts with a word such as STOP.")),
    Standing.SUSPENDED: Sign(
        "⊘", _("Suspended"), "warn", _("An admin has suspended them: is asked for nothing, until reactivated.")
    ),
    Standing.DEACTIVATED: Sign("▽", _("Deactivated"), "off", _("Volunteers no more, or not for now; can be reactivated.")),
    Standing.ERASING: Sign("…", _("Being erased"), "warn", _("Is on a callout; is erased the minute it ends.")),
}
_DISCREET = {
    Standing.CALL: Sign("◎", _("Not for now"), "off", _("Is asked for nothing for the time being; the admins know why.")),
}


def signs(*, is_admin: bool) -> Mapping[Standing, Sign]:
    """The signs in the order in which the list offers them. That somebody wishes to talk is for admins alone."""
    return SIGNS if is_admin else SIGNS | _DISCREET


REASONS = {
    Reason.INACTIVE: _("Not asked: is suspended or deactivated."),
    Reason.NOT_CERTIFIED: _("Not asked: has no verified certificate of the kind this needs."),
    Reason.CERTIFICATION_LAPSED: _("Not asked: the certificate this needs has lapsed."),
    Reason.NO_CONSENT: _("Not asked: has not agreed to be asked."),
    Reason.OPTED_OUT: _("Not asked: has stopped all our texts."),
    Reason.OFF: _("Not asked: is off."),
    Reason.OUTSIDE_HOURS: _("Not asked: these are not the hours of this place."),
    Reason.NIGHT: _("Not asked: it is night (23:00 to 07:00) and they do not want night alerts at home."),
    Reason.OUTSIDE_ZONE: _("Not asked: this place lies outside the service area."),
}
_NOT_NOW = {
    Standing.OFF: REASONS[Reason.OFF],
    Standing.CALL: _("Not asked: waits for a call."),
    Standing.FULL: _("Not asked: has had as many alerts as they wish."),
}


def reasons(because: Standing, *, is_admin: bool) -> Mapping[Reason, str]:
    """Why somebody is not asked, where `because` is what keeps them from being asked for now (`standing.off_because`)."""
    is_hidden = because in _DISCREET and not is_admin
    return REASONS | {Reason.OFF: _("Not asked for the time being.") if is_hidden else _NOT_NOW[because]}


ROLES_ALONE = {"aed": _("to fetch a defibrillator"), "guide": _("to show the crew the way")}
"""What somebody may do whose certificate opens that role alone."""
ROLES = {"direct": _("go to the patient, and whatever else is needed")} | ROLES_ALONE
TRANSPORTS = {"foot": _("On foot"), "bike": _("By bike"), "car": _("By car")}
LANGUAGES = {"en": "English", "sv": "Svenska", "fi": "Suomi"}
PLACES = {"home": _("Home"), "work": _("Work")}
DAYS = (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))
SAID = {
    "added": _("Added."),
    "saved": _("Saved."),
    "unchanged": _("Nothing was different, so nothing was changed."),
    "verified": _("Verified."),
    "taken_back": _("The verdict is taken back: the certificate waits again and does not count."),
    "sent": _("The proof is here and waits to be verified."),
    "account": _("Noted."),
    "off": _("Off: is not asked."),
    "on": _("On: is asked again."),
    "suspended": _("Suspended: is asked for nothing."),
    "deactivated": _("Deactivated: is asked for nothing."),
    "reactivated": _("Active again."),
    "texted": _("The text is on its way."),
}
MEMBERSHIP = {"suspended": _("Suspended"), "deactivated": _("Deactivated"), "active": _("Active again")}
GIVEN = {
    "alerts": _("Alerts"),
    "accepted": _("Set out"),
    "on_scene": _("On scene"),
    "false_alarms": _("False alarms among the alerts"),
    "last_to_arrive": _("Last to arrive"),
}
CONSENT_BY = {"text": _("by their own text"), "web": _("on the web, phone proven by a code"), "noted": _("noted by others")}
STATES = {
    State.SUBMITTED: Sign("◆", _("To verify"), "info", _("Waits for an admin, and does not count.")),
    State.VERIFIED: Sign("●", _("Verified"), "good", _("Counts.")),
    State.EXPIRING: Sign("◔", _("Ends soon"), "warn", _("Counts, and ends within 60 days.")),
    State.LAPSED: Sign("▲", _("Lapsed"), "warn", _("Is past its end.")),
    State.REJECTED: Sign("✕", _("Not accepted"), "off", _("An admin has looked at it and could not accept it.")),
}
TROUBLES = {
    "invalid": _("The carrier says that nobody has this number."),
    "no_texts": _("The carrier says that this number cannot take texts."),
    "unreachable": _("Three texts in a row found the phone off or out of reach."),
    "blocked": _("The phone or its network blocks our texts."),
}
TEXT_STATES = {
    "due": _("waits to be sent"),
    "claimed": _("is being sent"),
    "unknown": _("sent, not confirmed"),
    "taken": _("sent"),
    "refused": _("not sent: the carrier refused it"),
    "cancelled": _("not sent: no longer needed"),
    HELD_BACK: _("not sent: this phone has had too many answers in a short time"),
    "expired": _("not sent: too late"),
}

_FIELDS = {
    "name": _("name"),
    "phone": _("phone"),
    "language": _("language"),
    "transport": _("transport"),
    "external_id": _("external id"),
    "consent": _("consent"),
    "night_alerts": _("night alerts"),
    "calls": _("calls"),
    "home_address": _("home address"),
    "home_coordinates": _("home coordinates"),
    "home_hours": _("home hours"),
    "work_address": _("work address"),
    "work_coordinates": _("work coordinates"),
    "work_hours": _("work hours"),
}
_FIELDS_OF_A_CERTIFICATE = {
    "type": _("certificate {number}, kind"),
    "number": _("certificate {number}, number"),
    "issuer": _("certificate {number}, issuer"),
    "issued": _("certificate {number}, issued"),
    "expires": _("certificate {number}, end"),
    "remove": _("certificate {number}, to be removed"),
}


def field(name: str) -> str:
    """What a field of a person's form is called, where something is said of it; certificates are counted from 1, as there."""
    _first, _dash, of_one = name.partition("-")
    row, _dash, part = of_one.partition("-")
    if part in _FIELDS_OF_A_CERTIFICATE and row.isdecimal():
        return fill(_FIELDS_OF_A_CERTIFICATE[part], number=int(row) + 1)
    return _FIELDS.get(name, name)


_ACTORS = {
    "system": _("Doorstep"),
    "operator": _("the operator"),
    "responder": _("the volunteer"),
}


def actor(name: str | None) -> str:
    """Who did something to a person, in the reader's language. Accounts and keys are called what they are called."""
    kind, _colon, rest = (name or "").partition(":")
    return translated(_ACTORS[kind]) if kind in _ACTORS else rest or kind


WHY_NOT_UNDONE = {
    undoing.ERASING: _("Is being erased, when the callout they are on has ended."),
    undoing.ASKED: _("Has been asked to an emergency since."),
    undoing.WROTE: _("Has written to us."),
    undoing.ACTED: _("Has done something since: see their history."),
    undoing.CHANGED: _("Has been changed since, by hand or by another file."),
    undoing.NUMBER: _("The number they had is somebody else's now."),
}
"""By the reason that `imports.undoing` gives."""
