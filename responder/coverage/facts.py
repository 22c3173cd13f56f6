"""What a forecast says, as it is kept and shown: counts in fives, and people only where an admin should look after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from responder.coverage import anonymous


@dataclass(frozen=True)
class Stand:
    """How many may be asked at one moment by day and by night, and how many lapse in the month that ends then: in fives, None
    for fewer than five."""

    by_day: int | None
    by_night: int | None
    lapses: int | None

    @classmethod
    def of(cls, by_day: int, by_night: int, lapses: int) -> Stand:
        """What may be shown of these counts."""
        return cls(anonymous.shown(by_day), anonymous.shown(by_night), anonymous.shown(lapses))


@dataclass(frozen=True)
class AreaForecast:
    """One area. `name` None: what lies in no district. `needed` people make it covered. `stands` now and at each month's end;
    `at_edge_by_day`, `at_edge_by_night`: covered now, and not any more when any one person is lost."""

    name: str | None
    km2: float
    needed: int
    stands: Sequence[Stand]
    at_edge_by_day: bool
    at_edge_by_night: bool


@dataclass(frozen=True)
class Square:
    """Map cells shown as one, as their hexadecimal names; `needed` people make what is served of them covered."""

    cells: Sequence[str]
    needed: int
    by_day: int | None
    by_night: int | None


@dataclass(frozen=True)
class Forecast:
    """All of it for one set of needs, and no total: areas taken from one would tell of the few in those that show no number.

    `bordered`: whether a service area is drawn, without which a district ends where nobody knows. `anybody`: whether there
    is one person at all who is asked. `months` by number, in the order of the stands after the first. `alone_by_day`,
    `alone_by_night`: the ids of people without whom nobody is near, at most `alone.MOST_TOLD`.
    """

    bordered: bool
    anybody: bool
    months: Sequence[int]
    areas: Sequence[AreaForecast]
    squares: Sequence[Square]
    alone_by_day: Sequence[int]
    alone_by_night: Sequence[int]


def covered(areas: Sequence[AreaForecast], number: int) -> tuple[int, int]:
    """How many areas are covered at the end `number` (0 is now), by day and by night."""
    stands = [(area.stands[number], area.needed) for area in areas]
    by_day = sum(is_enough(stand.by_day, needed) for stand, needed in stands)
    return by_day, sum(is_enough(stand.by_night, needed) for stand, needed in stands)


def lapses_told(areas: Sequence[AreaForecast], number: int) -> int:
    """How many lapse in the month that ends at `number`, of what the areas show: so many, or more."""
    return sum(area.stands[number].lapses or 0 for area in areas)


def is_enough(count: int | None, needed: int) -> bool:
    """Whether a count that is shown covers what is needed."""
    return (count or 0) >= needed
