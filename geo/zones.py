"""Where an agency serves, and where inside that nobody may be asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from core import log
from core.problems import Problem, field_problem
from core.words import _, fill
from geo.caching import VersionedCache
from geo.models import EXCLUSION, SERVICE_AREA, Zone

MAX_CORNERS = 100_000
_log = log.get("zones")
_EXAMPLE = '{"type": "Polygon", "coordinates": [[[lon, lat], …]]}'


@dataclass(frozen=True)
class ServiceArea:
    """The zones of one agency, ready to be asked about places."""

    areas: tuple[BaseGeometry, ...]
    exclusions: tuple[tuple[str, BaseGeometry], ...]
    inhabitants_per_km2: int | None
    """How densely people live there (of several areas the first that says so); None is unknown."""

    def contains(self, lat: float, lon: float) -> bool:
        """Whether a place in degrees is served; the border belongs to the area, and without any area everywhere is inside."""
        return not self.areas or any(shapely.intersects_xy(area, lon, lat) for area in self.areas)

    def inside(self, lats: Sequence[float], lons: Sequence[float]) -> npt.NDArray[np.bool_]:
        """Of many places in degrees, which are served and lie in no exclusion."""
        served = np.full(len(lats), not self.areas)
        for area in self.areas:
            served |= shapely.intersects_xy(area, lons, lats)
        for _name, exclusion in self.exclusions:
            served &= ~shapely.intersects_xy(exclusion, lons, lats)
        return served

    def excluded(self, lat: float, lon: float) -> str | None:
        """The name of the exclusion that a place in degrees lies in, or None."""
        return next((name for name, area in self.exclusions if shapely.intersects_xy(area, lon, lat)), None)


_VERSION = select(func.count(), func.max(Zone.id), func.sum(Zone.revision)).where(Zone.agency_id == bindparam("agency_id"))
_areas: VersionedCache[ServiceArea] = VersionedCache()


def service_area(session: Session, agency_id: int = 1) -> ServiceArea:
    """The zones of an agency. Costs one small query; polygons are parsed only after a zone was changed."""
    version = session.connection().execute(_VERSION, {"agency_id": agency_id}).one()

    def load() -> ServiceArea:
        return _prepare(session.scalars(select(Zone).where(Zone.agency_id == agency_id).order_by(Zone.id)).all())

    return _areas.get(session, agency_id, tuple(version), load)


def _prepare(zones: Sequence[Zone]) -> ServiceArea:
    ready = [(zone, polygon) for zone in zones if (polygon := _prepared(zone)) is not None]
    served = [(zone, polygon) for zone, polygon in ready if zone.kind == SERVICE_AREA]
    densities = (zone.inhabitants_per_km2 for zone, _ in served)
    return ServiceArea(
        areas=tuple(polygon for _, polygon in served),
        exclusions=tuple((zone.name, polygon) for zone, polygon in ready if zone.kind == EXCLUSION),
        inhabitants_per_km2=next((density for density in densities if density is not None), None),
    )


def _prepared(zone: Zone) -> BaseGeometry | None:
    try:
        polygon = parse_polygon(zone.polygon)
    except Problem as problem:
        # Nothing writes such a row without `parse_polygon`; should one be there all the same, emergencies go on without it.
        _log.error("a zone cannot be read and is left out", zone_id=zone.id, problem=str(problem))
        return None
    shapely.prepare(polygon)
    return polygon


def parse_polygon(data: Any, pointer: str = "/polygon") -> BaseGeometry:
    """The geometry of a GeoJSON Polygon or MultiPolygon in degrees, longitude first; a closed ring is closed if it is not.

    Raises Problem (422 at `pointer`) that says what is wrong: another type, coordinates that are none or lie outside the
    Earth, a border that crosses itself, nothing inside. A polygon over the date line is written as a MultiPolygon.
    """
    if not isinstance(data, dict) or data.get("type") not in ("Polygon", "MultiPolygon"):
        raise field_problem(pointer, fill("it must be a GeoJSON Polygon or MultiPolygon, e.g. {example}", example=_EXAMPLE))
    try:
        with np.errstate(invalid="ignore"):  # a corner that is not a number is refused below, by name
            polygon = shape(data)
            corners = shapely.get_coordinates(polygon)
    except (ShapelyError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError) as error:
        raise field_problem(
            pointer,
            fill(
                "these coordinates cannot be read; it must be a GeoJSON Polygon or MultiPolygon, e.g. {example}",
                example=_EXAMPLE,
            ),
        ) from error
    complaint = _complaint(polygon, corners)
    if complaint:
        raise field_problem(pointer, complaint)
    return polygon


def _complaint(polygon: BaseGeometry, corners: Any) -> str | None:
    if polygon.is_empty or not len(corners):
        return fill("it has no corners; it must be a GeoJSON Polygon or MultiPolygon, e.g. {example}", example=_EXAMPLE)
    if len(corners) > MAX_CORNERS:
        return fill(
            "it has {corners} corners; at most {most} are allowed, so simplify it", corners=len(corners), most=MAX_CORNERS
        )
    lon, lat = abs(corners[:, 0]), abs(corners[:, 1])
    if not (lon <= 180).all() or not (lat <= 90).all():
        return _("it has a corner outside the Earth; longitude (-180 to 180) comes first, then latitude (-90 to 90)")
    if not polygon.is_valid:
        return fill("its border crosses or touches itself: {where}", where=shapely.is_valid_reason(polygon))
    return None if polygon.area > 0 else _("it has nothing inside")
