"""Storing the map's tiles: beside the old ones, in many short transactions; then switched to in one step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core import clock
from core.problems import Problem
from core.services import Services
from geo.area_progress import Progress
from geo.models import MapArea, MapTile
from geo.tiles_cutting import Cut
from geo.tiles_zooms import MAXZOOM, MINZOOM

_AT_ONCE = 200
"""Tiles in one transaction: some megabytes at most, so that nobody waits long for the turn to write."""


def put_beside(services: Services, cut: Cut, progress: Progress) -> int:
    """Store tiles under a new version that nobody is shown yet, in many short transactions. Returns the version."""
    west, south, east, north = cut.box
    with services.write() as session:
        making = MapArea(west=west, south=south, east=east, north=north, minzoom=MINZOOM, maxzoom=MAXZOOM, made_at=clock.now())
        session.add(making)
        session.flush()
        version = making.id
    done = 0
    for batch in _batches(cut.all()):
        with services.write() as session:
            session.execute(
                insert(MapTile), [{"version": version, "z": z, "x": x, "y": y, "data": data} for z, x, y, data in batch]
            )
        done += len(batch)
        progress(done, cut.tiles)
    return version


def switch(session: Session, version: int, tiles: int) -> None:
    """Show `version` from this transaction's commit on. Raises Problem (409) when it no longer holds all of its `tiles`."""
    stored = session.scalar(select(func.count()).select_from(MapTile).where(MapTile.version == version))
    if stored != tiles:
        raise Problem(409, "Another import of an area ended meanwhile; run this one again")
    session.execute(update(MapArea).where(MapArea.is_current).values(is_current=False))
    session.execute(update(MapArea).where(MapArea.id == version).values(is_current=True))


def clear_away(services: Services) -> None:
    """Delete every version but the one that is shown."""
    with services.read() as session:
        old = session.scalars(select(MapArea.id).where(~MapArea.is_current)).all()
    for version in old:
        for z in range(MAXZOOM + 1):
            with services.write() as session:
                session.execute(delete(MapTile).where(MapTile.version == version, MapTile.z == z))
        with services.write() as session:
            session.execute(delete(MapArea).where(MapArea.id == version))


def _batches(tiles: Iterable[tuple[int, int, int, bytes]]) -> Iterator[list[tuple[int, int, int, bytes]]]:
    waiting = iter(tiles)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch
