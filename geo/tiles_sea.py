"""The sea of an extract. OSM draws no sea, only coastlines with the land to their left and the water to their right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import shapely
from shapely.geometry.base import BaseGeometry
from shapely.ops import linemerge, polygonize, unary_union

from geo.boxes import Box, Position

_NEAR_THE_EDGE_DEGREES = 0.01
"""Farther than about 1 km a coast may go anywhere."""
_HAIR = 1e-6
_CLEARLY = 10
"""So many times as much of the coast must have a face to its right as to its left."""
_BESIDE_DEGREES = 1e-6
"""How far beside a coastline we look for what lies there: about 10 cm."""


def polygons(coast: Sequence[Sequence[Position]], box: Box) -> list[list[list[Position]]]:
    """The sea inside `box`, each polygon as its rings of [lon, lat].

    Coastlines and the edge of the box divide it into faces; one is sea where the coast along it has it to the right. An extract
    of a country holds its coast only, which then ends before the edge of the box: it is drawn on to the edge, if that is near.
    What is still not clear (no coast, or coast with water on both sides) is not guessed at: it stays land.
    """
    lines = [shapely.LineString(line) for line in coast if len(line) > 1]
    if not lines:
        return []
    frame = shapely.box(*box)
    merged = linemerge(lines) if len(lines) > 1 else lines[0]
    inside = [piece for line in _lines(merged) for piece in _lines(line.intersection(frame))]
    drawn_on = [way for line in inside for way in _to_edge(line, frame)]
    faces = list(polygonize(unary_union([*inside, *drawn_on, frame.exterior])))
    wet, dry = _votes(inside, faces)
    return [_rings(face) for index, face in enumerate(faces) if wet[index] > dry[index] * _CLEARLY]


def _to_edge(line: shapely.LineString, frame: shapely.Polygon) -> Iterator[shapely.LineString]:
    """From each loose end of a coast the shortest way to the edge of the box."""
    edge = frame.exterior
    for end in () if line.is_closed else (line.coords[0], line.coords[-1]):
        loose = shapely.Point(end)
        if 0 < edge.distance(loose) < _NEAR_THE_EDGE_DEGREES:
            nearest = edge.interpolate(edge.project(loose))
            # A hair beyond, so that the two surely meet.
            over = (nearest.x + (nearest.x - loose.x) * _HAIR, nearest.y + (nearest.y - loose.y) * _HAIR)
            yield shapely.LineString([end, over])


def _votes(inside: Sequence[shapely.LineString], faces: Sequence[shapely.Polygon]) -> tuple[list[float], list[float]]:
    """For each face the length of coast that has it to its right, and to its left."""
    tree = shapely.STRtree(faces)
    wet, dry = [0.0] * len(faces), [0.0] * len(faces)
    for line in inside:
        corners = list(line.coords)
        for start, end in pairwise(corners):
            for side, votes in ((1, wet), (-1, dry)):
                for face in tree.query(_beside(start, end, side), predicate="within"):
                    votes[int(face)] += abs(end[0] - start[0]) + abs(end[1] - start[1])
    return wet, dry


def _beside(start: Sequence[float], end: Sequence[float], side: int) -> shapely.Point:
    """A spot beside the middle of a stretch: to its right for 1, to its left for -1."""
    east, north = end[0] - start[0], end[1] - start[1]
    length = (east * east + north * north) ** 0.5 or 1.0
    right = (north / length * _BESIDE_DEGREES * side, -east / length * _BESIDE_DEGREES * side)
    return shapely.Point((start[0] + end[0]) / 2 + right[0], (start[1] + end[1]) / 2 + right[1])


def _lines(geometry: BaseGeometry) -> Iterator[shapely.LineString]:
    for part in getattr(geometry, "geoms", [geometry]):
        if isinstance(part, shapely.LineString) and not part.is_empty:
            yield part


def _rings(face: shapely.Polygon) -> list[list[Position]]:
    return [[(x, y) for x, y, *_ in ring.coords] for ring in (face.exterior, *face.interiors)]
