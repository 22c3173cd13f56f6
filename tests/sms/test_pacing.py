"""Texts are handed over no faster than their senders can send them, whoever hands them over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fake_carrier import Answer, FakeCarrier

from core import clock as clock_module
from core.clock import HandClock
from core.services import Services
from sms import claims, purposes
from sms.carriers.pacing import MOST_SEGMENTS, Pace
from sms.carriers.routes import Route
from sms.models import CALL
from sms.sender import Sender
from sms.twilio_gateway import TwilioGateway
from sms.wire import Wire


@pytest.fixture
def paced(wire: Wire, carrier: FakeCarrier) -> Callable[..., Wire]:
    """The wire with these senders."""

    def make(rate: float | None, *numbers: str) -> Wire:
        account = {
            "twilio_account_sid": "AC" + "0" * 32,
            "twilio_auth_token": ("t",),
            "twilio_from": numbers,
            "twilio_base_url": carrier.url,
            "twilio_segments_per_s": rate,
        }
        wire.services = Services(
            wire.services.settings.model_copy(update=account), wire.services.database, wire.services.wake_ups
        )
        return wire

    return make


@pytest.fixture
def send(wire: Wire, desk: Any) -> Any:
    """Send all that there is room for; how many that were."""

    def run() -> int:
        sender = Sender(wire, TwilioGateway(wire.services.settings), threads=4)
        sent = sender.run_once()
        sender.stop(2.0)
        return sent

    return run


def put_many(desk: Any, count: int, **more: Any) -> None:
    for number in range(count):
        desk.put(f"+35840{number:07}", about=f"c{number}", rank=number, **more)


def test_the_first_texts_of_an_emergency_leave_together_and_the_rest_at_the_senders_pace(
    paced: Any, desk: Any, send: Any, clock: HandClock
) -> None:
    paced(None, "+358451")  # ten a second
    put_many(desk, 60)
    assert send() == 30
    assert send() == 0
    clock.turn(1)
    assert send() == 10
    clock.turn(60)
    assert send() == 20


def test_segments_count_and_not_texts(paced: Any, desk: Any, send: Any) -> None:
    paced(10, "+358451")
    put_many(desk, 40, body="x" * 161)
    assert send() == 15


def test_an_address_overtakes_whatever_has_not_been_handed_over(
    paced: Any, desk: Any, send: Any, clock: HandClock, carrier: FakeCarrier
) -> None:
    paced(1, "+358451")
    put_many(desk, 10)
    assert send() == 3
    desk.put("+358409999999", about="a", purpose=purposes.ADDRESS, body="GO TO")
    clock.turn(1)
    assert send() == 1
    assert carrier.taken[-1]["Body"] == "GO TO"


def test_a_sender_that_is_behind_lets_the_next_one_take_over(paced: Any, desk: Any, send: Any, carrier: FakeCarrier) -> None:
    paced(1, "+358451", "+358452")
    put_many(desk, 10)
    assert send() == 6
    assert sorted(text["From"] for text in carrier.taken) == ["+358451"] * 3 + ["+358452"] * 3


def test_a_sender_whose_queue_is_full_is_left_for_the_next(paced: Any, desk: Any, send: Any, carrier: FakeCarrier) -> None:
    paced(1000, "+358451", "+358452")
    carrier.answer("+358400000000", Answer(429, 21611, keep=False))
    put_many(desk, 1)
    send()
    assert len({text["From"] for text in carrier.asked}) == 2
    assert desk.outcomes == [("c0", "taken", "")]


def test_when_all_are_full_the_text_has_failed(paced: Any, desk: Any, send: Any, carrier: FakeCarrier) -> None:
    paced(1000, "+358451", "+358452")
    full = Answer(429, 21611, keep=False)
    carrier.answer("+358400000000", full, full)
    put_many(desk, 1)
    send()
    assert desk.outcomes == [("c0", "failed", "21611")]


def test_two_processes_share_one_room(paced: Any, desk: Any) -> None:
    wire = paced(10, "+358451")
    put_many(desk, 60)
    assert len(claims.claim(wire, 25)) + len(claims.claim(Wire(wire.services), 25)) == 30


def test_what_waits_for_room_past_its_end_is_given_up_and_said(paced: Any, desk: Any, send: Any, clock: HandClock) -> None:
    paced(1, "+358451")
    put_many(desk, 5, expires_at=clock.now() + timedelta(seconds=5))
    assert send() == 3
    clock.turn(5)
    send()
    assert [outcome for _, *outcome in desk.outcomes].count(["failed", "expired"]) == 2
    assert desk.events().count("text_expired") == 2


def test_what_was_booked_by_a_clock_that_ran_ahead_keeps_nobody_waiting(
    paced: Any, desk: Any, send: Any, clock: HandClock
) -> None:
    paced(1, "+358451")
    clock.turn(7200)
    put_many(desk, 3)
    assert send() == 3
    clock.turn(-7200)
    desk.put("+358409999999", about="c9")
    assert send() == 1


def test_no_sender_is_booked_for_longer_than_a_full_queue_and_the_longest_text(wire: Wire, clock: HandClock) -> None:
    """Texts of unknown fate are looked for, and booked, however full their sender is."""
    route = Route("twilio", "+358451", 1.0)
    with wire.services.write() as session:
        pace = Pace(session, [route], clock.now())
        for _ in range(100):
            pace.book(route, 1)
        pace.write()
        assert not Pace(session, [route], clock.now()).has_room(route)
        clock.turn(MOST_SEGMENTS + 1)
        assert Pace(session, [route], clock.now()).has_room(route)


def test_texts_that_wait_for_room_keep_back_neither_a_call_nor_what_another_carrier_has_room_for(paced: Any, desk: Any) -> None:
    wire = paced(1, "+358451")
    phone = {"url": "http://x", "user": "u", "password": "p", "signing_key": ("k",), "number": "+358459", "segments_per_s": 1.0}
    settings = wire.services.settings.model_copy(update={f"android_gateway_{name}": value for name, value in phone.items()})
    wire.services = Services(settings, wire.services.database, wire.services.wake_ups)
    put_many(desk, 10)
    assert len(claims.claim(wire, 5)) == 3
    assert claims.claim(wire, 5) == []
    call = desk.put("+358409999998", about="call", channel=CALL, rank=90)
    second_call = desk.put("+358409999998", about="second call", channel=CALL, rank=91)
    warnings = [desk.put(f"+35840999999{n}", about="fault", purpose=purposes.OPERATOR, rank=92 + n) for n in range(5)]
    claimed = [parcel.id for parcel in claims.claim(wire, 5)]
    assert claimed == [call, *warnings[:3]], "one call at a time, and of the others as many as there is room for"
    assert second_call not in claimed


def test_no_more_is_claimed_than_there_are_threads(paced: Any, desk: Any) -> None:
    wire = paced(1, "+358451")
    put_many(desk, 10)
    assert len(claims.claim(wire, 5)) == 3
    for number in range(8):
        desk.put(f"+35840888888{number}", about="call", rank=99, expires_at=clock_module.now())
    assert len(claims.claim(wire, 5)) == 5
