"""The form of one person: what it shows of somebody, and what was typed into it, as the one shape that everything else checks.

Every field has a name of its own, so that what is wrong can be said where it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from core import clock
from core.problems import Problem
from core.words import _
from responder.models import HOME, WORK, Place, Responder

KINDS = (HOME, WORK)
PROOF = ("type", "number", "issuer", "issued", "expires")
BLANK_PROOFS = 2
MOST_PROOFS = 50
_COORDINATES = re.compile(r"(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)")
_COORDINATES_HINT = _("latitude and longitude in degrees, with a comma between them")
_NO_PLACE = _("an address or coordinates, of home or of work: without a place no emergency is near")
_NEEDED = {
    "name": _("the person's name"),
    "phone": _("a phone number that can be texted"),
    "consent": _("a date that is not in the future, or nothing"),
}

Fields = dict[str, str]


def of(person: Responder, zone: ZoneInfo) -> Fields:
    """The fields of the form as they stand for `person`, days being days in `zone`."""
    fields = {
        "name": person.name,
        "phone": person.contact.phone,
        "language": person.contact.language,
        "transport": person.transport,
        "consent": _day(person.consent_at, zone),
        "night_alerts": "yes" if person.night_alerts else "",
        "calls": "yes" if person.calls else "",
    }
    for place in person.places:
        fields |= {f"{place.kind}_address": place.address or "", f"{place.kind}_hours": place.hours or ""}
        fields[f"{place.kind}_coordinates"] = _coordinates(place)
    listed = [one for one in person.certifications if not one.is_of_the_queue]
    for number, one in enumerate(sorted(listed, key=lambda one: (one.type, one.id))):
        days = {"issued": _day(one.issued_at, zone), "expires": _day(one.expires_at, zone)}
        shown = {"type": one.type, "number": one.number or "", "issuer": one.issuer or "", **days}
        fields |= {f"certification-{number}-{name}": value for name, value in shown.items()}
    return fields


def proofs(fields: Mapping[str, str]) -> int:
    """How many rows for certificates the form shows: those that are filled, and some that are not."""
    filled = [n for n in range(MOST_PROOFS) if any(fields.get(f"certification-{n}-{name}") for name in PROOF)]
    return min(MOST_PROOFS, (max(filled) + 1 if filled else 0) + BLANK_PROOFS)


@dataclass
class Reading:
    """What was typed, as `ResponderInput.read` takes it, with the form's field behind each JSON pointer."""

    data: dict[str, Any]
    fields: dict[str, str] = field(default_factory=dict)

    def errors(self, problem: Problem) -> dict[str, str]:
        """What `problem` says, by field of the form; "" stands for the whole of it."""
        found: dict[str, str] = {}
        for one in problem.errors:
            name = self.field_of(one.pointer)
            said = _NO_PLACE if one.pointer == "/places" else _said(name, one.detail, self.data)
            found.setdefault(name, said)
        return found or {"": problem.title}

    def field_of(self, pointer: str) -> str:
        """The form's field behind a JSON pointer, or behind what it is a part of; "" when there is none."""
        while pointer and pointer not in self.fields:
            pointer = pointer.rpartition("/")[0]
        return self.fields.get(pointer, "")

    def matches(self, problem: Problem) -> dict[str, list[tuple[str, str]]]:
        """The places that a refused address may mean, by its field: what is sent back for each, and its label."""
        offered = problem.extra.get("matches")
        if not offered:
            return {}
        choices = [(f"{one['lat']}, {one['lon']}|{one['label']}", str(one["label"])) for one in offered]
        return {self.field_of(problem.errors[0].pointer): choices}


