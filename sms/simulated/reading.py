"""How the autopilot reads a text: by its shape, as a hurried human would, so that it works in every language.

Everything it relies on stands here: a text of an incident begins with a letter ("A:", in a drill "DRILL A:"); the first
text offers 1 and 2 as "1 =" and "2 ="; the address offers "3 ="; digits mean the same for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

_LETTER = re.compile(r"^(?:\w+ )?([A-Z]): ")
_OFFERED = re.compile(r"(?<!\w)([0-4])\s*=")
_STANDING_ALONE = re.compile(r"(?<![\w,.])([0-4])(?!\w)")


class Says(Enum):
    """What a text wants of the volunteer."""

    COME = "can you go now?"
    ADDRESS = "go there, 3 = there"
    AGAIN = "could not read that: 1 or 2?"
    THERE_YET = "are you there? 3, 2 or 0"
    TELL_WHEN_LEFT = "text 4 when you have left"
    OVER = "you need not go (any more)"
    NOTHING = "no answer wanted"


@dataclass(frozen=True)
class Reading:
    """What a text says, and about which of the volunteer's incidents."""

    letter: str
    says: Says


def read(body: str) -> Reading | None:
    """Read `body`; None when it is about no incident."""
    if (start := _LETTER.match(body)) is None:
        return None
    rest = body[start.end() :]
    return Reading(start.group(1), _says(set(_OFFERED.findall(rest)), set(_STANDING_ALONE.findall(rest))))


def _says(offered: set[str], digits: set[str]) -> Says:
    if {"1", "2"} <= offered:
        return Says.COME
    if "3" in offered:
        return Says.ADDRESS
    if digits == {"1", "2"}:
        return Says.AGAIN
    if digits == {"0", "2", "3"}:
        return Says.THERE_YET
    if digits in ({"4"}, {"0", "4"}):
        return Says.TELL_WHEN_LEFT
    return Says.NOTHING if digits else Says.OVER
