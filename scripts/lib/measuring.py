"""One folder in which every process of a start counts, so that whoever is scraped tells of all of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

NAME = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def shared_folder() -> Iterator[None]:
    """Make it, unless the surroundings name one. To be entered before anything is imported that counts: the library looks
    once."""
    if NAME in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="doorstep-metrics-", ignore_cleanup_errors=True) as folder:
        os.environ[NAME] = folder
        yield
