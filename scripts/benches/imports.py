"""A file of 100,000 people taken in as from a page, half of them by address; beside the same rows put into one bare table.

`python -m scripts.benches.imports ROWS` measures so many: a process of its own, whose memory nobody else has used. What others
wait for meanwhile is measured from outside of it: an emergency writes as they do.
"""

from __future__ import annotations

import csv
import json
import logging
import random
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

import structlog

from console.tables import METADATA
from core import clock, events, settings
from core.ids import new_id
from core.services import Services, open_services
from geo.geocoding import open_geocoder
from geo.models import HouseNumber, Street
from responder.imports import importing, jobs
from responder.imports.ledger import Ledger
from responder.imports.models import PeopleImport
from scripts.benches.report import Fact, Row, row
from scripts.benches.upgrade import spot

ROWS, SMALL = 100_000, 10_000
BAR_S, MORE_MEMORY_MB = 180, 64
STREETS, HOUSES = 300, 60
PAUSE_S = 0.05
COLUMNS = (
    *("external_id", "name", "phone", "home_lat", "home_lon", "home_address", "night_alerts"),
    *("certification_type", "certification_number", "certification_expires", "consent_at"),
)


def run() -> Iterator[Row | Fact]:
    """So many rows, and a tenth of them to see what more rows cost in memory; a bare table last."""
    small, whole = (_measured_apart(rows) for rows in (SMALL, ROWS))
    label = f"{ROWS:,} rows"
    seconds = whole["seconds"]
    yield Fact("import", f"{label}: check and import", whole["check_s"] + seconds, "s")
    yield Fact("import", f"{label}: import", seconds, "s", f"< {BAR_S} s", seconds < BAR_S)
    yield Fact("import", f"{label}: import", ROWS / seconds, "rows/s")
    yield Fact("import", f"{label}: processor", whole["cpu_s"], "s")
    more_mb = whole["peak_mb"] - small["peak_mb"]
    yield Fact("import", f"{label}: memory at most", whole["peak_mb"], "MB")
    yield Fact("import", f"more than with {SMALL:,}", more_mb, "MB", f"< {MORE_MEMORY_MB} MB", more_mb < MORE_MEMORY_MB)
    yield Fact("import", f"{label}: into a bare table", ROWS / whole["bare_s"], "rows/s")
    yield row("import", "somebody else's write meanwhile", whole["others_s"])


def _measured_apart(rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-") as folder:
        command = [sys.executable, "-m", "scripts.benches.imports", str(rows), folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            child.stdout.readline()  # the tables are there
            memory_mb: list[float] = []
            others_s = list(_writes(open_services(settings.load(data_dir=folder)), child, memory_mb))
            measured: dict[str, Any] = json.loads(child.stdout.readline())
    return measured | {"others_s": others_s, "peak_mb": max(memory_mb)}


def _own_memory_mb(pid: int) -> float:
    """What a process has for itself: the database's file, which it maps, is the kernel's and can be dropped at any time."""
    with suppress(OSError):
        found = re.search(r"^RssAnon:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(encoding="ascii"), re.MULTILINE)
        return int(found[1]) / 1024 if found else 0.0
    return 0.0


def _writes(services: Services, child: subprocess.Popen[str], memory_mb: list[float]) -> Iterator[float]:
    """Write until the import has ended, and look what memory it needs meanwhile."""
    while child.poll() is None:
        memory_mb.append(_own_memory_mb(child.pid))
        started = time.perf_counter()
        with services.write() as session:
            events.record(session, "bench")
        yield time.perf_counter() - started
        time.sleep(PAUSE_S)
    services.database.close()


def _measure(rows: int, folder: Path) -> dict[str, float]:
    services = open_services(settings.load(data_dir=folder))
    METADATA.create_all(services.database.engine)
    _build_town(services)
    path = folder / "people.csv"
    _write(path, rows)
    geocoder = open_geocoder(services)
    print("ready", flush=True)
    times = [time.perf_counter()]
    importing.run(services, geocoder, path, dry_run=True)
    times.append(time.perf_counter())
    cpu_s = -time.process_time()
    report = importing.run(services, geocoder, path, ledger=Ledger(services, _begun(services)))
    times.append(time.perf_counter())
    cpu_s += time.process_time()
    assert report.people["added"] == rows, report.people
    _into_a_bare_table(path, folder / "bare.sqlite3")
    times.append(time.perf_counter())
    check_s, seconds, bare_s = (later - earlier for earlier, later in pairwise(times))
    return {"check_s": check_s, "seconds": seconds, "bare_s": bare_s, "cpu_s": cpu_s}


def _begun(services: Services) -> str:
    now = clock.now()
    begun = PeopleImport(id=new_id(), created_at=now, created_by="bench", state=jobs.IMPORTING, alive_at=now)
    with services.write() as session:
        session.add(begun)
        return begun.id


def _build_town(services: Services) -> None:
    draw = random.Random(5)
    with services.write() as session:
        for number in range(STREETS):
            lat, lon = spot(draw)
            street = Street(name=f"Bench street {number:03d}", other_names=[], town=None, lat=lat, lon=lon)
            session.add(street)
            session.flush()
            houses = ({"number": str(house), "lat": lat + house / 1e5, "lon": lon} for house in range(1, HOUSES))
            session.add_all(HouseNumber(street_id=street.id, postcode=None, **house) for house in houses)


def _write(path: Path, rows: int) -> None:
    draw = random.Random(3)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(rows):
            lat, lon = spot(draw)
            address = f"Bench street {draw.randrange(STREETS):03d} {draw.randrange(1, HOUSES)}"
            place = ("", "", address) if number % 2 else (lat, lon, "")
            who = (f"b-{number}", f"Bench {number}", f"+35840{number:07d}")
            writer.writerow([*who, *place, "yes", "cpr", f"C{number}", "2030-12-31", "2026-01-01"])


def _into_a_bare_table(path: Path, target: Path) -> None:
    with sqlite3.connect(target, isolation_level=None) as bare, path.open(encoding="utf-8", newline="") as file:
        bare.execute("PRAGMA journal_mode=WAL")
        bare.execute("PRAGMA synchronous=FULL")
        bare.execute(f"CREATE TABLE people ({', '.join(COLUMNS)})")
        rows = csv.reader(file)
        next(rows)
        while batch := list(islice(rows, importing.BATCH)):
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany(f"INSERT INTO people VALUES ({', '.join('?' * len(COLUMNS))})", batch)
            bare.execute("COMMIT")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(json.dumps(_measure(int(sys.argv[1]), Path(sys.argv[2]))))
