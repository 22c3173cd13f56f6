"""Calls out of the outbox: one start a second, found again when nobody knows whether they began, told of by their statuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fake_carrier import DROPPED_AFTER, DROPPED_BEFORE, Answer, FakeCarrier

from core import clock as clocks
from core.carrier_settings import NO_VOICE
from core.clock import HandClock
from core.settings import Settings, WrongSetting, load
from sms import contacts, purposes, turns
from sms.addresses import answer_url, status_url
from sms.carriers import health
from sms.carriers.judging import LEAST_ILL
from sms.gateway import Refused
from sms.inbox import handle_due
from sms.models import CALL
from sms.sender import Sender
from sms.statuses import RANK, below
from sms.twilio_gateway import TwilioGateway
from sms.wire import Wire
from tests import carrier_tells

A, B, C = "+358401234567", "+358407654321", "+358405555555"


def test_a_call_is_asked_for_with_where_to_get_its_words(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    message_id = desk.put(A, body="Can you go now?", channel=CALL)
    sender.run_once()
    (form,) = carrier.calls_to(A)
    settings = wire.services.settings
    assert (form["From"], form["Timeout"]) == (settings.carrier.voice_from, "30")
    assert form["Url"] == answer_url(settings.public_url, message_id)
    assert form["StatusCallback"] == status_url(settings.public_url, message_id)
    assert "Can you go" not in str(form)
    assert (desk.message(message_id).state, desk.outcomes) == ("taken", [("c1", "taken", "")])


def test_one_call_starts_a_second_whoever_sends_and_the_best_goes_first(
    new_sender: Callable[..., Sender], carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    for rank, phone in ((2, A), (1, B), (0, C)):
        desk.put(phone, about=f"c{rank}", channel=CALL, rank=rank)
    desk.put(A, about="text")
    senders = [new_sender(), new_sender()]
    rung = []
    for _ in range(4):
        for sender in senders:
            sender.run_once()
        rung.append([form["To"] for form in carrier.taken if "Url" in form])
        clock.turn(1)
    assert rung == [[C], [C, B], [C, B, A], [C, B, A]]
    assert len(carrier.taken) == 4, "the text waited for no call"


def test_of_two_who_claim_at_once_one_has_the_turn(wire: Wire, clock: HandClock) -> None:
    taken = []
    for _ in range(2):
        with wire.services.write() as session:
            taken.append(turns.take(session))
    clock.turn(1)
    with wire.services.write() as session:
        taken.append(turns.take(session))
    assert taken == [True, False, True]


def test_a_turn_taken_by_a_clock_that_ran_ahead_keeps_no_call_waiting(
    sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    clock.turn(7200)
    desk.put(A, about="c1", channel=CALL)
    sender.run_once()
    clock.turn(-7200)
    desk.put(B, about="c2", channel=CALL)
    sender.run_once()
    assert [form["To"] for form in carrier.taken] == [A, B]


def test_calls_that_are_refused_say_nothing_of_how_texts_fare(
    sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire, clock: HandClock
) -> None:
    """The account may not ring that country, say."""
    carrier.answer(A, *[Answer(400, 21215, keep=False)] * LEAST_ILL)
    for number in range(LEAST_ILL):
        desk.put(A, about=f"c{number}", channel=CALL)
        sender.run_once()
        clock.turn(1)
    assert [outcome for _, *outcome in desk.outcomes] == [["failed", "21215"]] * LEAST_ILL
    with wire.services.read() as session:
        assert not health.failing(session, {"twilio"})


def test_a_call_that_may_not_leave_needs_no_turn(sender: Sender, carrier: FakeCarrier, desk: Any) -> None:
    desk.held_back = {"c1": "not_asking", "c2": "not_asking"}
    for about, phone in (("c1", A), ("c2", B), ("c3", C)):
        desk.put(phone, about=about, channel=CALL)
    sender.run_once()
    assert [form["To"] for form in carrier.taken] == [C]
    assert desk.events() == ["call_cancelled", "call_cancelled"]


@pytest.mark.parametrize(("lost", "rung"), [(DROPPED_AFTER, 1), (DROPPED_BEFORE, 1)])
def test_a_call_of_unknown_fate_is_sought_and_else_rung_again(
    lost: Any, rung: int, sender: Sender, carrier: FakeCarrier, desk: Any, clock: HandClock
) -> None:
    earlier = desk.put(A, about="c0", channel=CALL)
    sender.run_once()  # an earlier call to the same phone, which must not be taken for the lost one
    clock.turn(2)
    carrier.answer(A, lost)
    message_id = desk.put(A, channel=CALL)
    sender.run_once()
    assert desk.message(message_id).state == "unknown"
    assert desk.events() == ["call_unknown"]
    clock.turn(3)
    sender.run_once()
    assert desk.message(message_id).state == "taken"
    assert desk.message(message_id).carrier_id != desk.message(earlier).carrier_id
    assert len(carrier.calls_to(A)) == 1 + rung


def test_statuses_of_a_call_never_go_down_and_say_what_became_of_it(
    sender: Sender, desk: Any, wire: Wire, clock: HandClock
) -> None:
    message_id = desk.put(A, channel=CALL)
    sender.run_once()
    call_sid = desk.message(message_id).carrier_id
    for status in ("ringing", "initiated", "no-answer", "in-progress"):
        carrier_tells.of_status(wire.services, message_id, {"CallSid": call_sid, "CallStatus": status})
        handle_due(wire)
    assert desk.message(message_id).carrier_status == "no-answer"
    assert desk.outcomes == [("c1", "taken", ""), ("c1", "failed", "")]
    assert desk.events() == ["call_failed"]
    for ending in ("busy", "no-answer", "failed", "canceled", "completed"):
        assert {"queued", "initiated", "ringing", "in-progress"} <= set(below(ending)), ending
    assert RANK["completed"] > RANK["busy"]


def test_a_status_is_the_first_to_tell_that_a_call_began(sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire) -> None:
    carrier.answer(A, DROPPED_AFTER)
    message_id = desk.put(A, channel=CALL)
    sender.run_once()
    carrier_tells.of_status(wire.services, message_id, {"CallSid": "CA1", "CallStatus": "ringing"})
    handle_due(wire)
    message = desk.message(message_id)
    assert (message.state, message.carrier_id, message.carrier_status) == ("taken", "CA1", "ringing")


def test_an_opt_out_from_texts_leaves_only_the_call_that_gets_people_out_of_danger(
    sender: Sender, carrier: FakeCarrier, desk: Any, wire: Wire
) -> None:
    desk.put(A, about="c1", channel=CALL)
    with wire.services.write() as session:
        contacts.opt_out(wire, session, session.merge(desk.contact(A)))
    desk.put(A, about="c2", channel=CALL)
    desk.put(A, about="c3", channel=CALL, purpose=purposes.SAFETY, expires_at=clocks.now() + timedelta(minutes=5))
    sender.run_once()
    assert len(carrier.calls_to(A)) == 1
    assert "call_refused" in desk.events()
    assert desk.outcomes == [("c1", "failed", "opted_out"), ("c3", "taken", "")]


def test_without_a_number_to_ring_from_voice_is_off(wire: Wire, carrier: FakeCarrier) -> None:
    off = wire.services.settings.model_copy(update={"twilio_voice_from": NO_VOICE})
    assert off.carrier.voice_from is None
    assert TwilioGateway(off).call("m", A) == Refused("no_voice", 0)
    assert carrier.asked == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("senders", "chosen", "voice_from"),
    [
        (("+358401", "+358402"), None, "+358401"),
        (("Doorstep", "+358402"), None, "+358402"),
        (("Doorstep",), None, None),
        (("+358401",), "+3589123456", "+3589123456"),
        (("+358401",), NO_VOICE, None),
    ],
)
def test_where_calls_come_from(
    settings: Settings, senders: tuple[str, ...], chosen: str | None, voice_from: str | None
) -> None:
    real = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t",), "twilio_from": senders}
    assert settings.model_copy(update=real | {"twilio_voice_from": chosen}).carrier.voice_from == voice_from


def test_a_number_to_ring_from_is_a_phone_number() -> None:
    with pytest.raises(WrongSetting, match="TWILIO_VOICE_FROM: a phone number"):
        load(_env_file=None, twilio_voice_from="Doorstep")
