"""Many workers look at the same texts, calls, statuses and carriers at the same moment: each piece of work is done once."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from core.clock import HandClock
from core.services import Services
from dispatch.wiring import build_wire
from sms import canary, inbox, purposes
from sms.carriers import health
from sms.carriers.judging import Tally
from sms.carriers.routes import TWILIO
from sms.gateway import Logged
from sms.models import CALL, IN, OUT, SMS, Canary, Message
from sms.reconciler import Reconciler
from tests import carrier_tells
from tests.races.stage import Stage, handle_texts, tick

OPERATOR = "+447700909999"


class CarriersLog:
    """The log of a carrier, the same for everyone who asks."""

    def __init__(self, *logged: Logged) -> None:
        self._logged = logged

    def log_pages(self) -> Iterator[Sequence[Logged]]:
        """All of it on one page, newest first."""
        yield self._logged[::-1]

    def logged(self, carrier_id: str) -> Logged:
        """One of them."""
        return next(one for one in self._logged if one.carrier_id == carrier_id)


def status(stage: Stage, status_: str, code: str = "") -> None:
    """The carrier tells the same of every text that it took; nobody has handled it yet."""
    with stage.services.read() as session:
        taken = session.execute(select(Message.id, Message.carrier_id).where(Message.carrier_id.is_not(None))).all()
    for message_id, carrier_id in taken:
        form = {"MessageSid": carrier_id, "MessageStatus": status_, "ErrorCode": code}
        carrier_tells.of_status(stage.services, message_id, form)


def test_many_senders_send_each_text_once(stage: Stage) -> None:
    names = stage.street(20, step_m=5)
    stage.plan(waves={"preset": "stockholm", "evidence": "for the test", "first": None, "most_asked": 100})
    incident_id = stage.open().incident_id
    stage.race(*[stage.send] * 4)
    assert sorted(to for to, _body in stage.taker.taken) == sorted(stage.phones.values())
    assert stage.kinds(incident_id)["callout_alerted"] == len(names)


def test_many_senders_ring_each_once_and_one_at_a_time(stage: Stage, clock: HandClock) -> None:
    for number in range(3):
        stage.volunteer(f"v{number}", 100 + number, calls=True)
    stage.open()
    stage.send()
    clock.turn(30)
    stage.race(*[tick] * 4)
    assert stage.written(purposes.FIRST, CALL) == sorted(stage.phones.values()), "each is to be rung once"
    for rung in (1, 2, 3):
        stage.race(*[stage.send] * 3)
        assert len(stage.taker.rung) == rung
        clock.turn(1)
    assert sorted(stage.taker.rung) == sorted(stage.phones.values())


def test_a_status_is_applied_once(stage: Stage) -> None:
    names = stage.street(7)
    incident_id = stage.open().incident_id
    stage.send()
    status(stage, "undelivered", "30005")
    stage.race(*[handle_texts] * 4)
    assert stage.states(incident_id) == dict.fromkeys(names, "failed")
    assert stage.all_kinds()["callout_failed"] == 7
    assert stage.all_kinds()["text_failed"] == 14, "one of the wire and one of the emergency for each"


def test_a_status_is_applied_once_by_those_who_go_one_by_one_too(stage: Stage) -> None:
    names = stage.street(4)
    incident_id = stage.open().incident_id
    stage.send()
    status(stage, "undelivered", "30005")

    def stumble_once(services: Services) -> None:
        wire, met = build_wire(services), threading.Event()
        hear = wire.outcome_handlers["callout"]

        def hear_the_second_time(*told: Any) -> None:
            if not met.is_set():
                met.set()
                raise RuntimeError("a handler's defect")
            hear(*told)

        wire.outcome_handlers["callout"] = hear_the_second_time
        inbox.handle_due(wire)

    stage.race(*[stumble_once] * 4)
    assert stage.states(incident_id) == dict.fromkeys(names, "failed")
    assert stage.all_kinds()["text_failed"] == 8


def test_a_strangers_text_is_noted_once(stage: Stage) -> None:
    """There is no contact whose lock would keep two from taking it."""
    carrier_tells.of_text(stage.services, {"MessageSid": "SI1", "From": OPERATOR, "Body": "hello"})
    stage.race(*[handle_texts] * 4)
    assert stage.all_kinds()["text_from_unknown_number"] == 1


def send_canary(services: Services) -> None:
    """What the guard of each process does when the hour has come."""
    with services.write() as session:
        canary.send_due(session, services.settings)


def test_one_canary_goes_out(stage: Stage) -> None:
    stage.race(*[send_canary] * 4)
    with stage.services.read() as session:
        assert len(session.scalars(select(Canary.id)).all()) == 1
    assert len(stage.written(purposes.CANARY, SMS)) == 1


def test_what_the_carrier_has_and_we_never_heard_of_is_taken_over_once(stage: Stage, clock: HandClock) -> None:
    stage.street(2)
    incident_id = stage.open().incident_id
    stage.send()
    with stage.services.read() as session:
        sent = session.execute(select(Message.carrier_id, Message.phone, Message.body).where(Message.direction == OUT)).all()
    at = clock.now().replace(microsecond=0)
    log = CarriersLog(
        *[Logged(one.carrier_id, False, one.phone, one.body, "delivered", "", at) for one in sent],
        Logged("SM" + "e" * 32, False, OPERATOR, "not ours", "delivered", "", at),
        Logged("SI" + "a" * 32, True, stage.phones["v1"], "1", "received", "", at),
    )
    stage.race(*[lambda services: Reconciler(build_wire(services), log).round()] * 4)
    stage.race(*[handle_texts] * 4)
    with stage.services.read() as session:
        assert len(session.scalars(select(Message.id).where(Message.direction == IN)).all()) == 1
    assert stage.all_kinds()["text_recovered"] == 1
    assert stage.kinds(incident_id)["callout_accepted"] == 1
    assert stage.kinds(incident_id)["text_heard"] == 1


def test_a_carrier_fails_once(stage: Stage) -> None:
    def all_bad(services: Services) -> None:
        with services.write() as session:
            health.note(build_wire(services), session, {TWILIO: Tally(bad=9)}, [TWILIO])

    stage.race(*[all_bad] * 4)
    assert stage.all_kinds()["carrier_failing"] == 1
    assert stage.all_kinds()["fault_stands"] == 1
