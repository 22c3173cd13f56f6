"""`scripts/manage import-area` and `import-zone`: what they say, and what they refuse."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.services import open_services
from core.settings import load
from geo import tiles, zone_changes
from scripts.lib import town

Call = Callable[..., int]
RING = [[24.93, 60.16], [24.96, 60.16], [24.96, 60.18], [24.93, 60.18], [24.93, 60.16]]


def _written(folder: Path, data: Any) -> Path:
    path = folder / "border.geojson"
    path.write_text(json.dumps(data))
    return path


def _zones(data: Path) -> list[tuple[str, str, int | None]]:
    services = open_services(load(data_dir=data))
    with services.read() as session:
        zones = [(zone.kind, zone.name, zone.inhabitants_per_km2) for zone in zone_changes.all_of(session)]
    services.database.close()
    return zones


def test_an_area_and_its_border(data: Path, call_manage: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call_manage("import-area", town.EXTRACT) == 0
    told = capsys.readouterr().out
    assert "113 streets, 584 addresses, 10 districts, 20 map tiles." in told
    assert "© OpenStreetMap contributors" in told
    services = open_services(load(data_dir=data))
    with services.read() as session:
        assert tiles.current(session) is not None
    services.database.close()

    border = _written(tmp_path, {"type": "Polygon", "coordinates": [RING]})
    assert call_manage("import-zone", border, "--name", "Keskusta", "--inhabitants-per-km2", 5000) == 0
    assert "Keskusta: 3.69 km². It is the service area now." in capsys.readouterr().out
    assert call_manage("import-zone", border, "--exclusion") == 0
    assert call_manage("import-zone", border, "--beside") == 0
    assert _zones(data) == [
        ("service_area", "Keskusta", 5000),
        ("service_area", "border", None),
        ("exclusion", "border", None),
    ]
    assert call_manage("import-zone", border) == 0
    assert [name for _, name, _ in _zones(data)] == ["border", "border"], "a new border replaces those before"

    swapped = _written(tmp_path, {"type": "Polygon", "coordinates": [[[lat, lon] for lon, lat in RING]]})
    capsys.readouterr()
    assert call_manage("import-zone", swapped) == 2
    assert "swapped" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("command", "content", "told"),
    [
        ("import-zone", None, "there is no file"),
        ("import-zone", b"{", "is not JSON"),
        ("import-area", None, "there is no file"),
        ("import-area", b"{", "is not an OSM extract"),
    ],
)
def test_what_cannot_be_used_is_one_plain_line(
    command: str, content: bytes | None, told: str, call_manage: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "given"
    if content is not None:
        path.write_bytes(content)
    assert call_manage(command, path) == 2
    said = capsys.readouterr().err.strip()
    assert told in said
    assert "\n" not in said
