"""One process of ours: how it is started, watched and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.lib import forking, run
from scripts.lib.backoff import Backoff
from scripts.lib.bootstrap import ROOT
from scripts.lib.logs import Log


@dataclass(frozen=True)
class Part:
    """What is to run. Parts of a lower `layer` are what the others lean on: started first, stopped last.
    What a `quiet` one says goes to its log only; of a
    `foreign` one, a program that is not ours, the arguments are the whole command."""

    name: str
    arguments: tuple[str, ...] = ()
    layer: int = 1
    quiet: bool = False
    foreign: bool = False


class Child:
    """A part and the process that runs it just now."""

    def __init__(self, part: Part, log_folder: Path) -> None:
        self.part = part
        self.log = Log(log_folder, part.name)
        self.process: subprocess.Popen[bytes] | forking.Forked | None = None
        self.start_at = 0.0
        self.restarts = 0
        self._backoff = Backoff()
        self._started_at = 0.0

    def start(self, *, by_fork: bool = False) -> None:
        """Start it, in a session of its own: a Ctrl-C in the terminal is for the supervisor, which stops all in order.

        Call this from the main thread: Linux ties the child's life to the thread that started it. `by_fork` only before
        there is another.
        """
        what = "program" if self.part.foreign else self.part.name
        self._started_at = time.monotonic()
        if by_fork:
            supervisor = os.getpid()
            self.process = forking.fork(lambda: run.run(supervisor, what, list(self.part.arguments)))
            return
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.lib.run", str(os.getpid()), what, *self.part.arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment,
        )

    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process alone; it knows how to stop what it has started itself."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def sweep(self) -> None:
        """Kill whatever is left of its session."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def bury(self) -> float:
        """Forget the process that died; returns in how many seconds the next may start."""
        self.sweep()
        self.process = None
        self.restarts += 1
        now = time.monotonic()
        wait_s = self._backoff.next_s(now - self._started_at)
        self.start_at = now + wait_s
        return wait_s
