"""Districts from an extract: places drawn as points, and areas whose border the extract may have cut off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import shapely
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry
from shapely.ops import polygonize, unary_union

from geo.names import key
from geo.osm_reading import Found, NamedArea, Point

_CUT_WITHIN_DEGREES = 0.01
"""A border cut off in mid-way ends at most one stretch, about 1 km, before the edge of the extract."""
_TOUCHING_DEGREES = 1e-7
_NEARLY_ALL = 0.99


@dataclass(frozen=True)
class BuiltDistrict:
    """A district, ready to be stored."""

    name: str
    place: Point
    polygon: dict[str, Any] | None


def build(found: Found) -> list[BuiltDistrict]:
    """The districts of an extract: those with a border, then the points whose name no border has."""
    bordered = list(_bordered(found))
    known = {key(district.name) for district in bordered}
    points = {key(name): BuiltDistrict(name[:120], place, None) for name, place in found.district_points}
    return bordered + [district for name, district in points.items() if name not in known]


def _bordered(found: Found) -> Iterator[BuiltDistrict]:
    edge = shapely.box(*_west_south_east_north(found.corners)) if found.corners else None
    by_level = sorted(found.district_areas, key=lambda area: area.level)
    for _, areas in groupby(by_level, key=lambda area: area.level):
        for name, polygon in _faces(list(areas), edge):
            middle = polygon.representative_point()
            yield BuiltDistrict(name[:120], (middle.y, middle.x), mapping(polygon))


def _west_south_east_north(corners: tuple[Point, Point]) -> tuple[float, float, float, float]:
    (south, west), (north, east) = corners
    return west, south, east, north


def _faces(areas: Sequence[NamedArea], edge: shapely.Polygon | None) -> list[tuple[str, BaseGeometry]]:
    """The areas of one level as polygons, as far as the extract holds them.

    The borders, closed by the extract's edge where they were cut, divide the town into faces. Areas of one level do not
    overlap, so a face belongs to the one area whose border makes up all of the face's border inside the extract. Where two
    areas could be meant, or what lies beyond a cut border is no area of the level, nothing is guessed.
    """
    borders = [_border(area, edge) for area in areas]
    frame = (edge.exterior if edge is not None else shapely.LineString()).buffer(_TOUCHING_DEGREES)
    tree = shapely.STRtree(borders)
    faces: dict[int, list[BaseGeometry]] = defaultdict(list)
    for face in polygonize(unary_union([*borders, edge.exterior] if edge is not None else borders)):
        inside = face.exterior.difference(frame)
        close = [int(index) for index in tree.query(face)] if inside.length else []
        owners = [index for index in close if _share(inside, borders[index]) > _NEARLY_ALL]
        if len(owners) != 1:
            continue
        beyond = unary_union([borders[index] for index in close if index != owners[0]])
        if not face.exterior.intersects(frame) or _share(inside, beyond) > _NEARLY_ALL:
            faces[owners[0]].append(face)
    return [(areas[index].name, unary_union(parts)) for index, parts in faces.items()]


def _share(inside: BaseGeometry, border: BaseGeometry) -> float:
    return float(inside.intersection(border.buffer(_TOUCHING_DEGREES)).length / inside.length)


def _border(area: NamedArea, edge: shapely.Polygon | None) -> BaseGeometry:
    lines = [shapely.LineString(run) for line in area.lines for run in _runs(line, edge) if len(run) > 1]
    border = unary_union(lines)
    return border if edge is None else border.intersection(edge)


def _runs(line: Sequence[Point | None], edge: shapely.Polygon | None) -> Iterator[list[tuple[float, float]]]:
    """The stretches of a line that the extract holds, as (lon, lat), each drawn on to the edge where it was cut."""
    position = 0
    for there, points in groupby(line, key=lambda point: point is not None):
        run = [(point[1], point[0]) for point in points if point is not None]
        if there and edge is not None:
            start, end = position, position + len(run)
            before = _to_edge(run[0], edge) if start > 0 else []
            after = _to_edge(run[-1], edge) if end < len(line) else []
            yield [*before, *run, *after]
        elif there:
            yield run
        position += len(run) if there else 1


def _to_edge(end: tuple[float, float], edge: shapely.Polygon) -> list[tuple[float, float]]:
    border = edge.exterior
    nearest = border.interpolate(border.project(shapely.Point(end)))
    return [(nearest.x, nearest.y)] if nearest.distance(shapely.Point(end)) < _CUT_WITHIN_DEGREES else []
