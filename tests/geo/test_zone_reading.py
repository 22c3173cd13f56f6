"""GeoJSON from elsewhere: every usual wrapping is understood, and what is wrong is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
import shapely
from babel.messages.extract import extract_from_file
from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from core.problems import Problem
from core.services import Services
from geo import zone_changes, zone_reading, zones
from geo.models import EXCLUSION, SERVICE_AREA

SQUARE = [[24.9, 60.1], [25.0, 60.1], [25.0, 60.2], [24.9, 60.2], [24.9, 60.1]]
BESIDE = [[lon + 0.2, lat] for lon, lat in SQUARE]
BOW_TIE = [SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]
SWAPPED = [[lat, lon] for lon, lat in SQUARE]
POLAR = [[60, 100], [61, 100], [61, 101], [60, 100]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE]}
CRS84 = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
HELSINKI = (24.93, 60.16, 24.96, 60.18)
MARKS = {"_": None, "fill": None, "field_problem": (2,)}
MARKED = {
    sentence for room in (zone_reading, zones) for _, sentence, *_ in extract_from_file("python", room.__file__, keywords=MARKS)
}
"""What a translator finds there."""


def _ring(ring: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring]}


def _feature(geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"name": "x"}, "geometry": geometry}


def _features(*geometries: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": [_feature(one) for one in geometries]}


@pytest.mark.parametrize(
    ("what", "data", "parts"),
    [
        ("a polygon", POLYGON, 1),
        ("several", {"type": "MultiPolygon", "coordinates": [[SQUARE], [BESIDE]]}, 2),
        ("a feature", _feature(POLYGON), 1),
        ("a collection of one", _features(POLYGON), 1),
        ("of two apart", _features(POLYGON, _ring(BESIDE)), 2),
        ("of two alike", _features(POLYGON, POLYGON), 1),
        ("geometries", {"type": "GeometryCollection", "geometries": [POLYGON]}, 1),
        ("with heights", {"type": "Polygon", "coordinates": [[[*corner, 12.5] for corner in SQUARE]]}, 1),
        ("with the usual crs", {**POLYGON, "crs": CRS84}, 1),
    ],
)
def test_understood(what: str, data: dict[str, Any], parts: int) -> None:
    polygon = zones.parse_polygon(zone_reading.read(json.dumps(data), HELSINKI))
    assert len(getattr(polygon, "geoms", [polygon])) == parts, what
    assert polygon.contains(shapely.Point(24.95, 60.15))


@pytest.mark.parametrize(
    ("what", "text", "told"),
    [
        ("no JSON", "{", "is not JSON: .*line 1"),
        ("no text", b"\xff\xfe\x00", "UTF-8"),
        ("a list", "[]", "it has no type"),
        ("another type", '{"type": "Topology"}', '"Topology".*allowed are Polygon'),
        ("a point", json.dumps(_feature({"type": "Point", "coordinates": [25, 60]})), "holds a Point"),
        ("a line", '{"type": "LineString", "coordinates": [[24, 60], [25, 61]]}', "holds a LineString"),
        ("nothing in it", '{"type": "FeatureCollection", "features": []}', "holds no polygon"),
        ("an empty feature", '{"type": "Feature", "geometry": null}', "no GeoJSON that encloses"),
        ("metres", json.dumps({**POLYGON, "coordinates": [[[x * 1e4, y * 1e4] for x, y in SQUARE]]}), "no degrees"),
        ("another crs", json.dumps({**POLYGON, "crs": {"type": "name", "properties": {"name": "EPSG:3067"}}}), "EPSG:3067"),
        ("swapped", json.dumps(_ring(SWAPPED)), "swapped"),
        ("swapped beyond the pole", json.dumps(_ring(POLAR)), "swapped"),
        ("a bow tie", json.dumps(_ring(BOW_TIE)), "crosses"),
        ("no coordinates", '{"type": "Polygon"}', "cannot be read|no corners"),
        ("words", '{"type": "Polygon", "coordinates": [[["a", "b"]]]}', "cannot be read"),
        ("NaN", '{"type": "Polygon", "coordinates": [[[NaN, 60], [25, 60], [25, 61], [NaN, 60]]]}', "outside the Earth"),
    ],
)
def test_refused_by_name(what: str, text: str | bytes, told: str) -> None:
    with pytest.raises(Problem, match=told) as refused:
        zone_reading.read(text, HELSINKI)
    assert refused.value.status == 422, what
    (error,) = refused.value.errors
    assert error.pointer == "/polygon"
    assert getattr(error.detail, "sentence", error.detail) in MARKED


_NUMBERS = st.floats(allow_nan=True, allow_infinity=True) | st.integers() | st.text(max_size=3) | st.none() | st.booleans()
_ANY_JSON = st.recursive(
    _NUMBERS,
    lambda inside: (
        st.lists(inside, max_size=5)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "features", "geometry", "geometries", "crs"]), inside, max_size=4
        )
        | st.fixed_dictionaries({"type": st.just("Polygon"), "coordinates": st.lists(inside, max_size=4)})
    ),
    max_leaves=20,
)


@hypothesis_given(_ANY_JSON)
def test_whatever_comes_is_a_polygon_or_a_named_problem(data: Any) -> None:
    try:
        polygon = zone_reading.read(json.dumps(data), HELSINKI)
    except Problem as problem:
        told = problem
    else:
        assert zones.parse_polygon(polygon).area > 0
        return
    assert told.status == 422
    assert told.errors


def test_without_a_town_a_border_anywhere_is_taken_at_its_word() -> None:
    assert zone_reading.read(json.dumps(_ring(SWAPPED)))["type"] == "Polygon"


def test_how_large_and_how_far() -> None:
    square = zones.parse_polygon(POLYGON)
    assert zone_reading.square_km(square) == pytest.approx(5.54 * 11.12, rel=0.01)
    assert zone_reading.km_apart(square, HELSINKI) == 0
    assert zone_reading.km_apart(square, (7.4, 43.72, 7.45, 43.75)) == pytest.approx(2160, rel=0.1)


def test_a_new_border_replaces_the_old_or_stands_beside_it(services: Services) -> None:
    def save(name: str, replaces: bool, kind: str = SERVICE_AREA) -> int:
        wanted = zone_changes.NewZone(name=name, polygon=POLYGON, kind=kind, inhabitants_per_km2=100, replaces=replaces)
        with services.write() as session:
            return zone_changes.save(session, wanted, "user:admin")

    def names() -> list[str]:
        with services.read() as session:
            return [zone.name for zone in zone_changes.all_of(session)]

    save("Harbour", replaces=True, kind=EXCLUSION)
    save("One", replaces=True)
    last = save("Two", replaces=False)
    assert names() == ["One", "Two", "Harbour"]
    save("Three", replaces=True)
    assert names() == ["Three", "Harbour"]
    with services.read() as session:
        assert zones.service_area(session).excluded(60.15, 24.95) == "Harbour"
    with pytest.raises(Problem, match="no such zone"), services.write() as session:
        zone_changes.remove(session, last, "user:admin")


@pytest.mark.parametrize(
    ("field", "given"),
    [("name", " "), ("name", "x" * 121), ("kind", "barrier"), ("inhabitants_per_km2", -1), ("inhabitants_per_km2", 100_001)],
)
def test_a_wrong_field_is_named(services: Services, field: str, given: Any) -> None:
    wanted = zone_changes.NewZone(**({"name": "Town", "polygon": POLYGON} | {field: given}))
    with pytest.raises(Problem) as refused, services.write() as session:
        zone_changes.save(session, wanted, "user:admin")
    assert refused.value.errors[0].pointer == f"/{field}"
