"""Counting how well a metropolis is covered, beside the plain way: the rules that choose people asked about every place, at
every moment of the forecast, by day and by night."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import mapping
from sqlalchemy import select

from console.tables import METADATA
from core import clock
from core.database import Database
from core.queue import WakeUps
from core.services import Services
from core.settings import load
from dispatch import plans
from geo import ground
from geo.models import District
from responder import rules
from responder.coverage import anonymous, keeping, months
from responder.coverage.needs import Needs
from responder.models import ReachablePlace
from scripts.benches import choose
from scripts.benches.report import Row, row

PLACES = 150_000
"""Of about 100,000 people, every second of whom has a place of work."""
DISTRICTS_A_SIDE = 8
TIMES = 3
NEEDS = sorted({Needs.of(plan.all_of, plan.any_of) for plan, is_on in plans.SHIPPED if is_on})
"""What the shipped plans ask for: two sets of certifications."""
_CORNERS_A_SIDE = 200


def run() -> Iterator[Row]:
    """The whole forecast for the plans that ship, what a page reads of it, and the plain way to the areas' counts of one
    of them, which must be the same."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite3"
        database = Database(url)
        METADATA.create_all(database.engine)
        choose.fill(database, PLACES)
        _draw_districts(database)
        settings = load(_env_file=None, data_dir=Path(folder), database_url=url, secret_key="bench")
        services = Services(settings, database, WakeUps(None))
        yield row("cover", f"{PLACES:,} places: the forecast", _times(lambda: _make(services), TIMES), "< 10 s")
        yield row("cover", "what a page reads of it", _times(lambda: _latest(services), 50), "p95 < 100 ms")
        started = time.perf_counter()
        plain = _plainly(services)
        yield row("cover", "the plain way to its counts", [time.perf_counter() - started])
        assert plain == _counts(services), "the rules count others"
        database.close()


def _times(work: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return taken


def _draw_districts(database: Database) -> None:
    """Squares over the whole town, with as many corners as real borders have."""
    south, west = choose.CENTRE[0] - choose.SIDE_LAT, choose.CENTRE[1] - choose.SIDE_LON
    lat, lon = (2 * side / DISTRICTS_A_SIDE for side in (choose.SIDE_LAT, choose.SIDE_LON))
    with database.write() as session:
        for number in range(DISTRICTS_A_SIDE**2):
            up, right = divmod(number, DISTRICTS_A_SIDE)
            box = shapely.box(west + right * lon, south + up * lat, west + (right + 1) * lon, south + (up + 1) * lat)
            polygon = mapping(box.segmentize(lon / _CORNERS_A_SIDE))
            session.add(District(name=f"District {number}", lat=south, lon=west, polygon=polygon))


def _make(services: Services) -> None:
    keeping.make(services, lambda _: NEEDS)


def _latest(services: Services) -> keeping.Kept:
    with services.read() as session:
        kept = keeping.latest(session, NEEDS[0])
    assert kept is not None
    return kept


def _counts(services: Services) -> list[list[tuple[int | None, int | None]]]:
    return [[(stand.by_day, stand.by_night) for stand in area.stands] for area in _latest(services).forecast.areas]


def _plainly(services: Services) -> list[list[tuple[int | None, int | None]]]:
    settings = services.settings
    with services.read() as session:
        rows = session.execute(select(ReachablePlace.__table__)).all()
        divided = ground.of(session)
    parts = divided.part_of(np.array([one.lat for one in rows]), np.array([one.lon for one in rows])).tolist()
    columns = []
    for end in months.ends(clock.now(), settings.zone_info, settings.certificate_grace):
        for by in (months.BY_DAY, months.BY_NIGHT):
            at = months.at(end, by)
            placed = zip(parts, rows, strict=True)
            asked = {(part, one.responder_id) for part, one in placed if rules.reason_against(one, *NEEDS[0], at) is None}
            columns.append(Counter(part for part, _ in asked))
    by_day, by_night = columns[::2], columns[1::2]
    return [
        [(anonymous.shown(day[part]), anonymous.shown(night[part])) for day, night in zip(by_day, by_night, strict=True)]
        for part in range(len(divided.parts))
    ]
