"""A simulated carrier that stops leaves no socket open, whoever knocks meanwhile."""

from __future__ import annotations

import gc
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.settings import Settings
from sms.simulated.thread import CarrierThread
from tests.sms.patience import wait_until


@pytest.fixture
def database_url(sqlite_template: Path) -> str:
    """No carrier has a say in what database there is: once is enough."""
    return f"sqlite:///{sqlite_template}"


def test_a_knock_in_the_last_moment_leaves_no_socket_open(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda found: forgotten.append(repr(found.exc_value)))
    for _ in range(3):
        carrier = CarrierThread(settings).start()
        with knocking(int(carrier.base_url.rpartition(":")[2])) as knocks:
            wait_until(lambda: len(knocks) > 10)
            carrier.stop()
        del carrier
        gc.collect()
    assert forgotten == []


@contextmanager
def knocking(port: int) -> Iterator[list[socket.socket]]:
    knocks: list[socket.socket] = []
    enough = threading.Event()

    def knock() -> None:
        while not enough.wait(0.0002):
            try:
                knocks.append(socket.create_connection(("127.0.0.1", port), 1))
            except OSError:
                return

    thread = threading.Thread(target=knock)
    thread.start()
    try:
        yield knocks
    finally:
        enough.set()
        thread.join()
        for one in knocks:
            one.close()
