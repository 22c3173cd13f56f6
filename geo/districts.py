"""What people call the part of town a place lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.caching import VersionedCache
from geo.distance import Origin
from geo.models import District

T = TypeVar("T")
NEAREST_WITHIN_M = 3000.0
"""Farther than this from a district's middle nobody says to be in it: our judgement."""


@dataclass(frozen=True)
class Districts:
    """Every district there is, loaded once (`known`)."""

    names: Sequence[str]
    areas: Sequence[BaseGeometry]
    tree: shapely.STRtree
    points: Sequence[tuple[str, float, float]]
    _kept: dict[str, Any] = field(default_factory=dict)

    def near(self, lat: float, lon: float) -> str | None:
        """The smallest area around the place; without one, the nearest district of which only the middle is known."""
        around = self.tree.query(shapely.Point(lon, lat), predicate="intersects")
        if len(around):
            return self.names[min(around, key=lambda index: self.areas[index].area)]
        origin = Origin(lat, lon)
        nearest = min(((origin.distance_m(*place), name) for name, *place in self.points), default=None)
        return nearest[1] if nearest is not None and nearest[0] <= NEAREST_WITHIN_M else None

    def names_in_order(self) -> Sequence[str]:
        """What they are called, each name once."""
        return sorted({*self.names, *(name for name, *_ in self.points)})

    def areas_of(self, name: str) -> Sequence[BaseGeometry]:
        """The areas of this name whose borders are known, as GeoJSON has them: longitude first."""
        return [area for other, area in zip(self.names, self.areas, strict=True) if other == name]

    def points_of(self, name: str) -> Sequence[tuple[float, float]]:
        """The middles, in degrees, of those of which no more is known."""
        return [(lat, lon) for other, lat, lon in self.points if other == name]

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """What somebody works out about one of them, worked out once as long as the districts stay what they are."""
        if name not in self._kept:
            self._kept[name] = make()
        found: T = self._kept[name]
        return found


_districts: VersionedCache[Districts] = VersionedCache()


def district_near(session: Session, lat: float, lon: float) -> str | None:
    """The name of the district that a place in degrees lies in or near (within 3 km), or None where none is known."""
    return known(session).near(lat, lon)


def known(session: Session) -> Districts:
    """Every district there is."""
    version = session.execute(select(func.count(), func.max(District.id))).one()
    return _districts.get(session, "districts", tuple(version), lambda: _load(session))


def _load(session: Session) -> Districts:
    rows = session.execute(select(District.name, District.lat, District.lon, District.polygon).order_by(District.id)).all()
    bordered = [(row.name, shape(row.polygon)) for row in rows if row.polygon is not None]
    areas = [area for _, area in bordered]
    points = [(row.name, row.lat, row.lon) for row in rows if row.polygon is None]
    return Districts([name for name, _ in bordered], areas, shapely.STRtree(areas), points)
