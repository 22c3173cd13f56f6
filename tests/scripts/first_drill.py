"""Any town, from its extract to a covered drill, as an admin does it: `python -m tests.scripts.first_drill FILE.osm.pbf`.

Imports the area and a border, twelve volunteers near one address, starts the service on the simulated carrier, opens a drill
there and answers as the volunteers do. Prints the seconds of each step; exit 1 when the whole took more than a minute.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import select

from core.services import Services, open_services
from core.settings import Settings, load
from dispatch.models import Callout, Incident
from dispatch.states import ALERTED
from geo import tiles
from geo.models import HouseNumber, Street
from responder.models import Responder
from scripts.lib import ports
from scripts.lib.bootstrap import ROOT
from scripts.lib.http_client import wait_ready
from scripts.lib.terminal import say
from sms.models import Contact

PEOPLE = 12
PATIENCE_S = 120.0
MOST_S = 60.0
_COLUMNS = ("external_id", "name", "phone", "home_lat", "home_lon", "night_alerts", "certification_type")
_MORE = ("certification_expires", "consent_at")
House = tuple[str, float, float]


class FirstDrill:
    """One town in a data folder of its own."""

    def __init__(self, extract: Path, folder: Path) -> None:
        self._extract, self._folder, self._data = extract, folder, folder / "data"
        self._environment = _plain_environment()
        self._began_s = self._step_s = time.monotonic()
        self.seconds: dict[str, float] = {}

    def run(self) -> float:
        """Do it all; returns the seconds from import-area to covered. Raises AssertionError where a step fails."""
        self._manage("import-area", self._extract)
        self._note("import-area")
        services = open_services(load(_env_file=None, data_dir=self._data))
        try:
            houses = self._houses(services)
            self._manage("import-zone", self._border(services), "--name", "Town", "--inhabitants-per-km2", "5000")
            self._manage("import-responders", self._people(houses))
            self._note("border and volunteers")
            self._drill(services, houses[0])
        finally:
            services.database.close()
        return time.monotonic() - self._began_s

    def _drill(self, services: Services, house: House) -> None:
        port = ports.free(2)
        command = [sys.executable, str(ROOT / "scripts" / "start"), "--no-demo", "--port", str(port), "--data", str(self._data)]
        with (self._folder / "log").open("w") as log:
            running = subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            assert wait_ready(url, PATIENCE_S, whole=True), (self._folder / "log").read_text()
            self._note("start")
            self._manage("open-incident", "--type", "cardiac_arrest", "--drill", "--address", house[0])
            self._note("open-incident")
            self._answer_until_covered(services, url)
            self._note("covered")
        finally:
            running.terminate()
            running.wait(PATIENCE_S)

    def _answer_until_covered(self, services: Services, url: str) -> None:
        """Everybody who is asked says 1."""
        answered: set[str] = set()
        until_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < until_s:
            with services.read() as session:
                if session.scalar(select(Incident.covered)):
                    return
                joined = select(Contact.phone).join(Responder, Responder.contact_id == Contact.id)
                asked = joined.join(Callout, Callout.responder_id == Responder.id).where(Callout.state == ALERTED)
                phones = set(session.scalars(asked)) - answered
            for phone in sorted(phones):
                body = urllib.parse.urlencode({"number": phone, "body": "1"}).encode()
                asking = urllib.request.Request(f"{url}/phones/texts", body, {"X-Requested-With": "fetch"})
                urllib.request.urlopen(asking, timeout=10).close()
            answered |= phones
            time.sleep(0.1)
        raise AssertionError(f"not covered after {PATIENCE_S:.0f} s; {len(answered)} people had answered")

    def _houses(self, services: Services) -> Sequence[House]:
        """The addresses nearest to the middle of the town, the nearest first."""
        with services.read() as session:
            area = tiles.current(session)
            assert area is not None
            lat, lon = (area.south + area.north) / 2, (area.west + area.east) / 2
            wanted = select(Street.name, HouseNumber.number, HouseNumber.lat, HouseNumber.lon)
            rows = session.execute(wanted.join(Street, Street.id == HouseNumber.street_id)).all()
        rows = sorted(rows, key=lambda row: (row.lat - lat) ** 2 + ((row.lon - lon) / 1.7) ** 2)
        assert rows, "the extract holds no house number"
        return [(f"{row.name} {row.number}", row.lat, row.lon) for row in rows[: PEOPLE + 1]]

    def _border(self, services: Services) -> Path:
        """The box of the extract, as GeoJSON."""
        with services.read() as session:
            area = tiles.current(session)
            assert area is not None
        west, south, east, north = area.west, area.south, area.east, area.north
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        path = self._folder / "border.geojson"
        path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
        return path

    def _people(self, houses: Sequence[House]) -> Path:
        path = self._folder / "people.csv"
        with path.open("w", newline="") as file:
            table = csv.writer(file)
            table.writerow((*_COLUMNS, *_MORE))
            for number in range(PEOPLE):
                _, lat, lon = houses[(number + 1) % len(houses)]
                phone = f"+447700900{number + 500}"
                table.writerow((f"p{number}", f"Person {number}", phone, lat, lon, "yes", "cpr", "2040-12-31", "2026-01-01"))
        return path

    def _manage(self, *arguments: object) -> None:
        command = [sys.executable, str(ROOT / "scripts" / "manage"), *map(str, arguments), "--data", str(self._data)]
        done = subprocess.run(command, check=False, capture_output=True, text=True, env=self._environment)
        assert done.returncode == 0, f"{arguments[0]}: {done.stdout}{done.stderr}"

    def _note(self, step: str) -> None:
        now_s = time.monotonic()
        self.seconds[step], self._step_s = now_s - self._step_s, now_s


def _plain_environment() -> dict[str, str]:
    """This machine's environment without a setting of Doorstep in it."""
    named = {name.upper() for name in Settings.model_fields}
    return {name: value for name, value in os.environ.items() if name not in named}


def cpu_s() -> float:
    """The processor time of every process that was started and has ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """One run, told step by step."""
    with tempfile.TemporaryDirectory() as folder:
        drill = FirstDrill(Path(sys.argv[1]).absolute(), Path(folder))
        whole_s = drill.run()
    for step, seconds in drill.seconds.items():
        say(f"{seconds:6.1f} s  {step}")
    say(f"{whole_s:6.1f} s  from import-area to a covered drill ({cpu_s():.1f} s of processor time)")
    sys.exit(0 if whole_s < MOST_S else 1)


if __name__ == "__main__":
    main()
