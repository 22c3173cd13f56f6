"""What the desk calls things, in words a dispatcher reads at night. Every sentence is marked for translation."""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext, ngettext
from typing import Any

from dispatch import shortfall


def mark(sentence: str) -> str:
    """Mark a sentence of a table for translation; it is translated when it is said."""
    return sentence


_ = mark

TYPES = {
    "cardiac_arrest": _("Cardiac arrest"),
    "breathing": _("Trouble breathing"),
    "bleeding": _("Severe bleeding"),
    "fire": _("Fire"),
}
HAZARDS = {
    "violence": _("violence"),
    "weapon": _("a weapon"),
    "fire_or_gas": _("fire or gas"),
    "traffic": _("traffic"),
    "water_or_ice": _("water or ice"),
    "suicide": _("suicide"),
    "child_under_8": _("a child under 8"),
    "care_facility": _("a care home"),
}
ROLES = {
    "direct": _("straight to the patient"),
    "aed": _("fetching the defibrillator"),
    "guide": _("meeting the ambulance"),
}
REASONS = {
    "covered": _("enough are coming"),
    "ambulance_on_scene": _("the ambulance is there"),
    "not_needed": _("not needed any more"),
    "unsafe": _("NOT SAFE"),
    "too_far": _("too far away after the correction"),
    "elsewhere": _("goes to another emergency"),
    "taken_off": _("taken off this emergency"),
    "cannot": _("cannot go on to the right address"),
    "held": _("a danger holds the emergency"),
}
SHORT = {
    shortfall.NOBODY_ELSE: _("nobody else fits within reach"),
    shortfall.MOST_ASKED: _("that is the most that one emergency may ask"),
}
OUTCOMES = {
    "helped": _("volunteers helped"),
    "ambulance_first": _("the ambulance was there first"),
    "not_needed": _("no help was needed"),
    "not_found": _("nobody was found"),
    "unsafe": _("it was not safe"),
    "false_alarm": _("a false alarm"),
    "mistaken": _("raised by mistake"),
    "other": _("something else"),
}
FIELDS = {
    "place": _("place"),
    "type": _("kind of emergency"),
    "access_notes": _("how to get in"),
    "caller_phone": _("caller's phone"),
    "ambulance_eta_s": _("ambulance's arrival"),
    "hazards": _("dangers"),
    "address": _("address"),
    "location": _("place"),
    "drill": _("drill or not"),
}
MEANINGS = {
    "going": _("is going"),
    "setting_off": _("is setting off"),
    "cannot": _("cannot"),
    "on_scene": _("is at the door"),
    "finished": _("has finished and left"),
    "leaving": _("is leaving"),
    "ring_me": _("asks to be rung"),
    "call_me": _("asks to be rung"),
    "help": _("calls for help"),
    "where": _("asks for the address again"),
    "stop_word": _("wants no more texts"),
    "wishes_to_opt_out": _("wants no more texts"),
    "off": _("is off"),
    "on": _("is on again"),
}


CARRIERS = {"": _("the carrier"), "twilio": _("Twilio"), "android": _("the gateway phone")}
TROUBLES = {
    "": _("nobody knows why."),
    "invalid": _("Nobody has this number, says the carrier."),
    "no_texts": _("This number cannot take texts, says the carrier; a landline perhaps."),
    "unreachable": _("Three texts in a row found the phone off or out of reach."),
    "blocked": _("The phone or its network blocks our texts."),
}


def say(table: dict[str, str], key: object) -> str:
    """A key of one of the tables above in words; one that an agency has made up itself by its own name."""
    name = str(key)
    return gettext(table[name]) if name in table else name.replace("_", " ")


def type_name(type_: str) -> str:
    """The kind of emergency as a heading."""
    said = say(TYPES, type_)
    return said[:1].upper() + said[1:]


def listed(table: dict[str, str], keys: object) -> str:
    """Several of them, with commas; nothing for what is no list."""
    return ", ".join(say(table, key) for key in keys) if isinstance(keys, list | tuple) else ""


def minutes(seconds: int) -> str:
    """A span as a clock shows it: 0:12."""
    return f"{seconds // 60}:{seconds % 60:02d}"


def late(facts: Mapping[str, Any]) -> str:
    """What ran late, in one list: emergencies by their codes, texts and answers by their number."""
    codes, rest = facts.get("codes", []), facts.get("incidents", 0) - len(facts.get("codes", []))
    texts, answers = facts.get("texts", 0), facts.get("answers", 0)
    said = [gettext("emergency {code}").format(code=code) for code in codes]
    said += [ngettext("{count} more emergency", "{count} more emergencies", rest).format(count=rest)] if rest > 0 else []
    said += [ngettext("{count} text", "{count} texts", texts).format(count=texts)] if texts else []
    said += [ngettext("{count} answer", "{count} answers", answers).format(count=answers)] if answers else []
    return ", ".join(said)
