"""Server-sent events as bytes."""

from __future__ import annotations

import json

from core import clock

RETRY = b"retry: 2000\n\n"
"""How long a browser waits before it comes back, in milliseconds."""
HEARTBEAT = b":\n\n"


def event(kind: str, data: object, number: int | None = None) -> bytes:
    """One event. `number` is what the browser sends back as Last-Event-ID when it comes again."""
    identity = "" if number is None else f"id: {number}\n"
    # JSON on one line: a line break would end the field.
    return f"{identity}event: {kind}\ndata: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()


def tick() -> bytes:
    """A sign of life with the server's time, from which pages reckon how long ago things were."""
    return HEARTBEAT + event("tick", {"now": clock.rfc3339(clock.now())})
