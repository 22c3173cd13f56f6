"""Choosing the 30 best through the function that texts real people, beside a linear scan and an R*Tree of the same people."""

from __future__ import annotations

import gc
import heapq
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert

from console.tables import METADATA
from core import clock
from core.database import Database
from dispatch import candidates, plans
from geo import cells
from geo.distance import Origin
from geo.models import SERVICE_AREA, Zone
from geo.travel import StraightLine
from responder import hours, rules
from responder.models import ReachablePlace
from scripts.benches.report import Row, row

CENTRE = (60.1699, 24.9384)
SIDE_LAT, SIDE_LON = 0.2246, 0.4500
"""A square of 25 x 25 km: a metropolis at 1,000,000 places, sparse at 10,000."""
QUESTIONS = 300
LIMIT = 30
_PLAN = next(plan for plan, _ in plans.SHIPPED if plan.type == "cardiac_arrest")
_DENSITY = 3000


def run() -> Iterator[Row]:
    """A million places, then ten thousand over the same area."""
    for places, bar in ((1_000_000, "p50 < 2 ms, p99 < 5 ms"), (10_000, "p99 < 5 ms")):
        with tempfile.TemporaryDirectory() as folder:
            yield from _one_world(Path(folder), places, bar)


def _one_world(folder: Path, places: int, bar: str) -> Iterator[Row]:
    path = folder / "bench.sqlite3"
    database = Database(f"sqlite:///{path}")
    METADATA.create_all(database.engine)
    people = fill(database, places)
    tree = _r_tree(folder / "tree.sqlite3", path)
    draw = random.Random(2)
    spots = [_spot(draw) for _ in range(QUESTIONS)]
    moment = rules.moment(clock.now(), ZoneInfo("Europe/Helsinki"), "FI")
    label = f"{places:,} places"
    choose = _asking(database, moment)
    for spot in spots[:20]:
        choose(spot)
    gc.collect()
    times, found = _time(choose, spots)
    yield row("choose", f"{label}: ours", times, bar)
    tree_times, tree_found = _time(lambda spot: _by_tree(tree, spot, moment), spots[:100])
    yield row("choose", f"{label}: R*Tree", tree_times)
    scan_times, scan_found = _time(lambda spot: _by_scan(people, spot, moment), spots[:3])
    yield row("choose", f"{label}: linear scan", scan_times)
    assert found[:100] == tree_found, "the R*Tree found others"
    assert found[:3] == scan_found, "the linear scan found others"
    database.close()


def _time(choose: Callable[[tuple[float, float]], Any], spots: Iterable[tuple[float, float]]) -> tuple[list[float], list[Any]]:
    times, found = [], []
    for spot in spots:
        started = time.perf_counter()
        answer = choose(spot)
        times.append(time.perf_counter() - started)
        found.append([one.responder_id for one in answer])
    return times, found


def _question(spot: tuple[float, float], moment: rules.Moment) -> candidates.Question:
    return candidates.Question(1, "none", *spot, _PLAN, _PLAN.reach.travel_s, moment)


def _asking(database: Database, moment: rules.Moment) -> Callable[[tuple[float, float]], list[candidates.Candidate]]:
    """Each in a transaction of its own, as an emergency is: what a transaction remembers helps no other choice."""

    def choose(spot: tuple[float, float]) -> list[candidates.Candidate]:
        with database.read() as session:
            return candidates.find(session, _question(spot, moment), LIMIT, {})

    return choose


def _spot(draw: random.Random) -> tuple[float, float]:
    return (
        CENTRE[0] + (draw.random() - 0.5) * SIDE_LAT,
        CENTRE[1] + (draw.random() - 0.5) * SIDE_LON,
    )


