"""The jobs of the queue. They carry nothing: each only says "there is work" to what this process has installed."""

from __future__ import annotations

from collections.abc import Callable

import redis

from core import log, queue

_installed: dict[str, tuple[redis.Redis, Callable[[], object]]] = {}
_log = log.get("jobs")


def install(topic: str, connection: redis.Redis, look: Callable[[], object]) -> None:
    """Let this process's jobs of `topic` call `look`; `connection` must fail fast."""
    _installed[topic] = (connection, look)


def outbox() -> None:
    """Somebody committed texts to be sent."""
    _look(queue.OUTBOX)


def inbox() -> None:
    """Somebody committed texts or statuses that came in."""
    _look(queue.INBOX)


def _look(topic: str) -> None:
    connection, look = _installed[topic]
    try:
        queue.woken(connection, topic)  # before the look: whoever commits after it sends a new wake-up
    except redis.RedisError as error:
        _log.warning("could not take the wake-up back, it lapses by itself", topic=topic, error=type(error).__name__)
    try:
        look()
    except Exception:
        _log.exception("the look broke, the conductor takes over", topic=topic)
