"""Every story gets a town of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.clock import HandClock
from core.services import Services
from tests.stories.town import Town, open_town


@pytest.fixture
def town(services: Services, clock: HandClock) -> Iterator[Town]:
    """A town at Monday noon, without people, with the shipped plans."""
    with open_town(services, clock) as opened:
        yield opened
