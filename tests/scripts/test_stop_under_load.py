"""An installation is told to stop in the middle of everything: it ends soon and drops nothing, by the carrier's own record."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import psutil
import pytest
import requests
from sqlalchemy import func, select

from console import keys
from core.services import Services, open_services
from core.settings import load
from scripts.benches import soak_checks, soak_ledger, soak_town
from scripts.benches.soak_checks import Findings
from scripts.benches.soak_record import Record
from scripts.lib import ports
from scripts.lib.http_client import wait_ready
from sms.models import CLAIMED, DUE, IN, OUT, UNKNOWN, Message
from sms.simulated.client import CarrierControl, CarrierDown, CarrierRefused
from tests.scripts.test_whole_system import PATIENCE_S, Started

SITES = 6
ENDS_WITHIN_S = 10.0
CARRIER_TAKES_S = 0.4
"""Long enough that texts are on their way to the carrier whenever the stop comes."""


class Load:
    """Emergencies and answers, from as many callers at once, until the installation is gone."""

    def __init__(self, url: str, key: str, carrier: CarrierControl) -> None:
        self._url = f"{url}/api/v1/incidents"
        self._headers = {"Authorization": f"Bearer {key}"}
        self._carrier = carrier
        self._over = threading.Event()
        self.taken: list[str] = []

    def __enter__(self) -> Load:
        self._pool = ThreadPoolExecutor(SITES)
        for site in range(SITES):
            self._pool.submit(self._at, site)
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._pool.shutdown()

    def _at(self, site: int) -> None:
        """One emergency, and then its people text, one after the other."""
        lat, lon = soak_town.place(site)
        name = f"stop-{site}"
        body = {"type": "cardiac_arrest", "location": {"lat": lat, "lon": lon}, "external_id": name}
        with suppress(requests.RequestException):
            if requests.post(self._url, json=body, headers=self._headers, timeout=10).status_code == 201:
                self.taken.append(name)
        for number in range(soak_town.PEOPLE_PER_SITE):
            if self._over.wait(0.05):
                return
            with suppress(CarrierDown, CarrierRefused):
                self._carrier.send(soak_town.phone(site * soak_town.PEOPLE_PER_SITE + number), "12"[number % 2])


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[[], Started]]:
    """Starts the same installation, again and again; whatever was started ends with the test."""
    with ExitStack() as stack:
        port = ports.free(2)

        def start() -> Started:
            one = Started("--no-demo", "--simulate", "--data", tmp_path, "--port", port)
            stack.callback(_end, one)
            one.until("ready: ")
            assert wait_ready(f"http://127.0.0.1:{port}", PATIENCE_S, whole=True) == {"status": "ready"}
            return one

        yield start


def test_a_stop_in_the_middle_of_everything_drops_nothing(started: Callable[[], Started], tmp_path: Path) -> None:
    first = started()
    note = json.loads((tmp_path / "running.json").read_text())
    settings = load(_env_file=None, data_dir=tmp_path, **{key.lower(): value for key, value in note["settings"].items()})
    services = open_services(settings)
    with closing(services.database):
        soak_town.filler(SITES)(services)
        with services.write() as session:
            key = keys.create(session, "load", ["incidents"])
        carrier = CarrierControl(settings)
        carrier.set_autopilot("off")
        carrier.set_faults(latency_s=CARRIER_TAKES_S)
        processes = first.everything()

        with Load(note["url"], key, carrier) as load_:
            _until(lambda: _texts(services, CLAIMED) and _texts(services, DUE) and _answers(services))
            began_s = time.monotonic()
            first.process.terminate()
            assert first.ends() == 0, "\n".join(first.lines)
        assert time.monotonic() - began_s < ENDS_WITHIN_S
        assert not [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]
        assert not _texts(services, CLAIMED) + _texts(services, UNKNOWN), "what was on its way was waited for, or given back"

        started()
        record = tmp_path / "carrier"
        _until(lambda: not soak_ledger.unsettled(services) and not soak_checks.missing(Record.read(record), services))
        found = soak_checks.compare(Record.read(record), soak_ledger.read(services), load_.taken)
    assert found.texts > SITES
    assert found.answers > SITES
    assert found == Findings(texts=found.texts, answers=found.answers, handling_s=found.handling_s), "nothing is amiss"


def _end(one: Started) -> None:
    one.process.kill()
    one.process.wait()
    assert one.process.stdout is not None
    one.process.stdout.close()


def _texts(services: Services, state: str) -> int:
    with services.read() as session:
        return session.scalar(select(func.count()).where(Message.direction == OUT, Message.state == state)) or 0


def _answers(services: Services) -> int:
    with services.read() as session:
        return session.scalar(select(func.count()).where(Message.direction == IN)) or 0


def _until(done: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, "it did not come to that"
        threading.Event().wait(0.02)
