"""What a carrier tells us, told without a carrier: stored as the webhooks store it, and not handled yet."""

from __future__ import annotations

from collections.abc import Mapping

from core import clock
from core.services import Services
from sms import received
from sms.received import INBOUND, STATUS, Told


def of_text(services: Services, form: Mapping[str, str]) -> None:
    """A text has come in just now."""
    received.store(services, Told(INBOUND, form, clock.now()))


def of_status(services: Services, message_id: str, form: Mapping[str, str]) -> None:
    """Our message `message_id` has a new status."""
    received.store(services, Told(STATUS, form, clock.now(), message_id))
