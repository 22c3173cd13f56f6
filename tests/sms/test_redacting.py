"""Having a carrier forget the words of a text: what each answer means, and who cannot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.settings import Settings
from sms.carriers.doors import Doors, open_gateways
from sms.carriers.routes import ANDROID, TWILIO, Route
from sms.gateway import CANNOT_FORGET, Logged, Redacted, Refused, Sent, Unknown
from sms.simulated.thread import CarrierThread
from sms.twilio_gateway import TwilioGateway

A = "+447700900001"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def carrier(settings: Settings) -> Iterator[CarrierThread]:
    with CarrierThread(settings) as carrier:
        yield carrier


def doors(settings: Settings, carrier: CarrierThread) -> Doors:
    there = settings.model_copy(update={"simulated_carrier_url": carrier.base_url, "public_url": "http://127.0.0.1:9"})
    return Doors({TWILIO: TwilioGateway(there)})


def sent(settings: Settings, carrier: CarrierThread) -> str:
    route = Route(TWILIO, settings.carrier.senders[0], 100)
    answer = doors(settings, carrier).send("0a" * 13, A, "A: hello", 600, route)
    assert isinstance(answer, Sent)
    return answer.carrier_id


def test_the_words_are_gone_and_all_else_stays(settings: Settings, carrier: CarrierThread) -> None:
    carrier_id = sent(settings, carrier)
    carrier.wait_idle()
    gateway = doors(settings, carrier)
    for _ in range(2):
        assert gateway.redact(TWILIO, carrier_id) == Redacted()
    assert gateway.log is not None
    kept = gateway.log.logged(carrier_id)
    assert isinstance(kept, Logged)
    assert (kept.body, kept.phone, kept.status) == ("", A, "delivered")


def test_what_the_carrier_does_not_have_is_forgotten_already(settings: Settings, carrier: CarrierThread) -> None:
    assert doors(settings, carrier).redact(TWILIO, "SM" + "0" * 32) == Redacted()


def test_a_carrier_with_enough_requests_and_one_that_is_away(settings: Settings, carrier: CarrierThread) -> None:
    carrier.faults.every_request = True
    carrier_id = sent(settings, carrier)
    carrier.faults.too_many.share = 1.0
    refused = doors(settings, carrier).redact(TWILIO, carrier_id)
    assert refused == Refused("20429", 429, retry=True)
    carrier.faults.reset()
    carrier.stop()
    assert isinstance(doors(settings, carrier).redact(TWILIO, carrier_id), Unknown)


def test_a_gateway_phone_says_that_it_cannot_and_so_does_a_carrier_that_is_no_more(settings: Settings) -> None:
    phone = {
        "android_gateway_url": "http://127.0.0.1:9",
        "android_gateway_user": "sms",
        "android_gateway_password": "secret",
        "android_gateway_signing_key": ("key",),
        "android_gateway_number": "+358500000000",
    }
    real = settings.model_copy(update={**phone, "twilio_account_sid": None, "simulate": False})
    gateway = open_gateways(real)
    assert gateway.redact(ANDROID, "android:0a") == Refused(CANNOT_FORGET, 0)
    assert gateway.redact(TWILIO, "SM1") == Refused(CANNOT_FORGET, 0)
