"""How much is asked of one person: whom others are asked before, and who has had as many alerts as they wish.

Pure over moments. The first only orders people (`dispatch.candidates`); the second, a limit that people set themselves, is
always kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

WEEK = timedelta(days=7)
MOST_WISHED = 50
"""The highest limit that somebody can set; whoever wishes more sets none."""


class Asked(NamedTuple):
    """One alert of the last `WEEK`. `there_until` is when they left the scene, or came to it where they have not left; `waits`
    while they may still answer."""

    at: datetime
    there_until: datetime | None
    waits: bool


class Until(NamedTuple):
    """Until when somebody is `spared`, and `full` by their own limit; None where nothing is to be kept."""

    spared: datetime | None
    full: datetime | None


def until(asked: Sequence[Asked], most: int, rest: timedelta, own_most: int | None) -> Until:
    """What the alerts of the last week, newest first, come to: `most` and `rest` are the service's, `own_most` the person's.

    An alert that waits for an answer does not fill a limit yet: what follows it, such as a call, belongs to it.
    """
    left = max((one.there_until for one in asked if one.there_until is not None), default=None)
    ends = [_falls_below(most, asked), left + rest if left is not None and rest else None]
    answered = [one for one in asked if not one.waits]
    full = _falls_below(own_most, answered) if own_most is not None else None
    return Until(max((end for end in ends if end is not None), default=None), full)


def _falls_below(most: int, asked: Sequence[Asked]) -> datetime | None:
    """When fewer than `most` alerts will lie within the last week; None when it is so now."""
    return asked[most - 1].at + WEEK if len(asked) >= most else None
