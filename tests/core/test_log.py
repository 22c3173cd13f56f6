"""Logs show of a number the country and the last two digits, never the person."""

from __future__ import annotations

import logging

import pytest
import structlog

from core import log


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+358401234567", "+358…67"),
        ("+447700900123", "+447…23"),
        ("+123456", "+123…56"),
        ("+12345", "…"),
        ("112", "…"),
        ("", "…"),
    ],
)
def test_a_number_is_masked(phone: str, shown: str) -> None:
    assert log.masked(phone) == shown


def test_at_least_half_of_any_long_number_is_hidden() -> None:
    for length in range(12, 16):
        phone = "+" + "1234567890123456"[:length]
        assert sum(character.isdigit() for character in log.masked(phone)) <= length / 2


def test_a_line_carries_the_process_and_the_part(capsys: pytest.CaptureFixture[str]) -> None:
    before, level = structlog.get_config(), logging.getLogger("twilio").level
    structlog.reset_defaults()
    try:
        log.setup("worker:outbox", json_lines=True)
        log.get("sender").info("text taken", message_id="0abc")
        written = capsys.readouterr().err
    finally:
        structlog.configure(**before)
        structlog.contextvars.clear_contextvars()
    assert '"process": "worker:outbox"' in written
    assert '"part": "sender"' in written
    assert '"message_id": "0abc"' in written
    # The carrier's client logs the address of a look-up by number.
    assert logging.getLogger("twilio").getEffectiveLevel() >= logging.WARNING
    logging.getLogger("twilio").setLevel(level)
