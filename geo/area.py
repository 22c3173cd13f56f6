"""Importing an area whole: its addresses and its map. The old area serves on until the new one is complete.

© OpenStreetMap contributors, Open Database Licence 1.0; what is made from an extract stays under that licence.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from core import events
from core.services import Services
from geo import osm, tiles_cutting, tiles_storing
from geo.area_progress import WHOLE, Progress, nobody_listens, part

IMPORTED, DRAWN = "area_imported", "map_drawn"


@dataclass(frozen=True)
class Imported:
    """What an area holds now."""

    counts: osm.Counts
    tiles: int


@dataclass(frozen=True)
class _Beside:
    """Tiles that are stored and not yet shown."""

    version: int
    tiles: int

    def show(self, session: Session) -> None:
        tiles_storing.switch(session, self.version, self.tiles)


def import_area(services: Services, path: str | Path, actor: str, progress: Progress = nobody_listens) -> Imported:
    """Read the extract at `path` (.osm.pbf), make addresses and tiles of it, and replace the area with both at once.

    Whatever breaks before the end, the old area stays as it was. `progress` hears per cent. Raises Problem (422, /file) as
    `osm.read_area` does, and as `tiles_cutting.cut` does.
    """
    area = osm.read_area(path, part(progress, 0, 40))
    beside = _put_beside(services, path, part(progress, 40, 90))
    with services.write() as session:
        counts = osm.store_area(session, area, part(progress, 90, WHOLE))
        beside.show(session)
        events.record(session, IMPORTED, actor, streets=counts.streets, addresses=counts.house_numbers, tiles=beside.tiles)
    tiles_storing.clear_away(services)
    return Imported(counts, beside.tiles)


def draw_map(services: Services, path: str | Path, actor: str) -> int:
    """Make the map alone of the extract at `path`, for an area whose addresses are there already. Returns the count of tiles;
    raises Problem as `tiles_cutting.cut` does."""
    beside = _put_beside(services, path, nobody_listens)
    with services.write() as session:
        beside.show(session)
        events.record(session, DRAWN, actor, tiles=beside.tiles)
    tiles_storing.clear_away(services)
    return beside.tiles


def _put_beside(services: Services, path: str | Path, progress: Progress) -> _Beside:
    with tempfile.TemporaryDirectory(prefix="area-", dir=services.settings.data_dir) as folder:
        cut = tiles_cutting.cut(path, Path(folder), part(progress, 0, 70))
        return _Beside(tiles_storing.put_beside(services, cut, part(progress, 70, WHOLE)), cut.tiles)
