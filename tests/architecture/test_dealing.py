"""The tests themselves: whichever way they are handed out, none is lost."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.dealing import WAITING, spread


@pytest.mark.parametrize("processes", [1, 2, 3, 4, 7])
def test_spreading_keeps_every_test_once_and_begins_shares_with_those_that_wait(
    request: pytest.FixtureRequest, processes: int
) -> None:
    items = request.session.items
    spread_out = spread(items, processes)
    assert Counter(item.nodeid for item in spread_out) == Counter(item.nodeid for item in items)
    first_waiting = [item for item in spread_out if item.path.parent.name in WAITING[0]]
    assert spread_out[: len(first_waiting)] == first_waiting
