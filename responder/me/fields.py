"""The form on which one changes one's own settings: what it shows, and what was typed into it as the one shape all check."""

from __future__ import annotations

import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from core.problems import Problem
from core.words import _
from responder.me import weekly
from responder.me.weekly import Weekly
from responder.models import HOME, WORK, Place, Responder
from responder.pages import typed
from responder.pages.typed import Fields, Reading

KINDS = (HOME, WORK)
ALWAYS, HOURS, AS_IS = "always", "hours", "as_is"
"""When a place holds: a home whenever one is not at work; at weekly hours; or as written, where the form cannot say it."""
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


_WRONG = {
    "address": _("We do not know this address. Write street, number and town."),
    "choose": _("We do not know this address. Write street and number, or choose one below."),
    "hours": _("From when to when, for at least one day: both times or neither."),
    "place": _("At least one place: without one no emergency is near you."),
}


def of(person: Responder, zone: ZoneInfo) -> Fields:
    """The fields as they stand for `person`."""
    fields = typed.of(person, zone)
    for place in person.places:
        fields |= _weekly_fields(place)
    for kind in KINDS:
        fields.setdefault(f"{kind}_when", ALWAYS if kind == HOME else HOURS)
    return fields


def read(given: Mapping[str, str], person: Responder, zone: ZoneInfo) -> tuple[Reading, dict[str, str]]:
    """What was typed, with the form's own fields behind each pointer; and what is wrong before anything else is looked at."""
    merged, wrong = typed.of(person, zone), dict[str, str]()
    for name in ("language", "transport", "night_alerts", "calls"):
        merged[name] = given.get(name, "")
    stored = {place.kind: place for place in person.places}
    for kind in KINDS:
        address = " ".join(given.get(f"{kind}_address", "").split())
        # A place of coordinates alone stays, with nothing written, until it is said to be gone.
        kept = kind in stored and address == (stored[kind].address or "") and given.get(f"{kind}_gone") != "yes"
        hours = _hours(kind, given, stored.get(kind)) if address or kept else ""
        if hours is None:
            wrong[f"{kind}_hours"] = _WRONG["hours"]
        merged |= {f"{kind}_address": address, f"{kind}_hours": hours or ""}
        merged[f"{kind}_coordinates"] = merged.get(f"{kind}_coordinates", "") if kept else ""
        merged |= {name: given.get(name, "") for name in (f"{kind}_match", f"{kind}_matched_for")}
    reading = typed.read(merged, person.external_id, person, zone)
    # Certificates are not changed here; what is not said stays.
    del reading.data["certifications"]
    return reading, wrong


def errors(reading: Reading, problem: Problem) -> dict[str, str]:
    """What is wrong, by field, in words for whoever typed it."""
    found: dict[str, str] = {}
    for one in problem.errors:
        name = reading.field_of(one.pointer)
        address = "choose" if problem.extra.get("matches") else "address"
        part = "place" if one.pointer == "/places" else "hours" if name.endswith("_hours") else address
        found.setdefault(name, _WRONG[part])
    return found


def _weekly_fields(place: Place) -> Fields:
    kind = place.kind
    if place.hours is None:
        return {f"{kind}_when": ALWAYS}
    told = weekly.of(place.hours)
    if told is None:
        return {f"{kind}_when": AS_IS}
    fields = {f"{kind}_when": HOURS, f"{kind}_holidays": "" if told.not_on_holidays else "yes"}
    for day, (begin, end) in told.days.items():
        fields |= {f"{kind}_{day}_from": begin, f"{kind}_{day}_to": end}
    return fields


def _hours(kind: str, given: Mapping[str, str], stored: Place | None) -> str | None:
    """The hours as OSM writes them, "" for a home without any; None for what is no hours."""
    when = given.get(f"{kind}_when", HOURS)
    if when == ALWAYS and kind == HOME:
        return ""
    if when == AS_IS and stored is not None:
        return stored.hours or ""
    days: dict[int, tuple[str, str]] = {}
    for day in range(7):
        begin, end = (given.get(f"{kind}_{day}_{name}", "").strip()[:5] for name in ("from", "to"))
        if not (begin or end):
            continue
        if not (_TIME.fullmatch(begin) and _TIME.fullmatch(end)):
            return None
        days[day] = (begin, end)
    return weekly.written(Weekly(days, given.get(f"{kind}_holidays") != "yes")) or None
