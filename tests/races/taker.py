"""The carrier of the races."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import datetime

from sms.carriers.routes import Route
from sms.gateway import Sent


class Taker:
    """A gateway whose carrier takes every text and every call at once, and remembers it."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, str]] = []
        self.rung: list[str] = []
        self._ids = itertools.count(1)

    def warm(self) -> None:
        """Nothing is cold here."""

    def send(self, message_id: str, to: str, body: str, valid_s: int, route: Route) -> Sent:
        """Take it."""
        self.taken.append((to, body))
        return Sent(f"SM{next(self._ids):032x}", "queued")

    def find(self, message_id: str, to: str, body: str, route: Route) -> Sequence[Sent]:
        """Nothing is ever of unknown fate here."""
        return ()

    def call(self, message_id: str, to: str) -> Sent:
        """Ring."""
        self.rung.append(to)
        return Sent(f"CA{next(self._ids):032x}", "queued")

    def find_calls(self, to: str, since: datetime) -> Sequence[Sent]:
        """Nor is a call."""
        return ()
