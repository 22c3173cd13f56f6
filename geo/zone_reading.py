"""Reading what somebody drew elsewhere: any GeoJSON that holds polygons becomes one polygon, or it is said what is wrong."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from core.problems import field_problem
from core.words import _, fill
from geo.boxes import Box
from geo.distance import MEAN_RADIUS_M
from geo.zones import parse_polygon

_DEEPEST = 8
_USUAL_CRS = ("CRS84", "4326")
_NO_JSON = _("it is not JSON: {what} in line {line}, column {column}")
_OTHER_CRS = _("it is drawn in another coordinate system ({crs}); save it as longitude and latitude in degrees (WGS 84)")
_NO_DEGREES = _("it has corners such as {corner}, which are no degrees; save it as longitude and latitude in degrees (WGS 84)")
_SWAPPED = _("it seems to have latitude and longitude swapped: the first corner is {corner}. GeoJSON has longitude first")
_OTHER_TYPE = _(
    "it is no GeoJSON that encloses an area: its type is {type};"
    " allowed are Polygon, MultiPolygon, Feature or FeatureCollection"
)
_NO_TYPE = _(
    "it is no GeoJSON that encloses an area: it has no type; allowed are Polygon, MultiPolygon, Feature or FeatureCollection"
)
_HOLDERS = {"FeatureCollection": "features", "GeometryCollection": "geometries"}


def read(text: str | bytes, near: Box | None = None, pointer: str = "/polygon") -> dict[str, Any]:
    """The GeoJSON Polygon or MultiPolygon that `text` holds: itself, in a Feature, or as one of several in a collection, which
    are then joined. `near` (west, south, east, north) is where the imported town lies, if it is known.

    Raises Problem (422 at `pointer`): no JSON, no GeoJSON, something other than polygons, another coordinate system, latitude
    before longitude, and all that `geo.zones.parse_polygon` refuses.
    """
    data = _parsed(text, pointer)
    if isinstance(data, dict):
        _check_crs(data, pointer)
    found = [_polygon(one, near, pointer) for one in _geometries(data, pointer)]
    if not found:
        raise field_problem(pointer, "it holds no polygon; draw one and save it as GeoJSON")
    joined = found[0] if len(found) == 1 else unary_union(found)
    polygon: dict[str, Any] = json.loads(json.dumps(mapping(joined)))
    parse_polygon(polygon, pointer)
    return polygon


def square_km(polygon: BaseGeometry) -> float:
    """The area of a polygon in degrees, in km² (on a sphere, which is right to half a per cent)."""

    def flat(corners: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        lon, lat = np.radians(corners[:, 0]), np.radians(corners[:, 1])
        return np.column_stack([lon * np.cos(lat), lat]) * MEAN_RADIUS_M / 1000

    return float(shapely.transform(polygon, flat).area)


def km_apart(polygon: BaseGeometry, near: Box) -> float:
    """How far a polygon lies from a box, in km; 0 when they meet. Good enough to tell another town."""
    here, there = polygon.centroid, shapely.box(*near).centroid
    if polygon.intersects(shapely.box(*near)):
        return 0.0
    narrow = math.cos(math.radians((here.y + there.y) / 2))
    return math.radians(math.hypot((here.x - there.x) * narrow, here.y - there.y)) * MEAN_RADIUS_M / 1000


class _NoNumber(ValueError):
    """NaN or Infinity, which Python reads and JSON does not have."""


def _no_number(text: str) -> Any:
    raise _NoNumber(text)


def _parsed(text: str | bytes, pointer: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except UnicodeDecodeError as error:
        raise field_problem(pointer, "it is not text in UTF-8; save it as GeoJSON") from error
    except json.JSONDecodeError as error:
        raise field_problem(pointer, fill(_NO_JSON, what=error.msg, line=error.lineno, column=error.colno)) from error
    except _NoNumber as error:
        raise field_problem(pointer, fill("it has a coordinate outside the Earth: {number}", number=error)) from error
    except RecursionError as error:
        raise field_problem(pointer, "it is nested too deeply to be GeoJSON") from error


def _check_crs(data: dict[str, Any], pointer: str) -> None:
    crs = data.get("crs")
    if crs is not None and not any(usual in json.dumps(crs) for usual in _USUAL_CRS):
        raise field_problem(pointer, fill(_OTHER_CRS, crs=json.dumps(crs)[:80]))


def _geometries(data: Any, pointer: str, depth: int = 0) -> Iterator[dict[str, Any]]:
    kind = data.get("type") if isinstance(data, dict) else None
    kind = kind if isinstance(kind, str) else None
    if kind in ("Polygon", "MultiPolygon"):
        yield data
    elif kind == "Feature" and data.get("geometry") is not None:
        yield from _geometries(data["geometry"], pointer, depth + 1)
    elif kind in _HOLDERS and isinstance(data.get(_HOLDERS[kind]), list) and depth < _DEEPEST:
        for one in data[_HOLDERS[kind]]:
            yield from _geometries(one, pointer, depth + 1)
    elif kind in ("Point", "MultiPoint", "LineString", "MultiLineString"):
        raise field_problem(
            pointer, fill("it holds a {kind}; only Polygon and MultiPolygon enclose an area, so take the others out", kind=kind)
        )
    elif kind:
        raise field_problem(pointer, fill(_OTHER_TYPE, type=json.dumps(kind)[:40]))
    else:
        raise field_problem(pointer, _NO_TYPE)


def _polygon(data: dict[str, Any], near: Box | None, pointer: str) -> BaseGeometry:
    corners = list(_corners(data.get("coordinates")))
    if any(abs(one) > 180 or abs(other) > 180 for one, other in corners):
        raise field_problem(pointer, fill(_NO_DEGREES, corner=_shown(corners)))
    if _looks_swapped(corners, near):
        raise field_problem(pointer, fill(_SWAPPED, corner=_shown(corners)))
    return parse_polygon(data, pointer)


def _corners(coordinates: Any) -> Iterator[tuple[float, float]]:
    """Every pair of numbers, however deep; what is no pair is left for `parse_polygon` to complain about."""
    if not isinstance(coordinates, list):
        return
    if len(coordinates) >= 2 and all(isinstance(one, int | float) for one in coordinates[:2]):
        yield coordinates[0], coordinates[1]
        return
    for one in coordinates:
        yield from _corners(one)


def _shown(corners: Sequence[tuple[float, float]]) -> str:
    return f"[{corners[0][0]:g}, {corners[0][1]:g}]"


def _looks_swapped(corners: Sequence[tuple[float, float]], near: Box | None) -> bool:
    """Whether no corner can be where it is written: a latitude beyond a pole, or not near the town while its mirror is."""
    if not corners:
        return False
    if any(abs(lat) > 90 for _, lat in corners):
        return all(abs(lon) <= 90 for lon, _ in corners)
    if near is None:
        return False
    west, south, east, north = near
    mirror = shapely.MultiPoint([(lat, lon) for lon, lat in corners]).envelope
    town = shapely.box(west, south, east, north).buffer(0.5)
    return bool(mirror.intersects(town) and not shapely.MultiPoint(corners).envelope.intersects(town))
