"""From the API call to the last of 30 texts accepted, through everything that `scripts/start` runs, over a carrier that takes
100 ms per request; beside the same 30 requests one after another, and by 30 warm threads alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from sqlalchemy import func, select

from core.services import Services
from dispatch import plans
from dispatch.models import Callout
from geo.geocoding import open_geocoder
from responder import people
from responder.fields import Context
from responder.input import ResponderInput
from scripts.benches import whole
from scripts.benches.report import Row, row
from scripts.lib import installation
from scripts.lib.http_client import call, wait_ready
from sms.carriers.routes import routes_of
from sms.models import OUT, TAKEN, Contact, Message, MessageStatus
from sms.simulated.client import CarrierControl
from sms.twilio_gateway import TwilioGateway

PEOPLE = 30
CARRIER_S = 0.1
ROUNDS = 20
CENTRE = (60.1699, 24.9384)
_WAIT_S = 10.0
WITH_WORKERS, WITHOUT_WORKERS = "workers", "no-workers"


def run() -> Iterator[Row]:
    """A whole installation, then one without workers, each in a process and a folder of its own."""
    for parts_ in (WITH_WORKERS, WITHOUT_WORKERS):
        command = [sys.executable, "-m", "scripts.benches.dispatch", parts_]
        answer = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True, timeout=300)
        for one in json.loads(answer.stdout.splitlines()[-1]):
            yield Row(**one)


def on_an_installation(measure: Callable[[Stage], list[Row]], *, workers: bool = True) -> list[Row]:
    """Start everything in a folder of its own, with people enough, measure, stop it."""
    return whole.on_an_installation(
        lambda running: measure(Stage(running.ready, running.key)),
        fill,
        runs=lambda name: workers or not name.startswith("worker"),
    )


def fill(services: Services) -> None:
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


def _measure(stage: Stage) -> list[Row]:
    stage.make_ready(whole=True)
    services = stage.services
    one_by_one = [_one_after_another(services) for _ in range(2)]
    warm = [_warm_threads(services) for _ in range(ROUNDS)]
    stage.calm_down()
    whole = [stage.emergency() for _ in range(ROUNDS)]
    hanging = [stage.emergency_while_one_hangs() for _ in range(3)]
    return [
        row("dispatch", "30 texts, one after another", one_by_one),
        row("dispatch", "30 texts, 30 warm threads alone", warm),
        row("dispatch", "30 texts, from the API call", whole, "< 300 ms"),
        row("dispatch", "30 texts, while an earlier request hangs", hanging, "< 500 ms"),
    ]


def _measure_without_workers(stage: Stage) -> list[Row]:
    stage.make_ready(whole=False)
    return [row("dispatch", "30 texts, no workers", [stage.emergency() for _ in range(5)], "< 3000 ms")]


class Stage:
    """Raises emergencies and waits until every text of one was taken."""

    def __init__(self, ready: installation.Installation, key: str) -> None:
        self.url, self._key, self.services, self.settings = ready.url, key, ready.services, ready.settings
        self._control = CarrierControl(ready.settings)

    def make_ready(self, *, whole: bool) -> None:
        """Wait for the parts, set the carrier's pace, and warm what a process warms with its first emergency."""
        wait_ready(self.url, 30.0 if whole else 5.0, whole=whole)
        self._control.set_autopilot("off")
        self._control.set_faults(latency_s=CARRIER_S)
        self.emergency()

    def emergency(self, taken: int = PEOPLE) -> float:
        """Seconds from sending the API call to the carrier's acceptance of the last of `taken` texts, as its answer came in."""
        started_at, incident_id = self._raise()
        seconds = self._until_taken(incident_id, taken) - started_at
        if taken == PEOPLE:
            self.close(incident_id)
        return seconds

    def first_text(self) -> tuple[float, str]:
        """Seconds from sending the API call to the carrier's acceptance of the first text, and the incident's id."""
        started_at, incident_id = self._raise()
        return self._until_taken(incident_id, 1) - started_at, incident_id

    def emergency_while_one_hangs(self) -> float:
        """The same, while one request of the incident before hangs until its time-out."""
        self._control.set_faults(hang={"next": 1}, hang_s=30)
        _, before = self._raise()
        self._until_taken(before, PEOPLE - 1)
        seconds = self.emergency()
        self._until_taken(before, PEOPLE)
        self.close(before)
        return seconds

    def _raise(self) -> tuple[float, str]:
        body = {"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
        started_at = time.time()
        incident = call("POST", f"{self.url}/api/v1/incidents", self._key, body)
        return started_at, incident["id"]

    def open(self) -> str:
        """Raise an emergency, and return its id once everybody was asked and all is calm."""
        _, incident_id = self._raise()
        self._until_taken(incident_id, PEOPLE)
        self.calm_down()
        return incident_id

    def close(self, incident_id: str) -> None:
        """Close it, and wait until all is calm."""
        call("POST", f"{self.url}/api/v1/incidents/{incident_id}/close", self._key, {"outcome": "other"})
        self.calm_down()

    def calm_down(self) -> None:
        """Wait until every text has left and every callback was handled: each emergency is measured on a quiet system."""
        self._wait(lambda: not self._unsent() and self._control.is_idle() and not self._unhandled())

    def _unsent(self) -> int:
        with self.services.read() as session:
            waiting = select(func.count()).where(Message.direction == OUT, Message.state.in_(("due", "claimed", "unknown")))
            return session.scalar(waiting) or 0

    def _unhandled(self) -> int:
        with self.services.read() as session:
            return session.scalar(select(func.count()).where(MessageStatus.handled_at.is_(None))) or 0

    def _until_taken(self, incident_id: str, count: int) -> float:
        """When the last of an incident's first `count` texts was taken, in epoch seconds."""
        taken = (
            select(Message.taken_at)
            .join(Callout, Callout.id == Message.about_id)
            .where(Callout.incident_id == incident_id, Message.purpose == "first", Message.state == TAKEN)
        )

        def times() -> list[Any]:
            with self.services.read() as session:
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
    gateway, route = TwilioGateway(services.settings), routes_of(services.settings)[0]
    gateway.warm()
    started = time.perf_counter()
    for number in _numbers(services):
        gateway.send("bench", number, "A: one after another", 300, route)
    return time.perf_counter() - started


def _warm_threads(services: Services) -> float:
    """30 threads that have nothing to do but send: what the network alone allows."""
    gateway, numbers, route = TwilioGateway(services.settings), _numbers(services), routes_of(services.settings)[0]
    go, ready = threading.Event(), threading.Barrier(PEOPLE + 1)

    def send(number: str) -> None:
        gateway.warm()
        ready.wait()
        go.wait()
        gateway.send("bench", number, "A: warm threads", 300, route)

    threads = [threading.Thread(target=send, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    ready.wait()
    started = time.perf_counter()
    go.set()
    for thread in threads:
        thread.join()
    return time.perf_counter() - started


if __name__ == "__main__":
    workers = sys.argv[1] == WITH_WORKERS
    measured = on_an_installation(_measure if workers else _measure_without_workers, workers=workers)
    print("\n" + json.dumps([one.as_dict() for one in measured]))
