"""From the pieces of an extract to streets: a street drawn in pieces is one, two streets of one name in two towns are two."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from math import cos, floor, radians

from geo import numbers
from geo.names import key
from geo.osm_reading import AddressPoint, Point, StreetPiece

_GRID_DEGREES = 0.006
"""Pieces up to 670 m apart surely are one street, pieces more than 1.9 km apart surely are not: our judgement, from how far
a street may be interrupted by a park, and how near two towns with a Kirkkokatu each can lie."""


@dataclass
class BuiltStreet:
    """A street with its numbers, ready to be stored."""

    name: str
    other_names: list[str]
    place: Point
    town: str | None
    numbers: list[numbers.Located]
    nodes: dict[int, Point] = field(default_factory=dict)


def build(pieces: Sequence[StreetPiece], addresses: Sequence[AddressPoint]) -> list[BuiltStreet]:
    """Every street of the extract, those too that only addresses name."""
    by_name: dict[str, list[StreetPiece | AddressPoint]] = defaultdict(list)
    for piece in pieces:
        if named := key(piece.name):
            by_name[named].append(piece)
    own_name_of = _other_names(pieces, by_name.keys())
    for address in addresses:
        if named := _street_key(address.street, by_name.keys(), own_name_of):
            by_name[named].append(address)
    return [_street(together) for same_name in by_name.values() for together in _apart(same_name)]


def crossings(streets: Sequence[BuiltStreet]) -> list[tuple[int, int, Point]]:
    """Where two streets share a node of the map: their positions in `streets`, smaller first, and the spot.

    Two carriageways give a spot each; within `numbers.SAME_SPOT_M` one is kept.
    """
    first: dict[int, int] = {}
    shared: dict[int, set[int]] = defaultdict(set)
    for index, street in enumerate(streets):
        for node in street.nodes:
            other = first.setdefault(node, index)
            if other != index:
                shared[node] |= {other, index}
    spots: dict[tuple[int, int], list[Point]] = defaultdict(list)
    for node, members in shared.items():
        for pair in combinations(sorted(members), 2):
            place = streets[pair[0]].nodes[node]
            if not any(_same_spot(place, spot) for spot in spots[pair]):
                spots[pair].append(place)
    return [(one, other, spot) for (one, other), places in spots.items() for spot in places]


def _same_spot(one: Point, other: Point) -> bool:
    nowhere = numbers.Number(0, 0, "")
    return numbers.near(numbers.Located(nowhere, *one), numbers.Located(nowhere, *other))


def _other_names(pieces: Iterable[StreetPiece], own: Iterable[str]) -> dict[str, str]:
    """The street that each other name belongs to, where it belongs to one street only and is no street's own name."""
    found: dict[str, set[str]] = defaultdict(set)
    for piece in pieces:
        for name in piece.other_names:
            found[key(name)].add(key(piece.name))
    taken = set(own)
    return {name: next(iter(streets)) for name, streets in found.items() if len(streets) == 1 and name not in taken}


def _street_key(tag: str, own: Iterable[str], own_name_of: dict[str, str]) -> str:
    """The key of the street that an `addr:street` tag names. "Railway station, Kaivokatu" is Kaivokatu; "Kaivokatu 5" too."""
    whole = key(tag)
    for part in (tag, *reversed(tag.split(","))):
        for text in (part, part.rstrip("0123456789 ")):
            named = key(text)
            if named in own or named in own_name_of:
                return own_name_of.get(named, named)
    return whole


def _apart(same_name: Sequence[StreetPiece | AddressPoint]) -> list[list[StreetPiece | AddressPoint]]:
    """Pieces of one name, put together where they are near each other (directly or by way of other pieces)."""
    parent = list(range(len(same_name)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = index = parent[parent[index]]
        return index

    squares: dict[tuple[int, int], int] = {}
    # One point stands for all of a piece in its square of the grid: enough, and ways have many points.
    spread = [{_square(point): point for point in _points(piece)} for piece in same_name]
    for index, places in enumerate(spread):
        for square in places:
            parent[root(index)] = root(squares.setdefault(square, index))
    for index, places in enumerate(spread):
        for point in places.values():
            for square in _squares_around(point):
                if square in squares:
                    parent[root(index)] = root(squares[square])
    groups: dict[int, list[StreetPiece | AddressPoint]] = defaultdict(list)
    for index, piece in enumerate(same_name):
        groups[root(index)].append(piece)
    return list(groups.values())


def _points(piece: StreetPiece | AddressPoint) -> list[Point]:
    return piece.points if isinstance(piece, StreetPiece) else [piece.point]


def _square(point: Point, rows_up: int = 0) -> tuple[int, int]:
    row = floor(point[0] / _GRID_DEGREES) + rows_up
    width = _GRID_DEGREES / max(0.01, cos(radians(row * _GRID_DEGREES)))
    return row, floor(point[1] / width)


def _squares_around(point: Point) -> list[tuple[int, int]]:
    rows = (_square(point, rows_up) for rows_up in (-1, 0, 1))
    return [(row, column + aside) for row, column in rows for aside in (-1, 0, 1)]


def _street(together: Sequence[StreetPiece | AddressPoint]) -> BuiltStreet:
    pieces = [piece for piece in together if isinstance(piece, StreetPiece)]
    addresses = [piece for piece in together if isinstance(piece, AddressPoint)]
    names = Counter(piece.name for piece in pieces) or Counter(address.street for address in addresses)
    name = names.most_common(1)[0][0]
    others = dict.fromkeys(other for piece in pieces for other in (piece.name, *piece.other_names) if other != name)
    towns = Counter(address.town for address in addresses if address.town)
    line = [point for piece in pieces for point in piece.points] or [address.point for address in addresses]
    return BuiltStreet(
        name=name[:200],
        other_names=list(others),
        place=_most_central(line),
        town=towns.most_common(1)[0][0][:120] if towns else None,
        numbers=_numbers(addresses),
        nodes={node: point for piece in pieces for node, point in zip(piece.nodes, piece.points, strict=False)},
    )


def _numbers(addresses: Sequence[AddressPoint]) -> list[numbers.Located]:
    """Each number once: shops at one address are many objects, and the most central of them stands for it."""
    places: dict[numbers.Number, list[AddressPoint]] = defaultdict(list)
    for address in addresses:
        for number in numbers.parse_tag(address.number):
            places[number].append(address)
    return [_number(number, at) for number, at in sorted(places.items(), key=lambda item: item[0])]


def _number(number: numbers.Number, at: Sequence[AddressPoint]) -> numbers.Located:
    codes = Counter(address.postcode for address in at if address.postcode)
    code = codes.most_common(1)[0][0][:20] if codes else None
    return numbers.Located(number, *_most_central([address.point for address in at]), code)


def _most_central(points: Sequence[Point]) -> Point:
    """The one of `points` nearest to their middle, so that a street's place lies on the street."""
    lat = sum(point[0] for point in points) / len(points)
    lon = sum(point[1] for point in points) / len(points)
    narrow = cos(radians(lat))
    return min(points, key=lambda point: (point[0] - lat) ** 2 + ((point[1] - lon) * narrow) ** 2)
