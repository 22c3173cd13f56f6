"""Reading an OSM extract: which of its objects are streets, addresses, districts and towns, and where they lie."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import osmium
from osmium.filter import EntityFilter, IdFilter, KeyFilter

Point = tuple[float, float]
"""Latitude and longitude in degrees."""

_STREET_NAME_KEYS = re.compile(r"^(name|alt_name|old_name|short_name|official_name|loc_name)(:[a-z]{2,3})?$")
_NO_STREETS = {"proposed", "construction", "platform", "bus_stop", "rest_area", "services"}
_TOWN_PLACES = {"city", "town", "village", "municipality"}
_DISTRICT_PLACES = {"suburb", "quarter", "neighbourhood", "borough", "town", "village", "hamlet"}
_WIDER_PLACES = {"country", "state", "region", "province", "county", "district", "island"} | _DISTRICT_PLACES
_DISTRICT_LEVELS = {"9", "10", "11"}
_TOWN_LEVEL = "8"


@dataclass(slots=True)
class StreetPiece:
    """A named highway (or square) as drawn: one way of the many a street is made of."""

    name: str
    other_names: tuple[str, ...]
    points: list[Point]
    nodes: list[int]


@dataclass(slots=True)
class AddressPoint:
    """An object with a house number."""

    street: str
    number: str
    point: Point
    postcode: str | None
    town: str | None


@dataclass(slots=True)
class NamedArea:
    """A relation that borders a district: its name, and its member ways as far as the extract holds them."""

    name: str
    level: str
    lines: list[list[Point | None]]


@dataclass(slots=True)
class Found:
    """What an extract holds, unsorted."""

    streets: list[StreetPiece] = field(default_factory=list)
    addresses: list[AddressPoint] = field(default_factory=list)
    district_points: list[tuple[str, Point]] = field(default_factory=list)
    district_areas: list[NamedArea] = field(default_factory=list)
    localities: list[tuple[bool, str, tuple[str, ...]]] = field(default_factory=list)
    """Whether it is a town, its name, its other names."""
    corners: tuple[Point, Point] | None = None
    """Where the extract was cut, south-west and north-east, if it says so."""


@dataclass(slots=True)
class _Relation:
    tags: dict[str, str]
    ways: list[int]


def read(path: str, progress: Callable[[int], None]) -> Found:
    """Read the extract in three passes: relations, then nodes and ways, then the ways that the relations are made of.

    `progress` hears the per cent of the reading that are done. Raises RuntimeError when the file is no OSM extract.
    """
    found = Found()
    relations = list(_relations(path))
    progress(15)
    for thing in osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations().with_filter(_wanted()):
        tags = dict(thing.tags)
        points, nodes = _geometry(thing)
        if points:
            _take(found, tags, points, nodes)
    progress(70)
    ways = _ways(path, {way for relation in relations for way in relation.ways})
    for relation in relations:
        _take_relation(found, relation, ways)
    box = osmium.io.Reader(path, osmium.osm.NOTHING).header().box()
    if box.valid():
        found.corners = (box.bottom_left.lat, box.bottom_left.lon), (box.top_right.lat, box.top_right.lon)
    progress(100)
    return found


def _wanted() -> Any:
    return KeyFilter("highway", "addr:housenumber", "place", "boundary")


def _relations(path: str) -> Iterator[_Relation]:
    relations: Iterable[Any] = osmium.FileProcessor(path, osmium.osm.RELATION).with_filter(_wanted())
    for relation in relations:
        tags = dict(relation.tags)
        members = relation.members if _is_drawn(tags) else ()
        yield _Relation(tags, [member.ref for member in members if member.type == "w" and member.role in ("", "outer")])


def _is_drawn(tags: dict[str, str]) -> bool:
    """Whether the ways of a relation matter; those of a region or a country would be many and tell nothing."""
    return tags.get("boundary") != "administrative" or tags.get("admin_level") in _DISTRICT_LEVELS


def _geometry(thing: Any) -> tuple[list[Point], list[int]]:
    if thing.is_node():
        return [(thing.location.lat, thing.location.lon)], []
    there = [node for node in thing.nodes if node.location.valid()]
    return [(node.location.lat, node.location.lon) for node in there], [node.ref for node in there]


def _ways(path: str, wanted: set[int]) -> dict[int, list[Point | None]]:
    """The points of the `wanted` ways; a node that the extract does not hold is None."""
    if not wanted:
        return {}
    reading = osmium.FileProcessor(path, osmium.osm.NODE | osmium.osm.WAY).with_locations()
    ways: Iterable[Any] = reading.with_filter(EntityFilter(osmium.osm.WAY)).with_filter(IdFilter(sorted(wanted)))
    return {way.id: [_point(node.location) for node in way.nodes] for way in ways}


def _point(location: Any) -> Point | None:
    return (location.lat, location.lon) if location.valid() else None


def _take(found: Found, tags: dict[str, str], points: list[Point], nodes: list[int]) -> None:
    """Sort one drawn object in; it can be several things at once (a square with a house number)."""
    name = tags.get("name")
    place = tags.get("place")
    if name and ((tags.get("highway", "no") not in _NO_STREETS | {"no"} and nodes) or place == "square"):
        found.streets.append(StreetPiece(name, tuple(_names(tags)), points, nodes))
    if "addr:housenumber" in tags and "addr:street" in tags:
        number, street = tags["addr:housenumber"], tags["addr:street"]
        address = AddressPoint(street, number, middle(points), tags.get("addr:postcode"), tags.get("addr:city"))
        found.addresses.append(address)
    if name and place in _DISTRICT_PLACES:
        found.district_points.append((name, middle(points)))
    _take_locality(found, tags)


def _take_relation(found: Found, relation: _Relation, ways: dict[int, list[Point | None]]) -> None:
    lines = [ways[way] for way in relation.ways if way in ways]
    if relation.tags.get("boundary") == "administrative":
        _take_locality(found, relation.tags)
        if "name" in relation.tags and lines:
            found.district_areas.append(NamedArea(relation.tags["name"], relation.tags["admin_level"], lines))
        return
    points = [point for line in lines for point in line if point is not None]
    if points:
        _take(found, relation.tags, points, [])


def _take_locality(found: Found, tags: dict[str, str]) -> None:
    place, is_border = tags.get("place"), tags.get("boundary") == "administrative"
    if "name" not in tags or not (is_border or place in _TOWN_PLACES or place in _WIDER_PLACES):
        return
    is_town = place in _TOWN_PLACES or (is_border and tags.get("admin_level") == _TOWN_LEVEL)
    found.localities.append((is_town, tags["name"], tuple(_names(tags))))


def _names(tags: dict[str, str]) -> Iterable[str]:
    """Every name but the first that the tags give, each once."""
    values = (value for key, value in tags.items() if _STREET_NAME_KEYS.match(key))
    names = dict.fromkeys(name.strip() for value in values for name in value.split(";"))
    return (name for name in names if name and name != tags.get("name"))


def middle(points: list[Point]) -> Point:
    """The middle of the box around `points`: for a building good enough, and not pulled to where its outline is busy."""
    lats, lons = [lat for lat, _ in points], [lon for _, lon in points]
    return (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
