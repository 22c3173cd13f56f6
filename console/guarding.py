"""What a web process does beside its requests: a sign of life, a look at its webhooks and its machine, and the watch itself
while the conductor, whose work that is, is silent."""

from __future__ import annotations

import socket
import threading

from core import clock, fault_kinds, faults, heartbeats, log
from core.services import Services
from dispatch import conductor
from dispatch.operators import watch
from dispatch.operators.guard import BEGINS_AFTER_S, Guard
from sms.refusals import OF_THIS_PROCESS, Refusals

NAME = f"web:{socket.gethostname()}"[:60]
_log = log.get("guarding")


class WebGuard:
    """One round after the other."""

    def __init__(self, services: Services, refusals: Refusals = OF_THIS_PROCESS) -> None:
        self._services = services
        self._refusals = refusals
        self._stand_in = Guard(services)

    def round(self, *, stands_in: bool = True) -> None:
        """Everything once. Never raises. `stands_in`: whether the conductor has had time to start."""
        conductor_lives = True  # while the database is away: of that the conductor tells
        try:
            with self._services.write() as session:
                heartbeats.beat(session, NAME)
                conductor_lives = conductor.NAME in heartbeats.alive(session)
            self._look_at_webhooks()
            watch.look_here(self._services)
        except Exception as error:
            _log.warning("a web process could not look around", error=type(error).__name__)
        if stands_in and not conductor_lives:
            self._stand_in.round()

    def _look_at_webhooks(self) -> None:
        refused, accepted = self._refusals.take()
        if not refused and not accepted:
            return
        with self._services.read() as session:
            stands = any(fault.kind == fault_kinds.WEBHOOKS_REFUSED for fault in faults.standing(session))
        if refused == stands:
            return
        with self._services.write() as session:
            if refused:
                faults.stand(session, fault_kinds.WEBHOOKS_REFUSED)
            else:
                faults.end(session, fault_kinds.WEBHOOKS_REFUSED)


def start(services: Services) -> None:
    """Guard from a thread of this process for as long as it lives."""
    threading.Thread(target=_guard_for_ever, args=(services,), name="web-guard", daemon=True).start()


def _guard_for_ever(services: Services) -> None:
    guarding, pause, started_s = WebGuard(services), threading.Event(), clock.monotonic_s()
    while True:
        guarding.round(stands_in=clock.monotonic_s() - started_s > BEGINS_AFTER_S)
        pause.wait(watch.EVERY_S)
