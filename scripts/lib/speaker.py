"""Saying things at a terminal, or into a pipe in its place, without ever waiting for whoever reads there."""

from __future__ import annotations

import os
import queue
import sys
import threading
from contextlib import suppress

MOST_WAITING = 200


class Speaker:
    """Says lines from a thread of its own. Of those that nobody reads the last ones are dropped, and it is said how many."""

    def __init__(self) -> None:
        self._lines: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._dropping = threading.Lock()
        self._dropped = 0
        self._thread = threading.Thread(target=self._speak, name="speaker", daemon=True)

    def start(self) -> None:
        """Begin with what waits already."""
        self._thread.start()

    def say(self, line: str) -> None:
        """Say one line; returns at once."""
        try:
            self._lines.put_nowait(line)
        except queue.Full:
            with self._dropping:
                self._dropped += 1

    def close(self, within_s: float) -> None:
        """Return when all is said, or after this many seconds; from then on whoever still says something waits for nobody."""
        if self._thread.ident is None:
            return
        with suppress(queue.Full):
            self._lines.put(None, timeout=within_s)
        self._thread.join(within_s)
        if self._thread.is_alive():
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _speak(self) -> None:
        # A file of its own: one that hangs would hold the lock of sys.stdout, which is needed at the end of the process.
        with suppress(OSError), os.fdopen(os.dup(sys.stdout.fileno()), "w", buffering=1) as out:
            while (line := self._lines.get()) is not None:
                out.write(f"{line}\n")  # in one piece: others write there too
                with self._dropping:
                    dropped, self._dropped = self._dropped, 0
                if dropped:
                    out.write(f"  ({dropped} lines were not shown: nobody read them; the logs have them)\n")
