"""How many webhooks in a row were turned away for their signature, counted in this process and nowhere else: nothing that a
stranger sends is stored. One that was signed well ends the row."""

from __future__ import annotations

import threading

from twilio.request_validator import SIGNATURE_HEADER
from werkzeug.wrappers import Request

MANY_IN_A_ROW = 5
"""Fewer are somebody who tries."""


class Refusals:
    """The row of one process. Requests without any signature are strangers' and do not count."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._accepted = False

    def turned_away(self, request: Request) -> None:
        """One was."""
        if request.headers.get(SIGNATURE_HEADER):
            with self._lock:
                self._in_a_row += 1

    def accepted(self) -> None:
        """One was signed well."""
        with self._lock:
            self._in_a_row, self._accepted = 0, True

    def take(self) -> tuple[bool, bool]:
        """Whether there were `MANY_IN_A_ROW`, and whether one was signed well, each since this last said so."""
        with self._lock:
            many, accepted = self._in_a_row >= MANY_IN_A_ROW, self._accepted
            self._accepted = False
            if many:
                self._in_a_row = 0
            return many, accepted


OF_THIS_PROCESS = Refusals()
