"""Zones: what a polygon may be, who is inside, and that a change is seen at once without parsing at every look."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete, update

from core.problems import Problem
from core.services import Services
from geo import zones
from geo.models import BARRIER, EXCLUSION, SERVICE_AREA, Zone

Ring = list[list[float]]


def _square(west: float, south: float, size: float = 1.0) -> dict[str, Any]:
    east, north = west + size, south + size
    return {"type": "Polygon", "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]]}


def _add(services: Services, kind: str, polygon: dict[str, Any], **columns: Any) -> None:
    with services.write() as session:
        session.add(Zone(kind=kind, name=columns.pop("name", kind), polygon=polygon, **columns))


def _area(services: Services, agency_id: int = 1) -> zones.ServiceArea:
    with services.read() as session:
        return zones.service_area(session, agency_id)


def test_without_a_zone_everywhere_is_inside(services: Services) -> None:
    area = _area(services)
    assert area.contains(60.0, 24.0)
    assert area.contains(-90.0, 180.0)
    assert area.excluded(60.0, 24.0) is None
    assert area.inhabitants_per_km2 is None


def test_inside_are_all_service_areas_with_their_borders(services: Services) -> None:
    _add(services, SERVICE_AREA, _square(24, 60))
    _add(services, SERVICE_AREA, _square(30, 60), inhabitants_per_km2=9000)
    area = _area(services)
    assert [area.contains(60.5, lon) for lon in (23.9, 24.0, 24.5, 25.1, 30.5)] == [False, True, True, False, True]
    assert area.inhabitants_per_km2 == 9000


def test_an_exclusion_is_named_and_a_barrier_changes_nothing(services: Services) -> None:
    _add(services, EXCLUSION, _square(24, 60, 0.1), name="Harbour")
    _add(services, BARRIER, _square(24, 60))
    area = _area(services)
    assert area.excluded(60.05, 24.05) == "Harbour"
    assert area.excluded(60.5, 24.5) is None
    assert area.contains(60.05, 24.05)


def test_zones_belong_to_their_agency(services: Services) -> None:
    _add(services, SERVICE_AREA, _square(24, 60), agency_id=2)
    assert _area(services, 1).contains(0.0, 0.0)
    assert not _area(services, 2).contains(0.0, 0.0)


def test_every_change_is_seen_at_once_and_otherwise_nothing_is_parsed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[object] = []
    parse = zones.parse_polygon
    monkeypatch.setattr(zones, "parse_polygon", lambda data: parsed.append(data) or parse(data))
    _add(services, SERVICE_AREA, _square(24, 60))
    assert _area(services) is _area(services)
    assert len(parsed) == 1
    with services.write() as session:
        session.execute(update(Zone).values(polygon=_square(10, 10)))
    assert _area(services).contains(10.5, 10.5)
    with services.write() as session:
        session.get_one(Zone, 1).polygon = _square(40, 40)
    assert _area(services).contains(40.5, 40.5)
    with services.write() as session:
        session.execute(delete(Zone))
        session.add(Zone(kind=SERVICE_AREA, name="new", polygon=_square(50, 50)))
    assert _area(services).contains(50.5, 50.5)
    assert not _area(services).contains(40.5, 40.5)


def test_a_zone_that_cannot_be_read_stops_no_emergency(services: Services) -> None:
    _add(services, EXCLUSION, {"type": "Polygon", "coordinates": "spoilt"})
    _add(services, SERVICE_AREA, _square(24, 60))
    assert _area(services).contains(60.5, 24.5)
    assert _area(services).excluded(60.5, 24.5) is None


SQUARE: Ring = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
BAD_POLYGONS: list[tuple[str, Any, str]] = [
    ("nothing", None, "must be a GeoJSON Polygon or MultiPolygon"),
    ("a list", [SQUARE], "must be a GeoJSON Polygon or MultiPolygon"),
    ("another type", {"type": "Point", "coordinates": [0, 0]}, "must be a GeoJSON Polygon or MultiPolygon"),
    ("no coordinates", {"type": "Polygon"}, "cannot be read"),
    ("null coordinates", {"type": "Polygon", "coordinates": None}, "has no corners"),
    ("words", {"type": "Polygon", "coordinates": "here"}, "cannot be read"),
    ("words in numbers", {"type": "Polygon", "coordinates": [[["a", 2], [1, 2], [3, 4], ["a", 2]]]}, "cannot be read"),
    ("too few corners", {"type": "Polygon", "coordinates": [[[1, 2]]]}, "cannot be read"),
    ("too big a number", {"type": "Polygon", "coordinates": [[[0, 0], [0, 10**400], [1, 1]]]}, "cannot be read"),
    ("empty", {"type": "Polygon", "coordinates": []}, "has no corners"),
    ("outside the Earth", {"type": "Polygon", "coordinates": [[[0, 0], [0, 91], [1, 1], [0, 0]]]}, "outside the Earth"),
    ("lat before lon", {"type": "Polygon", "coordinates": [[[60, 170], [61, 170], [61, 171], [60, 170]]]}, "longitude"),
    ("not a number", {"type": "Polygon", "coordinates": [[[0, 0], [0, float("nan")], [1, 1]]]}, "outside the Earth"),
    ("a bow tie", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [0, 1], [1, 0], [0, 0]]]}, "crosses or touches itself"),
    ("a line", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [2, 2], [0, 0]]]}, "itself"),
    ("a hole outside", {"type": "Polygon", "coordinates": [SQUARE, [[5, 5], [5, 6], [6, 6], [5, 5]]]}, "itself"),
]


@pytest.mark.parametrize(("what", "data", "complaint"), BAD_POLYGONS, ids=[row[0] for row in BAD_POLYGONS])
def test_what_is_no_polygon_is_refused_plainly(what: str, data: Any, complaint: str) -> None:
    with pytest.raises(Problem, match=complaint) as refused:
        zones.parse_polygon(data, "/zones/0/polygon")
    assert [(error.pointer, refused.value.status) for error in refused.value.errors] == [("/zones/0/polygon", 422)]


@pytest.mark.parametrize(
    "data",
    [
        {"type": "Polygon", "coordinates": [SQUARE]},
        {"type": "Polygon", "coordinates": [SQUARE[:-1]]},
        {"type": "MultiPolygon", "coordinates": [[SQUARE], [[[5, 5], [5, 6], [6, 6], [5, 5]]]]},
        {"type": "Polygon", "coordinates": [[[0, 0, 7], [0, 1, 7], [1, 1, 7], [0, 0, 7]]]},
        {"type": "Polygon", "coordinates": [SQUARE, [[0.2, 0.2], [0.2, 0.4], [0.4, 0.4], [0.2, 0.2]]]},
    ],
    ids=["closed", "left open", "several", "with heights", "with a hole"],
)
def test_polygons(data: dict[str, Any]) -> None:
    assert zones.parse_polygon(data).area > 0
