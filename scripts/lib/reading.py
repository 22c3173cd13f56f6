"""How a process reads its code: hardly any of it is garbage, yet the collector would look through all of it again and again, a
fifth of the time that it takes."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Import in here. What there is afterwards is out of the collector's reach for good: to look through it stops a process
    for 150 ms, and would do so in the middle of an emergency."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # numpy would start a thread for each processor, and none has work
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
