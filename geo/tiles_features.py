"""What of an OSM extract is drawn on the map: one GeoJSON feature a line, as tippecanoe reads them.

© OpenStreetMap contributors, Open Database Licence 1.0; what is made from an extract stays under that licence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import osmium
from osmium.filter import KeyFilter

from geo.boxes import Box, Position


@dataclass(frozen=True)
class _Rule:
    """Areas with `key` (one of `values`, or any where it is None) go into `layer` from `minzoom` on."""

    layer: str
    key: str
    values: frozenset[str] | None
    minzoom: int


def _rule(layer: str, key: str, values: str | None, minzoom: int) -> _Rule:
    return _Rule(layer, key, frozenset(values.split()) if values else None, minzoom)


_AREAS = (
    _rule("water", "natural", "water bay", 8),
    _rule("water", "waterway", "riverbank dock", 9),
    _rule("water", "landuse", "reservoir basin", 10),
    _rule("water", "leisure", "swimming_pool", 15),
    _rule("buildings", "building", None, 13),
    _rule("green", "leisure", "park garden pitch golf_course nature_reserve playground dog_park", 11),
    _rule("green", "landuse", "grass forest cemetery meadow recreation_ground village_green allotments orchard flowerbed", 11),
    _rule("green", "natural", "wood scrub grassland heath", 9),
    _rule("squares", "place", "square", 13),
    _rule("squares", "highway", "pedestrian footway service platform", 14),
    _rule("squares", "man_made", "pier breakwater groyne quay", 12),
    _rule("squares", "amenity", "parking", 14),
)
"""The first rule that fits an area counts."""

_STREETS = {
    **dict.fromkeys(("motorway", "motorway_link"), ("motorway", 6)),
    **dict.fromkeys(("trunk", "trunk_link"), ("trunk", 7)),
    **dict.fromkeys(("primary", "primary_link"), ("primary", 8)),
    **dict.fromkeys(("secondary", "secondary_link"), ("secondary", 10)),
    **dict.fromkeys(("tertiary", "tertiary_link"), ("tertiary", 11)),
    **dict.fromkeys(("residential", "unclassified", "living_street", "road", "pedestrian"), ("minor", 12)),
    "service": ("service", 14),
    **dict.fromkeys(("footway", "cycleway", "path", "steps", "track", "bridleway", "corridor"), ("path", 14)),
}
"""The class and the first zoom of each kind of highway."""
_RAILS = {"rail": 10, "light_rail": 12, "tram": 13, "narrow_gauge": 11, "funicular": 13}
_STREAMS = {"river": 9, "canal": 10, "stream": 13}
_TOWNS = {"city": 8, "town": 8, "village": 10}
_DISTRICTS = {"suburb": 10, "borough": 10, "quarter": 11, "neighbourhood": 13, "hamlet": 12, "island": 11}
_CARE = frozenset(("hospital", "clinic", "pharmacy", "police", "fire_station"))
_KNOWN = frozenset(("school", "university", "library", "theatre", "townhall"))
_SPOTS = {
    "amenity": _CARE | _KNOWN,
    "railway": frozenset(("station", "halt")),
    "tourism": frozenset(("museum", "hotel")),
}
_SPOTS_FROM, _NUMBERS_FROM = 15, 15
_WANTED = (
    *("highway", "railway", "waterway", "natural", "landuse", "leisure", "building", "man_made"),
    *("amenity", "tourism", "place", "addr:housenumber"),
)


@dataclass
class Features:
    """Reads an extract; after `lines` has run, `coast` and `box` hold what the sea is made of."""

    path: str
    coast: list[list[Position]] = field(default_factory=list)
    """The coastlines, with the sea to their right."""
    box: Box | None = None
    """The part of the world that the extract was cut from or, where it does not say so, that its streets cover."""

    def lines(self) -> Iterator[str]:
        """Each feature as a line of GeoJSON. Raises RuntimeError when the file is no OSM extract."""
        self.box = _header_box(self.path)
        streets = _Extent()
        wanted = KeyFilter(*_WANTED)
        reading: Any = osmium.FileProcessor(self.path).with_areas(wanted).with_filter(wanted)
        for thing in reading:
            tags = dict(thing.tags)
            if thing.is_node():
                yield from _of_node(tags, (thing.location.lon, thing.location.lat))
            elif thing.is_area():
                yield from _of_area(tags, thing)
            elif thing.is_way():
                positions = [(node.lon, node.lat) for node in thing.nodes if node.location.valid()]
                if tags.get("natural") == "coastline":
                    self.coast.append(positions)
                if "highway" in tags and self.box is None:
                    streets.take(positions)
                yield from _of_way(tags, positions)
        self.box = self.box or streets.box


class _Extent:
    """The smallest box around positions."""

    box: Box | None = None

    def take(self, positions: list[Position]) -> None:
        for lon, lat in positions:
            west, south, east, north = self.box or (lon, lat, lon, lat)
            self.box = min(west, lon), min(south, lat), max(east, lon), max(north, lat)


def _header_box(path: str) -> Box | None:
    box = osmium.io.Reader(path, osmium.osm.NOTHING).header().box()
    if not box.valid():
        return None
    return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat


def feature(layer: str, minzoom: int, kind: str, coordinates: Any, **properties: Any) -> str:
    """One feature as a line of GeoJSON, with the layer and the first zoom that tippecanoe is to put it into."""
    return json.dumps(
        {
            "type": "Feature",
            "tippecanoe": {"layer": layer, "minzoom": minzoom},
            "properties": {name: value for name, value in properties.items() if value is not None},
            "geometry": {"type": kind, "coordinates": coordinates},
        },
        ensure_ascii=False,
    )


def _of_node(tags: dict[str, str], at: Position) -> Iterator[str]:
    name, place = tags.get("name"), tags.get("place", "")
    if name and place in _TOWNS:
        yield feature("places", _TOWNS[place], "Point", at, name=name, town=True)
    elif name and place in _DISTRICTS:
        yield feature("places", _DISTRICTS[place], "Point", at, name=name, town=False)
    yield from _labels(tags, at)


def _of_area(tags: dict[str, str], area: Any) -> Iterator[str]:
    rings = [[_ring(outer), *(_ring(inner) for inner in area.inner_rings(outer))] for outer in area.outer_rings()]
    if not rings:
        return
    rule = next((rule for rule in _AREAS if _fits(rule, tags)), None)
    if rule is not None:
        name = tags.get("name") if rule.layer != "buildings" else None
        yield feature(rule.layer, rule.minzoom, "MultiPolygon", rings, name=name)
    yield from _labels(tags, _middle(rings[0][0]))


def _fits(rule: _Rule, tags: dict[str, str]) -> bool:
    value = tags.get(rule.key, "no")
    if rule.key == "highway" and tags.get("area") != "yes":
        return False
    return value != "no" and tags.get("location") != "underground" and (rule.values is None or value in rule.values)


def _of_way(tags: dict[str, str], positions: list[Position]) -> Iterator[str]:
    if len(positions) < 2 or tags.get("area") == "yes":
        return
    name = tags.get("name")
    if tags.get("highway") in _STREETS:
        kind, minzoom = _STREETS[tags["highway"]]
        yield feature("streets", minzoom, "LineString", positions, **{"class": kind}, name=name)
    elif tags.get("railway") in _RAILS and "tunnel" not in tags:
        yield feature("railways", _RAILS[tags["railway"]], "LineString", positions)
    elif tags.get("waterway") in _STREAMS and "tunnel" not in tags:
        yield feature("streams", _STREAMS[tags["waterway"]], "LineString", positions)


def _labels(tags: dict[str, str], at: Position) -> Iterator[str]:
    """A house number, and the name of a place by which people say where they are."""
    if "addr:housenumber" in tags:
        yield feature("numbers", _NUMBERS_FROM, "Point", at, number=tags["addr:housenumber"])
    if "name" in tags and any(tags.get(key) in values for key, values in _SPOTS.items()):
        yield feature("spots", _SPOTS_FROM, "Point", at, name=tags["name"])


def _ring(nodes: Any) -> list[Position]:
    return [(node.lon, node.lat) for node in nodes]


def _middle(ring: list[Position]) -> Position:
    lons, lats = [lon for lon, _ in ring], [lat for _, lat in ring]
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2
