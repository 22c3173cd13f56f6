"""Which tests run on which database, and when.

What a database has a say in is tested on both: the rooms' own tests and the races. A story or a test of a page runs on one,
always the same, which its name decides, unless it says otherwise (`@pytest.mark.both_databases`): all on both would be a third
of the time of the suite, and many of them meet each table and query.

The tests that wait most begin a process's share, so that another computes meanwhile. At the end only quick ones are left, which
whoever has none takes over, and no process waits for another's last test.
"""

from __future__ import annotations

from itertools import chain
from zlib import crc32

import pytest

DATABASES = ("sqlite", "postgresql")
DEALT = ("stories", "people", "desk", "accounts", "setup", "operators", "api", "live", "geo")
"""The folders of stories and pages, and of what pages are made from."""

WAITING = (("scripts", "simulated"), ("browser",))
"""The folders whose tests wait most: for whole systems and for a carrier that takes its time, and for browsers."""


def spread(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """The tests in the order in which each process gets a share of consecutive ones, as large as the others' (pytest-xdist's
    worksteal, whose processes take from the end of each other's)."""
    quick = [item for item in items if item.path.parent.name not in chain(*WAITING)]
    spread_out: list[pytest.Item] = []
    for number, left in enumerate(range(processes, 0, -1)):
        folders = chain(*WAITING[number::processes])
        share = [item for folder in folders for item in items if item.path.parent.name == folder]
        room = max((len(items) - len(spread_out)) // left - len(share), 0)
        spread_out += share + quick[:room]
        del quick[:room]
    return spread_out + quick


def deal(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The tests that run, and those that their other half runs for."""
    run = [_is_run(item) for item in items]
    return (
        [item for item, is_run in zip(items, run, strict=True) if is_run],
        [item for item, is_run in zip(items, run, strict=True) if not is_run],
    )


def _is_run(item: pytest.Item) -> bool:
    """Whether this is no test of two databases, or is on the one that its name decides."""
    dealt = item.path.parent.name in DEALT and isinstance(item, pytest.Function) and hasattr(item, "callspec")
    kind = item.callspec.params.get("database") if dealt else None
    if kind is None or item.get_closest_marker("both_databases"):
        return True
    if any(mark.args[0] == "database" for mark in item.iter_markers("parametrize")):
        return True
    name = item.nodeid.replace(kind, "")
    return kind == DATABASES[crc32(name.encode()) % len(DATABASES)]
