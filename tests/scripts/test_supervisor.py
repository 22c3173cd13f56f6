"""The supervisor over real processes: it stops all, starts the dead again, and leaves nothing behind however it ends."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from scripts.lib.backoff import Backoff
from scripts.lib.bootstrap import ROOT
from scripts.lib.forking import Forked
from tests.scripts.supervised import AFRESH, COPIED

SLEEPS = ["/bin/sleep", "600"]
STUBBORN_WITH_A_CHILD = ["/bin/sh", "-c", "trap '' TERM; sleep 600 & while :; do wait; done"]
SAYS_AND_DIES = ["/bin/sh", "-c", "echo about to fail; exit 3"]
WRITES_FOR_EVER = """
import sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1], timeout=600, isolation_level=None)
connection.execute("BEGIN IMMEDIATE")
time.sleep(600)
"""
WARNS_MUCH = """
import pathlib, sys, time
for number in range(4000):
    print(f"[warning  ] {number} {'x' * 100}", flush=True)
pathlib.Path(sys.argv[1]).touch()
time.sleep(600)
"""
PATIENCE_S = 15.0
either_way = pytest.mark.parametrize("how", [COPIED, AFRESH])
linux_only = pytest.mark.skipif(sys.platform != "linux", reason="only on Linux are parts copied")


class Run:
    """A supervisor in a process of its own."""

    def __init__(
        self,
        folder: Path,
        *programs: list[str],
        how: str = COPIED,
        stop_within_s: float = 10.0,
        frozen_for_s: float = 600.0,
    ) -> None:
        options = [str(folder), how, str(stop_within_s), str(frozen_for_s)]
        command = [sys.executable, "-m", "tests.scripts.supervised", *options, *map(json.dumps, programs)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, start_new_session=True)
        self.said: list[str] = []
        self.seen: list[psutil.Process] = []
        self.nursery: psutil.Process | None = None
        # Whoever waits for a line that never comes reads the end of them instead.
        self.patience = threading.Timer(4 * PATIENCE_S, self.process.kill)
        self.patience.daemon = True
        self.patience.start()

    def next(self, key: str) -> Any:
        """The next line that tells `key`."""
        for line in self._lines():
            if line.startswith("{") and key in (told := json.loads(line)):
                if key == "pids":
                    self.seen += [psutil.Process(pid) for pid in told["pids"].values()]
                    self.nursery = next((one for one in self._children() if one not in self.seen), None)
                return told if key == "died" else told[key]
        raise AssertionError(f"the supervisor ended without telling {key}")

    def _children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def line(self, part: str) -> str:
        """The next line with `part` in it."""
        return next((line for line in self._lines() if part in line), "")

    def told(self, part: str) -> bool:
        """Whether there is a line with `part` in it, before or after what was looked for: two threads write them."""
        return any(part in line for line in self.said) or bool(self.line(part))

    def _lines(self) -> Iterator[str]:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            yield line

    def all_gone(self) -> bool:
        """Whether the supervisor and every process seen so far end."""
        self.process.wait(PATIENCE_S)
        everyone = [*self.seen, *([] if self.nursery is None else [self.nursery])]
        _, alive = psutil.wait_procs(everyone, timeout=PATIENCE_S)
        return not [one for one in alive if one.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    started: list[Run] = []
    yield started
    for run in started:
        run.patience.cancel()
        if run.process.poll() is None:
            run.process.kill()
        run.process.wait()
        assert run.process.stdout is not None
        run.process.stdout.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_it(runs: list[Run], tmp_path: Path, number: signal.Signals) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS))
    run.next("pids")
    run.process.send_signal(number)
    assert run.next("ended")
    assert run.all_gone()
    assert run.process.returncode == 0


def test_who_does_not_listen_is_killed_with_what_it_started(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, STUBBORN_WITH_A_CHILD, stop_within_s=0.3))
    run.next("pids")
    _wait_for_children(run)
    run.process.send_signal(signal.SIGTERM)
    assert run.next("ended")
    assert run.all_gone()


def test_a_second_signal_means_now(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, STUBBORN_WITH_A_CHILD, stop_within_s=600.0))
    run.next("pids")
    _wait_for_children(run)
    run.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE_S
    while run.process.poll() is None and time.monotonic() < deadline:
        # The first may still be on its way when the second is sent, so it is sent until it is heard.
        run.process.send_signal(signal.SIGTERM)
        try:
            run.process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue
    assert run.all_gone()


@either_way
def test_not_even_killing_the_supervisor_leaves_a_process_behind(runs: list[Run], tmp_path: Path, how: str) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS, how=how))
    run.next("pids")
    run.process.kill()
    assert run.all_gone()


@either_way
def test_the_dead_are_started_again(runs: list[Run], tmp_path: Path, how: str) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS, how=how))
    before = run.next("pids")
    os.kill(before["part1"], signal.SIGKILL)
    told = run.next("died")
    assert (told["died"], told["status"], told["wait_s"]) == ("part1", -signal.SIGKILL, 0.5)
    after = run.next("pids")
    assert after["part0"] == before["part0"]
    assert after["part1"] != before["part1"]
    run.process.send_signal(signal.SIGTERM)
    assert run.all_gone()


def test_one_that_is_frozen_in_the_middle_of_a_write_holds_up_nobody_for_long(runs: list[Run], tmp_path: Path) -> None:
    path = tmp_path / "held.sqlite3"
    runs.append(run := Run(tmp_path, [sys.executable, "-c", WRITES_FOR_EVER, str(path)], SLEEPS, frozen_for_s=0.5))
    before = run.next("pids")
    with contextlib.closing(sqlite3.connect(path, timeout=PATIENCE_S, isolation_level=None)) as other:
        _until(lambda: not _can_write(path))
        os.kill(before["part0"], signal.SIGSTOP)
        other.execute("BEGIN IMMEDIATE")
    told = run.next("died")
    assert (told["died"], told["status"]) == ("part0", -signal.SIGKILL)
    assert run.next("pids")["part1"] == before["part1"]


def test_one_whose_child_is_frozen_is_started_anew_with_it(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, STUBBORN_WITH_A_CHILD, frozen_for_s=0.5))
    run.next("pids")
    _wait_for_children(run)
    run.seen[1].suspend()
    assert run.next("died")["status"] == -signal.SIGKILL
    assert run.next("pids")
    run.process.kill()
    assert run.all_gone()


def test_whoever_goes_on_in_time_is_left_alone(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS, frozen_for_s=600.0))
    before = run.next("pids")
    os.kill(before["part0"], signal.SIGSTOP)
    os.kill(before["part1"], signal.SIGKILL)
    assert run.next("died")["died"] == "part1"
    os.kill(before["part0"], signal.SIGCONT)
    assert run.next("pids")["part0"] == before["part0"]


@linux_only
@pytest.mark.parametrize(("fault", "why"), [(signal.SIGKILL, "has ended"), (signal.SIGSTOP, "does not answer")])
def test_without_what_parts_are_copied_from_they_are_started_afresh(
    runs: list[Run], tmp_path: Path, fault: signal.Signals, why: str
) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS))
    before = run.next("pids")
    assert run.nursery is not None
    run.nursery.send_signal(fault)
    os.kill(before["part1"], signal.SIGKILL)
    after = run.next("pids")
    assert after["part0"] == before["part0"]
    assert after["part1"] != before["part1"]
    assert run.told(f"what parts are copied from {why}")
    run.process.send_signal(signal.SIGTERM)
    assert run.all_gone()


@linux_only
def test_a_copy_holds_nothing_of_the_supervisor(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS))
    os.kill(run.next("pids")["part1"], signal.SIGKILL)
    for pid in run.next("pids").values():
        held = {link.name: os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
        assert held.keys() == {"0", "1", "2"}
        assert held["0"] == os.devnull
        assert os.getsid(pid) == pid


def test_two_threads_may_ask_whether_a_copy_has_ended() -> None:
    for _ in range(200):
        with open(os.devnull, "rb") as nothing, ThreadPoolExecutor(1) as other:
            copy = Forked(os.posix_spawn("/bin/sh", ["sh", "-c", "exit 3"], {}), nothing)
            asks = other.submit(_until, lambda copy=copy: copy.poll() is not None, every_s=0.0)
            assert copy.wait() == 3
            asks.result()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux takes descriptors from another process")
@either_way
def test_one_that_cannot_be_started_just_now_is_started_later(runs: list[Run], tmp_path: Path, how: str) -> None:
    runs.append(run := Run(tmp_path, SLEEPS, SLEEPS, how=how))
    before = run.next("pids")
    supervisor = psutil.Process(run.process.pid)
    limits = supervisor.rlimit(psutil.RLIMIT_NOFILE)
    supervisor.rlimit(psutil.RLIMIT_NOFILE, (3, limits[1]))
    os.kill(before["part1"], signal.SIGKILL)
    assert run.line("could not be started")
    supervisor.rlimit(psutil.RLIMIT_NOFILE, limits)
    after = run.next("pids")
    assert after["part0"] == before["part0"]
    assert after["part1"] != before["part1"]


def test_a_terminal_that_nobody_reads_stops_nobody(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, [sys.executable, "-c", WARNS_MUCH, str(tmp_path / "all said")]))
    _until((tmp_path / "all said").exists)
    assert run.line("lines were not shown")


@either_way
def test_what_a_part_said_before_it_died_is_kept(runs: list[Run], tmp_path: Path, how: str) -> None:
    runs.append(run := Run(tmp_path, SAYS_AND_DIES, how=how))
    assert run.next("died")["status"] == 3
    assert run.next("died")["wait_s"] == 1.0
    run.process.send_signal(signal.SIGTERM)
    assert run.next("ended")
    assert (tmp_path / "part0.log").read_text().splitlines()[:2] == ["about to fail"] * 2


def test_pauses_double_and_health_forgives() -> None:
    backoff = Backoff()
    assert [backoff.next_s(1.0) for _ in range(8)] == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    assert backoff.next_s(16.0) == 8.0, "each 5 s of life count one death less"
    assert backoff.next_s(61.0) == 0.5
    assert [backoff.next_s(6.0) for _ in range(20)] == [0.5] * 20, "one that works in between is wanted back at once"


def _can_write(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path, timeout=0.0, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def _until(done: Callable[[], bool], every_s: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "it did not come to that"
        threading.Event().wait(every_s)


def _wait_for_children(run: Run) -> None:
    """Until the shell has become what it is and has started its sleep."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = run.seen[0].children()
        if found and run.seen[0].name() == "sh":
            run.seen += found
            return
    raise AssertionError("the part has not started its child")
