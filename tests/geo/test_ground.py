"""The ground divided: every served place in one part, under the name that the first text gives it."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert

from core.database import Database
from core.services import Services
from geo import ground
from geo.districts import district_near
from geo.models import EXCLUSION, SERVICE_AREA, District, Zone

WHOLE = shapely.box(24.90, 60.15, 24.98, 60.19)
QUARTER, INNER, SPLINTER = (
    shapely.box(24.90, 60.15, 24.94, 60.19),
    shapely.box(24.92, 60.16, 24.93, 60.17),
    shapely.box(24.979, 60.189, 24.999, 60.199),
)
BORDERED = [("Quarter", QUARTER), ("Inner", INNER), ("Splinter", SPLINTER)]
POINTS = [("Hill", 60.16, 24.95), ("Bay", 60.18, 24.96)]


@pytest.fixture
def database(empty_sqlite: Database) -> Database:
    """No database has a say in geometry."""
    return empty_sqlite


def part_names(found: ground.Ground) -> list[str | None]:
    return [part.name for part in found.parts]


def test_the_smaller_district_is_cut_out_of_the_larger_and_splinters_are_the_rest() -> None:
    found = ground.divide(WHOLE, BORDERED, [])
    assert part_names(found) == ["Quarter", "Inner", None]
    sizes = [part.km2 for part in found.parts]
    assert sizes == pytest.approx([9.24, 0.615, 9.86], rel=0.01)
    inside = found.part_of(np.array([60.165, 60.155, 60.18, 60.3]), np.array([24.925, 24.91, 24.97, 24.9]))
    assert inside.tolist() == [1, 0, 2, -1]


def test_without_districts_there_is_the_whole_and_without_a_border_what_is_named() -> None:
    assert part_names(ground.divide(WHOLE, [], [])) == [None]
    assert part_names(ground.divide(None, BORDERED, [])) == ["Quarter", "Splinter", "Inner"]
    assert part_names(ground.divide(None, [], POINTS[:1])) == ["Hill"]
    assert part_names(ground.divide(None, [], [])) == []


@given(st.floats(60.1501, 60.1899), st.floats(24.9001, 24.9799))
def test_parts_do_not_overlap_and_leave_nothing_out(lat: float, lon: float) -> None:
    found = ground.divide(WHOLE, BORDERED, POINTS)
    assert sum(part.polygon.contains(shapely.Point(lon, lat)) for part in found.parts) <= 1
    assert sum(part.km2 for part in found.parts) == pytest.approx(ground.square_km(WHOLE), rel=1e-3)


def test_a_part_has_the_name_that_the_first_text_gives_its_places(services: Services) -> None:
    ring = shapely.geometry.mapping(WHOLE)
    with services.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="Town", polygon=ring))
        session.add(
            Zone(kind=EXCLUSION, name="Port", polygon=shapely.geometry.mapping(shapely.box(24.97, 60.15, 24.98, 60.16)))
        )
        for name, polygon in BORDERED[:2]:
            middle = polygon.representative_point()
            values = {"name": name, "lat": middle.y, "lon": middle.x, "polygon": shapely.geometry.mapping(polygon)}
            session.execute(insert(District).values(**values))
        for name, lat, lon in POINTS:
            session.add(District(name=name, lat=lat, lon=lon, polygon=None))
    with services.read() as session:
        found = ground.of(session)
        seen = ground.version(session)
        lats, lons = (
            grid.ravel() for grid in np.meshgrid(np.linspace(60.1505, 60.1895, 12), np.linspace(24.9005, 24.9795, 12))
        )
        for lat, lon, index in zip(lats, lons, found.part_of(lats, lons), strict=True):
            if index >= 0:
                assert found.parts[index].name == district_near(session, lat, lon), (lat, lon)
            else:
                assert lon > 24.97
                assert lat < 60.16, "only what is excluded belongs to nothing"
    with services.write() as session:
        session.add(District(name="New", lat=60.1, lon=24.9, polygon=None))
    with services.read() as session:
        assert ground.version(session) != seen
