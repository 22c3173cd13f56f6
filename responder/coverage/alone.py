"""Whom the service cannot lose: those without whom nobody is near the place where they are."""

from __future__ import annotations

from math import cos, pi, radians

import numpy as np
import numpy.typing as npt

from geo.distance import MEAN_RADIUS_M, Origin
from responder.coverage.counted import Counted

NEAR_M = 1_000.0
"""How far volunteers are usually asked: 1 km in the Netherlands, where survival was measured (Stieglis 2020)."""
MOST_TOLD = 50
_SIDE_M = NEAR_M / 2
"""Of the squares: whoever shares one is nearer than `NEAR_M`, wherever in it they stand."""
_REACH = 3
"""So many squares around one hold everybody nearer than `NEAR_M`, however the meridians converge between two rows."""
_ROWS = 10_000_000


def alone(counted: Counted) -> list[int]:
    """The ids of the people at a place with nobody else within `NEAR_M`; the first `MOST_TOLD` by id."""
    if not len(counted.people):
        return []
    row, column = _squares(counted.lats, counted.lons)
    keys = row * _ROWS + column
    order = np.lexsort((counted.people, keys))
    keys, people = keys[order], counted.people[order]
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    ends = np.append(starts[1:], len(keys))
    by_square = {int(keys[start]): order[start:end] for start, end in zip(starts, ends, strict=True)}
    found = set()
    for start, end in zip(starts, ends, strict=True):
        if people[start] == people[end - 1]:  # sorted: the square holds one person
            here = int(order[start])
            if not _has_neighbour(here, counted, by_square, int(row[here]), int(column[here])):
                found.add(int(people[start]))
    return sorted(found)[:MOST_TOLD]


def _squares(lats: npt.NDArray[np.float64], lons: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.int64], ...]:
    """Row and column of squares of about `_SIDE_M`, by one scale for all: the degrees of the middle latitude."""
    m_per_degree = MEAN_RADIUS_M * pi / 180
    narrow = cos(radians(float(np.abs(lats).max())))
    return (
        np.floor((lats + 90) * m_per_degree / _SIDE_M).astype(np.int64),
        np.floor((lons + 180) * m_per_degree * narrow / _SIDE_M).astype(np.int64),
    )


def _has_neighbour(here: int, counted: Counted, by_square: dict[int, npt.NDArray[np.int64]], row: int, column: int) -> bool:
    origin, me = Origin(counted.lats[here], counted.lons[here]), counted.people[here]
    for around in range(row - _REACH, row + _REACH + 1):
        for beside in range(column - _REACH, column + _REACH + 1):
            for other in by_square.get(around * _ROWS + beside, ()):
                if counted.people[other] != me and origin.distance_m(counted.lats[other], counted.lons[other]) <= NEAR_M:
                    return True
    return False
