"""Distances agree with geopy's geodesics, poles and date line included."""

from __future__ import annotations

import pytest
from geopy.distance import geodesic
from hypothesis import given
from hypothesis import strategies as st

from geo.distance import Origin, box_around, distance_m

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)


@given(latitudes, longitudes, st.floats(-0.5, 0.5), st.floats(-0.8, 0.8))
def test_under_100_km_it_is_right_to_the_metre(lat: float, lon: float, north: float, east: float) -> None:
    other_lat = min(90.0, max(-90.0, lat + north))
    other_lon = (lon + east + 180) % 360 - 180
    true_m = geodesic((lat, lon), (other_lat, other_lon)).m
    assert distance_m(lat, lon, other_lat, other_lon) == pytest.approx(true_m, abs=1.0, rel=1e-5)


@given(latitudes, longitudes, latitudes, longitudes)
def test_across_the_earth_it_is_right_to_five_per_cent(lat: float, lon: float, lat2: float, lon2: float) -> None:
    true_m = geodesic((lat, lon), (lat2, lon2)).m
    assert distance_m(lat, lon, lat2, lon2) == pytest.approx(true_m, abs=1.0, rel=5e-2)


@given(latitudes, longitudes, latitudes, longitudes)
def test_it_is_the_same_both_ways(lat: float, lon: float, lat2: float, lon2: float) -> None:
    assert Origin(lat, lon).distance_m(lat2, lon2) == pytest.approx(distance_m(lat2, lon2, lat, lon), abs=1e-6)


@given(latitudes, longitudes, st.floats(0, 20_000), st.floats(-0.2, 0.2), st.floats(-0.5, 0.5))
def test_a_box_holds_everything_within_its_radius(lat: float, lon: float, radius_m: float, north: float, east: float) -> None:
    other_lat = min(90.0, max(-90.0, lat + north))
    other_lon = (lon + east + 180) % 360 - 180
    box = box_around(lat, lon, radius_m)
    if distance_m(lat, lon, other_lat, other_lon) <= radius_m:
        assert box.south <= other_lat <= box.north
        assert box.west <= other_lon <= box.east


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((60.0, 179.9999), (60.0, -179.9999), 11.2),
        ((90.0, 0.0), (90.0, 135.0), 0.0),
        ((-89.9999, 0.0), (-89.9999, 180.0), 22.3),
        ((60.1699, 24.9384), (60.1699, 24.9384), 0.0),
        ((0.0, 0.0), (0.0, 180.0), 20_015_114.4),
    ],
)
def test_places_where_maps_tear(one: tuple[float, float], other: tuple[float, float], metres: float) -> None:
    assert distance_m(*one, *other) == pytest.approx(metres, abs=0.1)
