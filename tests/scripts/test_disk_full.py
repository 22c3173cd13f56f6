"""The disk of an installation fills up: emergencies that cannot be stored are refused in plain words, and all is well again as
soon as there is room, with nobody's help."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from console import keys
from core.services import open_services
from core.settings import load
from scripts.lib import ports
from scripts.lib.http_client import wait_ready
from tests.scripts.test_whole_system import PATIENCE_S, Started

EMERGENCY = {"type": "cardiac_arrest", "location": {"lat": 60.17, "lon": 24.94}, "external_id": "full-1"}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 16 MB, where this machine lets us have one."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", tmp_path], capture_output=True, check=False)
    if mounted.returncode != 0:
        pytest.skip("no small disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", tmp_path], check=True)


@pytest.fixture
def running(small_disk: Path) -> Iterator[tuple[Started, str]]:
    port = ports.free(2)
    started = Started("--no-demo", "--simulate", "--data", small_disk, "--port", port)
    threading.Thread(target=started.until, args=("Stopped",), daemon=True).start()
    wait_ready(f"http://127.0.0.1:{port}", PATIENCE_S, whole=True)
    yield started, f"http://127.0.0.1:{port}"
    started.process.terminate()
    started.process.wait(PATIENCE_S)
    assert started.process.stdout is not None
    started.process.stdout.close()


def test_a_full_disk_refuses_plainly_and_recovers_by_itself(small_disk: Path, running: tuple[Started, str]) -> None:
    started, url = running
    key = _key(small_disk)
    before = {process.pid for process in started.everything()}
    filler = small_disk / "filler"
    _fill(filler)

    _until(lambda: _health(url)[0] == 503)
    refused = _raise(url, key)
    assert refused.status_code == 503
    assert refused.json()["title"] == "The database cannot be used just now; send it again"
    _until(lambda: _health(url)[1].get("parts") in (["database"], ["database", "spool"]))  # nor can the spool always be written
    assert requests.get(f"{url}/", timeout=20).status_code == 200, "pages can still be read"

    filler.unlink()
    _until(lambda: _raise(url, key).status_code in (200, 201))
    again = _raise(url, key)
    assert again.status_code == 200, "it was stored once, when there was room"
    _until(lambda: _health(url) == (200, {"status": "ready"}))
    assert before <= {process.pid for process in started.everything()}, "nobody died of it"


def _fill(filler: Path) -> None:
    """Take all the room there is, and what is freed meanwhile, to the last byte."""
    with filler.open("ab", buffering=0) as file:
        for size in (65536, 4096, 1) * 3:
            with suppress(OSError):
                while file.write(b"\0" * size):
                    pass


def _key(folder: Path) -> str:
    services = open_services(load(_env_file=None, data_dir=folder))
    try:
        with services.write() as session:
            return keys.create(session, "test", ["incidents"])
    finally:
        services.database.close()


def _raise(url: str, key: str) -> requests.Response:
    return requests.post(f"{url}/api/v1/incidents", json=EMERGENCY, headers={"Authorization": f"Bearer {key}"}, timeout=20)


def _health(url: str) -> tuple[int, dict[str, Any]]:
    answer = requests.get(f"{url}/health/ready", timeout=20)
    return answer.status_code, answer.json()


def _until(done: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until, "it did not come to that"
        threading.Event().wait(0.2)
