"""Calls through the real twilio client: their life, what is said, the keys, and everything that can go wrong with one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.twiml.voice_response import VoiceResponse

from core.settings import Settings
from sms.simulated import call_autopilot, twiml
from sms.simulated.exchange import ANSWER, DECLINE, HANG_UP, RING_OUT
from sms.simulated.model import Mode, Timing
from sms.simulated.temper import HUMAN
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OTHER, OURS, PHONE, Called, Customer, client_for

EVENTS = ["initiated", "ringing", "answered", "completed"]


def ask(called: Called) -> tuple[int, str, str]:
    """What our side answers: first a question, then thanks."""
    response = VoiceResponse()
    if "Digits" not in called.form:
        gather = response.gather(num_digits=1, timeout=8, action="/voice/gather?m=1&again=1", action_on_empty_result=True)
        gather.say("Can you go now? Press 1 or 2.", loop=2, language="en-GB")
    elif called.form["Digits"]:
        response.say("Thank you & go.")
        response.pause(length=1)
    response.hangup()
    return 200, "text/xml", str(response)


@pytest.fixture
def ring(client: Client, customer: Customer, carrier: CarrierThread) -> Callable[..., Any]:
    customer.answer = lambda called: ask(called) if called.path.startswith("/voice") else (204, "", "")

    def ring(to: str = PHONE, **more: Any) -> Any:
        urls = {"url": f"{customer.url}/voice/answer?m=1", "status_callback": f"{customer.url}/sms/status?m=1"}
        made = client.calls.create(**{"to": to, "from_": OURS, "status_callback_event": EVENTS} | urls | more)
        carrier.wait_idle()
        return made

    return ring


def told(customer: Customer) -> list[str]:
    return [call.form["CallStatus"] for call in customer.calls if call.path.startswith("/sms/status")]


def test_a_call_that_is_picked_up_speaks_and_hands_the_key_back(
    ring: Callable[..., Any], client: Client, carrier: CarrierThread, customer: Customer
) -> None:
    made = ring()
    assert (made.status, made.direction, made.start_time) == ("queued", "outbound-api", None)
    assert client.calls(made.sid).fetch().status == "ringing"
    carrier.on_phone(PHONE, ANSWER)
    carrier.wait_idle()
    assert client.calls(made.sid).fetch().status == "in-progress"
    carrier.on_phone(PHONE, "1")
    carrier.wait_idle()
    (call,) = carrier.calls_to(PHONE)
    question = "Can you go now? Press 1 or 2."
    assert call.heard == [question, question, "[1]", "Thank you & go."]
    (pressed,) = [called for called in customer.calls if called.path == "/voice/gather?m=1&again=1"]
    assert (pressed.form["Digits"], pressed.form["CallSid"], pressed.form["CallStatus"]) == ("1", made.sid, "in-progress")
    assert told(customer) == ["initiated", "ringing", "in-progress", "completed"]
    ended = client.calls(made.sid).fetch()
    assert (ended.status, ended.to) == ("completed", PHONE)
    assert not carrier.errors


@pytest.mark.parametrize(("deed", "ending"), [(DECLINE, "busy"), (RING_OUT, "no-answer")])
def test_a_call_that_nobody_takes(
    ring: Callable[..., Any], carrier: CarrierThread, customer: Customer, deed: str, ending: str
) -> None:
    ring()
    carrier.on_phone(PHONE, deed)
    carrier.wait_idle()
    assert told(customer) == ["initiated", "ringing", ending]
    assert carrier.calls_to(PHONE)[0].heard == []
    with pytest.raises(ValueError, match="no call"):
        carrier.on_phone(PHONE, ANSWER)


@pytest.mark.parametrize(
    ("fault", "statuses", "heard"),
    [
        ("busy", ["initiated", "ringing", "busy"], 0),
        ("no-answer", ["initiated", "ringing", "no-answer"], 0),
        ("failed", ["initiated", "failed"], 0),
        ("voicemail", ["initiated", "ringing", "in-progress", "completed"], 2),
    ],
)
def test_faults_end_every_call_to_a_number(
    ring: Callable[..., Any], carrier: CarrierThread, customer: Customer, fault: str, statuses: list[str], heard: int
) -> None:
    carrier.faults.calls = {PHONE: fault}
    ring()
    assert told(customer) == statuses
    assert len(carrier.calls_to(PHONE)[0].heard) == heard
    assert [called.form["Digits"] for called in customer.calls if "Digits" in called.form] == ([""] if heard else [])


def test_whoever_hangs_up_ends_it_and_keys_before_picking_up_are_none(ring: Callable[..., Any], carrier: CarrierThread) -> None:
    ring()
    with pytest.raises(ValueError, match="picked up"):
        carrier.on_phone(PHONE, "1")
    carrier.on_phone(PHONE, ANSWER)
    carrier.wait_idle()
    with pytest.raises(ValueError, match="already"):
        carrier.on_phone(PHONE, ANSWER)
    carrier.on_phone(PHONE, HANG_UP)
    carrier.wait_idle()
    assert carrier.calls_to(PHONE)[0].status == "completed"


def test_the_customer_cancels_and_lists(ring: Callable[..., Any], client: Client, carrier: CarrierThread) -> None:
    first, other, second = ring(), ring(OTHER), ring()
    assert [call.sid for call in client.calls.list(to=PHONE, page_size=1)] == [second.sid, first.sid]
    assert len(client.calls.list(status="ringing")) == 3
    assert client.calls(other.sid).update(status="canceled").status == "canceled"
    carrier.wait_idle()
    with pytest.raises(TwilioRestException) as refused:
        client.calls(other.sid).update(status="canceled")
    assert refused.value.code == 21220
    carrier.on_phone(PHONE, ANSWER)
    carrier.wait_idle()
    assert client.calls(second.sid).update(status="completed").status == "completed"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": ""}, 21201),
        ({"to": "12"}, 21211),
        ({"from_": ""}, 21213),
        ({"from_": "+15005550006"}, 21210),
        ({"url": "nonsense"}, 21205),
        ({"status_callback": "ftp://x"}, 21609),
        ({"timeout": 0}, 20001),
    ],
)
def test_bad_requests_are_refused_with_the_codes_of_twilio(
    ring: Callable[..., Any], changes: dict[str, Any], code: int
) -> None:
    with pytest.raises(TwilioRestException) as refused:
        ring(**changes)
    assert refused.value.code == code


def test_requests_for_calls_meet_the_dialled_faults(ring: Callable[..., Any], carrier: CarrierThread) -> None:
    carrier.faults.too_many.next = 1
    with pytest.raises(TwilioRestException) as refused:
        ring()
    assert refused.value.status == 429
    carrier.faults.refuse = {PHONE: 21211}
    with pytest.raises(TwilioRestException):
        ring()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((500, "text/xml", ""), 11200),
        ((200, "text/html", "<Response/>"), 12300),
        ((200, "text/xml", "<Response>"), 12100),
        ((200, "text/xml", "<Response><Dial/></Response>"), 12100),
    ],
)
def test_an_answer_that_is_no_twiml_ends_the_call(
    ring: Callable[..., Any], carrier: CarrierThread, customer: Customer, answer: tuple[int, str, str], code: int
) -> None:
    ring()
    customer.answer = lambda called: answer if called.path.startswith("/voice") else (204, "", "")
    carrier.on_phone(PHONE, ANSWER)
    carrier.wait_idle()
    assert [error.code for error in carrier.errors] == [code]
    assert carrier.calls_to(PHONE)[0].status == "completed"


def test_no_event_but_the_last_is_told_unless_asked_for(
    ring: Callable[..., Any], carrier: CarrierThread, customer: Customer
) -> None:
    carrier.faults.calls = {PHONE: "busy"}
    ring(status_callback_event=[])
    assert told(customer) == ["busy"]


def test_a_gather_without_an_empty_result_goes_on_after_it() -> None:
    (gather, hangup) = twiml.parse(
        '<Response><Gather numDigits="1"><Say>a</Say></Gather><Hangup/></Response>', "http://x/a?m=1"
    )
    assert (gather.action, gather.timeout_s, gather.empty_too) == ("http://x/a?m=1", 5.0, False)
    assert isinstance(hangup, twiml.Hangup)


@pytest.mark.parametrize(
    ("heard", "keys"),
    [
        (["Can you go? Press 1 if you are going, 2 if you cannot."], {"1", "2"}),
        (["Go to 5 B. Press 1 if you are going, 2 if you cannot, 0 to be rung."], {"1"}),
        (["Get away. Press 4 when you are away."], {"4"}),
        (["Thank you."], {"hang_up"}),
    ],
)
def test_what_simulated_people_press(heard: list[str], keys: set[str]) -> None:
    assert {call_autopilot.what_to_press(heard, HUMAN, Random(seed)) for seed in range(60)} == keys


def test_one_call_starts_a_second(own_settings: Settings, customer: Customer) -> None:
    with CarrierThread(own_settings, inbound_url=f"{customer.url}/sms/inbound", timing=Timing(0, 0, 0)) as carrier:
        client = client_for(carrier)
        for phone in (PHONE, OTHER):
            client.calls.create(to=phone, from_=OURS, url=f"{customer.url}/voice/answer?m=1")
        assert carrier.calls_to(OTHER)[0].status == "queued", "the second waits for its turn"
        carrier.wait_idle()
        assert [carrier.calls_to(phone)[0].status for phone in (PHONE, OTHER)] == ["ringing", "ringing"]
        client.http_client.session.close()


def test_the_autopilot_takes_a_call_and_presses_a_key(own_settings: Settings, customer: Customer) -> None:
    pressed = threading.Event()

    def answer(called: Called) -> tuple[int, str, str]:
        if "Digits" in called.form:
            pressed.set()
        return ask(called) if called.path.startswith("/voice") else (204, "", "")

    customer.answer = answer
    with CarrierThread(own_settings, inbound_url=f"{customer.url}/sms/inbound", autopilot=Mode.HEADLESS) as carrier:
        client = client_for(carrier)
        client.calls.create(to=PHONE, from_=OURS, url=f"{customer.url}/voice/answer?m=1")
        assert pressed.wait(20)
        client.http_client.session.close()
