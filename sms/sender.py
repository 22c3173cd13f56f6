"""The sender: a long-lived pool that claims due texts, sends them over warm connections and stores what came of each.

It never waits for a batch. A claimer thread claims as many rows as there are free threads; each thread does its HTTP outside
any transaction; one storing thread commits whatever results have come in meanwhile, together.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from functools import partial

from core import clock, events, log
from sms import claims, left_behind, results
from sms.attempts import NotSent, Tried, attempt
from sms.claims import Parcel
from sms.gateway import Gateway, Unknown
from sms.results import Report
from sms.wire import Wire

LOOK_EVERY_S = 0.5
"""The claimer looks this often even when nobody wakes it."""
KEEP_WARM_S = (20.0, 30.0)
"""An idle connection is used again within this time, before load balancers (60 s is common) close it."""
STORE_AGAIN_S = 0.5
_MOST_AT_ONCE = 200
_log = log.get("sender")


class Sender:
    """Sends what is in the outbox, from a pool of `threads`.

    `overdue_s` makes it a stand-in that only takes rows due and unclaimed for so long. Several senders, also in different
    processes, may run over one database; at one `place` (`sms.left_behind`) there is only one after the other.
    """

    def __init__(
        self, wire: Wire, gateway: Gateway, threads: int = 40, overdue_s: float = 0.0, place: str | None = None
    ) -> None:
        self._wire = wire
        self._place = place
        self._gateway = gateway
        self._overdue_s = overdue_s
        self._size = threads
        self._work: queue.SimpleQueue[Parcel | None] = queue.SimpleQueue()
        self._done: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._look = threading.Event()
        self._stopping = threading.Event()
        self._state = threading.Condition()
        self._free = threads
        self._backlog = False
        self._unstored = 0
        self._held = partial(results.held, wire)
        self._pool: list[threading.Thread] = []
        self._storer: threading.Thread | None = None
        self._claimer: threading.Thread | None = None

    def start(self) -> None:
        """Start every thread; their connections are warmed at once."""
        self._open_pool()
        self._claimer = self._thread("claimer", self._claim_for_ever)

    def wake(self) -> None:
        """Say that there are new rows; returns at once."""
        self._look.set()

    def run_once(self) -> int:
        """Send everything that is due now and return how many texts were tried, once all results are stored."""
        self._open_pool()
        total = 0
        while claimed := self._claim_some():
            total += claimed
            with self._state:
                self._state.wait_for(lambda: self._unstored == 0)
        return total

    def stop(self, timeout_s: float = 8.0) -> None:
        """Claim nothing more, finish what is in flight within `timeout_s` seconds, give back what was not begun."""
        until = clock.monotonic_s() + timeout_s
        self._stopping.set()
        self._look.set()
        _join([self._claimer] if self._claimer else [], until)
        self._give_back()
        for _ in self._pool:
            self._work.put(None)
        _join(self._pool, until)
        self._done.put(None)
        _join([self._storer] if self._storer else [], until)
        if any(thread.is_alive() for thread in self._pool):
            _log.warning("stopped while requests hang; their texts are of unknown fate")

    def _open_pool(self) -> None:
        if self._pool:
            return
        self._storer = self._thread("storer", self._store_for_ever)
        self._pool = [self._thread(f"sender-{number}", partial(self._send_for_ever, number)) for number in range(self._size)]

    def _thread(self, name: str, run: Callable[[], None]) -> threading.Thread:
        # Daemons: a request that hangs beyond the time given to stop() must not keep the process alive.
        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    def _claim_for_ever(self) -> None:
        inherited = self._place is None
        while not self._stopping.is_set():
            woken = inherited and self._look.wait(LOOK_EVERY_S)
            self._look.clear()
            try:
                inherited = inherited or self._inherit()
                if woken or self._anything_due():
                    while self._claim_some() and self._backlog:
                        pass
            except Exception as error:
                _log.exception("could not claim")
                self._report("claimer", error)
                self._stopping.wait(LOOK_EVERY_S)

    def _inherit(self) -> bool:
        if self._place is not None:
            left_behind.give_up(self._wire, self._place)
        return True

    def _anything_due(self) -> bool:
        with self._wire.services.read() as session:
            return claims.anything_due(session, self._overdue_s)

    def _claim_some(self) -> int:
        """Claim as many rows as there are free threads and hand them over; returns how many."""
        with self._state:
            free = self._free
            self._backlog = free == 0
        if free == 0 or self._stopping.is_set():
            return 0
        parcels = claims.claim(self._wire, free, self._overdue_s, self._place)
        with self._state:
            self._backlog = len(parcels) == free
            self._free -= len(parcels)
            self._unstored += len(parcels)
        for parcel in parcels:
            self._work.put(parcel)
        return len(parcels)

    def _send_for_ever(self, number: int) -> None:
        shortest, longest = KEEP_WARM_S
        patience_s = shortest + (longest - shortest) * number / self._size  # spread, so that they never all warm at once
        self._warm()
        while True:
            try:
                parcel = self._work.get(timeout=patience_s)
            except queue.Empty:
                self._warm()
                continue
            if parcel is None:
                return
            started_s = clock.monotonic_s()
            tried = self._attempt(parcel)
            report = Report(parcel, tried.result, clock.now(), tried.route, clock.monotonic_s() - started_s)
            self._thread_is_free()  # before its result can be stored: run_once() takes "all stored" for "all free"
            self._done.put(report)

    def _warm(self) -> None:
        try:
            self._gateway.warm()
        except Exception:
            _log.exception("could not warm a connection")

    def _attempt(self, parcel: Parcel) -> Tried:
        try:
            return attempt(self._gateway, parcel, self._held)
        except Exception as error:
            _log.exception("an attempt broke", message_id=parcel.id)
            self._report("sender", error)
            return Tried(Unknown(type(error).__name__), parcel.route)

    def _thread_is_free(self) -> None:
        with self._state:
            self._free += 1
            if self._backlog:
                self._look.set()

    def _give_back(self) -> None:
        while True:
            try:
                parcel = self._work.get_nowait()
            except queue.Empty:
                return
            if parcel is not None:
                self._done.put(Report(parcel, NotSent("the sender stops"), clock.now()))

    def _store_for_ever(self) -> None:
        while (first := self._done.get()) is not None:
            batch = [first]
            stop = False
            while len(batch) < _MOST_AT_ONCE and not self._done.empty():
                report = self._done.get()
                if report is None:
                    stop = True
                    break
                batch.append(report)
            self._store(batch)
            with self._state:
                self._unstored -= len(batch)
                self._state.notify_all()
            if stop:
                return

    def _store(self, batch: Sequence[Report]) -> None:
        """Store a batch however long the database is away; after the leases have run out others do it."""
        gives_up_at = min(report.parcel.claimed_until for report in batch)
        while True:
            try:
                return results.store(self._wire, batch)
            except Exception as error:
                _log.exception("could not store results", texts=len(batch))
                if not isinstance(error, results.TRANSIENT) or clock.now() >= gives_up_at or self._stopping.wait(STORE_AGAIN_S):
                    self._report("storer", error)
                    return None

    def _report(self, part: str, error: Exception) -> None:
        try:
            with self._wire.services.write() as session:
                events.record(session, "sender_failed", part=part, error=type(error).__name__)
        except Exception:
            _log.exception("could not record an event", part=part)


def _join(threads: Sequence[threading.Thread], until: float) -> None:
    for thread in threads:
        thread.join(max(0.0, until - clock.monotonic_s()))
