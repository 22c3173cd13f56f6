"""Searching ring by ring finds what looking at everything finds, and never promises more than is true."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geo.cells import COARSE, FINE, cell, disk_over, search_rings
from geo.distance import Origin

Place = tuple[float, float]

anywhere = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
# The places where maps tear: poles, date line, zero, and a corner of the icosahedron that H3 is built on (a pentagon).
torn = st.sampled_from(
    [(90.0, 0.0), (-90.0, 10.0), (89.9995, 30.0), (0.0, 180.0), (65.0, -179.9999), (0.0, 0.0), (64.7, 10.536), (-39.1, 122.3)]
)
origins = st.one_of(anywhere, torn)


def _world(origin: Place, seed: int, count: int, spread_m: float) -> list[Place]:
    """`count` places scattered around `origin`, most of them near, wrapped around the pole and the date line."""
    chance = random.Random(seed)
    center = Origin(*origin)
    places: list[Place] = []
    while len(places) < count:
        degrees = spread_m / 111_000 * chance.random() ** 2
        lat = origin[0] + chance.uniform(-degrees, degrees)
        lon = chance.uniform(-180, 180) if abs(lat) > 89.9 else origin[1] + chance.uniform(-degrees, degrees) * 2
        lat, lon = (180 - lat, lon + 180) if lat > 90 else (-180 - lat, lon + 180) if lat < -90 else (lat, lon)
        lon = (lon + 180) % 360 - 180
        if center.distance_m(lat, lon) < 2 * spread_m or not places:
            places.append((lat, lon))
    return places


def _nearest_by_rings(origin: Place, places: Iterable[Place], wanted: int, ceiling_m: float) -> list[float]:
    by_cell: dict[int, list[Place]] = {}
    for place in places:
        for resolution in (FINE, COARSE):
            by_cell.setdefault(cell(*place, resolution), []).append(place)
    center, seen = Origin(*origin), dict[Place, float]()
    for ring in search_rings(*origin, ceiling_m):
        for place in (place for one in ring.cells for place in by_cell.get(one, ())):
            seen[place] = center.distance_m(*place)
        if sum(distance < ring.unseen_from_m for distance in seen.values()) >= wanted:
            break
    return sorted(distance for distance in seen.values() if distance <= ceiling_m)[:wanted]


@settings(max_examples=150, deadline=None)
@given(origins, st.integers(0, 2**32), st.integers(1, 60), st.sampled_from([150.0, 1000.0, 6000.0]), st.integers(1, 10))
def test_nearest_by_rings_is_nearest_by_looking_at_all(
    origin: Place, seed: int, count: int, spread_m: float, wanted: int
) -> None:
    places = set(_world(origin, seed, count, spread_m))
    center = Origin(*origin)
    all_distances = sorted(center.distance_m(*place) for place in places)
    ceiling_m = 3000.0
    expected = [distance for distance in all_distances if distance <= ceiling_m][:wanted]
    assert _nearest_by_rings(origin, places, wanted, ceiling_m) == expected


@settings(max_examples=150, deadline=None)
@given(origins, st.integers(0, 2**32), st.sampled_from([150.0, 800.0, 3000.0]))
def test_nothing_outside_the_cells_read_is_nearer_than_promised(origin: Place, seed: int, spread_m: float) -> None:
    center = Origin(*origin)
    read: set[int] = set()
    places = _world(origin, seed, 80, spread_m)
    for ring in search_rings(*origin, 2500.0):
        read |= set(ring.cells)
        unseen = [place for place in places if not {cell(*place, FINE), cell(*place, COARSE)} & read]
        assert all(center.distance_m(*place) >= ring.unseen_from_m for place in unseen)


@settings(max_examples=60, deadline=None)
@given(origins, st.floats(0, 5000), st.integers(0, 2**32))
def test_a_disk_holds_everything_within_its_radius(origin: Place, radius_m: float, seed: int) -> None:
    center, disk = Origin(*origin), disk_over(*origin, radius_m)
    assert disk.unseen_from_m > radius_m
    near = (place for place in _world(origin, seed, 60, 1500.0) if center.distance_m(*place) <= radius_m)
    assert all(cell(*place, COARSE) in disk.cells for place in near)


@settings(max_examples=60, deadline=None)
@given(origins, st.floats(0, 5000))
def test_rings_grow_never_repeat_and_end(origin: Place, ceiling_m: float) -> None:
    rings = list(search_rings(*origin, ceiling_m))
    bounds = [ring.unseen_from_m for ring in rings]
    cells = [(ring.resolution, one) for ring in rings for one in ring.cells]
    assert bounds == sorted(bounds)
    assert bounds[-1] > ceiling_m
    assert all(bound <= ceiling_m for bound in bounds[:-1])
    assert len(cells) == len(set(cells))
    assert all(0 < one < 2**63 for _, one in cells)


@pytest.mark.parametrize("ceiling_m", [-1.0, 100_001.0, float("nan")])
def test_a_ceiling_that_is_none_is_refused(ceiling_m: float) -> None:
    with pytest.raises(ValueError, match="ceiling_m must be between"):
        next(search_rings(60.0, 24.0, ceiling_m))
