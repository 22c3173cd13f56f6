"""Written once, and whoever writes learns whether it was they, on both databases."""

from __future__ import annotations

import pytest

from core.clock import HandClock
from core.services import Services
from sms.carriers.models import Carrier, CarrierWindow
from sms.models import Contact
from sms.once import insert_once


@pytest.mark.parametrize("table", ["carriers", "windows", "contacts"])
def test_only_the_first_is_new(services: Services, clock: HandClock, table: str) -> None:
    now = clock.now()
    model, values = {
        "carriers": (Carrier, {"name": "t", "state": "up", "share": 1.0, "since": now, "failures": 0, "revision": 0}),
        "windows": (CarrierWindow, {"carrier": "t", "began_at": now, "good": 1, "bad": 0, "slow": 0}),
        "contacts": (Contact, {"phone": "+1", "language": "en", "demo": False, "agency_id": 1, "created_at": now}),
    }[table]
    with services.write() as session:
        assert [insert_once(session, model, **values) for _ in range(2)] == [True, False]
    with services.write() as session:
        assert not insert_once(session, model, **values)
