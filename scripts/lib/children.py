"""One process of ours: how it is started, watched and stopped."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scripts.lib import ports
from scripts.lib.backoff import Backoff
from scripts.lib.bootstrap import ROOT
from scripts.lib.forking import DOOR, Forked
from scripts.lib.logs import Log
from scripts.lib.nursery import Nursery, Order


@dataclass(frozen=True)
class Part:
    """What is to run. Parts of a lower `layer` are what the others lean on: started first, stopped last.
    What a `quiet` one says goes to its log only; of a
    `foreign` one, a program that is not ours, the arguments are the whole command. One that `writes` to the database could hold
    up all the others that do.

    Where it has an `address` (host, port), the supervisor listens there and hands it the socket as fd://N, its last argument:
    while it is dead, or starts, whoever connects waits for it and is not turned away."""

    name: str
    arguments: tuple[str, ...] = ()
    layer: int = 1
    quiet: bool = False
    foreign: bool = False
    writes: bool = True
    address: tuple[str, int] | None = None


class Doors:
    """The sockets on which the supervisor listens for its parts; parts with the same address share one."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], socket.socket] = {}

    def at(self, address: tuple[str, int]) -> int:
        """The descriptor of the socket there."""
        if address not in self._open:
            self._open[address] = ports.listen(*address)
        return self._open[address].fileno()

    def close(self) -> None:
        """Let nobody wait any more for a process that will not be started again."""
        for door in self._open.values():
            door.close()
        self._open.clear()


class Child:
    """A part and the process that runs it just now."""

    def __init__(self, part: Part, log_folder: Path, doors: Doors) -> None:
        self.part = part
        self.log = Log(log_folder, part.name)
        self.process: subprocess.Popen[bytes] | Forked | None = None
        self.place = secrets.token_hex(8)
        """What its processes, of which each is dead before the next begins, are known by to all machines of an installation."""
        self.start_at = 0.0
        self.restarts = 0
        self._backoff = Backoff()
        self._started_at = 0.0
        self._doors = doors

    def start(self, nursery: Nursery | None) -> None:
        """Start it, as a copy out of `nursery` where there is one, in a session of its own: a Ctrl-C in the terminal is for the
        supervisor, which stops all in order.

        Call this from the main thread: Linux ties the child's life to it. Raises OSError when there is no room for another
        process just now, `nursery.Gone`.
        """
        what = "program" if self.part.foreign else self.part.name
        self._started_at = time.monotonic()
        door = self._doors.at(self.part.address) if self.part.address else None
        if nursery is not None:
            arguments = self._arguments(None if door is None else DOOR)
            self.process = nursery.start(Order(self.place, what, arguments), door)
            return
        environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "scripts.lib.run", str(os.getpid()), self.place, what, *self._arguments(door)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=() if door is None else (door,),
            env=environment,
        )

    def _arguments(self, door: int | None) -> list[str]:
        return [*self.part.arguments, *([] if door is None else [f"fd://{door}"])]

    def running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def signal(self, number: int) -> None:
        """Send a signal to the process alone; it knows how to stop what it has started itself."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Kill it with everything that it has started; it is still to be buried."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def sweep(self) -> None:
        """Kill whatever is left of its session."""
        self.kill()
        if self.process is not None:
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
