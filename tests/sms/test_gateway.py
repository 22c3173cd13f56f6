"""The gateway through the real twilio client: what each answer of a carrier means, and where texts come from."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from fake_carrier import DROPPED_AFTER, Answer, FakeCarrier

from core.settings import Settings
from sms.carriers.routes import Route
from sms.gateway import Refused, Unknown
from sms.twilio_gateway import TwilioGateway

A, B = "+358401234567", "+358407654321"
ACCOUNT = "AC" + "0" * 32

BY = Route("twilio", "+1", 10)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


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
    assert gateway(settings, carrier.url).send("m", A, "hello", 60, BY) == result


def test_nobody_there(settings: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = gateway(settings, f"http://127.0.0.1:{taken.getsockname()[1]}")
        assert nobody.send("m", A, "hello", 60, BY) == Refused("unreachable", 0, retry=True)
        assert isinstance(nobody.find("m", A, "hello", BY), Unknown)
        nobody.warm()  # complains, and leaves it at that


def test_a_text_leaves_from_the_sender_of_its_route(settings: Settings, carrier: FakeCarrier) -> None:
    gateway(settings, carrier.url, twilio_from=("+1", "+2")).send("m", A, "hello", 60, Route("twilio", "+2", 10))
    assert carrier.taken[0]["From"] == "+2"


def test_a_messaging_service_chooses_the_sender_itself(settings: Settings, carrier: FakeCarrier) -> None:
    one = gateway(settings, carrier.url, twilio_messaging_service_sid="MG1")
    one.send("m", A, "hello", 60, Route("twilio", "MG1", 10))
    assert carrier.taken[0]["MessagingServiceSid"] == "MG1"
    assert "From" not in carrier.taken[0]


def test_only_the_exact_words_are_found(settings: Settings, carrier: FakeCarrier) -> None:
    one = gateway(settings, carrier.url)
    first = one.send("m1", A, "hello", 60, BY)
    one.send("m2", A, "hello!", 60, BY)
    one.send("m3", B, "hello", 60, BY)
    assert one.find("m", A, "hello", BY) == [first]
    assert one.find("m", A, "hell", BY) == []
