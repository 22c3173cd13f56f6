"""Fuzzing for a time instead of for a number of tries: 20 s in the suite, as long as FUZZ_S says by hand."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
PARTS = 6
"""What the whole time is divided into."""
_AT_ONCE = 10


class Budget:
    """The time of all fuzzing together, in seconds."""

    def __init__(self, whole_s: float) -> None:
        self._whole_s = whole_s

    def part(self, parts: int) -> float:
        """The seconds of so many of the `PARTS`."""
        return self._whole_s * parts / PARTS


def try_for(seconds: float, cases: SearchStrategy[T], holds: Callable[[T], Any]) -> None:
    """Let `holds` be true of new `cases` for so long, at least a few. A case that fails is shrunk and shown."""
    until = time.monotonic() + seconds
    while True:
        number = random.getrandbits(32)

        @seed(number)
        @settings(
            max_examples=_AT_ONCE,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        )
        @given(case=cases)
        def some(case: T) -> None:
            holds(case)

        some()
        if time.monotonic() >= until:
            return
