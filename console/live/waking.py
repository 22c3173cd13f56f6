"""Hears from Redis that there are new events. A wake-up may be lost, doubled or late: the table is looked at anyway."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from redis import asyncio as redis
from redis.exceptions import RedisError

from core import log
from core.queue import EVENTS_CHANNEL

_AGAIN_AFTER_S = 1.0
_PATIENCE_S = 5.0
_log = log.get("live")


async def listen(url: str, wake: Callable[[], None]) -> None:
    """Call `wake` for every announcement until cancelled; a Redis that is gone is tried again every second."""
    missed = False
    while True:
        try:
            await _listen(url, wake)
        except (RedisError, OSError) as error:
            if not missed:
                _log.warning("no wake-ups from redis; looking every second", error=type(error).__name__)
            missed = True
            await asyncio.sleep(_AGAIN_AFTER_S)


async def _listen(url: str, wake: Callable[[], None]) -> None:
    # The health check finds out about a connection that died without a word.
    connection = redis.Redis.from_url(url, socket_connect_timeout=1.0, health_check_interval=_PATIENCE_S)
    async with connection, connection.pubsub() as channel:
        await channel.subscribe(EVENTS_CHANNEL)
        wake()  # for whatever was said while nobody listened
        while True:
            if await channel.get_message(ignore_subscribe_messages=True, timeout=_PATIENCE_S):
                wake()
