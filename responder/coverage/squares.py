"""The squares of the map: H3 cells, fine enough to tell quarters apart, coarse enough to hold people, one division for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.ground import Ground
from geo.zone_reading import square_km
from responder.coverage import anonymous
from responder.coverage.counted import Counted, people_in
from responder.coverage.facts import Square

FINEST, COARSEST = 8, 3
"""Cells of 0.7 km², the finest in which five people are still fewer than what is needed, to those as large as a province."""
MOST_CELLS = 1_000
LEVELS = 2
"""How far too few people are joined with those around: at most with what lies in the cell two sizes larger."""


class Division(NamedTuple):
    """Groups of cells of one `resolution`, which do not overlap, and how many people each needs."""

    resolution: int
    groups: Sequence[Sequence[int]]
    needed: Sequence[int]


def divide(ground: Ground, counted: Counted, per_km2: int) -> Division:
    """Divide the ground, and wherever else people are; `counted` are those who may be asked now, for anything."""
    cells, resolution = _resolved(ground, counted)
    residents: dict[int, set[int]] = {cell: set() for cell in _covering(ground.served, resolution)}
    for cell, person in zip(cells, counted.people.tolist(), strict=True):
        residents.setdefault(cell, set()).add(person)
    groups = [group.cells for group in anonymous.joined(residents, _parent, LEVELS)]
    return Division(resolution, groups, [anonymous.needed(km2, per_km2) for km2 in _served_km2(groups, ground.served)])


def of(division: Division, counted: Counted) -> list[Square]:
    """The squares of the map with their people; `counted` are those who may be asked now, all of them in the division."""
    number = {cell: number for number, cells in enumerate(division.groups) for cell in cells}
    groups = np.array([number[cell] for cell in _at(division.resolution, counted)], dtype=np.int64)
    by_day, by_night = (
        people_in(groups[hour], counted.people[hour], len(division.groups)) for hour in (counted.by_day, counted.by_night)
    )
    return [
        Square([h3.int_to_str(cell) for cell in cells], needed, anonymous.shown(day), anonymous.shown(night))
        for cells, needed, day, night in zip(division.groups, division.needed, by_day, by_night, strict=True)
    ]


def outline(square: Square) -> dict[str, Any]:
    """What a square covers, as GeoJSON."""
    return _outline([h3.str_to_int(cell) for cell in square.cells])


def _outline(cells: Sequence[int]) -> dict[str, Any]:
    geometry: dict[str, Any] = h3.cells_to_geo(cells)
    return geometry


def _served_km2(groups: Sequence[Sequence[int]], served: BaseGeometry | None) -> list[float]:
    """How much of each group is served: beyond the border nobody is needed."""
    outlines = [shape(_outline(cells)) for cells in groups]
    if served is not None:
        shapely.prepare(served)
        whole = shapely.covers(served, outlines)
        outlines = [one if all_of_it else one.intersection(served) for one, all_of_it in zip(outlines, whole, strict=True)]
    return [square_km(one) for one in outlines]


def _resolved(ground: Ground, counted: Counted) -> tuple[list[int], int]:
    """The cell of each row, and the finest resolution at which there are not too many cells."""
    served_km2 = square_km(ground.served) if ground.served is not None else 0.0
    for resolution in range(FINEST, COARSEST - 1, -1):
        cells = _at(resolution, counted)
        expected = served_km2 / h3.average_hexagon_area(resolution, "km^2")
        if resolution == COARSEST or expected + len(set(cells)) <= MOST_CELLS:
            break
    return cells, resolution


def _at(resolution: int, counted: Counted) -> list[int]:
    """The cell of each row at a resolution: reckoned once for all who share a finer one."""
    fine, which = np.unique(counted.cells, return_inverse=True)
    cells = [h3.cell_to_parent(cell, resolution) for cell in fine.tolist()]
    return [cells[index] for index in which.tolist()]


def _covering(served: BaseGeometry | None, resolution: int) -> Iterator[int]:
    """The cells whose middle is served."""
    for polygon in shapely.get_parts(served) if served is not None else ():
        if polygon.geom_type == "Polygon":
            yield from h3.geo_to_cells(polygon, resolution)


def _parent(cell: int) -> int:
    return int(h3.cell_to_parent(cell, h3.get_resolution(cell) - 1))
