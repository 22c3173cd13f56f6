"""The process that acts every second: timers, waves, and whatever the workers have not done in time.

It does not ask why something is late. Any row due and unclaimed for a second it does itself, on threads of its own that never
delay its timers.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from core import clock, heartbeats, log
from core.services import Services
from dispatch import callouts, certificate_texts, erasures, lateness, passed_over
from dispatch.advance import advance
from dispatch.models import Callout, Incident
from dispatch.operators import guard, watch
from responder import erasure_list, import_jobs
from responder.certificates import evidence
from sms import inbox, taking
from sms.gateway import CarrierLog
from sms.reconciler import Reconciler
from sms.sender import Sender
from sms.wire import Wire

EVERY_S = 1.0
OVERDUE_S = 1.0
"""How long a row may lie due and unclaimed before the conductor takes it."""
LIST_EVERY_S = 60.0
"""How often the list of the erased beside the database is brought up to date, proofs are deleted whose time is
over, and people reminded of certificates that end."""
STUCK_S = 10.0
"""After this long without a tick the conductor gives no more signs of life."""
WATCH_MAY_TAKE_S = 2.0
"""Looking writes nothing that is not written again: the end of the process waits for it no longer."""
NAME = "conductor"
_MOST_AT_ONCE = 500
_log = log.get("conductor")


def tick(services: Services) -> int:
    """Bring every incident up to date whose moment has come. Returns how many there were.

    A fault in one incident never keeps the others waiting: it is logged with its id and tried again at the next tick.
    """
    with services.read() as session:
        due = _due(session)
    for incident_id in due:
        try:
            with services.write() as session:
                incident = callouts.lock_incident(session, incident_id)
                if incident is not None:
                    advance(session, services.settings, incident)
        except Exception:
            _log.exception("an incident could not be brought up to date", incident_id=incident_id)
    return len(due)


def _due(session: Session) -> list[str]:
    now = clock.now()
    by_incident = select(Incident.id).where(Incident.next_look_at <= now)
    by_callout = select(Callout.incident_id).where(Callout.look_at <= now)
    return list(session.scalars(union(by_incident, by_callout).limit(_MOST_AT_ONCE)))


@dataclass
class _Pulse:
    """When the last tick ended well. Without one there is no sign of life, however lively the threads beside the timers are."""

    ticked_s: float


def run(wire: Wire, sender: Sender, log_of_carrier: CarrierLog | None, stopping: threading.Event) -> None:
    """Tick every second until `stopping` is set. `sender` takes only rows that are overdue; it has its own threads. The
    carrier that keeps a log is asked every minute for what we never heard of."""
    lateness.tell(wire.services, NAME)
    if log_of_carrier is not None:
        reconciler = Reconciler(wire, log_of_carrier)
        # A daemon: a carrier that does not answer must not keep the process from ending.
        threading.Thread(target=reconciler.run, args=(stopping,), name="reconciler", daemon=True).start()
    pulse = _Pulse(clock.monotonic_s())
    helper = threading.Thread(target=_help_out, args=(wire, stopping, pulse), name="conductor-helper")
    watcher = threading.Thread(target=_watch, args=(wire.services, stopping), name="conductor-watch", daemon=True)
    sender.start()
    helper.start()
    watcher.start()
    while not stopping.is_set():
        started_s = clock.monotonic_s()
        try:
            tick(wire.services)
            sender.wake()
            pulse.ticked_s = clock.monotonic_s()
        except Exception:
            _log.exception("a tick failed")
        stopping.wait(max(0.0, EVERY_S - (clock.monotonic_s() - started_s)))
    helper.join()
    watcher.join(WATCH_MAY_TAKE_S)
    sender.stop(timeout_s=8.0)
    with wire.services.write() as session:
        heartbeats.stopped(session, NAME)


def _help_out(wire: Wire, stopping: threading.Event, pulse: _Pulse) -> None:
    """Beside the timers: answers that wait in the spool or that no worker has handled, the reasons for those passed over, and
    the sign of life."""
    listed_s = float("-inf")
    while not stopping.wait(EVERY_S):
        try:
            if clock.monotonic_s() - listed_s >= LIST_EVERY_S:
                erasure_list.keep(wire.services)
                evidence.delete_due(wire.services)
                certificate_texts.remind_due(wire.services)
                listed_s = clock.monotonic_s()
            if clock.monotonic_s() - pulse.ticked_s < STUCK_S:
                with wire.services.write() as session:
                    heartbeats.beat(session, NAME)
            taking.replay(wire.services, wire.services.settings.data_dir)
            inbox.handle_due(wire, overdue_s=OVERDUE_S)
            passed_over.explain_due(wire.services)
            erasures.erase_due(wire.services)
            import_jobs.purge(wire.services)
        except Exception:
            _log.exception("helping out failed")


def _watch(services: Services, stopping: threading.Event) -> None:
    """Beside all that: what is wrong with the system. A look may wait for a Redis that hangs, which holds up nothing else."""
    guarding = guard.Guard(services)
    wait_s = guard.BEGINS_AFTER_S
    while not stopping.wait(wait_s):
        guarding.round()
        wait_s = watch.EVERY_S
