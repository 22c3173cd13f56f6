"""A little map drawn node by node, written as an OSM extract."""

from __future__ import annotations

from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Way

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


class SmallMap:
    """Draw, then `write`."""

    def __init__(self, path: Path, corners: tuple[Point, Point] | None = None) -> None:
        """`corners`: where the extract says it was cut, south-west and north-east."""
        header = osmium.io.Header()
        if corners:
            (south, west), (north, east) = corners
            header.add_box(osmium.osm.Box(osmium.osm.Location(west, south), osmium.osm.Location(east, north)))
        self.path = path
        self._writer = osmium.SimpleWriter(str(path), header=header)
        self._nodes: dict[Point, int] = {}
        self._ways: list[Way] = []

    def point(self, lat: float, lon: float, **tags: str) -> None:
        """A node with tags; `addr__street` stands for addr:street."""
        self._node((lat, lon), {name.replace("__", ":"): value for name, value in tags.items()})

    def way(self, points: list[Point], **tags: str) -> None:
        """A way through `points`."""
        nodes = [self._nodes.get(point) or self._node(point, {}) for point in points]
        number = len(self._ways) + 1
        self._ways.append(Way(id=number, version=1, nodes=nodes, tags={n.replace("__", ":"): v for n, v in tags.items()}))

    def write(self) -> Path:
        """The finished extract."""
        for way in self._ways:
            self._writer.add_way(way)
        self._writer.close()
        return self.path

    def _node(self, point: Point, tags: dict[str, str]) -> int:
        self._nodes[point] = len(self._nodes) + 1
        self._writer.add_node(Node(id=self._nodes[point], version=1, location=(point[1], point[0]), tags=tags))
        return self._nodes[point]
