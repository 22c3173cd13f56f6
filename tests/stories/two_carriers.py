"""A town with two carriers: Twilio's API, played by the simulated carrier, and a phone with the gateway app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from core.clock import HandClock
from core.services import Services
from tests.sms.fake_android import FakeAndroid
from tests.stories.town import Town, open_town

NUMBERS = ("+441632960112", "+441632960113")


@dataclass
class TwoCarriers:
    """The town, and the gateway phone in it."""

    town: Town
    phone: FakeAndroid


@contextmanager
def open_two_carriers(
    services: Services, clock: HandClock, numbers: tuple[str, ...] = NUMBERS[:1], rate: float = 1000.0
) -> Iterator[TwoCarriers]:
    """Everything started, and stopped again."""
    phone = FakeAndroid()
    account = {"twilio_account_sid": "AC" + "0" * 32, "twilio_auth_token": ("t",), "twilio_from": numbers}
    settings = phone.settings(services.settings, **account, twilio_segments_per_s=rate)
    try:
        with open_town(replace(services, settings=settings), clock) as town:
            phone.webhook_url = f"{town.services.settings.public_url}/sms/android"
            yield TwoCarriers(town, phone)
    finally:
        phone.close()
