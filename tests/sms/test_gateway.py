"""The gateway through the real twilio client: what each answer of a carrier means, and where texts come from."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from fake_carrier import DROPPED_AFTER, Answer, FakeCarrier

from core.settings import Settings
from sms.gateway import Refused, Sent, Unknown
from sms.twilio_gateway import TwilioGateway

A, B = "+358401234567", "+358407654321"
ACCOUNT = "AC" + "0" * 32

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def gateway(settings: Settings, url: str, **more: Any) -> TwilioGateway:
    real = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": ("t",), "twilio_from": ("+1",), "twilio_base_url": url}
    return TwilioGateway(settings.model_copy(update=real | more))


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (Answer(429, 20429, keep=False), Refused("20429", 429, retry=True)),
        (Answer(429, 21611, keep=False), Refused("21611", 429)),
        (Answer(400, 21610, keep=False), Refused("21610", 400)),
        (Answer(400, None, keep=False), Refused("400", 400)),
        (Answer(401, 20003, keep=False), Refused("20003", 401)),
        (Answer(302, None, keep=False), Refused("302", 302)),
        (Answer(408, None), Unknown("HTTP 408")),
        (Answer(500, 20500), Unknown("HTTP 500")),
        (Answer(503, None), Unknown("HTTP 503")),
        (DROPPED_AFTER, Unknown("ConnectionError")),
    ],
)
def test_what_an_answer_means(settings: Settings, carrier: FakeCarrier, answer: Answer, result: object) -> None:
    carrier.answer(A, answer)
    assert gateway(settings, carrier.url).send("m", A, "hello", 60) == result


def test_nobody_there(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = gateway(settings, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert nobody.send("m", A, "hello", 60) == Refused("unreachable", 0, retry=True)
        assert isinstance(nobody.find(A, "hello"), Unknown)
        nobody.warm()  # complains, and leaves it at that


def test_one_number_is_always_texted_from_the_same_sender(settings: Settings, carrier: FakeCarrier) -> None:
    several = gateway(settings, carrier.url, twilio_from=("+1", "+2", "+3"))
    for _ in range(2):
        for number in range(30):
            several.send("m", f"+3584012345{number:02}", "hello", 60)
    senders = {number: {text["From"] for text in carrier.to(number)} for number in {text["To"] for text in carrier.taken}}
    assert all(len(one) == 1 for one in senders.values())
    assert {text["From"] for text in carrier.taken} == {"+1", "+2", "+3"}


def test_a_sender_whose_queue_is_full_is_left_for_the_next(settings: Settings, carrier: FakeCarrier) -> None:
    full = Answer(429, 21611, keep=False)
    carrier.answer(A, full, full)
    several = gateway(settings, carrier.url, twilio_from=("+1", "+2", "+3"))
    assert isinstance(several.send("m", A, "hello", 60), Sent)
    assert len({text["From"] for text in carrier.asked}) == 3


def test_a_messaging_service_chooses_the_sender_itself(settings: Settings, carrier: FakeCarrier) -> None:
    gateway(settings, carrier.url, twilio_messaging_service_sid="MG1").send("m", A, "hello", 60)
    assert carrier.taken[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in carrier.taken[0]


def test_only_the_exact_words_are_found(settings: Settings, carrier: FakeCarrier) -> None:
    one = gateway(settings, carrier.url)
    first = one.send("m1", A, "hello", 60)
    one.send("m2", A, "hello!", 60)
    one.send("m3", B, "hello", 60)
    assert one.find(A, "hello") == [first]
    assert one.find(A, "hell") == []
