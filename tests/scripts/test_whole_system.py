"""Whole installations, started as an operator starts them. Few, because each takes seconds."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil
import pytest
from sqlalchemy import select

from core.events import Event
from core.services import open_services
from core.settings import Settings, load
from scripts.lib import ports
from scripts.lib.bootstrap import ROOT
from scripts.lib.http_client import wait_ready

PATIENCE_S = 30.0


class Started:
    """A `scripts/start` of its own."""

    def __init__(self, *arguments: object) -> None:
        names = {name.upper() for name in Settings.model_fields}
        environment = {name: value for name, value in os.environ.items() if name not in names} | {"PYTHONUNBUFFERED": "1"}
        command = [sys.executable, str(ROOT / "scripts" / "start"), *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        self.process = subprocess.Popen(command, text=True, env=environment, cwd="/", start_new_session=True, **pipes)
        self.lines: list[str] = []

    def until(self, pattern: str) -> str:
        """Read on until a line matches."""
        for line in self._output:
            self.lines.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return line
        raise AssertionError("it ended without saying so:\n" + "\n".join(self.lines))

    def everything(self) -> list[psutil.Process]:
        """The supervisor and all that descends from it."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def ends(self) -> int:
        """Read to the end; the exit status."""
        self.lines += [line.rstrip("\n") for line in self._output]
        return self.process.wait(PATIENCE_S)

    @property
    def _output(self) -> IO[str]:
        assert self.process.stdout is not None
        return self.process.stdout


@pytest.fixture
def started() -> Iterator[list[Started]]:
    """Whatever a test starts ends with it."""
    all_of_them: list[Started] = []
    yield all_of_them
    for one in all_of_them:
        if one.process.poll() is None:
            one.process.kill()
        one.process.wait()
        assert one.process.stdout is not None
        one.process.stdout.close()


def test_the_demonstration_is_covered_and_leaves_nothing_behind(started: list[Started]) -> None:
    started.append(demo := Started("--headless-demo"))
    demo.until("^Starting ")
    demo.until("A dispatcher reports")
    processes = demo.everything()
    folder = Path(processes[0].cwd())
    assert folder.name.startswith("doorstep-demo-")
    assert demo.ends() == 0, "\n".join(demo.lines)
    assert demo.lines[-1].startswith("COVERED in ")
    told = "\n".join(demo.lines)
    for mark in ("[asked]", "[address]", "is coming", "COVERED: every role", "is at the patient", "ambulance is there"):
        assert mark in told
    assert not _alive(processes)
    assert not folder.exists()


def test_a_day_in_the_life_of_an_installation(started: list[Started], tmp_path: Path) -> None:
    port = ports.free(2)
    started.append(first := Started("--data", tmp_path, "--port", port))
    first.until(f"ready: http://127.0.0.1:{port}")
    _until_ready(port, whole=True)

    web = next(one for one in first.everything()[1:] if _listens(one, port))  # the supervisor holds the socket too
    web.kill()
    first.until("web-. died")
    first.until("more in")
    _until_ready(port)
    _until_written(tmp_path, "process_restarted")

    processes = first.everything()
    first.process.kill()
    first.ends()
    assert not _alive(processes)

    started.append(again := Started("--data", tmp_path, "--port", port))
    again.until("ready: ")
    assert "Demo town" not in "\n".join(again.lines)
    processes = again.everything()
    again.process.send_signal(signal.SIGINT)
    assert again.ends() == 0
    assert again.lines[-1] == "Stopped."
    assert not _alive(processes)
    assert not (tmp_path / "running.json").exists()


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    return [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


def _listens(process: psutil.Process, port: int) -> bool:
    return process.ppid() != 1 and any(
        one.status == psutil.CONN_LISTEN and one.laddr.port == port for one in process.net_connections(kind="inet")
    )


def _until_ready(port: int, *, whole: bool = False) -> None:
    condition = wait_ready(f"http://127.0.0.1:{port}", PATIENCE_S, whole=whole)
    assert condition is not None
    assert condition["status"] == "ready" or not whole


def _until_written(folder: Path, kind: str) -> None:
    """The supervisor waits for no database: a death is written down beside its work."""
    deadline = time.monotonic() + PATIENCE_S
    while kind not in (kinds := _kinds(folder)):
        assert time.monotonic() < deadline, kinds
        threading.Event().wait(0.05)


def _kinds(folder: Path) -> set[str]:
    services = open_services(load(_env_file=None, data_dir=folder))
    with services.read() as session:
        kinds = set(session.scalars(select(Event.kind)))
    services.database.close()
    return kinds
