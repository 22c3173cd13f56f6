"""What the races stand on: people along a street, a carrier that takes every text at once, and threads that start together.

Every thread has connections of its own, as if it were a process of its own; a deadlock that the database has to break fails the
race even where the loser tries again.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Engine, event, select, text

from core.database import Database
from core.events import Event
from core.queue import WakeUps
from core.services import Services
from dispatch import conductor, intake, plans, view
from dispatch.plans import Plan
from dispatch.reports import NewIncident
from dispatch.wiring import build_wire
from geo.geocoding import open_geocoder
from responder.fields import Context
from responder.input import ResponderInput
from sms import inbox
from sms.models import IN, OUT, Message
from sms.sender import Sender
from tests import carrier_tells, moving_in
from tests.races.taker import Taker

CENTRE = (60.1700, 24.9400)
METRES_PER_DEGREE = 111_412.0
"""Of latitude, at 60° north."""
TIMEOUT_S = 30.0

T = TypeVar("T")


@dataclass
class Stage:
    """An agency with the shipped plans and nobody in it yet."""

    services: Services
    phones: dict[str, str] = field(default_factory=dict)
    deadlocks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.taker = Taker()
        self._watched: list[tuple[Engine, Callable[[Any], None]]] = []
        self.wire = build_wire(self.services)
        self.geocoder = open_geocoder(self.services)
        self._sids = itertools.count(1)
        with self.services.write() as session:
            plans.ensure_shipped(session)

    def volunteer(self, name: str, metres: float, **other: Any) -> str:
        """Someone who lives so many metres north of the centre, certified and willing; returns their phone."""
        moving_in.all_of(self.services, self.geocoder, [self._moves_in(name, metres, other)])
        return self.phones[name]

    def _moves_in(self, name: str, metres: float, other: dict[str, Any]) -> ResponderInput:
        """What is to be written down of somebody, whose phone is known from now on."""
        phone = f"+4477009{len(self.phones):05d}"
        person = {
            "external_id": name,
            "name": name,
            "phone": phone,
            "language": "en",
            "places": [{"kind": "home", "lat": CENTRE[0] + metres / METRES_PER_DEGREE, "lon": CENTRE[1]}],
            "certifications": [{"type": "cpr"}],
            "consent_at": "2026-01-01",
            "night_alerts": True,
        }
        self.phones[name] = phone
        return ResponderInput.read(person | other, Context.of(self.services.settings))

    def street(self, count: int, first_m: float = 100, step_m: float = 20, **other: Any) -> list[str]:
        """`count` people v1, v2 …, each `step_m` farther than the one before; returns their names."""
        names = [f"v{number + 1}" for number in range(count)]
        newcomers = [self._moves_in(name, first_m + number * step_m, other) for number, name in enumerate(names)]
        moving_in.all_of(self.services, self.geocoder, newcomers)
        return names

    def plan(self, **changes: Any) -> None:
        """Change the cardiac arrest plan."""
        shipped = next(plan for plan, _ in plans.SHIPPED if plan.type == "cardiac_arrest")
        with self.services.write() as session:
            plans.save(session, Plan.model_validate(shipped.model_dump() | changes), True)

    def open(self, services: Services | None = None, **report: Any) -> intake.Opened:
        """An emergency at the centre."""
        where = {"type": "cardiac_arrest", "location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
        wanted = NewIncident.model_validate(where | report)
        return intake.open_incident(services or self.services, self.geocoder, wanted, "key:cad")

    def send(self, services: Services | None = None, threads: int = 4) -> None:
        """Everything that is due leaves, and the carrier takes it."""
        sender = Sender(build_wire(services) if services else self.wire, self.taker, threads=threads)
        try:
            sender.run_once()
        finally:
            sender.stop()

    def text(self, name: str, body: str, services: Services | None = None) -> None:
        """A text of `name` comes in and is stored; nobody has handled it yet."""
        form = {"MessageSid": f"SI{next(self._sids):032x}", "From": self.phones[name], "Body": body}
        carrier_tells.of_text(services or self.services, form)

    def incident(self, incident_id: str) -> dict[str, Any]:
        """An incident as the API shows it."""
        with self.services.read() as session:
            return view.incident_json(session, incident_id)

    def states(self, incident_id: str) -> dict[str, str]:
        """Who is in which state."""
        return {one["responder_id"]: one["state"] for one in self.incident(incident_id)["callouts"]}

    def roles(self, incident_id: str) -> list[str]:
        """The roles that people hold, in one order."""
        return sorted(one["role"] for one in self.incident(incident_id)["callouts"] if one["role"])

    def texts_to(self, name: str, part: str = "") -> list[str]:
        """What was written to `name`, sent or not, that holds `part`."""
        wanted = select(Message.body).where(Message.direction == OUT, Message.phone == self.phones[name])
        with self.services.read() as session:
            return [body for body in session.scalars(wanted.order_by(Message.created_at)) if part in body]

    def unhandled(self) -> int:
        """How many texts that came in wait, or were given up."""
        waiting = select(Message.id).where(Message.direction == IN, Message.handled_at.is_(None))
        failed = select(Message.id).where(Message.handling_failures > 0)
        with self.services.read() as session:
            return len(session.scalars(waiting).all()) + len(session.scalars(failed).all())

    def kinds(self, incident_id: str) -> Counter[str]:
        """How many events of each kind an incident has."""
        return Counter(one["kind"] for one in self.incident(incident_id)["events"])

    def all_kinds(self) -> Counter[str]:
        """How many events of each kind there are at all."""
        with self.services.read() as session:
            return Counter(session.scalars(select(Event.kind)))

    def written(self, purpose: str, channel: str) -> list[str]:
        """The numbers that texts, or calls, of a purpose were written for."""
        wanted = select(Message.phone).where(Message.direction == OUT, Message.purpose == purpose, Message.channel == channel)
        with self.services.read() as session:
            return sorted(session.scalars(wanted))

    def faults(self) -> list[str]:
        """The events that say that something broke."""
        broke = ("gate_failed", "sender_failed", "text_not_handled", "status_not_handled", "outcome_not_handled")
        with self.services.read() as session:
            return list(session.scalars(select(Event.kind).where(Event.kind.in_(broke))))

    def watch(self, database: Database) -> None:
        """Note every deadlock that `database` has to break."""

        def note(context: Any) -> None:
            name = type(context.original_exception).__name__
            if name in ("DeadlockDetected", "SerializationFailure"):
                self.deadlocks.append(str(context.original_exception))

        event.listen(database.engine, "handle_error", note)
        self._watched.append((database.engine, note))

    def close(self) -> None:
        """Watch no more: an engine may be another test's next."""
        for engine, note in self._watched:
            event.remove(engine, "handle_error", note)

    def wait_for_a_waiter(self) -> None:
        """Return once a connection to this PostgreSQL waits for a row that another one has locked."""
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        until = time.monotonic() + TIMEOUT_S
        while True:
            with self.services.read() as session:
                if session.scalar(waiting):
                    return
            assert time.monotonic() < until, "nobody waits"

    @contextmanager
    def processes(self, count: int) -> Iterator[list[Services]]:
        """`count` sets of tools with connections of their own, as separate processes have."""
        opened = [Database(self.services.settings.database) for _ in range(count)]
        for database in opened:
            self.watch(database)
        try:
            yield [Services(self.services.settings, database, WakeUps(None)) for database in opened]
        finally:
            for database in opened:
                database.close()

    def race(self, *runs: Callable[[Services], T]) -> list[T]:
        """Run these at once, each in a process of its own; returns what they returned. What one raises the race raises."""
        with self.processes(len(runs)) as processes:
            for services in processes:
                with services.read() as session:
                    session.execute(select(1))  # connected before the start, so that they truly meet
            return at_once([lambda run=run, own=own: run(own) for run, own in zip(runs, processes, strict=True)])  # type: ignore[misc]


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Run `jobs` in threads that start together; returns their results in order. The first error is raised here."""
    barrier = threading.Barrier(len(jobs))
    results: dict[int, T] = {}
    errors: list[BaseException] = []

    def run(number: int, job: Callable[[], T]) -> None:
        try:
            barrier.wait(TIMEOUT_S)
            results[number] = job()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number, job)) for number, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT_S)
        assert not thread.is_alive(), "a thread hangs"
    if errors:
        raise errors[0]
    return [results[number] for number in range(len(jobs))]


def handle_texts(services: Services) -> int:
    """One look of an inbox worker."""
    return inbox.handle_due(build_wire(services))


def tick(services: Services) -> None:
    """What a conductor does every second."""
    conductor.tick(services)
