"""Nobody's number, name, words or address is in any line of the logs, whatever goes wrong meanwhile."""

from __future__ import annotations

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import requests
import structlog

from core import log
from core.clock import HandClock
from core.services import Services
from sms import taking, twilio_gateway
from tests.stories.gone import database_gone
from tests.stories.town import Town, open_town

WORDS = "blueberry pancakes"
PLACE, NOTES = "60.17000", "key under the doormat"

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """Every line that a process would log, ours and the libraries', as it logs them in service."""
    written = io.StringIO()
    root, level = logging.getLogger(), logging.getLogger().level
    monkeypatch.setattr(sys, "stderr", written)
    log.setup("test")
    structlog.configure(cache_logger_on_first_use=False)
    handler = logging.StreamHandler(written)
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def town(lines: io.StringIO, services: Services, clock: HandClock) -> Iterator[Town]:
    with open_town(services, clock) as opened:
        yield opened


def test_nothing_about_anybody_is_logged(town: Town, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taking, "PATIENCE_S", 0.2)
    monkeypatch.setattr(twilio_gateway, "READ_TIMEOUT_S", 0.2)
    monkeypatch.setattr(town, "everyone_has_read_everything", lambda: None)
    street = town.street(4)
    faults = town.carrier.faults
    faults.change({"too_many": {"next": 1}, "server_error_after": {"next": 1}, "hang": {"next": 1}})
    faults.refuse[street[3].phone] = 21610
    town.emergency(access_notes=NOTES, caller_phone="+447700900555")
    town.turn(8)
    for body in ("1", WORDS, "0", "where", "stop"):
        town.carrier.text(street[0].phone, body)
        town.settle()
    town.carrier.text("+447700900666", WORDS)
    with database_gone(town.services.database, None):
        town.carrier.text(street[1].phone, f"1 {WORDS}")
        town.carrier.wait_idle(10)
    town.settle()
    _a_defect(town, street[2].phone)
    _strangers(town)
    _a_carrier_that_is_gone(town)
    logged = lines.getvalue()
    assert "kept in the spool" in logged
    assert "Traceback" in logged
    assert "alarm" in logged
    for secret in _secrets(town):
        assert secret not in logged, next(line for line in logged.splitlines() if secret in line)


def _secrets(town: Town) -> list[str]:
    numbers = [volunteer.phone.removeprefix("+") for volunteer in town.volunteers] + ["447700900555", "447700900666"]
    tokens = list(town.services.settings.carrier.auth_tokens)
    return [*numbers, *(number[2:] for number in numbers), WORDS, PLACE, NOTES, "CARDIAC ARREST", *tokens]


def _a_defect(town: Town, phone: str) -> None:
    """A handler that breaks over a text: the traceback is logged."""

    def broken(*_: object) -> bool:
        raise RuntimeError("a handler's defect")

    town.wire.text_handlers.insert(0, broken)
    town.carrier.text(phone, WORDS)
    town.settle()
    town.wire.text_handlers.pop(0)
    town.clock.turn(1)
    town.settle()


def _strangers(town: Town) -> None:
    form = {"From": "+447700900666", "Body": WORDS, "MessageSid": "SM1"}
    for path in ("/sms/inbound", "/sms/status?m=+447700900666", f"/sms/{WORDS}"):
        requests.post(town.services.settings.public_url + path, data=form, timeout=5)
    requests.post(town.services.settings.public_url + "/sms/inbound", data=WORDS * 10_000, timeout=5)


def _a_carrier_that_is_gone(town: Town) -> None:
    town.carrier.faults.every_request = True
    town.carrier.faults.server_error_after.share = 1.0
    town.emergency()
    town.carrier.stop()
    for _ in range(8):
        town.clock.turn(1)
        town.sender.run_once()
    town.reconciler.round()
