"""What a geocoder answers. Exactly one good fit is a match; anything else is offered to a person, never guessed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

MAX_OFFERS = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A place with the text that people read for it; degrees."""

    label: str
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Resolution:
    """What an address turned out to be: the one place it fits, or None with the places it might mean (at most 8)."""

    match: Match | None = None
    matches: tuple[Match, ...] = ()


NOTHING = Resolution()


class Geocoder(Protocol):
    """Anything that finds places. `resolve` never raises for an address, whatever is in it; call it outside transactions."""

    def resolve(self, address: str) -> Resolution:
        """The place of `address`."""
