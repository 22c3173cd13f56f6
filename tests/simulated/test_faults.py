"""Every fault that can be dialled in."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from core.clock import HandClock
from core.settings import Settings
from sms.simulated.faults import Dial, Faults, seeded
from sms.simulated.thread import CarrierThread
from tests.simulated.conftest import OTHER, OURS, PHONE, Customer, client_for

Send = Callable[..., Any]


@pytest.mark.parametrize(("dial", "code", "status"), [("too_many", 20429, 429), ("server_error", 20500, 500)])
def test_the_next_requests_are_refused_and_nothing_is_accepted(
    carrier: CarrierThread, send: Send, client: Client, dial: str, code: int, status: int
) -> None:
    getattr(carrier.faults, dial).next = 2
    assert client.messages.list() == [], "a list is no creation"
    for _ in range(2):
        with pytest.raises(TwilioRestException) as refusal:
            send()
        assert (refusal.value.code, refusal.value.status) == (code, status)
    assert not carrier.messages()
    assert send().status == "queued"


def test_every_request_can_be_hit(carrier: CarrierThread, client: Client) -> None:
    carrier.faults.every_request = True
    carrier.faults.too_many.next = 1
    with pytest.raises(TwilioRestException):
        client.messages("SM" + "0" * 32).fetch()


def test_a_server_error_may_hide_an_accepted_message(carrier: CarrierThread, send: Send) -> None:
    carrier.faults.server_error_after.next = 1
    with pytest.raises(TwilioRestException) as refusal:
        send()
    assert refusal.value.status == 503
    carrier.wait_idle()
    assert [text.status for text in carrier.messages_to(PHONE)] == ["delivered"]


def test_a_request_that_hangs_was_accepted_all_the_same(carrier: CarrierThread, customer: Customer) -> None:
    carrier.faults.hang.next = 1
    impatient = client_for(carrier, timeout_s=0.2)
    with pytest.raises(requests.exceptions.Timeout):
        impatient.messages.create(to=PHONE, from_=OURS, body="A: x", status_callback=f"{customer.url}/sms/status?m=7")
    carrier.wait_idle()
    assert [text.status for text in carrier.messages_to(PHONE)] == ["delivered"]
    assert customer.calls[-1].path == "/sms/status?m=7"
    impatient.http_client.session.close()


def test_latency_holds_each_request(carrier: CarrierThread, send: Send) -> None:
    carrier.faults.latency_s = 0.15
    started = time.monotonic()
    send()
    assert time.monotonic() - started >= 0.15


def test_too_many_at_the_same_time(carrier: CarrierThread, own_settings: Settings) -> None:
    carrier.faults.concurrent_limit = 1
    carrier.faults.latency_s = 0.3
    codes: list[int] = []

    def one() -> None:
        client = client_for(carrier)
        try:
            client.messages.create(to=PHONE, from_=OURS, body="x")
            codes.append(201)
        except TwilioRestException as refusal:
            codes.append(refusal.status)
        client.http_client.session.close()

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [201, 429, 429]


def test_a_phone_that_is_off(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.faults.switched_off = {PHONE}
    made = send()
    send(to=OTHER)
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sending", "sent", "undelivered"]
    assert [call.form["ErrorCode"] for call in customer.calls if "ErrorCode" in call.form] == ["30003"]
    assert [text.status for text in carrier.messages_to(OTHER)] == ["delivered"]


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (30001, ["failed"]),
        (30005, ["sending", "sent", "undelivered"]),
        (30007, ["sending", "sent", "undelivered"]),
        (30410, ["failed"]),
        (39999, ["sending", "sent", "undelivered"]),
    ],
)
def test_a_later_error_can_be_dialled_for_a_number(
    carrier: CarrierThread, send: Send, client: Client, customer: Customer, code: int, told: list[str]
) -> None:
    carrier.faults.fail = {PHONE: code}
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == told
    assert client.messages(made.sid).fetch().error_code == code


def test_a_text_that_waits_past_its_validity_never_leaves(
    clock: HandClock, carrier: CarrierThread, send: Send, client: Client, customer: Customer
) -> None:
    carrier.hold_queue()
    late, patient = send(validity_period=120), send(validity_period=300)
    carrier.wait_idle()
    clock.turn(121)
    carrier.release_queue()
    carrier.wait_idle()
    assert customer.statuses(late.sid) == ["failed"]
    assert client.messages(late.sid).fetch().error_code == 30036
    assert customer.statuses(patient.sid)[-1] == "delivered"


def test_a_validity_out_of_range_fails_later(carrier: CarrierThread, send: Send, client: Client) -> None:
    made = send(validity_period=36_001)
    carrier.wait_idle()
    assert client.messages(made.sid).fetch().error_code == 30045


def test_one_sender_sends_segments_one_after_another(carrier: CarrierThread, send: Send) -> None:
    carrier.faults.segments_per_s = 20
    started = time.monotonic()
    send("A: short")
    send("x" * 300)
    send("A: last")
    carrier.wait_idle()
    assert time.monotonic() - started >= 3 / 20, "one segment and two before the last text"
    assert [text.status for text in carrier.messages_to(PHONE)] == ["delivered"] * 3


def test_a_full_queue_is_refused(carrier: CarrierThread, send: Send) -> None:
    carrier.hold_queue()
    carrier.faults.segments_per_s = 1 / 40_000
    send()
    with pytest.raises(TwilioRestException) as refusal:
        send()
    assert refusal.value.code == 21611


def test_callbacks_lost(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.faults.callbacks_lost.next = 2
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["delivered"]


def test_callbacks_doubled(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.faults.callbacks_doubled.share = 1
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sending", "sending", "sent", "sent", "delivered", "delivered"]


def test_callbacks_reordered(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.faults.callbacks_reordered.share = 1
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sent", "sending", "delivered"]


def test_callbacks_late(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.faults.late_s = 0.2
    carrier.faults.callbacks_late.next = 1
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sent", "delivered", "sending"]


def test_callbacks_held_until_released(carrier: CarrierThread, send: Send, customer: Customer) -> None:
    carrier.hold_callbacks()
    made = send()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == []
    assert carrier.messages_to(PHONE)[0].status == "delivered"
    carrier.release_callbacks()
    carrier.wait_idle()
    assert customer.statuses(made.sid) == ["sending", "sent", "delivered"]


def test_the_same_seed_fails_in_the_same_places() -> None:
    dial = Dial(share=0.3)
    runs = [[dial.hits(dice) for _ in range(200)] for dice in (seeded(7), seeded(7), seeded(8))]
    assert runs[0] == runs[1] != runs[2]
    assert 40 < sum(runs[0]) < 80


def test_dials_are_set_all_or_none() -> None:
    faults = Faults()
    with pytest.raises(ValueError, match="latency_s"):
        faults.change({"too_many": 0.5, "latency_s": -1})
    assert faults == Faults()
    faults.change({"too_many": 0.5, "hang": {"next": 3}})
    assert (faults.too_many.share, faults.hang.next) == (0.5, 3)
    faults.reset()
    assert faults == Faults()
