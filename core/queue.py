"""Wake-ups. The database is the truth; a wake-up only says "there is work" and may be lost, doubled or late without harm.

A job carries no content. At most one waits per topic: the key that says "woken" is removed by the worker before it looks
at the table, so whoever finds the key already there knows that a look is still to come that will see the rows just
committed. Whatever is lost all the same, the conductor does a second later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

from core import log

OUTBOX = "outbox"
INBOX = "inbox"
TOPICS = (OUTBOX, INBOX)
"""One queue and one worker each: RQ can lose a job when one worker listens to several queues."""

EVENTS_CHANNEL = "doorstep:events"
"""Where it is said that there are new events. Whoever listens reads the table; what is said carries nothing."""

_PAUSE_AFTER_FAILURE_S = 2.0
_log = log.get("queue")


def connect(url: str, *, read_timeout_s: float | None = 0.5) -> redis.Redis:
    """A client that fails fast: redis-py's own defaults hold a request for 5 s when the server is dead, and for ever when
    it is frozen."""
    return redis.Redis.from_url(
        url, socket_connect_timeout=0.2, socket_timeout=read_timeout_s, retry=Retry(NoBackoff(), 0), retry_on_error=[]
    )


class WakeUps:
    """Sends wake-ups; `send` never raises and never waits long. Without a Redis it does nothing."""

    def __init__(self, redis_url: str | None) -> None:
        self._redis = connect(redis_url) if redis_url else None
        self._queues = (
            {topic: Queue(topic, connection=self._redis, serializer=JSONSerializer) for topic in TOPICS} if self._redis else {}
        )
        self._quiet_until = 0.0
        self._lock = threading.Lock()

    def send(self, topic: str) -> bool:
        """Wake the worker of `topic`. Returns False when nobody could be woken (the conductor will do the work)."""
        return self._try(topic, lambda connection: self._enqueue(connection, topic))

    def announce_events(self) -> bool:
        """Tell whoever follows the events that there are new ones. Returns False when nobody could be told (they look every
        second)."""
        return self._try("events", lambda connection: connection.publish(EVENTS_CHANNEL, b""))

    def _enqueue(self, connection: redis.Redis, topic: str) -> None:
        if connection.set(f"doorstep:woken:{topic}", 1, nx=True, px=1000):
            self._queues[topic].enqueue(f"sms.jobs.{topic}", job_timeout=-1, result_ttl=0, failure_ttl=60)

    def _try(self, topic: str, tell: Callable[[redis.Redis], object]) -> bool:
        if self._redis is None or time.monotonic() < self._quiet_until:
            return False
        try:
            tell(self._redis)
            return True
        except redis.RedisError as error:
            with self._lock:
                # One slow failure is enough: until the pause is over other requests do not pay for it again.
                self._quiet_until = time.monotonic() + _PAUSE_AFTER_FAILURE_S
            _log.warning("wake-up failed, the conductor takes over", topic=topic, error=type(error).__name__)
            return False


def woken(connection: redis.Redis, topic: str) -> None:
    """Called by the worker before it looks at the table: whoever commits after this sends a new wake-up."""
    connection.delete(f"doorstep:woken:{topic}")