def revision(given: Mapping[str, str]) -> int:
    """The revision of the person that a form was opened for; -1, which nobody has, for what is no number."""
    text = given.get("revision", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def read(typed: Mapping[str, str], external_id: str, person: Responder | None, zone: ZoneInfo) -> Reading:
    """What was typed into the form; `person` is who it was opened for, so that what was left alone stays exactly as it is."""
    reading = Reading({"external_id": external_id, "places": []})
    reading.fields |= {"/places": "home_address", "/consent_at": "consent", "/external_id": "external_id"}
    for name in ("name", "phone", "language", "transport"):
        reading.fields[f"/{name}"] = name
        reading.data[name] = typed.get(name, "").strip()
    for name in ("language", "transport"):
        reading.data[name] = reading.data[name] or None
    for name in ("night_alerts", "calls"):
        reading.data[name] = typed.get(name) == "yes"
    reading.data["consent_at"] = _consent(typed.get("consent", "").strip(), person, zone)
    stored = {place.kind: place for place in person.places} if person else {}
    for kind in KINDS:
        _read_place(reading, kind, typed, stored.get(kind))
    reading.data["certifications"] = _read_proofs(reading, typed)
    return reading


def conflicts(typed: Mapping[str, str], person: Responder, zone: ZoneInfo) -> Fields:
    """What stands in the database now where the form says something else, by field."""
    now = of(person, zone)
    names = {name for name in {*now, *typed} if name in now or name.startswith(("home_", "work_", "certification-"))}
    skipped = ("_match", "_matched_for")
    return {
        name: now.get(name, "")
        for name in sorted(names)
        if not name.endswith(skipped) and now.get(name, "") != typed.get(name, "").strip()
    }


def _consent(text: str, person: Responder | None, zone: ZoneInfo) -> str | None:
    if person is not None and person.consent_at is not None and text == _day(person.consent_at, zone):
        return clock.rfc3339(person.consent_at)
    return text or None


def _read_place(reading: Reading, kind: str, typed: Mapping[str, str], stored: Place | None) -> None:
    address, coordinates, hours = (typed.get(f"{kind}_{name}", "").strip() for name in ("address", "coordinates", "hours"))
    if not (address or coordinates or hours):
        return
    pointer = f"/places/{len(reading.data['places'])}"
    of_field = {"address": "address", "lat": "coordinates", "lon": "coordinates", "hours": "hours"}
    reading.fields |= {f"{pointer}/{name}": f"{kind}_{field_}" for name, field_ in of_field.items()}
    place: dict[str, Any] = {"kind": kind, "address": address or None, "hours": hours or None}
    match = typed.get(f"{kind}_match", "")
    if match and typed.get(f"{kind}_matched_for") == address:
        coordinates, _, place["address"] = match.partition("|")
    elif stored is not None and coordinates == _coordinates(stored):
        # Left alone. They stay with their address to the last digit, and go with it when another address is typed.
        kept = address == (stored.address or "")
        reading.data["places"].append(place | ({"lat": stored.lat, "lon": stored.lon} if kept or not address else {}))
        return
    reading.data["places"].append(place | _degrees(coordinates))


def _degrees(text: str) -> dict[str, Any]:
    if not text:
        return {}
    found = _COORDINATES.fullmatch(text)
    # What is no pair of numbers is refused where everything is checked, as what it is.
    return {"lat": float(found[1]), "lon": float(found[2])} if found else {"lat": text, "lon": text}


def _read_proofs(reading: Reading, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for row in range(MOST_PROOFS):
        name = f"certification-{row}-"
        said = {part: typed.get(name + part, "").strip() for part in PROOF}
        if not any(said.values()) or typed.get(f"{name}remove") == "yes":
            continue
        reading.fields |= {f"/certifications/{len(found)}/{part}": name + part for part in PROOF}
        reading.fields.setdefault("/certifications", f"{name}type")
        found.append({part: value or None for part, value in said.items()})
    return found


def _said(name: str, detail: str, data: Mapping[str, Any]) -> str:
    """What is wrong with a field, in words for whoever typed it."""
    if name in _NEEDED and not data.get({"consent": "consent_at"}.get(name, name)):
        return _NEEDED[name]
    if name.endswith("_coordinates") and not detail.startswith(("0,0", "lat and lon")):
        return _COORDINATES_HINT
    if name.endswith("-type"):
        return _("a kind of certificate from the list") if "given twice" not in detail else detail
    return detail


def _coordinates(place: Place) -> str:
    return f"{place.lat:.6f}, {place.lon:.6f}"


def _day(moment: datetime | None, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).date().isoformat() if moment else ""
