"""House numbers: as the map writes them ("5-7", "5;7", "5 B"), as people type them, and which one is meant."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import cos, hypot, radians

SAME_SPOT_M = 60.0
"""Entrances this near to each other are one place to somebody who comes running: they see each other."""
_METRES_PER_DEGREE = 111_195.0
_NUMBER = re.compile(
    r"\s*(?P<first>\d{1,5})(?!\d)\s*(?P<letter>bis|ter|quater|[a-z])?(?![^\W\d_])"
    r"(?:\s*[-\u2013]\s*(?P<last>\d{1,5})(?!\d))?",
    re.IGNORECASE,
)


@dataclass(frozen=True, order=True)
class Number:
    """A house number: `first` alone, or up to `last`, with a letter (stair, entrance, "BIS") or ""."""

    first: int
    last: int
    letter: str

    def __str__(self) -> str:
        span = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{span} {self.letter}" if self.letter else span

    def holds(self, number: int) -> bool:
        """Whether `number` is one of this plot's: of 5-9 on the same side of the street 5, 7 and 9, of 5-8 every one."""
        same_side = self.first % 2 == self.last % 2
        return self.first <= number <= self.last and (not same_side or number % 2 == self.first % 2)


@dataclass(frozen=True)
class Located:
    """A house number of the index and its place."""

    number: Number
    lat: float
    lon: float
    postcode: str | None = None


@lru_cache(maxsize=4096)
def parse(text: str) -> Number | None:
    """The house number that `text` begins with, or None. Remembered: every street has a 1 and a 2, and for an address all
    houses of its streets are looked at."""
    found = _NUMBER.match(text)
    if found is None:
        return None
    first, last = int(found["first"]), int(found["last"] or found["first"])
    return Number(min(first, last), max(first, last), (found["letter"] or "").upper())


def parse_tag(text: str) -> tuple[Number, ...]:
    """The house numbers in an `addr:housenumber` tag: "5;7" are two, "5-7" is one plot, what is no number is left out."""
    first, *others = re.split(r"[;,]", text)
    # After the first one a part is a number or nothing: "13 A, 5. floor" is one address.
    parts = [parse(first), *(parse(part) for part in others if _NUMBER.fullmatch(part.rstrip()))]
    return tuple(dict.fromkeys(part for part in parts if part is not None))


def locate(known: Sequence[Located], wanted: Number) -> Located | None:
    """The place of `wanted` among a street's numbers, or None when it is not there or lies in several places.

    First the very same; then the number itself, whose stairs need not be on the map; then a plot that holds it; then its
    other stairs, if they are near each other.
    """
    rules = (
        lambda one: one == wanted,
        lambda one: (one.first, one.last, one.letter) == (wanted.first, wanted.first, wanted.letter),
        lambda one: (one.first, one.last, one.letter) == (wanted.first, wanted.first, ""),
        lambda one: one.first < one.last and one.holds(wanted.first),
        lambda one: one.first == wanted.first,
    )
    for rule in rules:
        found = [one for one in known if rule(one.number)]
        if found:
            return found[0] if all(near(found[0], other) for other in found) else None
    return None


def nearest(known: Sequence[Located], wanted: Number | None, count: int) -> list[Located]:
    """The `count` numbers of a street that come closest to `wanted` (the same side of the street first); without one, numbers
    spread over the whole street. In the order of their numbers."""
    ordered = sorted(known, key=lambda one: one.number)
    if wanted is None:
        step = max(1, -(-len(ordered) // count))
        return ordered[::step]
    first = wanted.first
    closest = sorted(ordered, key=lambda one: (abs(one.number.first - first) + (one.number.first - first) % 2, one.number))
    return sorted(closest[:count], key=lambda one: one.number)


def near(one: Located, other: Located) -> bool:
    """Whether two places are the same spot (`SAME_SPOT_M`)."""
    north_m = (one.lat - other.lat) * _METRES_PER_DEGREE
    east_m = (one.lon - other.lon) * _METRES_PER_DEGREE * cos(radians(one.lat))
    return hypot(north_m, east_m) <= SAME_SPOT_M
