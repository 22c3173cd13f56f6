"""Is it alive, and can it do its job? For load balancers and for whoever is on call."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import redis
from flask import Blueprint, Response, jsonify
from sqlalchemy import exc
from sqlalchemy.orm import Session

from core import clock, heartbeats, log, queue
from core.access import PUBLIC, requires
from core.services import Services
from dispatch.operators.looks import LATE_S
from sms import waiting
from sms.carriers import health as carriers
from sms.carriers.routes import routes_of
from sms.spool import Spool

PROCESSES = ("conductor", "worker:outbox", "worker:inbox", "stream")
"""The processes that a whole installation has, by the names of their heartbeats; several of one kind beat as NAME:anything."""
_LOOK_EVERY_S = 1.0
PATIENCE_S = 2.0
"""How long a look waits for the database, and whoever asks meanwhile for that look: a load balancer waits for seconds only."""
_log = log.get("health")


@dataclass(frozen=True)
class Condition:
    """Whether the job can be done, and which parts fail."""

    storable: bool
    failing: tuple[str, ...]

    @property
    def status(self) -> str:
        """ready, degraded or down."""
        return "down" if not self.storable else "degraded" if self.failing else "ready"


class Examiner:
    """Looks at the installation, at most once a second however often it is asked (the address is open to anyone)."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._data_dir = services.settings.data_dir
        url = services.settings.redis_url
        self._redis = queue.connect(url) if url else None
        self._lock = threading.Lock()
        self._looked_at_s = float("-inf")
        self._condition = Condition(False, ())

    def condition(self) -> Condition:
        """The condition, at most one second old."""
        if not self._lock.acquire(timeout=2 * PATIENCE_S):
            return Condition(False, ("database",))  # somebody's look has hung for longer than looking takes
        try:
            if clock.monotonic_s() - self._looked_at_s >= _LOOK_EVERY_S:
                self._condition = self._look()
                self._looked_at_s = clock.monotonic_s()
            return self._condition
        finally:
            self._lock.release()

    def _look(self) -> Condition:
        try:
            # A real row, really committed: a full disk and a read-only database let transactions begin.
            self._services.write_together(lambda session: heartbeats.beat(session, "web"), PATIENCE_S)
        except exc.IntegrityError:
            pass  # another web process wrote the very first heartbeat at the same moment: the database does store
        except (exc.SQLAlchemyError, TimeoutError) as error:
            _log.error("nothing can be stored", error=type(error).__name__)
            return Condition(False, ("database", *self._spool_fault()))
        with self._services.read() as session:
            failing = [*self._redis_fault(), *_silent(session), *self._carrier_fault(session), *self._spool_fault()]
        return Condition(True, tuple(failing))

    def _spool_fault(self) -> list[str]:
        spool = Spool(self._data_dir).state()
        well = spool.writable and not spool.set_aside and spool.oldest_s < LATE_S
        return [] if well else ["spool"]

    def _carrier_fault(self, session: Session) -> list[str]:
        late = ["carrier"] if waiting.oldest_text_s(session) > LATE_S else []
        names = {route.carrier for route in routes_of(self._services.settings)}
        return [*late, *(f"carrier:{name}" for name in carriers.failing(session, names))]

    def _redis_fault(self) -> list[str]:
        try:
            if self._redis is not None and self._redis.ping():
                return []
        except redis.RedisError as error:
            _log.warning("redis does not answer", error=type(error).__name__)
        return ["redis"]


def blueprint(services: Services) -> Blueprint:
    """/health/live and /health/ready."""
    health = Blueprint("health", __name__)
    examiner = Examiner(services)

    @health.get("/health/live")
    @requires(PUBLIC)
    def live() -> Response:
        return jsonify(status="live")

    @health.get("/health/ready")
    @requires(PUBLIC)
    def ready() -> tuple[Response, int]:
        condition = examiner.condition()
        body: dict[str, object] = {"status": condition.status}
        if condition.failing:
            body["parts"] = list(condition.failing)
        return jsonify(body), 200 if condition.storable else 503

    return health


def _silent(session: Session) -> list[str]:
    heard = heartbeats.alive(session)
    return [part for part in PROCESSES if not any(name == part or name.startswith(part + ":") for name in heard)]
