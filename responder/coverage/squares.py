"""The squares of the map: H3 cells, fine enough to tell quarters apart, coarse enough to hold people, one division for all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import h3.api.basic_int as h3
import numpy as np
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from geo.ground import Ground
from geo.zone_reading import square_km
from responder.coverage import anonymous
from responder.coverage.counted import Counted
from responder.coverage.facts import Square

FINEST, COARSEST = 8, 3
"""Cells of 0.7 km², the finest in which five people are still fewer than what is needed, to those as large as a province."""
MOST_CELLS = 1_000
LEVELS = 2
"""How far too few people are joined with those around: at most with what lies in the cell two sizes larger."""


def of(ground: Ground, counted: Counted, per_km2: int) -> list[Square]:
    """The squares of the ground, and of wherever else people are; `counted` are those who may be asked now."""
    cells, resolution = _division(ground, counted)
    residents: dict[int, set[int]] = {cell: set() for cell in _covering(ground.served, resolution)}
    for cell, person in zip(cells, counted.people.tolist(), strict=True):
        residents.setdefault(cell, set()).add(person)
    by_day, by_night = (
        {(cell, person) for cell, person, asked in zip(cells, counted.people.tolist(), hour.tolist(), strict=True) if asked}
        for hour in (counted.by_day, counted.by_night)
    )
    groups = anonymous.joined(residents, _parent, LEVELS)
    served_km2 = _served_km2([group.cells for group in groups], ground.served)
    return [
        _square(group.cells, km2, residents, by_day, by_night, per_km2) for group, km2 in zip(groups, served_km2, strict=True)
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


def _square(
    cells: Sequence[int],
    km2: float,
    residents: dict[int, set[int]],
    by_day: set[tuple[int, int]],
    by_night: set[tuple[int, int]],
    per_km2: int,
) -> Square:
    def count(asked: set[tuple[int, int]]) -> int | None:
        return anonymous.shown(len({person for cell in cells for person in residents[cell] if (cell, person) in asked}))

    return Square([h3.int_to_str(cell) for cell in cells], anonymous.needed(km2, per_km2), count(by_day), count(by_night))


def _division(ground: Ground, counted: Counted) -> tuple[list[int], int]:
    """The cell of each row, and the finest resolution at which there are not too many cells."""
    fine, which = np.unique(counted.cells, return_inverse=True)
    served_km2 = square_km(ground.served) if ground.served is not None else 0.0
    for resolution in range(FINEST, COARSEST - 1, -1):
        cells = [h3.cell_to_parent(cell, resolution) for cell in fine.tolist()]
        expected = served_km2 / h3.average_hexagon_area(resolution, "km^2")
        if resolution == COARSEST or expected + len(set(cells)) <= MOST_CELLS:
            break
    return [cells[index] for index in which.tolist()], resolution


def _covering(served: BaseGeometry | None, resolution: int) -> Iterator[int]:
    """The cells whose middle is served."""
    for polygon in shapely.get_parts(served) if served is not None else ():
        if polygon.geom_type == "Polygon":
            yield from h3.geo_to_cells(polygon, resolution)


def _parent(cell: int) -> int:
    return int(h3.cell_to_parent(cell, h3.get_resolution(cell) - 1))
