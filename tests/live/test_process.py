"""The part `live` alone, started as an operator starts it."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.accounts import sessions, users
from core.services import Services, open_services
from core.settings import load
from scripts.lib import ports
from tests.live.listener import Listener
from tests.scripts.test_whole_system import Started


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[Started, int]]:
    """`scripts/start --only live`, and its port."""
    port = ports.free(2)
    one = Started("--only", "live", "--data", tmp_path, "--port", port)
    one.until("Running the live alone")
    yield one, port + 1
    if one.process.poll() is None:
        one.process.kill()
    one.process.wait()
    assert one.process.stdout is not None
    one.process.stdout.close()


def test_it_serves_the_port_above_and_ends_at_once(started: tuple[Started, int], tmp_path: Path) -> None:
    process, port = started
    services = open_services(load(_env_file=None, data_dir=tmp_path))
    listener = _listen(port, _sign_in(services))
    assert listener.next("tick").data["now"]
    before = time.monotonic()
    process.process.send_signal(signal.SIGTERM)
    assert process.ends() == 0
    assert time.monotonic() - before < 4
    assert listener.ends()
    services.database.close()


def _sign_in(services: Services) -> str:
    with services.write() as session:
        user = users.add(session, "night-shift", "dispatcher", "a password for tests only", "operator", given=False)
        return sessions.begin(session, user, "127.0.0.1", "test")


def _listen(port: int, cookie: str) -> Listener:
    until = time.monotonic() + 30
    while True:
        try:
            return Listener(f"http://127.0.0.1:{port}/live", cookie, origin=f"http://127.0.0.1:{port - 1}")
        except ConnectionRefusedError:
            assert time.monotonic() < until, "nothing listens"
            time.sleep(0.05)
