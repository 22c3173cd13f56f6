"""Why a volunteer is not asked, and why something cannot be done now, in plain words a dispatcher can pass on."""

from __future__ import annotations

from core.problems import Problem
from core.words import _, fill
from responder.rules import Reason

NO_PLACE, GOING_ELSEWHERE, HAD_ENOUGH, ROLE_TAKEN = "no_place", "going_elsewhere", "had_enough", "role_taken"
IN_WORDS: dict[str, str] = {
    Reason.INACTIVE: _("is not active at present"),
    Reason.NOT_CERTIFIED: _("not certified for this kind of emergency"),
    Reason.CERTIFICATION_LAPSED: _("the certificate has lapsed"),
    Reason.NO_CONSENT: _("has not agreed to be asked"),
    Reason.OPTED_OUT: _("takes no texts; ring them instead"),
    Reason.OFF: _("is OFF just now"),
    Reason.OUTSIDE_HOURS: _("outside the hours they gave"),
    Reason.NIGHT: _("at home at night, and has not agreed to be asked then"),
    Reason.OUTSIDE_ZONE: _("outside the service area"),
    GOING_ELSEWHERE: _("is going to another emergency"),
    NO_PLACE: _("has no place where they can be"),
    HAD_ENOUGH: _("has had as many alerts as they wish this week"),
    ROLE_TAKEN: _("may do one thing only, which nobody is wanted for any more"),
}


def stands_otherwise(state: str) -> Problem:
    """A 409: what is wanted is not possible with an incident in `state`."""
    return Problem(409, "The incident is open") if state == "open" else Problem(409, "The incident is closed")


def most_asked(most: int) -> Problem:
    """A 409: nobody new may be asked for an incident that has asked so many."""
    return Problem(409, fill("{most} people have been asked for this emergency: that is the most", most=most))
