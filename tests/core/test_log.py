"""Logs show of a number the country and the last two digits, never the person."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from core import log
from scripts.lib.logs import Log

Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """A process sets its logs up once; this one goes on to other tests."""
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = list(root.handlers), root.level
    noisy = {name: logging.getLogger(name).level for name in log.NOISY}
    structlog.reset_defaults()
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, its_level in noisy.items():
        logging.getLogger(name).setLevel(its_level)
    structlog.configure(**before)
    structlog.contextvars.clear_contextvars()


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
    log.setup("worker:outbox", json_lines=True)
    log.get("sender").info("text taken", message_id="0abc")
    written = capsys.readouterr().err
    assert '"process": "worker:outbox"' in written
    assert '"part": "sender"' in written
    assert '"message_id": "0abc"' in written
    # The carrier's client logs the address of a look-up by number.
    assert logging.getLogger("twilio").getEffectiveLevel() >= logging.WARNING


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, object]]]:
    """What is written as JSON, as a log collector reads it."""
    return lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_without_a_terminal_every_line_is_json_with_its_ids_in_text_and_fields(lines: Lines) -> None:
    log.setup("worker:outbox")
    log.get("sender").warning("a carrier id belongs to another text", message_id="0abc", incident_id=None)
    (line,) = lines()
    assert line["event"] == "a carrier id belongs to another text [message_id=0abc]"
    assert (line["message_id"], line["level"], line["process"]) == ("0abc", "warning", "worker:outbox")


def test_a_number_that_slipped_in_is_masked_whoever_wrote_it(lines: Lines) -> None:
    log.setup("web")
    log.get("inbox").error("cannot read +358401234567", why="+447700900123 again")
    logging.getLogger("some.library").warning("looked for %s", "+358401234567")
    try:
        raise ValueError("no contact +358401234567")
    except ValueError:
        log.get("inbox").exception("broke")
    written = lines()
    assert len(written) == 3
    assert "401234567" not in str(written)
    assert "700900123" not in str(written)
    assert written[1]["event"] == "looked for +358…67"
    assert written[1]["process"] == "web"
    assert "no contact +358…67" in str(written[2]["exception"])


def test_the_terminal_shows_a_warning_in_plain_words(tmp_path: Path) -> None:
    kept = Log(tmp_path, "web")
    line = {"event": "no Redis", "topic": "outbox", "level": "warning", "timestamp": "2026-11-23T12:00:00Z", "process": "web"}
    assert kept.write((json.dumps(line) + "\n").encode()) == ["[warning] no Redis topic=outbox"]
    assert kept.write((json.dumps(line | {"level": "info"}) + "\n").encode()) == []
    assert kept.write(b'{"not": "ours"}\n') == []
    kept.close()
