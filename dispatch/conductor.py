"""The process that acts every second: timers, waves, and whatever the workers have not done in time.

It does not ask why something is late. Any row due and unclaimed for a second it does itself, on threads of its own that never
delay its timers.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core import clock, heartbeats, log
from core.services import Services
from dispatch import (
    aftercare,
    callouts,
    certificate_texts,
    erasures,
    first_alarms,
    lateness,
    passed_over,
    plans,
    sparing,
    still_there,
    timers,
)
from dispatch.advance import advance
from dispatch.operators import guard, watch
from dispatch.retention import forgotten_list, rounds
from dispatch.retention.at_carrier import Carriers, Redaction
from responder import erasure_list
from responder.coverage import keeping
from responder.imports import jobs as import_jobs
from responder.joining import proving
from sms import inbox, taking
from sms.gateway import CarrierLog
from sms.reconciler import Reconciler
from sms.sender import Sender
from sms.wire import Wire

EVERY_S = 1.0
OVERDUE_S = 1.0
"""How long a row may lie due and unclaimed before the conductor takes it."""
LIST_EVERY_S = 60.0
"""How often the list of the erased beside the database is brought up to date, and what can wait a minute is done."""
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
        due = timers.run_out(session, clock.now(), _MOST_AT_ONCE)
    for incident_id in due:
        try:
            with services.write() as session:
                incident = callouts.lock_incident(session, incident_id)
                if incident is not None:
                    advance(session, services.settings, incident)
        except Exception:
            _log.exception("an incident could not be brought up to date", incident_id=incident_id)
    return len(due)


@dataclass
class _Pulse:
    """When the last tick ended well. Without one there is no sign of life, however lively the threads beside the timers are."""

    ticked_s: float


def run(
    wire: Wire,
    sender: Sender,
    log_of_carrier: CarrierLog | None,
    stopping: threading.Event,
    carriers: Carriers | None = None,
) -> None:
    """Tick every second until `stopping` is set. `sender` takes only rows that are overdue; it has its own threads. The carrier
    that keeps a log is asked every minute for what we never heard of, and `carriers` to forget what is long over."""
    lateness.tell(wire.services, NAME)
    if carriers is not None:
        redaction = Redaction(wire.services, carriers)
        threading.Thread(target=redaction.run, args=(stopping,), name="redaction", daemon=True).start()
    if log_of_carrier is not None:
        reconciler = Reconciler(wire, log_of_carrier)
        # A daemon: a carrier that does not answer must not keep the process from ending.
        threading.Thread(target=reconciler.run, args=(stopping,), name="reconciler", daemon=True).start()
    pulse = _Pulse(clock.monotonic_s())
    helper = threading.Thread(target=_help_out, args=(wire, stopping, pulse), name="conductor-helper")
    watcher = threading.Thread(target=_watch, args=(wire.services, stopping), name="conductor-watch", daemon=True)
    # A daemon too: to count 100,000 people takes seconds, and what was not finished is begun again.
    threading.Thread(target=_keep_forecast, args=(wire.services, stopping), name="conductor-forecast", daemon=True).start()
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
    """Beside the timers: the sign of life, answers that wait in the spool or that no worker has handled, the reasons for those
    passed over, and what is to be forgotten. One that breaks keeps none of the others waiting."""
    services = wire.services
    every_time: Sequence[tuple[str, Callable[[], object]]] = (
        ("sign of life", lambda: _beat(services, pulse)),
        ("spool", lambda: taking.replay(services, services.settings.data_dir)),
        ("answers", lambda: inbox.handle_due(wire, overdue_s=OVERDUE_S)),
        ("reasons", lambda: passed_over.explain_due(services)),
        ("erasures", lambda: erasures.erase_due(services)),
        ("imports", lambda: import_jobs.purge(services)),
    )
    every_minute: Sequence[tuple[str, Callable[[], object]]] = (
        ("list of the erased", lambda: erasure_list.keep(services)),
        ("list of what was erased on request", lambda: forgotten_list.keep(services)),
        ("what is kept too long", lambda: rounds.run(services)),
        ("certificates", lambda: certificate_texts.remind_due(services)),
        ("first test alarms", lambda: first_alarms.send_due(services)),
        ("still there", lambda: still_there.ask_due(services)),
        ("sparing", sparing.Keeper(services).look),
        ("aftercare", lambda: aftercare.ask_due(services)),
        ("codes of joining", lambda: proving.forget_due(services)),
    )
    done_s: dict[str, float] = {}
    while not stopping.wait(EVERY_S):
        for name, step in every_time:
            _try(name, step)
        for name, step in every_minute:
            if clock.monotonic_s() - done_s.get(name, float("-inf")) >= LIST_EVERY_S and _try(name, step):
                done_s[name] = clock.monotonic_s()


def _beat(services: Services, pulse: _Pulse) -> None:
    if clock.monotonic_s() - pulse.ticked_s < STUCK_S:
        with services.write() as session:
            heartbeats.beat(session, NAME)


def _try(name: str, step: Callable[[], object]) -> bool:
    """Whether this step went well; a fault in it is logged by its name."""
    try:
        step()
    except Exception:
        _log.exception("helping out failed", step=name)
        return False
    return True


def _keep_forecast(services: Services, stopping: threading.Event) -> None:
    """Beside all that, for it holds up nothing: how well the town is covered, and will be."""
    while not stopping.wait(EVERY_S):
        # After a fault too: to count a large town over and over would take the time that the timers need.
        _try("forecast of cover", lambda: keeping.make_due(services, plans.needs_now))
        stopping.wait(LIST_EVERY_S)


def _watch(services: Services, stopping: threading.Event) -> None:
    """Beside all that: what is wrong with the system. A look may wait for a Redis that hangs, which holds up nothing else."""
    guarding = guard.Guard(services)
    wait_s = guard.BEGINS_AFTER_S
    while not stopping.wait(wait_s):
        guarding.round()
        wait_s = watch.EVERY_S
