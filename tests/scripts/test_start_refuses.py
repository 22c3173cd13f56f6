"""What `scripts/start` refuses: with status 2, one plain line on stderr, and nothing started."""

from __future__ import annotations

import random
import socket
from pathlib import Path

import pytest

from core.services import open_services
from core.settings import load
from geo.geocoding import Match, Resolution
from responder import people
from responder.fields import Context
from responder.input import ResponderInput
from scripts.lib import guards, schema
from scripts.lib.guards import MARKER
from tests.scripts.conftest import Call

SID, TOKEN = "AC" + "0" * 32, "secret"


def _one_line(capsys: pytest.CaptureFixture[str]) -> str:
    err = capsys.readouterr().err
    assert err.count("\n") == 1, err
    assert err.startswith("scripts/start: ")
    return err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "0"], "--port"),
        (["--port", "65535"], "--port"),
        (["--port", "eight"], "--port"),
        (["--only", "everything"], "--only"),
        (["--nonsense"], "--nonsense"),
        (["extra"], "extra"),
        (["--headless-demo", "--no-demo"], "--no-demo"),
        (["--headless-demo", "--only", "web"], "--only"),
        (["--host", "no such host", "--port", "18000"], "--host"),
    ],
)
def test_bad_flags(call_start: Call, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str) -> None:
    assert call_start(*arguments) == 2
    assert told in _one_line(capsys)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TIME_ZONE", "Helsinki"),
        ("DATABASE_URL", "mysql://x"),
        ("DEFAULT_REGION", "XX"),
        ("PUBLIC_URL", "ftp://x"),
        ("TWILIO_ACCOUNT_SID", "AC12"),
        ("EMERGENCY_NUMBER", "one"),
    ],
)
def test_a_wrong_setting_is_named(
    call_start: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert call_start() == 2
    assert name in _one_line(capsys)


def test_a_database_that_does_not_answer(
    call_start: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://127.0.0.1:{_free_port()}/doorstep?connect_timeout=2")
    assert call_start("--port", _free_port()) == 2
    assert "DATABASE_URL" in _one_line(capsys)


def test_a_port_that_is_taken(call_start: Call, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert call_start("--port", taken.getsockname()[1]) == 2
    assert "--port" in _one_line(capsys)


def test_the_same_folder_twice(call_start: Call, capsys: pytest.CaptureFixture[str], data: Path) -> None:
    data.mkdir()
    with guards.lock_folder(data, "all"):
        assert call_start("--port", _free_port()) == 2
    assert "runs already" in _one_line(capsys)


def test_a_folder_that_used_a_real_carrier_does_not_play(
    call_start: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    data.mkdir()
    for name, value in (("TWILIO_ACCOUNT_SID", SID), ("TWILIO_AUTH_TOKEN", TOKEN), ("TWILIO_FROM", "+358401234567")):
        monkeypatch.setenv(name, value)
    guards.check_carrier(load(data_dir=data))
    assert (data / MARKER).exists()
    for name in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"):
        monkeypatch.delenv(name)
    assert call_start("--port", _free_port()) == 2
    assert "--simulate" in _one_line(capsys)
    guards.check_carrier(load(data_dir=data, simulate=True))


def test_the_demonstration_refuses_real_people(call_start: Call, capsys: pytest.CaptureFixture[str], data: Path) -> None:
    _write_down_somebody(data)
    assert call_start("--headless-demo") == 2
    assert "1 real people" in _one_line(capsys)


class _Nowhere:
    def resolve(self, address: str) -> Resolution:
        return Resolution(Match(address, 60.17, 24.94))


def _write_down_somebody(data: Path) -> None:
    services = open_services(load(data_dir=data))
    schema.bring_up_to_date(services.settings.database)
    told = {"external_id": "1", "name": "Anna", "phone": "+358401234567", "consent_at": "2026-01-01"}
    place = {"kind": "home", "lat": 60.17, "lon": 24.94}
    person = ResponderInput.read({**told, "places": [place]}, Context.of(services.settings))
    people.upsert(services, _Nowhere(), person, people.Manner("operator"))
    services.database.close()


def _free_port() -> int:
    """Below those that the system gives to the other tests of this moment."""
    while True:
        port = random.randrange(15_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
