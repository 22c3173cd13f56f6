"""A look that breaks is not the last one."""

from __future__ import annotations

import threading

from core import repeating


def test_after_a_look_that_breaks_the_next_one_comes() -> None:
    looks, again = [0], threading.Event()

    def look() -> None:
        looks[0] += 1
        if looks[0] == 1:
            raise RuntimeError
        again.set()

    end = repeating.start("for the test", 0.001, look)
    assert again.wait(10)
    end.set()
