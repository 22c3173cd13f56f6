"""The sender over a real HTTP connection: who is sent what, when, and only once."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from fake_carrier import (
    OPTED_OUT,
    Answer,
    FakeCarrier,
)
from sqlalchemy import update

from core import clock as clocks
from core.clock import HandClock
from sms import claims, outbox, purposes
from sms.inbox import handle_due
from sms.models import Contact
from sms.sender import Sender
from sms.wire import Wire

A, B = "+358401234567", "+358407654321"


def test_a_text_is_taken(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A, body="A: gå nu?")
    assert sender.run_once() == 1
    [text] = carrier.taken
    assert text["Body"] == "A: gå nu?"
    assert text["StatusCallback"] == f"http://127.0.0.1:8000/sms/status?m={message_id}#rc=2&rp=5xx,ct,rt&rt=5000"
    assert text["ValidityPeriod"] == "300"
    assert text["RiskCheck"] == "disable"
    assert text["From"] == wire.services.settings.carrier.senders[0]
    message = desk.message(message_id)
    assert (message.state, message.carrier_id, message.carrier_status) == ("taken", text["Sid"], "queued")
    assert message.taken_at == clocks.now()
    assert desk.outcomes == [("c1", "taken", "")]
    assert sender.run_once() == 0


def test_best_first(new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any) -> None:
    desk.put(A, body="bulletin", purpose=purposes.BULLETIN)
    desk.put(A, body="far", rank=2)
    desk.put(A, body="near", rank=1)
    desk.put(A, body="unsafe", purpose=purposes.SAFETY)
    new_sender(threads=1).run_once()
    assert [text["Body"] for text in carrier.taken] == ["unsafe", "near", "far", "bulletin"]


def test_what_is_not_due_waits(sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock) -> None:
    desk.put(A, send_at=clock.now() + timedelta(seconds=10))
    assert sender.run_once() == 0
    clock.turn(10)
    assert sender.run_once() == 1


def test_cancelled_before_it_could_leave(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    gone, kept = desk.put(A, about="c1"), desk.put(B, about="c2")
    with wire.services.write() as session:
        assert outbox.cancel(session, "callout", ["c1", "c9"], [purposes.FIRST]) == {"c1"}
    assert sender.run_once() == 1
    assert (desk.message(gone).state, desk.message(kept).state) == ("cancelled", "taken")
    with wire.services.write() as session:
        assert outbox.cancel(session, "callout", ["c2"]) == set()


def test_refused_for_good(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    carrier.answer(A, Answer(400, 21211, keep=False))
    message_id = desk.put(A)
    sender.run_once()
    assert (desk.message(message_id).state, desk.message(message_id).error_code) == ("refused", "21211")
    assert desk.outcomes == [("c1", "failed", "21211")]
    assert desk.events() == ["number_in_trouble", "text_refused"]


def test_an_opted_out_number_is_kept_out(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    carrier.answer(A, OPTED_OUT)
    desk.put(A)
    sender.run_once()
    assert desk.contact(A).opted_out_at is not None
    assert (desk.opted, desk.outcomes) == ([True], [("c1", "failed", "21610")])
    # The next draft makes no text: it is refused at once, and its outcome comes through the inbox like every failure.
    second = desk.put(A, about="c2")
    assert desk.message(second).state == "refused"
    assert sender.run_once() == 0
    assert handle_due(desk.wire) == 1
    assert desk.outcomes[1:] == [("c2", "failed", "opted_out")]
    assert len(carrier.asked) == 1


def test_opted_out_while_the_text_waited(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    desk.put(A)
    with wire.services.write() as session:
        session.execute(update(Contact).values(opted_out_at=clocks.now()))
    sender.run_once()
    assert (carrier.asked, desk.outcomes) == ([], [("c1", "failed", "opted_out")])


def test_the_gate_holds_back(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    desk.held_back["c1"] = "lapsed"
    held, sent = desk.put(A), desk.put(B, about="c2")
    sender.run_once()
    assert (desk.message(held).state, desk.message(sent).state) == ("cancelled", "taken")
    assert sorted(desk.outcomes) == [("c1", "failed", "lapsed"), ("c2", "taken", "")]
    assert len(carrier.asked) == 1


def test_a_broken_gate_silences_nobody(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    def broken(session: object, messages: object) -> dict[str, str]:
        raise KeyError("a defect")

    wire.gates[purposes.FIRST] = broken
    desk.put(A)
    sender.run_once()
    assert (len(carrier.taken), desk.events()) == (1, ["gate_failed"])


def test_past_its_end_of_life(sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock) -> None:
    message_id = desk.put(A)
    clock.turn(300)
    sender.run_once()
    assert (carrier.asked, desk.message(message_id).state) == ([], "expired")
    assert desk.outcomes == [("c1", "failed", "expired")]


def test_validity_is_what_is_left(sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock) -> None:
    desk.put(A)
    clock.turn(299.5)
    sender.run_once()
    desk.put(B, expires_at=clock.now() + timedelta(days=2))
    sender.run_once()
    assert [text["ValidityPeriod"] for text in carrier.taken] == ["1", "36000"]


def test_demo_people_and_real_carriers_never_meet(carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    real = wire.services.settings.model_copy(
        update={
            "twilio_account_sid": "AC" + "0" * 32,
            "twilio_auth_token": ("secret",),
            "twilio_from": ("+358451",),
            "twilio_base_url": carrier.url,
        }
    )
    desk.put(A)
    with wire.services.write() as session:
        session.execute(update(Contact).values(demo=True))
    assert not real.simulating
    desk.wire.services = type(wire.services)(real, wire.services.database, wire.services.wake_ups)
    [parcel] = claims.claim(wire, 10)
    assert parcel.hold == claims.Hold("refused", "demo_contact")


def test_a_broken_handler_loses_no_result(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    ids = [desk.put(A, about="c1"), desk.put(B, about="c2")]
    desk.breaks = 1000
    sender.run_once()
    desk.breaks = 0
    assert [desk.message(one).state for one in ids] == ["taken", "taken"]
    assert desk.events() == ["outcome_not_handled"] * 2
    assert sender.run_once() == 0
    assert len(carrier.asked) == 2  # nobody is texted twice for a defect of ours


def test_an_opt_out_is_kept_even_when_its_handler_breaks(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    def broken(session: object, contact: object, opted_out: bool) -> None:
        raise KeyError("a defect")

    wire.opt_handlers.append(broken)
    carrier.answer(A, OPTED_OUT)
    message_id = desk.put(A)
    sender.run_once()
    assert desk.contact(A).opted_out_at is not None
    assert desk.message(message_id).error_code == "21610"


def test_two_senders_never_send_one_text_twice(
    new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any, wire: Wire
) -> None:
    for number in range(60):
        desk.put(f"+35840123{number:04}", about=f"c{number}")
    senders = [new_sender(threads=6), new_sender(threads=6)]
    with ThreadPoolExecutor(2) as pool:
        sent = sum(pool.map(lambda one: one.run_once(), senders))
    assert sent == 60
    assert set(Counter(text["To"] for text in carrier.asked).values()) == {1}
    assert len(carrier.taken) == 60


def test_one_hanging_request_delays_nobody(new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any) -> None:
    sender = new_sender(threads=3)
    arrived, release = threading.Event(), threading.Event()
    carrier.answer(A, Answer(hang=release))
    expected = {f"+3584099900{number:02}" for number in range(10)}

    def watch(text: dict[str, str]) -> None:
        if expected <= {one["To"] for one in carrier.asked}:
            arrived.set()

    carrier.on_post = watch
    desk.put(A)
    sender.start()
    for number in expected:
        desk.put(number)
        sender.wake()
    assert arrived.wait(3), "the others waited for the hanging one"
    release.set()
    sender.run_once()
    assert len(carrier.taken) == 11


def test_a_stand_in_leaves_fresh_rows_to_the_worker(
    new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    stand_in = new_sender(overdue_s=1.0)
    desk.put(A)
    assert stand_in.run_once() == 0
    clock.turn(1)
    assert stand_in.run_once() == 1


def test_stop_finishes_what_is_in_flight(new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any) -> None:
    sender = new_sender(threads=2)
    asked = threading.Event()
    carrier.on_post = lambda _: asked.set()
    carrier.latency_s = 0.2
    message_id = desk.put(A)
    sender.start()
    assert asked.wait(3)
    sender.stop(3.0)
    assert desk.message(message_id).state == "taken"
    assert not any(thread.is_alive() for thread in sender._pool)


def test_a_started_sender_finds_rows_without_being_woken(
    new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any
) -> None:
    asked = threading.Event()
    carrier.on_post = lambda _: asked.set()
    new_sender(threads=2).start()
    desk.put(A)
    assert asked.wait(3)
