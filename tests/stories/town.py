"""A small town to tell emergencies in: real rooms, real HTTP both ways, a carrier that behaves like Twilio, a clock by hand.

Nobody lives at (0, 0) of the town but the emergency; everyone else is so many metres north of it. A text that a story does not
expect fails it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from console import joints
from console.shell import shell
from core.clock import HandClock
from core.events import Event
from core.services import Services
from dispatch import conductor, correcting, intake, lifecycle, plans, view
from dispatch.models import Alarm
from dispatch.plans import Plan
from dispatch.reports import Correction, NewIncident
from dispatch.wiring import build_wire
from geo.geocoding import open_geocoder
from responder import api as responder_api
from responder.fields import Context
from responder.input import ResponderInput
from sms import android_webhooks, claims, inbox, taking, voice_webhooks, webhooks
from sms.addresses import inbound_url
from sms.carriers.doors import open_gateways
from sms.reconciler import Reconciler
from sms.sender import Sender
from sms.simulated.calls import Call
from sms.simulated.thread import CarrierThread
from sms.spool import Spool
from tests import moving_in

CENTRE = (60.1700, 24.9400)
METRES_PER_DEGREE = 111_412.0
"""Of latitude, at 60° north."""
MOST_ROUNDS = 50
BROKEN = ("gate_failed", "text_not_handled", "status_not_handled", "outcome_not_handled", "sender_failed")
"""Events of our own faults: a story in which one happens has failed, however it ends."""


class Quiet(WSGIRequestHandler):
    """Says nothing on the terminal."""

    def log(self, type: str, message: str, *args: Any) -> None:
        pass


@dataclass
class Volunteer:
    """One phone and the person who holds it."""

    town: Town
    name: str
    phone: str
    read: int = 0
    answered: int = 0

    def texts(self, body: str) -> None:
        """Send a text and let everything happen that follows from it at once."""
        self.town.carrier.text(self.phone, body)
        self.town.settle()

    def gets(self, *parts: str) -> str:
        """The next text on this phone holds every one of `parts`. Returns it."""
        if not self.unread():
            self.town.settle()
        unread = self.unread()
        assert unread, f"{self.name} got no text with {parts}"
        body = unread[0]
        self.read += 1
        for part in parts:
            assert part in body, f"{self.name} got {body!r}, not {part!r}"
        return body

    def gets_nothing(self) -> None:
        """No text that the story has not told of yet."""
        self.town.settle()
        self.has_read_everything()

    def has_read_everything(self) -> None:
        """The same, of a town that is at rest."""
        unread = self.unread()
        assert not unread, f"{self.name} got {unread}"

    def unread(self) -> list[str]:
        """The texts that the story has not told of yet, oldest first."""
        return self.inbox()[self.read :]

    def rings(self) -> Call:
        """Their phone rings, for the first time since the story told of it."""
        self.town.settle()
        calls = self.calls()
        assert len(calls) > self.answered, f"{self.name}'s phone does not ring"
        self.answered += 1
        return calls[self.answered - 1]

    def picks_up(self, *parts: str) -> str:
        """Their phone rings, they take it, and what they hear holds every one of `parts`. Returns it."""
        self.rings()
        self.on_phone("answer")
        return self.hears(*parts)

    def presses(self, key: str, *parts: str) -> str:
        """Press a key; what they then hear holds every one of `parts`. Returns it."""
        self.on_phone(key)
        return self.hears(*parts)

    def hears(self, *parts: str) -> str:
        """The last words of their newest call."""
        heard = self.calls()[-1].heard
        for part in parts:
            assert part in heard[-1], f"{self.name} hears {heard[-1]!r}, not {part!r}"
        return heard[-1]

    def on_phone(self, deed: str) -> None:
        """Do something with the phone that rings or is in a call, and let everything happen that follows from it."""
        self.town.carrier.on_phone(self.phone, deed)
        self.town.settle()

    def calls(self) -> list[Call]:
        """Every call to this phone, oldest first."""
        return self.town.carrier.calls_to(self.phone)

    def inbox(self) -> list[str]:
        """Every text that reached this phone, oldest first."""
        return [text.body for text in self.town.carrier.messages_to(self.phone) if text.sender == self.town.our_number]

    @property
    def state(self) -> str | None:
        """The state of their newest callout."""
        return self.town.callout_of(self)["state"]


@dataclass
class Town:
    """The stage of a story."""

    services: Services
    clock: HandClock
    carrier: CarrierThread
    sender: Sender
    volunteers: list[Volunteer] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    our_number: str = ""
    webhooks_may_fail: bool = False

    def __post_init__(self) -> None:
        self.our_number = self.services.settings.carrier.senders[0]
        self.wire = build_wire(self.services)
        log_of_carrier = open_gateways(self.services.settings).log
        assert log_of_carrier is not None, "the simulated carrier keeps a log"
        self.reconciler = Reconciler(self.wire, log_of_carrier)
        self.geocoder = open_geocoder(self.services)
        with self.services.write() as session:
            plans.ensure_shipped(session)

    def volunteer(self, name: str, metres: float = 100, **other: Any) -> Volunteer:
        """Someone who lives so many metres north of the emergency, certified, willing, at home at any hour."""
        volunteer, person = self._moves_in(name, metres, other)
        moving_in.all_of(self.services, self.geocoder, [person])
        return volunteer

    def _moves_in(self, name: str, metres: float, other: dict[str, Any]) -> tuple[Volunteer, ResponderInput]:
        """A volunteer, and what is to be written down of them."""
        number = len(self.volunteers)
        phone = f"+4477009{number:05d}"
        certifications = [{"type": kind} for kind in other.pop("certified", ["cpr"])]
        person = {
            "external_id": name.lower(),
            "name": name,
            "phone": phone,
            "language": "en",
            "places": [{"kind": "home", "lat": CENTRE[0] + metres / METRES_PER_DEGREE, "lon": CENTRE[1]}],
            "certifications": certifications,
            "consent_at": "2026-01-01",
            "night_alerts": True,
        }
        checked = ResponderInput.read(person | other, Context.of(self.services.settings))
        volunteer = Volunteer(self, name, phone)
        self.volunteers.append(volunteer)
        return volunteer, checked

    def street(self, count: int, first_m: float = 100, step_m: float = 20) -> list[Volunteer]:
        """`count` volunteers V1, V2 …, each `step_m` farther than the one before."""
        neighbours = [self._moves_in(f"V{number + 1}", first_m + number * step_m, {}) for number in range(count)]
        moving_in.all_of(self.services, self.geocoder, [person for _, person in neighbours])
        return [volunteer for volunteer, _ in neighbours]

    def plan(self, **changes: Any) -> None:
        """Change the cardiac arrest plan of this town."""
        shipped = next(plan for plan, _ in plans.SHIPPED if plan.type == "cardiac_arrest")
        with self.services.write() as session:
            plans.save(session, Plan.model_validate(shipped.model_dump() | changes), True)

    def emergency(self, **report: Any) -> str:
        """An emergency at the centre; everything that follows at once has happened when this returns."""
        where = {} if "address" in report else {"location": {"lat": CENTRE[0], "lon": CENTRE[1]}}
        wanted = NewIncident.model_validate({"type": "cardiac_arrest"} | where | report)
        opened = intake.open_incident(self.services, self.geocoder, wanted, "key:cad")
        self.incidents.append(opened.incident_id)
        self.settle()
        return opened.incident_id

    def correct(self, incident_id: str | None = None, **changes: Any) -> None:
        """A correction of the newest incident."""
        correction = Correction.model_validate(changes)
        correcting.correct_incident(self.services, self.geocoder, incident_id or self.incidents[-1], correction, "key:cad")
        self.settle()

    def stand_down(self, reason: str, incident_id: str | None = None) -> None:
        """A dispatcher stands the newest incident down."""
        lifecycle.stand_down(self.services, incident_id or self.incidents[-1], reason, "user:dispatcher")
        self.settle()

    def close(self, outcome: str = "helped", incident_id: str | None = None) -> None:
        """A dispatcher closes the newest incident."""
        lifecycle.close_incident(self.services, incident_id or self.incidents[-1], outcome, "user:dispatcher")
        self.settle()

    def reopen(self, incident_id: str | None = None) -> None:
        """A dispatcher opens it again."""
        lifecycle.reopen(self.services, incident_id or self.incidents[-1], "user:dispatcher")
        self.settle()

    def turn(self, seconds: int) -> None:
        """Let time pass, the conductor ticking as it does."""
        step = 1 if seconds <= 60 else 5
        for _ in range(0, seconds, step):
            self.clock.turn(step)
            if conductor.tick(self.services) or self._call_waits():
                self.settle()

    def _call_waits(self) -> bool:
        """Whether a call has waited for its turn, which comes with time alone."""
        with self.services.read() as session:
            return claims.anything_due(session)

    def settle(self) -> None:
        """Return when nothing moves any more: no text waits, no callback is on its way, no answer is unread."""
        for _ in range(MOST_ROUNDS):
            sent = self.sender.run_once()
            self.carrier.wait_idle()
            heard = taking.replay(self.services, self.services.settings.data_dir) + inbox.handle_due(self.wire)
            looked = conductor.tick(self.services)
            if sent or heard or looked:
                continue
            if Spool(self.services.settings.data_dir).is_empty():
                return
            threading.Event().wait(0.05)  # somebody else replays what a slow machine has put there
        raise AssertionError("the town does not come to rest")

    def reconcile(self) -> int:
        """Compare with the carrier's log, as happens every minute. Returns how many things had not been heard of."""
        found = self.reconciler.round()
        self.settle()
        return found

    def incident(self, incident_id: str | None = None) -> dict[str, Any]:
        """The newest incident as the API shows it."""
        with self.services.read() as session:
            return view.incident_json(session, incident_id or self.incidents[-1])

    def callout_of(self, volunteer: Volunteer, incident_id: str | None = None) -> dict[str, Any]:
        """A volunteer's callout at the newest incident, as the API shows it."""
        name = volunteer.name.lower()
        return next(
            (one for one in self.incident(incident_id)["callouts"] if one["responder_id"] == name),
            {"state": None},
        )

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The events of one kind of the newest incident."""
        return [event for event in self.incident()["events"] if event["kind"] == kind]

    def alarms(self) -> list[str]:
        """The kinds of everything that stands red, oldest first."""
        with self.services.read() as session:
            return list(session.scalars(select(Alarm.kind).where(Alarm.acknowledged_at.is_(None)).order_by(Alarm.id)))

    def asked(self) -> set[str]:
        """The names of everyone who has a callout at the newest incident."""
        known = {volunteer.name.lower(): volunteer.name for volunteer in self.volunteers}
        return {known[one["responder_id"]] for one in self.incident()["callouts"]}

    def everyone_has_read_everything(self) -> None:
        """What ends every story: nobody got a text that it does not tell of."""
        self.settle()
        for volunteer in self.volunteers:
            volunteer.has_read_everything()
            assert len(volunteer.calls()) == volunteer.answered, f"{volunteer.name} was rung, and the story does not tell of it"
        assert self.webhooks_may_fail or not self.carrier.errors, f"webhooks went wrong: {self.carrier.errors}"
        with self.services.read() as session:
            broken = set(session.scalars(select(Event.kind).where(Event.kind.in_(BROKEN))))
        assert not broken, f"something of ours broke on the way: {broken}"


@contextmanager
def open_town(services: Services, clock: HandClock) -> Iterator[Town]:
    """Everything started, on loopback, and stopped again; the story's last check is made on the way out."""
    with CarrierThread(services.settings) as carrier, _web(services, carrier) as (own, _url):
        sender = Sender(build_wire(own), open_gateways(own.settings), threads=4)
        try:
            town = Town(own, clock, carrier, sender)
            yield town
            town.everyone_has_read_everything()
        finally:
            sender.stop()


@contextmanager
def _web(services: Services, carrier: CarrierThread) -> Iterator[tuple[Services, str]]:
    """What other machines reach of the console, on a free port known to the carrier: to build a whole one takes 30 ms."""
    server: BaseWSGIServer = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    reached = {"public_url": url, "simulated_carrier_url": carrier.base_url, "twilio_base_url": carrier.base_url}
    settings = services.settings.model_copy(update=reached)
    settings.__dict__.pop("carrier", None)
    own = replace(services, settings=settings)
    server.app = app = shell(own)
    wire = build_wire(own)
    for room in (webhooks, android_webhooks, voice_webhooks):
        app.register_blueprint(room.blueprint(wire))
    app.register_blueprint(responder_api.blueprint(own, open_geocoder(own), joints.is_bound))
    carrier.use_inbound_url(inbound_url(url))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="console")
    thread.start()
    try:
        yield own, url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _not_yet(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Not yet", [])
    return []
