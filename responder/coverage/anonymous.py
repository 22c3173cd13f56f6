"""Counting people without telling of anybody: nothing is shown of fewer than five, and no difference tells it either.

Every count is rounded down to fives, so whatever is subtracted from whatever (day from night, month from month, a square of
the map from its district, one kind of emergency from another, yesterday from today) is a five again, or nothing. The map has
one division for every kind of emergency, every hour and every zoom, made of whoever counts for any of them; squares with too
few people are joined with their neighbours, or stay without a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import ceil
from typing import NamedTuple

FEWEST = 5
"""The k of k-anonymity: nothing is shown of fewer people."""


class Group(NamedTuple):
    """Map cells that are shown as one, and the people in them; too few people to be shown unless there are `FEWEST`."""

    cells: Sequence[int]
    people: frozenset[int]


def shown(count: int) -> int | None:
    """`count` as it may be shown: rounded down to fives, None for fewer than five."""
    return count // FEWEST * FEWEST or None


def needed(km2: float, per_km2: int) -> int:
    """How many people so much ground needs, rounded up to fives: compared with a count rounded down to fives it says what the
    people themselves would, and cover that is not there is never claimed."""
    # Nine decimals: 2.5 km² times ten are 25, whatever the last bit of a measured area says.
    return max(FEWEST, ceil(round(km2 * per_km2 / FEWEST, 9)) * FEWEST)


def joined(people: Mapping[int, Iterable[int]], parent: Callable[[int], int], levels: int) -> list[Group]:
    """Join cells of too few people with those of the same parent, and so on for `levels`; every cell is in one group.

    A cell of enough people stands for itself. Groups of too few are left when there is no further level.
    """
    groups: list[Group] = []
    at_hand = {cell: Group((cell,), frozenset(found)) for cell, found in people.items()}
    for level in range(levels + 1):
        small: dict[int, list[Group]] = {}
        for key, group in sorted(at_hand.items()):
            if len(group.people) >= FEWEST or level == levels:
                groups.append(group)
            else:
                small.setdefault(parent(key), []).append(group)
        at_hand = {key: _together(parts) for key, parts in small.items()}
    return groups


def _together(groups: Sequence[Group]) -> Group:
    cells = tuple(cell for group in groups for cell in group.cells)
    return Group(cells, frozenset().union(*(group.people for group in groups)))
