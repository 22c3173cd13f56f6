"""From the API call to the last of 30 texts accepted, through everything that `scripts/start` runs, over a carrier that takes
100 ms per request; beside the same 30 requests one after another, and by 30 warm threads alone."""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from console import keys
from core.services import Services
from dispatch import plans
from dispatch.models import Callout
from geo.geocoding import open_geocoder
from responder import people
from responder.fields import Context
from responder.input import ResponderInput
from scripts.benches.report import Row, row
from scripts.lib import installation, start_options, supervisor
from scripts.lib import run as parts
from scripts.lib.http_client import call, wait_ready
from sms.models import OUT, TAKEN, Contact, Message
from sms.simulated.client import CarrierControl
from sms.twilio_gateway import TwilioGateway

PEOPLE = 30
CARRIER_S = 0.1
ROUNDS = 10
CENTRE = (60.1699, 24.9384)
_WAIT_S = 10.0


def run() -> Iterator[Row]:
    """Start a whole installation in a folder of its own, measure, stop it."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="doorstep-bench-", ignore_cleanup_errors=True) as folder, ExitStack() as stack:
        os.environ.pop("DATABASE_URL", None)
        port = installation.ports.free(2)
        options = start_options.parse(["--no-demo", "--simulate", "--data", folder, "--port", str(port)])
        installation.enter_root(options.data)
        ready = installation.prepare(options, stack)
        _fill(ready.services)
        boss = supervisor.Supervisor(ready.parts, Path(folder) / "log", lambda *_: None)
        parts.preload({part.name for part in ready.parts})
        ready.services.database.close()
        boss.run(lambda: _and_stop(boss, lambda: rows.extend(_measure(ready, boss))))
    yield from rows


def _and_stop(boss: supervisor.Supervisor, work: Any) -> None:
    try:
        work()
    finally:
        boss.stop()


def _fill(services: Services) -> None:
    """30 people within 400 m, and the plan that asks everyone within 500 m at once."""
    with services.write() as session:
        shipped = next(plan for plan, _ in plans.SHIPPED if plan.type == "cardiac_arrest")
        plans.save(session, shipped.model_copy(update={"waves": plans.STOCKHOLM, "reach": plans.Reach(ceiling_m=500)}), True)
    geocoder, context = open_geocoder(services), Context.of(services.settings)
    for number in range(PEOPLE):
        person = {
            "external_id": f"bench-{number}",
            "name": f"Bench {number}",
            "phone": f"+35840{number:07d}",
            "places": [{"kind": "home", "lat": CENTRE[0] + number * 0.0001, "lon": CENTRE[1]}],
            "certifications": [{"type": "cpr"}],
            "consent_at": "2026-01-01",
            "night_alerts": True,
        }
        people.upsert(services, geocoder, ResponderInput.read(person, context), people.Manner("bench"))


def _measure(ready: installation.Installation, boss: supervisor.Supervisor) -> list[Row]:
    wait_ready(ready.url, 30.0, whole=True)
    services = ready.services
    control = CarrierControl(services.settings)
    control.set_autopilot("off")
    control.set_faults(latency_s=CARRIER_S)
    with services.write() as session:
        key = keys.create(session, "bench", ["incidents"])
    stage = _Stage(ready.url, key, services, control)
    one_by_one = [_one_after_another(services) for _ in range(2)]
    warm = [_warm_threads(services) for _ in range(ROUNDS)]
    stage.calm_down()
    stage.emergency()  # the first one warms what a process warms once
    whole = [stage.emergency() for _ in range(ROUNDS)]
    hanging = [stage.emergency_while_one_hangs() for _ in range(3)]
    frozen = [stage.emergency_without_workers(boss) for _ in range(3)]
    return [
        row("dispatch", "30 texts, one after another", one_by_one),
        row("dispatch", "30 texts, 30 warm threads alone", warm),
        row("dispatch", "30 texts, from the API call", whole, "< 300 ms"),
        row("dispatch", "30 texts, while an earlier request hangs", hanging, "< 500 ms"),
        row("dispatch", "30 texts, workers frozen", frozen, "< 3000 ms"),
    ]


class _Stage:
    """Raises emergencies and waits until every text of one was taken."""

    def __init__(self, url: str, key: str, services: Services, control: CarrierControl) -> None:
        self._url, self._key, self._services, self._control = url, key, services, control

    def emergency(self, taken: int = PEOPLE) -> float:
        """Seconds from sending the API call to the last of `taken` texts stored as taken by the carrier. Storing comes after
        accepting, so the truth is a little better."""
        started_at, incident_id = self._raise()
        seconds = self._until_taken(incident_id, taken) - started_at
        if taken == PEOPLE:
            self._close(incident_id)
        return seconds

    def emergency_while_one_hangs(self) -> float:
        """The same, while one request of the incident before hangs until its time-out."""
        self._control.set_faults(hang={"next": 1}, hang_s=30)
        _, before = self._raise()
        self._until_taken(before, PEOPLE - 1)
        seconds = self.emergency()
        self._until_taken(before, PEOPLE)
        self._close(before)
        return seconds

    def emergency_without_workers(self, boss: supervisor.Supervisor) -> float:
        """The same with both workers stopped dead (SIGSTOP): the conductor does it."""
        workers = [pid for name, pid in boss.pids().items() if name.startswith("worker")]
        for pid in workers:
            os.kill(pid, signal.SIGSTOP)
        try:
            return self.emergency()
        finally:
            for pid in workers:
                os.kill(pid, signal.SIGCONT)

    def _raise(self) -> tuple[float, str]:
        body = {"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
        started_at = time.time()
        incident = call("POST", f"{self._url}/api/v1/incidents", self._key, body)
        return started_at, incident["id"]

    def _close(self, incident_id: str) -> None:
        call("POST", f"{self._url}/api/v1/incidents/{incident_id}/close", self._key, {"outcome": "other"})
        self.calm_down()

    def calm_down(self) -> None:
        """Wait until every text has left and every callback has come: each emergency is measured on a quiet system."""
        self._wait(lambda: not self._unsent() and self._control.is_idle())

    def _unsent(self) -> int:
        with self._services.read() as session:
            waiting = select(func.count()).where(Message.direction == OUT, Message.state.in_(("due", "claimed", "unknown")))
            return session.scalar(waiting) or 0

    def _until_taken(self, incident_id: str, count: int) -> float:
        """When the last of an incident's first `count` texts was taken, in epoch seconds."""
        taken = (
            select(Message.taken_at)
            .join(Callout, Callout.id == Message.about_id)
            .where(Callout.incident_id == incident_id, Message.purpose == "first", Message.state == TAKEN)
        )

        def times() -> list[Any]:
            with self._services.read() as session:
                return sorted(session.scalars(taken))

        self._wait(lambda: len(times()) >= count)
        return float(times()[count - 1].timestamp())

    def _wait(self, done: Any) -> None:
        deadline = time.monotonic() + _WAIT_S
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("the texts were not taken in time")
            time.sleep(0.02)


def _numbers(services: Services) -> list[str]:
    with services.read() as session:
        return list(session.scalars(select(Contact.phone).limit(PEOPLE)))


def _one_after_another(services: Services) -> float:
    gateway = TwilioGateway(services.settings)
    gateway.warm()
    started = time.perf_counter()
    for number in _numbers(services):
        gateway.send("bench", number, "A: one after another", 300)
    return time.perf_counter() - started


def _warm_threads(services: Services) -> float:
    """30 threads that have nothing to do but send: what the network alone allows."""
    gateway, numbers = TwilioGateway(services.settings), _numbers(services)
    go, ready = threading.Event(), threading.Barrier(PEOPLE + 1)

    def send(number: str) -> None:
        gateway.warm()
        ready.wait()
        go.wait()
        gateway.send("bench", number, "A: warm threads", 300)

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    go.set()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started
