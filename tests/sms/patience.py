"""Waiting for what another thread or process does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable


def wait_until(what: Callable[[], bool], within_s: float = 15.0) -> None:
    """Return once `what` holds; fails when it does not in time."""
    until = time.monotonic() + within_s
    while not what():
        assert time.monotonic() < until, "waited in vain"
        threading.Event().wait(0.01)
