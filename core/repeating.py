"""Looking for work again and again, beside whatever else a process does."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core import log

_log = log.get("repeating")


def start(name: str, every_s: float, look: Callable[[], object]) -> threading.Event:
    """Look every `every_s` seconds, in a thread of its own, for as long as the process lives or until what this returns is set.
    One that breaks is logged by its `name`, and the next comes all the same."""
    end = threading.Event()

    def again_and_again() -> None:
        while not end.wait(every_s):
            try:
                look()
            except Exception:
                _log.exception("a look broke off", look=name)

    threading.Thread(target=again_and_again, name=name, daemon=True).start()
    return end
