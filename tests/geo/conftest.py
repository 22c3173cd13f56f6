"""Central Helsinki, read once and stored in whatever database a test has."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.services import Services
from geo.osm import Area, read_area, store_area

HELSINKI = Path(__file__).parents[2] / "demo" / "helsinki.osm.pbf"


@pytest.fixture(scope="session")
def helsinki_area() -> Area:
    return read_area(HELSINKI)


@pytest.fixture
def helsinki(services: Services, helsinki_area: Area) -> Services:
    """Services over a database that holds central Helsinki."""
    with services.write() as session:
        store_area(session, helsinki_area)
    return services
