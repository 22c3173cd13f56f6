"""Browsers on which somebody has signed in before: a signed cookie says in whose name."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import timedelta

from core import clock

COOKIE = "doorstep_device"
KEPT = timedelta(days=180)


def remember(secret: bytes, name: str) -> str:
    """What the cookie holds after `name` has signed in."""
    until = clock.epoch_s(clock.now() + KEPT)
    told = f"{secrets.token_urlsafe(12)}.{until}"
    return f"{told}.{_digest(secret, told, name)}"


def known(secret: bytes, cookie: str | None, name: str) -> str | None:
    """The browser's own id when `name` has signed in on it before, else None."""
    told, _, digest = (cookie or "").rpartition(".")
    identity, _, until = told.partition(".")
    if not identity or not hmac.compare_digest(_digest(secret, told, name).encode(), digest.encode()):
        return None
    return identity if int(until) > clock.epoch_s(clock.now()) else None


def _digest(secret: bytes, told: str, name: str) -> str:
    key = hmac.new(secret, b"devices", hashlib.sha256).digest()
    return hmac.new(key, f"{told}:{name}".encode(), hashlib.sha256).hexdigest()
