"""A wire over a fake carrier, and a desk above it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services import Services
from core.settings import Settings
from sms.sender import Sender
from sms.twilio_gateway import TwilioGateway
from sms.wire import Wire

sys.path.insert(0, str(Path(__file__).parent))

from desk import Desk
from fake_carrier import FakeCarrier


@pytest.fixture
def carrier() -> Iterator[FakeCarrier]:
    """A carrier that takes everything, until the test says otherwise."""
    fake = FakeCarrier()
    yield fake
    fake.close()


@pytest.fixture
def wire(services: Services, settings: Settings, carrier: FakeCarrier) -> Wire:
    """A wire whose other end is the fake carrier."""
    reached = settings.model_copy(update={"simulated_carrier_url": carrier.url})
    return Wire(Services(reached, services.database, services.wake_ups))


@pytest.fixture
def desk(wire: Wire) -> Desk:
    """What the wire hands up to."""
    return Desk(wire)


@pytest.fixture
def new_sender(wire: Wire) -> Iterator[Callable[..., Sender]]:
    """Makes senders over the wire, and stops them when the test ends."""
    made: list[Sender] = []

    def make(threads: int = 4, **more: Any) -> Sender:
        made.append(Sender(wire, TwilioGateway(wire.services.settings), threads=threads, **more))
        return made[-1]

    yield make
    for sender in made:
        sender.stop(2.0)


@pytest.fixture
def sender(new_sender: Callable[..., Sender], desk: Desk) -> Sender:
    """One small sender."""
    return new_sender()
