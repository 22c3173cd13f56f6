"""Every story gets a town of its own, on one of the two databases."""

from __future__ import annotations

from collections.abc import Iterator
from zlib import crc32

import pytest

from core.clock import HandClock
from core.services import Services
from tests.conftest import BOTH, DATABASES
from tests.stories.town import Town, open_town


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the stories out: each is told on one database, always the same, which its name decides. What a database has a say in
    is tested on both by the rooms' own tests and the races; all stories on both would be a third of the suite's time."""
    if config.getoption(BOTH):
        return
    is_told = [(item, _is_told(item)) for item in items]
    config.hook.pytest_deselected(items=[item for item, told in is_told if not told])
    items[:] = [item for item, told in is_told if told]


def _is_told(item: pytest.Item) -> bool:
    """Whether this is no story of two databases, or is on the one that its name decides."""
    story = item.nodeid.startswith("tests/stories/") and isinstance(item, pytest.Function) and hasattr(item, "callspec")
    kind = item.callspec.params.get("database") if story else None
    if kind is None or item.get_closest_marker("both_databases"):
        return True
    if any(mark.args[0] == "database" for mark in item.iter_markers("parametrize")):
        return True
    name = item.nodeid.replace(kind, "")
    return kind == DATABASES[crc32(name.encode()) % len(DATABASES)]


@pytest.fixture
def town(services: Services, clock: HandClock) -> Iterator[Town]:
    """A town at Monday noon, without people, with the shipped plans."""
    with open_town(services, clock) as opened:
        yield opened
