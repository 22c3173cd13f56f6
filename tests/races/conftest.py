"""Every race is run on a stage of its own, once on each database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.services import Services
from tests.races.stage import Stage


@pytest.fixture
def stage(services: Services) -> Iterator[Stage]:
    """A stage without people; a deadlock or a fault anywhere in the race fails it, even one that was made good."""
    made = Stage(services)
    made.watch(services.database)
    yield made
    made.close()
    assert not made.deadlocks, f"deadlocks: {made.deadlocks}"
    assert not made.faults(), "something broke and was made good"
