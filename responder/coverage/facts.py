"""What a forecast says, as it is kept and shown: counts in fives, and people only where an admin should look after them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from responder.coverage.anonymous import FEWEST


@dataclass(frozen=True)
class Stand:
    """How many may be asked at one moment by day and by night, in fives; None for fewer than five.

    `lapses`: how many lapse in the month that ends then, 0, None for one to four, or how many; each is counted in one month.
    """

    by_day: int | None
    by_night: int | None
    lapses: int | None


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
    """All of it. `months` by number, in the order of the stands after the first. `alone_by_day`, `alone_by_night`: the ids of
    people without whom nobody is near, at most `alone.MOST_TOLD`."""

    months: Sequence[int]
    whole: Sequence[Stand]
    areas: Sequence[AreaForecast]
    squares: Sequence[Square]
    alone_by_day: Sequence[int]
    alone_by_night: Sequence[int]


def covered(areas: Sequence[AreaForecast]) -> tuple[int, int]:
    """How many areas are covered now, by day and by night."""
    now = [(area.stands[0], area.needed) for area in areas]
    return sum(is_enough(one.by_day, needed) for one, needed in now), sum(
        is_enough(one.by_night, needed) for one, needed in now
    )


def is_enough(count: int | None, needed: int) -> bool:
    """Whether a count that is shown covers what is needed."""
    return (count or 0) >= needed


def lapses_shown(count: int) -> int | None:
    """How many lapse, as it may be shown: whole numbers from five on, for areas do not overlap and months do not either."""
    return count if count == 0 or count >= FEWEST else None
