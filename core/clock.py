"""The one clock. Every moment in Doorstep is an aware UTC datetime that comes from here, so that a test can turn it by hand."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands for "without an end" where a column must compare with now (an OFF that names no end)."""


class Clock(Protocol):
    """Anything that can say what time it is."""

    def now(self) -> datetime:
        """The present moment, aware, in UTC."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """A clock that stands still until it is turned; tests tell whole emergencies with it."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)

    def now(self) -> datetime:
        return self._now

    def turn(self, seconds: float) -> None:
        """Move the clock forward by `seconds`."""
        self._now += timedelta(seconds=seconds)

    def set(self, moment: datetime) -> None:
        """Move the clock to an aware `moment`."""
        self._now = moment.astimezone(UTC)


_clock: Clock = SystemClock()


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _clock.now()


def use(clock: Clock) -> Clock:
    """Install `clock` for this process and return the one that was in use before."""
    global _clock
    previous, _clock = _clock, clock
    return previous


def monotonic_s() -> float:
    """Seconds on a scale that never jumps: for measuring how long something took, never for what time it is."""
    return time.monotonic()


def epoch_s(moment: datetime) -> int:
    """Whole seconds since 1970 of an aware `moment`, for tables that compare integers."""
    return int(moment.timestamp())


def of_epoch_s(seconds: float) -> datetime:
    """The moment so many seconds after 1970, as a file system writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def rfc3339(moment: datetime | None) -> str | None:
    """`moment` as the API writes it, e.g. 2026-11-23T01:15:25Z; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