def fill(database: Database, places: int) -> list[SimpleNamespace]:
    """People as a town has them: a third not certified or lapsed, some off, opted out or at work, on foot, by bike, by car."""
    draw = random.Random(1)
    soon, past = clock.epoch_s(clock.now()) + 10_000_000, clock.epoch_s(clock.now()) - 1_000_000
    works = [hours.week_of(f"Mo-Fr {start:02}:{minute:02}-{start + 8}:30") for start in range(6, 11) for minute in (0, 15, 30)]
    weeks: list[bytes | None] = [None, *(week.packed for week in works), *(week.complement().packed for week in works)]
    rows = []
    for number in range(1, places + 1):
        lat, lon = _spot(draw)
        rows.append(
            {
                "cell10": cells.cell(lat, lon, 10),
                "cell8": cells.cell(lat, lon, 8),
                "place_id": number,
                "agency_id": 1,
                "responder_id": number,
                "kind": draw.choice(("home", "home", "work")),
                "lat": lat,
                "lon": lon,
                "transport": draw.choices(("foot", "bike", "car"), (60, 25, 15))[0],
                "night_alerts": draw.random() < 0.5,
                "hours": draw.choice(weeks) if draw.random() < 0.5 else None,
                "consented": draw.random() < 0.97,
                "opted_out": draw.random() < 0.02,
                "active": True,
                "off_until": soon if draw.random() < 0.1 else 0,
                "spared_until": soon if draw.random() < 0.05 else 0,
                "certified": draw.choices((f"cpr:{soon + draw.randrange(700) * 86_400}", f"cpr:{past}", ""), (75, 15, 10))[0],
            }
        )
    rows.sort(key=lambda one: (one["cell10"], one["place_id"]))
    with database.write() as session:
        session.add(Zone(kind=SERVICE_AREA, name="bench", polygon=_square(), inhabitants_per_km2=_DENSITY))
        for first in range(0, places, 50_000):
            session.execute(insert(ReachablePlace), rows[first : first + 50_000])
            print(f"\rfilling {first + 50_000:,} of {places:,}", end="", file=sys.stderr, flush=True)
        print(file=sys.stderr)
    return [SimpleNamespace(elsewhere=0, **one) for one in rows]


def _square() -> dict[str, Any]:
    south, north = CENTRE[0] - SIDE_LAT, CENTRE[0] + SIDE_LAT
    west, east = CENTRE[1] - SIDE_LON, CENTRE[1] + SIDE_LON
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def _judge(spot: tuple[float, float], moment: rules.Moment) -> Callable[[Any], candidates.Candidate | None]:
    """The same rules for the references; they are spared the zones."""
    judge = candidates.judge_of(_question(spot, moment), StraightLine(_DENSITY), {})
    return lambda row: judge(row, _PLAN.reach.travel_s)


def _by_scan(people: list[SimpleNamespace], spot: tuple[float, float], moment: rules.Moment) -> list[candidates.Candidate]:
    judge = _judge(spot, moment)
    return _best(map(judge, people))


def _best(judged: Iterable[candidates.Candidate | None]) -> list[candidates.Candidate]:
    found = [one for one in judged if one is not None]
    others = [one for one in found if not one.spared]
    return heapq.nsmallest(LIMIT, others if len(others) >= candidates.OTHERS else found)


def _r_tree(path: Path, source: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path)
    connection.execute(f"ATTACH '{source}' AS source")
    connection.execute("CREATE VIRTUAL TABLE tree USING rtree(id, south, north, west, east)")
    connection.execute("INSERT INTO tree SELECT place_id, lat, lat, lon, lon FROM source.reachable_places")
    connection.execute("CREATE TABLE place AS SELECT * FROM source.reachable_places")
    connection.execute("CREATE UNIQUE INDEX by_id ON place (place_id)")
    connection.commit()
    connection.row_factory = sqlite3.Row
    return connection


def _by_tree(connection: sqlite3.Connection, spot: tuple[float, float], moment: rules.Moment) -> list[candidates.Candidate]:
    """Boxes of doubling size around the spot until the 30 best are settled, as one would write it without cells."""
    judge, travel = _judge(spot, moment), StraightLine(_DENSITY)
    lat, lon = spot
    half_m = 150.0
    while True:
        d_lat, d_lon = half_m / 111_000, half_m / 55_000
        box = (lat - d_lat, lat + d_lat, lon - d_lon, lon + d_lon)
        rows = connection.execute(
            "SELECT p.* FROM tree t JOIN place p ON p.place_id = t.id"
            " WHERE t.south >= ? AND t.north <= ? AND t.west >= ? AND t.east <= ?",
            box,
        )
        best = _best(judge(SimpleNamespace(elsewhere=0, **dict(one))) for one in rows)
        edge_m = min(Origin(lat, lon).distance_m(lat + d_lat, lon), Origin(lat, lon).distance_m(lat, lon + d_lon)) * 0.999
        if edge_m >= _PLAN.reach.ceiling_m or (len(best) == LIMIT and travel.fastest_reach_m(best[-1].eta_s) <= edge_m):
            return best
        half_m *= 2
