"""Map cells (H3) and the order in which a search looks at them: outwards, until nothing nearer can be left.

A caller reads the places of one ring of cells after the other. With each ring comes the distance within which nothing is
unseen any more; once enough people nearer than that are known, the search is over and it was exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import h3.api.basic_int as h3
import numpy as np
import numpy.typing as npt

from geo.distance import ECCENTRICITY_SQUARED, EQUATOR_M, ecef

FINE, COARSE = 10, 8
"""Cells of about 0.015 and 0.74 km²: fine ones where people live densely, coarse ones so that a sparse area is not read in
hundreds of empty look-ups."""
FINE_DISKS = (1, 2, 3, 5)
MAX_CEILING_M = 100_000.0

_Vectors = npt.NDArray[np.float64]
# An edge is straight through the Earth here and bent on its surface: at most s²/8R = 6 mm apart for the longest coarse edge.
_EDGE_BULGE_M = 0.02


@dataclass(frozen=True, slots=True)
class Ring:
    """Cells to read next. Every place nearer than `unseen_from_m` to the origin is then read (at one resolution at least).

    Fine and coarse cells overlap: whoever reads both must not count a place twice.
    """

    resolution: int
    cells: tuple[int, ...]
    unseen_from_m: float


def cell(lat: float, lon: float, resolution: int) -> int:
    """The H3 cell of a place in degrees; it fits in a signed 64-bit column."""
    return int(h3.latlng_to_cell(lat, lon, resolution))


def search_rings(lat: float, lon: float, ceiling_m: float) -> Iterator[Ring]:
    """The rings around a place in degrees, nearest first; ends once nothing within `ceiling_m` can be unseen.

    Raises ValueError for a ceiling above 100 km: that many cells are no search any more.
    """
    if not 0 <= ceiling_m <= MAX_CEILING_M:
        raise ValueError(f"ceiling_m must be between 0 and {MAX_CEILING_M:.0f}, not {ceiling_m}")
    here = np.array(ecef(lat, lon))
    unseen_from_m = 0.0
    for resolution, size, before in _schedule():
        cells, starts, edges, squares = _ring(cell(lat, lon, resolution), size, before)
        unseen_from_m = max(unseen_from_m, _nearest_m(here, starts, edges, squares) - _EDGE_BULGE_M)
        yield Ring(resolution, cells, unseen_from_m)
        if unseen_from_m > ceiling_m:
            return


def disk_over(lat: float, lon: float, radius_m: float) -> Ring:
    """All coarse cells within `radius_m` of a place in degrees at once: where few people live, one look is enough."""
    here = np.array(ecef(lat, lon))
    center, size = cell(lat, lon, COARSE), 1
    while True:
        cells, starts, edges, squares = _ring(center, size, -1)
        unseen_from_m = _nearest_m(here, starts, edges, squares) - _EDGE_BULGE_M
        if unseen_from_m > radius_m:
            return Ring(COARSE, cells, unseen_from_m)
        size += 1


def _schedule() -> Iterator[tuple[int, int, int]]:
    """(resolution, size of the disk, size of the disk already read at this resolution or -1), outwards without end."""
    before = -1
    for size in FINE_DISKS:
        yield FINE, size, before
        before = size
    size, before = 1, -1
    while True:
        yield COARSE, size, before
        size, before = size + 1, size


@lru_cache(maxsize=4096)
def _ring(center: int, size: int, before: int) -> tuple[tuple[int, ...], _Vectors, _Vectors, _Vectors]:
    """The disk's cells without those of the disk `before`, and its outline as edges: start, direction, squared length."""
    disk = h3.grid_disk(center, size)
    seen = frozenset(h3.grid_disk(center, before)) if before >= 0 else frozenset()
    loops = [_ecef_of(loop) for loop in _outline(disk)]
    starts = loops[0] if len(loops) == 1 else np.concatenate(loops)
    edges = np.concatenate([part for loop in loops for part in (loop[1:] - loop[:-1], loop[:1] - loop[-1:])])
    squares = np.maximum(np.einsum("ij,ij->i", edges, edges), 1e-12)
    return tuple(one for one in disk if one not in seen), starts, edges, squares


def _outline(disk: list[int]) -> Iterator[tuple[tuple[float, float], ...]]:
    """The closed lines around the disk; h3 makes them much faster than one could gather the edges of its cells."""
    shape = h3.cells_to_h3shape(disk)
    for polygon in getattr(shape, "polys", (shape,)):
        yield polygon.outer
        yield from polygon.holes


def _nearest_m(here: _Vectors, starts: _Vectors, edges: _Vectors, squares: _Vectors) -> float:
    """The straight-line distance to the nearest edge, which no way along the surface can undercut."""
    away = here - starts
    along = np.einsum("ij,ij->i", away, edges) / squares
    away -= np.minimum(np.maximum(along, 0.0), 1.0)[:, None] * edges
    return math.sqrt(np.einsum("ij,ij->i", away, away).min())


def _ecef_of(points: tuple[tuple[float, float], ...]) -> _Vectors:
    """`geo.distance.ecef` of many places at once."""
    phi, lam = np.radians(np.array(points)).T
    sin_phi, cos_phi = np.sin(phi), np.cos(phi)
    normal_m = EQUATOR_M / np.sqrt(1.0 - ECCENTRICITY_SQUARED * sin_phi * sin_phi)
    out = np.empty((len(points), 3))
    out[:, 0] = normal_m * cos_phi * np.cos(lam)
    out[:, 1] = normal_m * cos_phi * np.sin(lam)
    out[:, 2] = normal_m * (1.0 - ECCENTRICITY_SQUARED) * sin_phi
    return out
