"""Runs the parts until it is told to stop: starts them again when they die, and leaves none behind."""

from __future__ import annotations

import os
import selectors
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from scripts.lib import frozen, nursery
from scripts.lib.children import Child, Doors, Part
from scripts.lib.frozen import FROZEN_FOR_S, Frozen
from scripts.lib.nursery import Nursery
from scripts.lib.speaker import Speaker

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_CHUNK = 65536
_LOOK_EVERY_S = 1.0
"""How often it looks whether anybody is frozen; of everything else it is told."""
_SAY_WITHIN_S = 1.0
"""How long whoever reads the terminal may take for the last lines."""

DiedHandler = Callable[[str, int, int, float], None]
"""Told of a part that died: its name, exit status, how often it was restarted, and seconds until it starts again."""


class Supervisor:
    """One thread, which waits for output, for deaths and for signals, whichever comes first."""

    def __init__(
        self,
        parts: Iterable[Part],
        log_folder: Path,
        on_death: DiedHandler,
        stop_within_s: float = 10.0,
        frozen_for_s: float = FROZEN_FOR_S,
    ) -> None:
        self._doors = Doors()
        self._children = [Child(part, log_folder, self._doors) for part in sorted(parts, key=lambda part: part.layer)]
        self._on_death = on_death
        self._stop_within_s = stop_within_s
        self._frozen, self._looked_s = Frozen(frozen_for_s), 0.0
        self._selector = selectors.DefaultSelector()
        self._stop = threading.Event()
        self._hurry = False
        self._nursery: Nursery | None = None
        self._speaker = Speaker()
        self._ear, self._mouth = socket.socketpair()

    def run(self, then: Callable[[], None] | None = None) -> None:
        """Start everything, and return when `stop` was called or a signal came and all of it has ended.

        `then` is called on a thread of its own once everything was started. Before that this process had better have no other
        thread, and must have no connection open: only then are parts copied, now and whenever one of them has died.
        """
        if nursery.POSSIBLE and threading.active_count() == 1:
            self._nursery = Nursery()
        self._listen_for_signals()
        try:
            for child in self._children:
                self._start(child)
            self._speaker.start()
            if then is not None:
                threading.Thread(target=then, daemon=True).start()
            while not self._stop.is_set():
                self._wait(self._until_next_look_s())
                self._look_after_the_frozen()
                self._look_after_the_dead()
        finally:
            self._end()

    def stop(self) -> None:
        """Ask it to end; may be called from any thread."""
        self._stop.set()
        self._mouth.send(b"\0")

    def pids(self) -> dict[str, int]:
        """The process of each running part; may be called from any thread."""
        found = {child.part.name: child.process for child in self._children}
        return {name: process.pid for name, process in found.items() if process is not None and process.poll() is None}

    def _listen_for_signals(self) -> None:
        for end in (self._ear, self._mouth):
            end.setblocking(False)
        self._selector.register(self._ear, selectors.EVENT_READ, None)
        signal.set_wakeup_fd(self._mouth.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)

    def _on_signal(self, *_: object) -> None:
        # The second one means: now.
        self._hurry = self._stop.is_set()
        self._stop.set()

    def _start(self, child: Child) -> None:
        try:
            child.start(self._nursery)
        except nursery.Gone as why:
            self._speaker.say(f"  what parts are copied from {why}: from now on they are started afresh")
            self._close_nursery()
            child.start(None)
        assert child.process is not None
        assert child.process.stdout is not None
        os.set_blocking(child.process.stdout.fileno(), False)
        self._selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def _wait(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if isinstance(key.data, Child):
                self._hear(key.data, key.fd)
            else:
                self._ear.recv(4096)

    def _hear(self, child: Child, descriptor: int) -> None:
        try:
            data = os.read(descriptor, _CHUNK)
        except BlockingIOError:
            return
        if not data:
            self._close_output(child)
            return
        for line in child.log.write(data):
            if not child.part.quiet:
                self._speaker.say(f"  {child.part.name}: {line}")

    def _close_output(self, child: Child) -> None:
        output = child.process.stdout if child.process else None
        if output is not None and not output.closed:
            self._selector.unregister(output)
            output.close()

    def _look_after_the_dead(self) -> None:
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.start_at and not self._stop.is_set():
                    self._start_again(child)
            elif not child.running() and not self._stop.is_set():
                self._bury(child)

    def _start_again(self, child: Child) -> None:
        try:
            self._start(child)
        except OSError as error:  # no memory, no process or no descriptor is left just now
            wait_s = child.bury()
            self._speaker.say(f"  {child.part.name} could not be started ({error.strerror}); once more in {wait_s:g} s.")

    def _look_after_the_frozen(self) -> None:
        now_s = time.monotonic()
        if not frozen.POSSIBLE or now_s < self._looked_s + _LOOK_EVERY_S / 2:
            return  # each line that a part says brings us here
        self._looked_s = now_s
        watched = {child.process.pid: child for child in self._children if child.part.writes and child.process is not None}
        for pid in self._frozen.overdue(watched, now_s):
            self._speaker.say(f"  {watched[pid].part.name} is frozen and may hold up all the others: it is killed")
            watched[pid].kill()

    def _bury(self, child: Child) -> None:
        assert child.process is not None
        status = child.process.wait()
        output = child.process.stdout
        if output is not None and not output.closed:
            self._hear(child, output.fileno())
            self._close_output(child)
        wait_s = child.bury()
        name, last = child.part.name, child.log.last_line[:150]
        self._speaker.say(f"  {name} died ({_named(status)}); starts again in {wait_s:g} s. {last}")
        self._speaker.say(f"    more in {child.log.path}")
        self._on_death(child.part.name, status, child.restarts, wait_s)

    def _until_next_look_s(self) -> float:
        due = [child.start_at - time.monotonic() for child in self._children if child.process is None]
        return max(0.0, min([*due, _LOOK_EVERY_S]))

    def _close_nursery(self) -> None:
        if self._nursery is not None:
            self._nursery.close()
            self._nursery = None

    def _end(self) -> None:
        deadline = time.monotonic() + self._stop_within_s
        self._close_nursery()
        self._doors.close()
        for layer in sorted({child.part.layer for child in self._children}, reverse=True):
            self._end_layer([child for child in self._children if child.part.layer == layer], deadline)
        for child in self._children:
            child.log.close()
        self._speaker.close(_SAY_WITHIN_S)
        signal.set_wakeup_fd(-1)
        self._selector.close()
        for end in (self._ear, self._mouth):
            end.close()

    def _end_layer(self, children: list[Child], deadline: float) -> None:
        for child in children:
            child.signal(signal.SIGTERM)
        while any(child.running() for child in children) and not self._hurry and time.monotonic() < deadline:
            self._wait(max(0.0, min(0.2, deadline - time.monotonic())))
        for child in children:
            child.sweep()
            self._close_output(child)


def _named(status: int) -> str:
    return f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
