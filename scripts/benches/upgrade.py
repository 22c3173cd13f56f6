"""An upgrade as people do it: stop, migrate, start, with 10,000 volunteers and emergencies open; beside the same with nobody.

Timed is what a town goes without: from SIGTERM until `/health/ready` says that every part is back. Between the two the newest
migration is taken back, untimed, so that the start has one to run. What was lost would end the measurement with an error.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.benches.report import Row, row
from scripts.lib import ports, schema
from scripts.lib.bootstrap import ROOT
from scripts.lib.http_client import call, wait_ready

PEOPLE, OPEN_INCIDENTS, ROUNDS = 10_000, 10, 3
CENTRE = (60.1699, 24.9384)
COLUMNS = (
    *("external_id", "name", "phone", "home_lat", "home_lon"),
    *("night_alerts", "certification_type", "consent_at"),
)
SIDE_LAT, SIDE_LON = 0.09, 0.18
"""A town of 10 x 10 km."""
_READY_WITHIN_S = 60.0


def run() -> Iterator[Row]:
    """With nobody first, then with a town's volunteers."""
    town_of = f"{PEOPLE:,} people, {OPEN_INCIDENTS} emergencies open"
    for people, label, bar in ((0, "nobody there", ""), (PEOPLE, town_of, "< 15 s")):
        with tempfile.TemporaryDirectory(prefix="doorstep-bench-", ignore_cleanup_errors=True) as folder:
            town = _Town(Path(folder), people)
            try:
                yield row("upgrade", f"stop, migrate, start: {label}", town.measure(), bar)
            finally:
                town.stop()


@dataclass(frozen=True)
class _State:
    """What must be the same afterwards: each open incident with how many were asked there, at least."""

    asked: dict[str, int]

    def lost(self, later: _State) -> list[str]:
        """The incidents that are gone, or know of fewer people."""
        return [one for one, count in self.asked.items() if later.asked.get(one, -1) < count]


class _Town:
    """An installation in a folder of its own, started by the command that people use."""

    def __init__(self, folder: Path, people: int) -> None:
        self._folder, self._people = folder, people
        self._port = ports.free(2)
        self._url = f"http://127.0.0.1:{self._port}"
        self._environment = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
        self._environment |= {"DATA_DIR": str(folder)}
        self._process: subprocess.Popen[bytes] | None = None

    def measure(self) -> list[float]:
        """Seconds of each upgrade."""
        self._start()
        if self._people:
            self._import()
        key = self._manage("create-api-key", "bench", "--scope", "incidents", "--scope", "read").splitlines()[-1]
        for number in range(OPEN_INCIDENTS if self._people else 0):
            self._raise(key, number)
        return [self._upgrade(key) for _ in range(ROUNDS)]

    def stop(self) -> None:
        """End it, if it runs."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            status, self._process = self._process.wait(60), None
            if status != 0:
                raise RuntimeError(f"scripts/start ended with {status}")

    def _upgrade(self, key: str) -> float:
        before = self._state(key)
        started = time.perf_counter()
        self.stop()
        stopped_s = time.perf_counter() - started
        schema.downgrade(f"sqlite:///{self._folder / 'doorstep.sqlite3'}", "-1") if self._has_two_migrations() else None
        started = time.perf_counter()
        self._start()
        seconds = stopped_s + time.perf_counter() - started
        if lost := before.lost(self._state(key)):
            raise AssertionError(f"lost in the upgrade: {lost}")
        return seconds

    def _has_two_migrations(self) -> bool:
        return schema.newest() != schema.FIRST

    def _start(self) -> None:
        command = [sys.executable, "scripts/start", "--no-demo", "--simulate", "--port", str(self._port)]
        with (self._folder / "start.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        condition = wait_ready(self._url, _READY_WITHIN_S, whole=True)
        if condition is None or condition["status"] != "ready":
            raise TimeoutError(f"not ready within {_READY_WITHIN_S:.0f} s: {condition}")

    def _manage(self, *arguments: str) -> str:
        command = [sys.executable, "scripts/manage", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def _import(self) -> None:
        draw = random.Random(3)
        path = self._folder / "people.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for number in range(self._people):
                lat, lon = spot(draw)
                who = (f"b-{number}", f"Bench {number}", f"+35840{number:07d}")
                writer.writerow([*who, lat, lon, "yes", "cpr", "2026-01-01"])
        self._manage("import-responders", str(path))

    def _raise(self, key: str, number: int) -> None:
        lat, lon = spot(random.Random(number))
        body = {"type": "cardiac_arrest", "external_id": f"bench-{number}", "location": {"lat": lat, "lon": lon}}
        call("POST", f"{self._url}/api/v1/incidents", key, body)

    def _state(self, key: str) -> _State:
        listed = call("GET", f"{self._url}/api/v1/incidents?state=open", key)["items"]
        return _State({one["id"]: len(one["callouts"]) for one in listed})


def spot(draw: random.Random) -> tuple[float, float]:
    """Anywhere in the town, in degrees."""
    lat, lon = CENTRE[0] + (draw.random() - 0.5) * SIDE_LAT, CENTRE[1] + (draw.random() - 0.5) * SIDE_LON
    return round(lat, 6), round(lon, 6)
