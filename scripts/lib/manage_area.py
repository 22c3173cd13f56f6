"""`scripts/manage import-area` and `import-zone`."""

from __future__ import annotations

import argparse

from core.problems import field_problem
from core.services import Services
from geo import area, tiles, zone_changes, zone_reading
from geo.models import EXCLUSION, SERVICE_AREA
from geo.zones import parse_polygon
from scripts.lib.progress import bar
from scripts.lib.terminal import say

ACTOR = "operator"


def import_area(services: Services, given: argparse.Namespace) -> int:
    """Streets, house numbers, districts and the map of an extract."""
    with bar("importing") as progress:
        made = area.import_area(services, given.file, ACTOR, progress)
    counts = made.counts
    say(f"{counts.streets} streets, {counts.house_numbers} addresses, {counts.districts} districts, {made.tiles} map tiles.")
    say("Map data © OpenStreetMap contributors, ODbL 1.0.")
    return 0


def import_zone(services: Services, given: argparse.Namespace) -> int:
    """A service area (or an exclusion) from GeoJSON."""
    if not given.file.is_file():
        raise field_problem("/file", f"there is no file {given.file}")
    with services.read() as session:
        town = tiles.current(session)
        near = (town.west, town.south, town.east, town.north) if town else None
    polygon = zone_reading.read(given.file.read_bytes(), near, "/file")
    wanted = zone_changes.NewZone(
        name=given.name or given.file.stem[: zone_changes.LONGEST_NAME],
        polygon=polygon,
        kind=EXCLUSION if given.exclusion else SERVICE_AREA,
        inhabitants_per_km2=given.inhabitants_per_km2,
        replaces=not given.beside,
    )
    with services.write() as session:
        zone_changes.save(session, wanted, ACTOR)
    say(f"{wanted.name}: {zone_reading.square_km(parse_polygon(polygon)):.2f} km². {_what_happens(given)}")
    return 0


def _what_happens(given: argparse.Namespace) -> str:
    if given.exclusion:
        return "Nobody is asked there."
    return "It stands beside the service areas there were." if given.beside else "It is the service area now."
