"""The map cells of a part of town, so that who lives there is found by an index and never by asking each place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import h3.api.basic_int as h3
from sqlalchemy.orm import Session

from geo import cells, districts
from geo.names import key

_BETWEEN = 9
"""Cells of 0.1 km²: fine enough to follow a border that nobody can see, and few enough to ask each."""
MOST_COARSE = 40
"""Coarse cells (30 km² together) above which a district is told by them alone: its border is then a small part of it."""
_RINGS = {cells.COARSE: 4, _BETWEEN: 9}
"""How many rings of cells reach 3 km, beyond which nobody says to be in a district whose middle alone is known."""


@dataclass(frozen=True)
class Cells:
    """Cells of one resolution (`geo.cells`) that cover a district."""

    resolution: int
    cells: Sequence[int]


def covering(session: Session, name: str) -> Cells | None:
    """The cells of a district, named in any writing; None when nobody knows it."""
    known = districts.known(session)
    wanted = next((one for one in known.names_in_order() if key(one) == key(name)), None)
    return known.kept(wanted, lambda: _covering(known, wanted)) if wanted is not None else None


def _covering(known: districts.Districts, name: str) -> Cells:
    coarse = _inside(known, name, cells.COARSE)
    if len(coarse) > MOST_COARSE:
        return Cells(cells.COARSE, coarse)
    children = [child for one in _inside(known, name, _BETWEEN) for child in h3.cell_to_children(one, cells.FINE)]
    return Cells(cells.FINE, sorted(children))


def _inside(known: districts.Districts, name: str, resolution: int) -> list[int]:
    """The cells whose middle is in the district, by the rule that names a place's district."""
    candidates: set[int] = set()
    for area in known.areas_of(name):
        candidates |= set(h3.geo_to_cells(area, resolution))
    for lat, lon in known.points_of(name):
        candidates |= set(h3.grid_disk(cells.cell(lat, lon, resolution), _RINGS[resolution]))
    return sorted(one for one in candidates if known.near(*h3.cell_to_latlng(one)) == name)
