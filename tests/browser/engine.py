"""What the workers and the conductor do, in one thread that rests between tests: texts really flow, timers really run.

It rests because other tests of the same process turn the clock by hand.
"""

from __future__ import annotations

import threading
import time

from core import heartbeats
from core.queue import WakeUps
from core.services import Services
from dispatch import conductor, erasures, passed_over
from dispatch.wiring import build_wire
from sms import inbox
from sms.sender import Sender
from sms.twilio_gateway import TwilioGateway

TICK_S = 0.25
PARTS = ("worker:outbox", "worker:inbox", conductor.NAME)


class Bell(WakeUps):
    """Rings in this process, where workers are woken by a Redis: to look for work all the time was a quarter of our own
    work in these tests."""

    def __init__(self) -> None:
        super().__init__(None)
        self.rung = threading.Event()

    def send(self, topic: str) -> bool:
        """There is work."""
        self.rung.set()
        return True


class Engine:
    """Start it once; between `go` and `rest` it works."""

    def __init__(self, services: Services, bell: Bell) -> None:
        self._services = services
        self._bell = bell
        self._wire = build_wire(services)
        self._sender = Sender(self._wire, TwilioGateway(services.settings), threads=4)
        self._may_go = threading.Event()
        self._resting = threading.Event()
        self._stopping = threading.Event()
        self._ticked_s = 0.0
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)
        self.faults: list[BaseException] = []

    def start(self) -> None:
        """Begin, at rest."""
        self._thread.start()

    def go(self) -> None:
        """Work from now on."""
        self._resting.clear()
        self._may_go.set()

    def rest(self) -> None:
        """Finish the round and rest; returns when it does."""
        self._may_go.clear()
        self._resting.wait(10)

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        self._may_go.set()
        self._thread.join(10)
        self._sender.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._may_go.is_set():
                self._resting.set()
                self._may_go.wait()
                continue
            try:
                self._round()
            except Exception as error:
                self.faults.append(error)
            self._bell.rung.wait(TICK_S)
            self._bell.rung.clear()

    def _round(self) -> None:
        inbox.handle_due(self._wire)
        self._sender.run_once()
        if time.monotonic() - self._ticked_s < TICK_S:
            return
        self._ticked_s = time.monotonic()
        conductor.tick(self._services)
        passed_over.explain_due(self._services)
        erasures.erase_due(self._services)
        with self._services.write() as session:
            for name in PARTS:
                heartbeats.beat(session, name)
