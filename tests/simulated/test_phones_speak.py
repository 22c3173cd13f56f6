"""Texts from phones: signature, opt-out words, what the webhook's answer does, and Twilio's retry rules."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from sms.simulated.optout import opt_out_type
from sms.simulated.thread import CarrierThread
from sms.simulated.webhooks import Hook
from tests.simulated.conftest import OURS, PHONE, Called, Customer

Send = Callable[..., Any]


def test_a_text_reaches_the_webhook_signed_and_stays_on_the_log(
    carrier: CarrierThread, customer: Customer, client: Client
) -> None:
    sent = carrier.text(PHONE, "1 4 bike åäö 👍")
    carrier.wait_idle()
    (call,) = customer.inbound()
    assert call.form["Body"] == "1 4 bike åäö 👍"
    assert (call.form["From"], call.form["To"], call.form["SmsStatus"]) == (PHONE, OURS, "received")
    assert call.form["MessageSid"] == call.form["SmsSid"] == call.form["SmsMessageSid"] == sent.sid
    assert call.form["FromCity"] == ""
    assert "OptOutType" not in call.form
    assert call.headers["I-Twilio-Idempotency-Token"]
    (listed,) = client.messages.list(from_=PHONE)
    assert (listed.direction, listed.status) == ("inbound", "received")
    assert not carrier.errors


@pytest.mark.parametrize("word", ["STOP", "stopall", " Unsubscribe ", "CANCEL", "end", "Quit", "REVOKE", "OPTOUT"])
def test_a_stop_word_blocks_the_number_and_is_answered_by_the_carrier(
    carrier: CarrierThread, customer: Customer, send: Send, word: str
) -> None:
    carrier.text(PHONE, word)
    carrier.wait_idle()
    assert customer.inbound()[0].form["OptOutType"] == "STOP"
    (answer,) = carrier.messages_to(PHONE)
    assert answer.direction == "outbound-reply"
    assert "unsubscribed" in answer.body
    with pytest.raises(TwilioRestException) as refusal:
        send()
    assert (refusal.value.code, refusal.value.status) == (21610, 400)
    assert carrier.opted_out() == {PHONE}


@pytest.mark.parametrize("word", ["START", "yes", "Unstop"])
def test_a_start_word_opts_in_again_and_is_silent_otherwise(
    carrier: CarrierThread, customer: Customer, send: Send, word: str
) -> None:
    carrier.text(PHONE, word)
    carrier.wait_idle()
    assert carrier.messages_to(PHONE) == []
    carrier.text(PHONE, "STOP")
    carrier.wait_idle()  # two texts of one moment may overtake each other
    carrier.text(PHONE, word)
    carrier.wait_idle()
    assert [answer.body[:26] for answer in carrier.messages_to(PHONE)][1] == "You have successfully been"
    assert customer.inbound()[-1].form["OptOutType"] == "START"
    assert send().status == "queued"


def test_help_is_answered_by_the_carrier_and_still_reaches_us(carrier: CarrierThread, customer: Customer) -> None:
    carrier.text(PHONE, "help")
    carrier.wait_idle()
    assert customer.inbound()[0].form["OptOutType"] == "HELP"
    assert len(carrier.messages_to(PHONE)) == 1


@pytest.mark.parametrize("words", ["stop please", "1", "", "yes going", "STOP.", "2"])
def test_only_a_single_word_counts(words: str) -> None:
    assert opt_out_type(words) is None


@pytest.mark.parametrize(
    ("status", "kind", "words", "texted", "error"),
    [
        (200, "text/xml", "<Response/>", [], None),
        (200, "text/xml; charset=utf-8", "<Response><Message>Hi</Message></Response>", ["Hi"], None),
        (200, "application/xml", "<Response><Message><Body>Ho</Body></Message></Response>", ["Ho"], None),
        (200, "text/plain", "Oh no", ["Oh no"], None),
        (204, "text/plain", "", [], None),
        (200, "text/html", "<p>x</p>", [], 12300),
        (200, "application/json", "{}", [], 12300),
        (200, "", "", [], 12300),
        (200, "text/xml", "<Response>", [], 12100),
        (403, "text/plain", "no", [], 11200),
        (500, "text/plain", "oops", [], 11200),
    ],
)
def test_the_answer_of_the_webhook_is_obeyed(
    carrier: CarrierThread, customer: Customer, status: int, kind: str, words: str, texted: list[str], error: int | None
) -> None:
    customer.answer = lambda call: (status, kind, words) if call.path == "/sms/inbound" else (204, "", "")
    carrier.text(PHONE, "1")
    carrier.wait_idle()
    assert [text.body for text in carrier.messages_to(PHONE)] == texted
    assert [failure.code for failure in carrier.errors] == ([error] if error else [])
    assert len(customer.inbound()) == 1, "only a failed connect is tried again by default"


def test_the_fragment_may_ask_for_more_tries(carrier: CarrierThread, customer: Customer) -> None:
    answers = iter([(500, "", ""), (502, "", ""), (200, "text/xml", "<Response/>")])
    customer.answer = lambda _: next(answers)
    carrier.use_inbound_url(f"{customer.url}/sms/inbound#rc=2&rp=5xx,ct,rt&rt=5000")
    carrier.text(PHONE, "1")
    carrier.wait_idle()
    assert len(customer.inbound()) == 3
    assert len({call.headers["I-Twilio-Idempotency-Token"] for call in customer.inbound()}) == 1
    assert not carrier.errors


def test_a_dead_webhook_is_an_error_and_the_text_is_kept(carrier: CarrierThread, client: Client) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        carrier.use_inbound_url(f"http://127.0.0.1:{free.getsockname()[1]}/sms/inbound")
        carrier.text(PHONE, "1")
        carrier.wait_idle()
    assert [failure.code for failure in carrier.errors] == [11205]
    assert len(client.messages.list(from_=PHONE)) == 1


def test_a_slow_webhook_is_given_up(carrier: CarrierThread, customer: Customer) -> None:
    import threading

    answered = threading.Event()

    def slowly(_: Called) -> tuple[int, str, str]:
        answered.wait(5)
        return 200, "text/xml", "<Response/>"

    customer.answer = slowly
    carrier.use_inbound_url(f"{customer.url}/sms/inbound#rt=100")
    carrier.text(PHONE, "1")
    carrier.wait_idle()
    answered.set()
    assert [failure.code for failure in carrier.errors] == [11200]


def test_an_inbound_text_can_come_twice_with_one_sid(carrier: CarrierThread, customer: Customer) -> None:
    carrier.faults.inbound_doubled.next = 1
    carrier.text(PHONE, "1")
    carrier.text(PHONE, "2")
    carrier.wait_idle()
    bodies = sorted(call.form["Body"] for call in customer.inbound())
    assert bodies == ["1", "1", "2"]
    assert len({call.form["MessageSid"] for call in customer.inbound()}) == 2


def test_a_foreign_number_of_ours_is_refused(carrier: CarrierThread) -> None:
    with pytest.raises(ValueError, match="to: one of"):
        carrier.text(PHONE, "1", to="+358401234567")


@pytest.mark.parametrize(
    ("fragment", "hook"),
    [
        ("", (5.0, 15.0, 15.0, 1, {"ct"})),
        ("#rc=2&rp=5xx,ct,rt&rt=5000", (5.0, 5.0, 15.0, 2, {"5xx", "ct", "rt"})),
        ("#rp=all&tt=3000&ct=100", (0.1, 15.0, 3.0, 1, {"4xx", "5xx", "ct", "rt"})),
        ("#rc=9&rt=99999&ct=abc", (5.0, 15.0, 15.0, 1, {"ct"})),
    ],
)
def test_connection_overrides(fragment: str, hook: tuple[object, ...]) -> None:
    read = Hook.parse("http://x/y?m=1" + fragment)
    assert (read.connect_s, read.read_s, read.total_s, read.retries, read.retry_on) == hook
    assert read.url == "http://x/y?m=1"
