"""Is a carrier well? Decided from what came of the newest requests to it; pure functions of values."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sms.carriers.models import DOWN, TRIAL, UP

SLOW_S = 2.0
"""An answer that took longer is as good as a failure for who waits for it; a carrier that is well takes 0.1 to 0.3 s."""
LEAST_ILL = 3
ILL_SHARE = 0.5
"""A carrier is down when this many requests of the window failed or dragged, and they are this share of all."""
FIRST_REST = timedelta(seconds=60)
LONGEST_REST = timedelta(minutes=15)
FIRST_SHARE = 0.05
STEP = timedelta(seconds=30)
"""A carrier that was down rests, then gets a small share of the texts, which doubles every step that goes well."""


@dataclass(frozen=True)
class Tally:
    """How many requests went well, failed, or dragged."""

    good: int = 0
    bad: int = 0
    slow: int = 0

    @property
    def ill(self) -> int:
        """Those that speak against the carrier."""
        return self.bad + self.slow

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.good + other.good, self.bad + other.bad, self.slow + other.slow)


@dataclass(frozen=True)
class Health:
    """How a carrier is, since when, and how many times it has gone down since it last was well."""

    state: str
    share: float
    since: datetime
    failures: int = 0


def judge(health: Health, window: Tally, now: datetime) -> Health:
    """How it is after the requests of `window`, which are those of the last half minute and none from before `since`."""
    if health.state == UP:
        fails = window.ill >= LEAST_ILL and window.ill >= ILL_SHARE * (window.good + window.ill)
        return _down(health, now) if fails else health
    if health.state == DOWN:
        return Health(TRIAL, FIRST_SHARE, now, health.failures) if now - health.since >= rest(health.failures) else health
    if window.ill and window.ill >= window.good:
        return _down(health, now)
    if not window.good or window.ill or now - health.since < STEP:
        return health
    share = health.share * 2
    return replace(health, share=share, since=now) if share < 1 else Health(UP, 1.0, now)


def rest(failures: int) -> timedelta:
    """How long a carrier that went down for the `failures`-th time is left alone."""
    doublings: int = min(max(0, failures - 1), 10)
    return min(LONGEST_REST, FIRST_REST * (1 << doublings))


def _down(health: Health, now: datetime) -> Health:
    return Health(DOWN, 0.0, now, health.failures + 1)
