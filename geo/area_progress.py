"""One progress bar over several steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[int, int], None]
"""Hears how much of how much is done."""

WHOLE = 100


def nobody_listens(_done: int, _total: int) -> None:
    """A progress that nobody looks at."""


def part(progress: Progress, start: int, end: int) -> Progress:
    """The progress of one step, which is told to `progress` as the per cent from `start` to `end` of the whole."""

    def tell(done: int, total: int) -> None:
        progress(start + (end - start) * done // max(1, total), WHOLE)

    return tell
