"""The map's tiles as the database keeps them, read one by one. `geo.tiles_storing` puts them there."""

from __future__ import annotations

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from geo.models import MapArea, MapTile

_KEY = (MapTile.version, MapTile.z, MapTile.x, MapTile.y)
_TILE = select(MapTile.data).where(*(column == bindparam(column.key) for column in _KEY))


def current(session: Session) -> MapArea | None:
    """What is shown now; None before the first import."""
    return session.scalar(select(MapArea).where(MapArea.is_current))


def tile(session: Session, version: int, z: int, x: int, y: int) -> bytes | None:
    """One tile, gzipped; None where nothing is drawn."""
    return session.scalar(_TILE, {"version": version, "z": z, "x": x, "y": y})
