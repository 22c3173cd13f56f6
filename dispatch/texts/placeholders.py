"""Every placeholder that a text may have: what it means, the longest real value, and what it gives up when room is short.

A value is a fact (`type="cardiac_arrest"`, `distance_m=412`); `words.py` says it in the reader's language.
Longest street and district are those of the two extracts in the repository's data (Helsinki 2019-04-21, Monaco 2021-04-21),
found once with osmium: of all `addr:street` + `addr:housenumber`, and of all `place=suburb|quarter|neighbourhood` names.
Room is counted in septets of GSM-7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

Kind = Literal["fixed", "words", "whole", "address"]


@dataclass(frozen=True)
class Placeholder:
    """`kind` is how it gives way. fixed: not at all, a value over `room` is a mistake; whole: it goes whole or not at all;
    words: cut after a word, ending in ".."; address: cut from its far end, street and number last. A value that gives way
    never gets less than `room`, whatever else stands in the text."""

    name: str
    meaning: str
    longest: object
    kind: Kind
    room: int


_TABLE = (
    # These give way, in this order: what a volunteer can best do without comes first.
    Placeholder("link", "address of a page", "https://doorstep.example/m/Ab3dEfGh4j", "whole", 0),
    Placeholder("district", "part of town; unknown: left out", "Kaartinkaupunki", "whole", 0),
    Placeholder("notes", "how to get in", "door code 1234, stair B behind the yard, third floor", "words", 2),
    Placeholder("reason", "why a certificate could not be accepted", "the date cannot be read", "words", 2),
    Placeholder("certificate", "type of a certificate, such as cpr", "criminal_record", "words", 17),
    Placeholder("old_address", "where not to go any more", "Järnvägsstationens Handelsgränd 12", "address", 34),
    Placeholder("address", "where to go", "Boulevard du Jardin Exotique 56Bis, B 12", "address", 60),
    Placeholder("type", "incident type, said as what has happened", "cardiac_arrest", "words", 20),
    # These never give way.
    Placeholder("letter", "letter of this emergency on this phone", "A", "fixed", 1),
    Placeholder("distance_m", "metres, said rounded", 4_900, "fixed", 6),
    Placeholder("hazards", "known dangers, said as a warning", ("violence", "fire_or_gas"), "fixed", 92),
    Placeholder("role", "direct, aed or guide, said as what to do there", "guide", "fixed", 56),
    Placeholder("door_code", "what volunteer and caller know each other by", "4711", "fixed", 4),
    Placeholder("emergency_number", "EMERGENCY_NUMBER", "112", "fixed", 6),
    Placeholder("contact_phone", "CONTACT_PHONE", "+358 457 395 5667", "fixed", 17),
    Placeholder("date", "a date, said as day and month", date(2026, 12, 23), "fixed", 8),
    Placeholder("until", "a moment in the agency's time zone", datetime(2026, 12, 23, 22, 30, tzinfo=UTC), "fixed", 20),
    Placeholder("days", "a number of days", 365, "fixed", 3),
    Placeholder("code", "six digits that prove a phone", "123456", "fixed", 6),
    Placeholder("hours", "a number of hours", 168, "fixed", 3),
    Placeholder("weekday", "a date, said as whose day it was", date(2026, 11, 25), "fixed", 16),
    Placeholder("letters", "letters of several emergencies", ("A", "B", "C"), "fixed", 16),
    Placeholder("example", "one of `letters` with a number", "A1", "fixed", 2),
)

PLACEHOLDERS = {placeholder.name: placeholder for placeholder in _TABLE}
GIVING_WAY = tuple(placeholder.name for placeholder in _TABLE if placeholder.kind != "fixed")
