"""Importing an area: the streets, addresses, districts and towns of an OSM extract take the place of what was known before.

© OpenStreetMap contributors, Open Database Licence 1.0; what is made from an extract stays under that licence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert
from sqlalchemy.orm import Session

from core.problems import Problem, field_problem
from core.words import fill
from geo import osm_districts, osm_reading, osm_streets
from geo.area_progress import WHOLE, Progress, nobody_listens
from geo.models import TOWN, WIDER, Crossing, District, HouseNumber, Locality, Street
from geo.names import key

_BATCH = 2000
_REAL_TOWN_FROM_ADDRESSES = 3
"""A town that fewer addresses name, and no place or border, is a slip of somebody's pen."""


@dataclass(frozen=True)
class Counts:
    """How much an area holds."""

    streets: int
    house_numbers: int
    crossings: int
    districts: int
    localities: int


@dataclass(frozen=True)
class Area:
    """Everything of an extract that is kept, not yet stored."""

    streets: Sequence[osm_streets.BuiltStreet]
    crossings: Sequence[tuple[int, int, osm_reading.Point]]
    districts: Sequence[osm_districts.BuiltDistrict]
    localities: Sequence[dict[str, Any]]


def import_area(session: Session, path: str | Path) -> Counts:
    """Read the extract at `path` and replace the addresses with its own; see `read_area` for the errors.

    Reading takes a minute for a country: whoever must not hold a write transaction for so long calls `read_area` before it
    and `store_area` inside, as `geo.area` does.
    """
    return store_area(session, read_area(path))


def read_area(path: str | Path, progress: Progress = nobody_listens) -> Area:
    """Read the extract at `path` (.osm.pbf). `progress` hears per cent.

    Raises Problem (422, /file) when it is missing, no OSM extract, or holds no named street.
    """
    found = _found(Path(path), progress)
    localities = _localities(found)
    streets = osm_streets.build(found.streets, found.addresses)
    towns = {key(name) for row in localities if row["kind"] == TOWN for name in (row["name"], *row["other_names"])}
    for street in streets:
        street.town = street.town if street.town and key(street.town) in towns else None
    if not streets:
        raise field_problem("/file", fill("{path} holds no named street and no address", path=path))
    return Area(streets, osm_streets.crossings(streets), osm_districts.build(found), localities)


def store_area(session: Session, area: Area, progress: Progress = nobody_listens) -> Counts:
    """Replace the area that the database holds with `area`, in the caller's transaction."""
    for table in (Crossing, HouseNumber, Street, District, Locality):
        session.execute(delete(table))
    report = _Report(progress, _rows_of(area))
    ids = list(_store_streets(session, area, report))
    numbers = [
        {"street_id": street_id, "number": str(one.number), "postcode": one.postcode, "lat": one.lat, "lon": one.lon}
        for street_id, street in zip(ids, area.streets, strict=True)
        for one in street.numbers
    ]
    crossings = [
        {"street_id": ids[one], "other_street_id": ids[other], "lat": spot[0], "lon": spot[1]}
        for one, other, spot in area.crossings
    ]
    districts = [{"name": one.name, "lat": one.place[0], "lon": one.place[1], "polygon": one.polygon} for one in area.districts]
    tables = ((HouseNumber, numbers), (Crossing, crossings), (District, districts), (Locality, area.localities))
    for table, rows in tables:
        for batch in _batches(rows):
            session.execute(insert(table), batch)
            report.stored(len(batch))
    return Counts(len(ids), len(numbers), len(crossings), len(districts), len(area.localities))


def _found(path: Path, progress: Progress) -> osm_reading.Found:
    if not path.is_file():
        raise field_problem("/file", fill("there is no file {path}", path=path))
    try:
        return osm_reading.read(str(path), lambda per_cent: progress(per_cent, WHOLE))
    except RuntimeError as error:
        raise Problem(422, fill("{path} is not an OSM extract (.osm.pbf): {error}", path=path, error=error)) from error


class _Report:
    """Tells how far storing is."""

    def __init__(self, progress: Progress, rows: int) -> None:
        self._progress, self._rows, self._done = progress, max(1, rows), 0

    def stored(self, rows: int) -> None:
        self._done += rows
        self._progress(self._done * WHOLE // self._rows, WHOLE)


def _rows_of(area: Area) -> int:
    numbers = sum(len(street.numbers) for street in area.streets)
    return len(area.streets) + numbers + len(area.crossings) + len(area.districts) + len(area.localities)


def _store_streets(session: Session, area: Area, report: _Report) -> Iterator[int]:
    statement = insert(Street).returning(Street.id, sort_by_parameter_order=True)
    for batch in _batches(area.streets):
        rows = [
            {"name": one.name, "other_names": one.other_names, "town": one.town, "lat": one.place[0], "lon": one.place[1]}
            for one in batch
        ]
        yield from session.scalars(statement, rows)
        report.stored(len(batch))


def _batches(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def _localities(found: osm_reading.Found) -> list[dict[str, Any]]:
    """Each locality once, with all its names; a name that is a town's somewhere is a town."""
    rows: dict[str, dict[str, Any]] = {}
    for is_town, name, other_names in found.localities:
        row = rows.setdefault(key(name), {"kind": WIDER, "name": name[:120], "other_names": []})
        row["kind"] = TOWN if is_town else row["kind"]
        row["other_names"] = list(dict.fromkeys([*row["other_names"], *other_names]))
    known = {key(name) for row in rows.values() for name in (row["name"], *row["other_names"])}
    for town, times in Counter(address.town for address in found.addresses if address.town).items():
        if times >= _REAL_TOWN_FROM_ADDRESSES and key(town) not in known:
            rows[key(town)] = {"kind": TOWN, "name": town[:120], "other_names": []}
    rows.pop("", None)
    return list(rows.values())
