"""The ground that an agency serves, divided among the districts: every place belongs to one part, under the name that the first
text gives it (`geo.districts`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, radians

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.districts import NEAREST_WITHIN_M
from geo.models import District, Zone
from geo.zone_reading import square_km
from geo.zones import service_area

MOST_PARTS = 300
SMALLEST_KM2 = 0.05
"""What is smaller is the splinter of a district that the extract has cut off: it belongs to the rest."""
_M_PER_DEGREE = 111_195.0


@dataclass(frozen=True)
class Part:
    """A part of the ground. `name` is None for what lies in no district."""

    name: str | None
    km2: float
    polygon: BaseGeometry


@dataclass(frozen=True)
class Ground:
    """The parts, which do not overlap, and the whole; `served` is None where no border is drawn."""

    parts: Sequence[Part]
    served: BaseGeometry | None

    def part_of(self, lats: npt.NDArray[np.float64], lons: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
        """Of many places in degrees, the index of the part that each lies in, or -1."""
        found = np.full(len(lats), -1, dtype=np.int64)
        for index, part in enumerate(self.parts):
            west, south, east, north = part.polygon.bounds
            near = np.flatnonzero((found < 0) & (lons >= west) & (lons <= east) & (lats >= south) & (lats <= north))
            found[near[shapely.intersects_xy(part.polygon, lons[near], lats[near])]] = index
        return found


def version(session: Session, agency_id: int = 1) -> str:
    """Another word whenever `of` may say something else."""
    zones = select(func.count(), func.max(Zone.id), func.sum(Zone.revision)).where(Zone.agency_id == agency_id)
    districts = select(func.count(), func.max(District.id))
    return "/".join(str(value or 0) for value in (*session.execute(zones).one(), *session.execute(districts).one()))


def of(session: Session, agency_id: int = 1) -> Ground:
    """The ground of an agency: its service area without what is excluded; the largest parts where there are too many."""
    area = service_area(session, agency_id)
    excluded = unary_union([polygon for _, polygon in area.exclusions])
    served = unary_union(area.areas).difference(excluded) if area.areas else None
    rows = session.execute(select(District.name, District.lat, District.lon, District.polygon).order_by(District.id)).all()
    bordered = [(row.name, shape(row.polygon)) for row in rows if row.polygon is not None]
    points = [(row.name, row.lat, row.lon) for row in rows if row.polygon is None]
    return divide(served, bordered, points)


def divide(
    served: BaseGeometry | None, bordered: Sequence[tuple[str, BaseGeometry]], points: Sequence[tuple[str, float, float]]
) -> Ground:
    """Divide what is served: each place goes to the smallest district around it, else to the nearest of those of which only the
    middle (latitude, longitude) is known, else to the rest. Geometries are in degrees, longitude first."""
    within = served if served is not None else shapely.box(-180, -90, 180, 90)
    by_name: dict[str, list[BaseGeometry]] = defaultdict(list)
    taken: BaseGeometry = shapely.Polygon()
    for name, polygon in (*sorted(bordered, key=lambda one: one[1].area), *_around(points)):
        own = polygon.intersection(within).difference(taken)
        if square_km(own) >= SMALLEST_KM2:
            by_name[name].append(own)
            taken = taken.union(own)
    named = [(name, unary_union(polygons)) for name, polygons in by_name.items()]
    parts = sorted((Part(name, square_km(own), own) for name, own in named), key=lambda part: -part.km2)[:MOST_PARTS]
    if served is not None:
        rest = served.difference(unary_union([part.polygon for part in parts]))
        if square_km(rest) >= SMALLEST_KM2:
            parts.append(Part(None, square_km(rest), rest))
    for part in parts:
        shapely.prepare(part.polygon)
    return Ground(parts, served)


def _around(points: Sequence[tuple[str, float, float]]) -> Iterator[tuple[str, BaseGeometry]]:
    """What is nearest to each of these middles, as far as one may be said to be there."""
    if not points:
        return
    narrow = cos(radians(points[0][1]))
    by_place = {(lon * narrow, lat): name for name, lat, lon in points}
    circles = {place: shapely.Point(place).buffer(NEAREST_WITHIN_M / _M_PER_DEGREE) for place in by_place}
    all_of_them = shapely.MultiPoint(list(by_place))
    nearest: Sequence[BaseGeometry] = list(circles.values())
    if len(by_place) > 1:
        around = unary_union(list(circles.values())).envelope
        nearest = list(shapely.get_parts(shapely.voronoi_polygons(all_of_them, extend_to=around, ordered=True)))
    for (place, name), cell in zip(by_place.items(), nearest, strict=True):
        yield name, shapely.transform(cell.intersection(circles[place]), lambda corners: corners / (narrow, 1.0))
