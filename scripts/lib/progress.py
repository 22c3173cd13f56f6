"""A progress bar where there is a terminal, silence elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tqdm import tqdm


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields a function that is told how much of how much is done."""
    with tqdm(desc=what, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as shown:

        def update(done: int, total: int) -> None:
            shown.total = total
            shown.update(done - shown.n)

        yield update
