"""The worker of one topic: an RQ worker without forks, which keeps warm connections, and outlives its Redis."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

import redis
from rq import Queue
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer
from rq.timeouts import BaseDeathPenalty
from rq.worker import SimpleWorker

from core import heartbeats, log, queue
from sms import jobs
from sms.gateway import Gateway
from sms.inbox import handle_due
from sms.sender import Sender
from sms.wire import Wire

LOOK_WITHOUT_REDIS_S = 0.5
"""How often a worker looks at its table by itself while there is no Redis to wake it."""
MOST_AT_ONCE = 500
STOP_TIMEOUT_S = 8.0
INSIST_EVERY_S = 1.0
_WORKER_TTL_S = 20
"""RQ then blocks 5 s for a job, and notices within 15 s when a Redis is frozen (its default: 415 s)."""
_log = log.get("worker")


class _NoTimeOut(BaseDeathPenalty):
    """RQ's job time-out raises by signal in the middle of a transaction; ours are off."""

    def setup_death_penalty(self) -> None:
        pass

    def cancel_death_penalty(self) -> None:
        pass


class _Worker(SimpleWorker):
    """RQ's SimpleWorker without what a waker does not need: remote commands, its own signals, long pauses."""

    death_penalty_class = _NoTimeOut
    exponential_backoff_factor = 1.0  # a Redis that is back is used within a second, not within a minute
    log_result_lifespan = False

    def subscribe(self) -> None:
        """No thread that listens for commands."""

    def _install_signal_handlers(self) -> None:
        """The process has installed its own."""

    def _shutdown(self) -> None:
        # RQ's own asks Redis to note the request, inside the signal handler, and that Redis may be gone.
        self._stop_requested = True
        if not self.executions:
            raise StopRequested


def run(topic: str, wire: Wire, gateway: Gateway, place: str) -> None:
    """Serve `topic` until SIGTERM or SIGINT: `outbox` runs a Sender at `place`, `inbox` hands up what came in. For a main
    thread."""
    stopping = threading.Event()
    beating = threading.Thread(target=_beat, args=(wire, f"worker:{topic}", stopping), daemon=True, name="heartbeat")
    beating.start()
    sender = Sender(wire, gateway, place=place) if topic == queue.OUTBOX else None
    if sender is not None:
        sender.start()
    look = sender.wake if sender is not None else _drain(wire)
    try:
        _serve(topic, wire, look, stopping)
    finally:
        stopping.set()
        if sender is not None:
            sender.stop(STOP_TIMEOUT_S)
        beating.join(1.0)


def _drain(wire: Wire) -> Callable[[], object]:
    def drain() -> None:
        while handle_due(wire, MOST_AT_ONCE) >= MOST_AT_ONCE:
            pass

    return drain


def _serve(topic: str, wire: Wire, look: Callable[[], object], stopping: threading.Event) -> None:
    """Work for the queue; whenever there is no queue, look at the table instead."""
    worker: list[_Worker] = []
    ended = threading.Event()
    _install_signals(worker, stopping, ended)
    url = wire.services.settings.redis_url
    with contextlib.suppress(StopRequested):  # raised by the signal, wherever the main thread then is
        try:
            while not stopping.is_set():
                _look_safely(look)
                if url:
                    _work(topic, url, look, worker)
                worker.clear()
                stopping.wait(LOOK_WITHOUT_REDIS_S)
        finally:
            ended.set()


def _work(topic: str, url: str, look: Callable[[], object], worker: list[_Worker]) -> None:
    try:
        worker.append(_connect(topic, url, look))
        worker[0].work(logging_level="WARNING")
    except redis.RedisError as error:
        _log.warning("no Redis, the table is looked at without it", topic=topic, error=type(error).__name__)


def _connect(topic: str, url: str, look: Callable[[], object]) -> _Worker:
    # Two connections: RQ's blocks for seconds by design, ours must never.
    jobs.install(topic, queue.connect(url), look)
    connection = queue.connect(url)
    served = Queue(topic, connection=connection, serializer=JSONSerializer)
    return _Worker([served], connection=connection, serializer=JSONSerializer, worker_ttl=_WORKER_TTL_S)


def _look_safely(look: Callable[[], object]) -> None:
    try:
        look()
    except Exception:
        _log.exception("the look broke")


def _install_signals(worker: list[_Worker], stopping: threading.Event, ended: threading.Event) -> None:
    def stop(number: int, _frame: FrameType | None) -> None:
        if not stopping.is_set():
            stopping.set()
            _log.info("stopping", signal=signal.Signals(number).name)
            threading.Thread(target=_insist, args=(ended,), daemon=True, name="insist").start()
        if worker and not ended.is_set():
            worker[0]._shutdown()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _insist(ended: threading.Event) -> None:
    """RQ swallows an interruption that comes at a bad moment, such as in its own handling of a lost Redis, and would then go
    on waiting for jobs: interrupt it again until it has ended."""
    while not ended.wait(INSIST_EVERY_S):
        os.kill(os.getpid(), signal.SIGTERM)


def _beat(wire: Wire, name: str, stopping: threading.Event) -> None:
    while True:
        try:
            with wire.services.write() as session:
                heartbeats.beat(session, name)
        except Exception as error:
            _log.warning("no heartbeat could be written", error=type(error).__name__)
        if stopping.wait(heartbeats.EVERY_S):
            break
    _forget(wire, name)


def _forget(wire: Wire, name: str) -> None:
    try:
        with wire.services.write() as session:
            heartbeats.forget(session, name)
    except Exception as error:
        _log.warning("the last heartbeat was not taken back", error=type(error).__name__)
