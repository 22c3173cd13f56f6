"""What each alarm says: one loud line, and one plain sentence of what to do."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext
from typing import NamedTuple

from dispatch import alarms
from dispatch.api.limits import FLOOD
from dispatch.desk.speech import mark as _

ACKNOWLEDGE, PLACE, DISMISS = "acknowledge", "place", "dismiss"
_SETTLED_BY_LOOKING = (ACKNOWLEDGE,)


class Loud(NamedTuple):
    """The words of a kind of alarm, with gaps for `who`, `phone`, `where`, `code`, `hazards`, `fields`, and what ends it."""

    title: str
    text: str
    actions: tuple[str, ...] = _SETTLED_BY_LOOKING


KINDS: dict[str, Loud] = {
    alarms.ADDRESS_REFUSED: Loud(
        _("EMERGENCY NOT PLACED"),
        _("Nobody has been asked: “{where}” fits no place or several. Find the right place, or dismiss it if it is none."),
        (PLACE, DISMISS),
    ),
    alarms.ADDRESS_NOT_DELIVERED: Loud(
        _("NO ADDRESS YET: {who}"),
        _("{who} is going, and no text with the address has reached them. Doorstep rings them; ring {phone} yourself too."),
    ),
    alarms.CONFLICTING_REPORT: Loud(
        _("REPORTS DIFFER: {code}"),
        _("{code} was reported again with another {fields}. Nothing was changed: find out what is true and correct it."),
    ),
    alarms.NOBODY_ASKED: Loud(
        _("NOBODY ASKED: {code}"),
        _("No volunteer could be asked for {code} at {where}. Do not wait for any; send other help."),
    ),
    alarms.CALL_FOR_HELP: Loud(
        _("RING {who} NOW"), _("{who} asks for help at {where}. Ring {phone} at once and send help if nobody answers.")
    ),
    alarms.UNCLEAR_WORDS: Loud(
        _("UNCLEAR WORDS from {who}"), _("{who} wrote something that we could not read. Read it, and ring {phone} if in doubt.")
    ),
    alarms.ANSWERS_ITSELF: Loud(
        _("TOO MANY TEXTS from {who}"),
        _("The phone of {who} answers everything, perhaps by itself. We answer it no more for now: ring {phone}."),
    ),
    alarms.HAZARD_HELD: Loud(
        _("DANGER, NOBODY IS ASKED: {code}"),
        _("{code} is held because of {hazards}. Say go if volunteers may come all the same, or send other help."),
    ),
    alarms.HAZARD_WHILE_COMING: Loud(
        _("DANGER WHILE VOLUNTEERS GO: {code}"),
        _("Volunteers are on their way to {where}, and there is {hazards}. Tell them that it is not safe, or say go."),
    ),
    alarms.UNSAFE_NOT_AWAY: Loud(
        _("NOT YET SAFE: {who}"),
        _("{who} was told to get away from {where} and has not said 4. Ring {phone}; acknowledge when you know they are safe."),
    ),
    alarms.RING_OPTED_OUT: Loud(
        _("RING {who}: NO TEXTS REACH THEM"),
        _("{who} was asked to come to {where} and now takes no texts. Ring {phone} and say that they need not go."),
    ),
    alarms.OPTED_OUT: Loud(
        _("A volunteer takes no more texts"),
        _("Only they can come back. If they wish to, ring them and say: text START to {number}."),
    ),
    alarms.NUMBER_TROUBLE: Loud(_("A volunteer's number does not work"), _("{trouble} Ring them or ask around, then mend it.")),
    alarms.WISHES_TO_OPT_OUT: Loud(
        _("A volunteer wishes no more texts"), _("They are off from now on. Find out whether they want to leave.")
    ),
    alarms.RAN_LATE: Loud(
        _("DOORSTEP WAS STOPPED FOR {stopped}"),
        _("These ran late: {late}. All of it is being caught up now; look at each open emergency."),
    ),
    FLOOD: Loud(
        _("TOO MANY EMERGENCIES FROM ONE PROGRAM"),
        _("The API key {who} opens more emergencies than a town can have. New ones from it are refused: ring its owner."),
    ),
}
_NEW_ADDRESS = Loud(
    _("NEW ADDRESS NOT PLACED: {code}"),
    _("The correction “{where}” fits no place or several; {code} still stands at the old place. Find the right one."),
    (PLACE, DISMISS),
)


def words_of(kind: str, *, of_correction: bool = False) -> Loud:
    """The words of a kind; one that nobody has written any for is still loud."""
    if kind == alarms.ADDRESS_REFUSED and of_correction:
        return _NEW_ADDRESS
    return KINDS.get(kind) or Loud(kind.replace("_", " ").upper(), _("Look at it and acknowledge it."))


def heading(kind: str) -> str:
    """What an alarm of this kind is called where nobody is named."""
    title = gettext(words_of(kind).title)
    return " ".join(title.format(who=gettext("a volunteer"), code="").split()).rstrip(" :")


def said(sentence: str, values: Mapping[str, str]) -> str:
    """A sentence in the reader's language with `values` in its gaps."""
    return gettext(sentence).format(**values)
