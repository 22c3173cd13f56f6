"""Writes into the event log that a part died."""

from __future__ import annotations

import threading

from core import events
from core.services import Services
from scripts.lib.supervisor import DiedHandler
from scripts.lib.terminal import say


def recorder(services: Services) -> DiedHandler:
    """What the supervisor is to do about a death. It writes on a thread of its own: a database that is busy, or gone, must not
    keep anybody from being started again, least of all when that is why they died."""

    def record(name: str, status: int, restarts: int, wait_s: float) -> None:
        try:
            with services.write() as session:
                events.record(session, "process_restarted", process=name, status=status, restarts=restarts, wait_s=wait_s)
        except Exception as error:  # whatever is wrong with the database, the process is started again
            say(f"  (not recorded in the event log: {type(error).__name__})")

    def on_death(*facts: object) -> None:
        threading.Thread(target=record, args=facts, name="recorder", daemon=True).start()

    return on_death
