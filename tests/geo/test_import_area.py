"""An area is replaced whole or not at all, whatever breaks on the way."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.events import Event
from core.problems import Problem
from core.services import Services
from geo import area, osm, tiles, tiles_cutting, tiles_storing
from geo.models import MapArea, MapTile, Street
from tests.geo.small_map import SmallMap

pytestmark = pytest.mark.both_databases


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return _town(tmp_path / "old.osm.pbf", "Vanhakatu", 60.0)


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return _town(tmp_path / "new.osm.pbf", "Uusikatu", 61.0)


def _town(path: Path, street: str, lat: float) -> Path:
    drawn = SmallMap(path, ((lat, 25.0), (lat + 0.02, 25.04)))
    drawn.way([(lat + 0.01, 25.005), (lat + 0.01, 25.035)], highway="primary", name=street)
    return drawn.write()


def _shown(services: Services) -> tuple[list[str], float, int, set[int]]:
    """The streets, the southern edge and the count of tiles of the map that is shown, and every version there is."""
    with services.read() as session:
        map_area = tiles.current(session)
        assert map_area is not None
        count = select(func.count()).select_from(MapTile).where(MapTile.version == map_area.id)
        names = session.scalars(select(Street.name)).all()
        return list(names), map_area.south, session.scalar(count) or 0, set(session.scalars(select(MapArea.id)))


def test_an_area_is_its_addresses_and_its_map(services: Services, old: Path, new: Path) -> None:
    heard: list[tuple[int, int]] = []
    made = area.import_area(services, old, "operator", lambda done, total: heard.append((done, total)))
    assert _shown(services) == (["Vanhakatu"], 60.0, made.tiles, {1})
    assert heard == sorted(heard)
    assert heard[-1] == (100, 100)
    made = area.import_area(services, new, "user:admin")
    assert _shown(services) == (["Uusikatu"], 61.0, made.tiles, {2})
    with services.read() as session:
        events = session.scalars(select(Event).where(Event.kind == area.IMPORTED).order_by(Event.number)).all()
    assert [(one.actor, one.data["streets"]) for one in events] == [("operator", 1), ("user:admin", 1)]
    assert not list(services.settings.data_dir.glob("area-*")), "files of the way are gone"


def _breaks(*_given: Any, **_named: Any) -> None:
    raise RuntimeError("the plug was pulled")


FAULTS: list[tuple[str, Callable[[pytest.MonkeyPatch], None]]] = [
    ("reading", lambda patch: patch.setattr(osm, "read_area", _breaks)),
    ("cutting", lambda patch: patch.setattr(tiles_cutting, "_CUTTING", Path("/bin/false"))),
    ("storing addresses", lambda patch: patch.setattr(osm, "store_area", _breaks)),
    ("switching", lambda patch: patch.setattr(tiles_storing, "switch", _breaks)),
    ("noting it", lambda patch: patch.setattr(area.events, "record", _breaks)),
]


@pytest.mark.parametrize(("where", "fault"), FAULTS, ids=[where for where, _ in FAULTS])
def test_a_fault_leaves_the_old_area_at_work(
    where: str, fault: Callable[[pytest.MonkeyPatch], None], services: Services, old: Path, new: Path
) -> None:
    before = area.import_area(services, old, "operator")
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        with pytest.raises((RuntimeError, Problem)):
            area.import_area(services, new, "operator")
    names, south, count, _ = _shown(services)
    assert (names, south, count) == (["Vanhakatu"], 60.0, before.tiles), where
    after = area.import_area(services, new, "operator")
    names, south, count, versions = _shown(services)
    assert (names, south, count) == (["Uusikatu"], 61.0, after.tiles)
    assert len(versions) == 1, "what was left over is gone"
    assert not list(services.settings.data_dir.glob("area-*"))


def test_a_fault_between_two_batches_of_tiles(
    services: Services, old: Path, new: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = area.import_area(services, old, "operator")

    def progress(done: int, _total: int) -> None:
        if 65 < done < 90:
            raise RuntimeError("the plug was pulled")

    monkeypatch.setattr(tiles_storing, "_AT_ONCE", 2)
    with pytest.raises(RuntimeError):
        area.import_area(services, new, "operator", progress)
    assert _shown(services)[:3] == (["Vanhakatu"], 60.0, before.tiles)


def test_of_two_imports_at_once_none_shows_half_a_map(services: Services, old: Path, new: Path, tmp_path: Path) -> None:
    cut = tiles_cutting.cut(old, _folder(tmp_path), lambda *_: None)
    version = tiles_storing.put_beside(services, cut, lambda *_: None)
    area.import_area(services, new, "operator")
    with pytest.raises(Problem, match="run this one again") as refused, services.write() as session:
        tiles_storing.switch(session, version, cut.tiles)
    assert refused.value.status == 409
    assert _shown(services)[0] == ["Uusikatu"]


def test_a_map_alone(services: Services, old: Path) -> None:
    drawn = area.draw_map(services, old, "system")
    assert _shown(services)[2] == drawn
    assert _shown(services)[0] == []


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "cut"
    folder.mkdir()
    return folder
