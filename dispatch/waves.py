"""How many to ask next: pure decisions over the callouts of one incident."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from dispatch import states
from dispatch.plans import Waves

ELSEWHERE = "elsewhere"
"""`stood_down_as` of whoever went to another incident instead: their place here is filled at once."""
TAKEN_OFF = "taken_off"
"""`stood_down_as` of whom a dispatcher took off: their place is filled as when one drops out, and never by the same person."""

CANNOT = "cannot"
"""`stood_down_as` of whoever said 2 at an address that was wrong: as a 2 of one who is coming, in a state that allows no 2."""


class Asked(Protocol):
    """What the decisions read of a callout."""

    @property
    def state(self) -> str: ...
    @property
    def alerted_at(self) -> datetime | None: ...
    @property
    def replaced_at(self) -> datetime | None: ...
    @property
    def stood_down_as(self) -> str | None: ...
    @property
    def eta_s(self) -> int: ...


@dataclass(frozen=True)
class Need:
    """How many people the next wave wants. `fill` says that everyone in reach is asked when few are (a first wave, or a new
    start), else exactly `people` are. `newcomers` of them may be people not asked before."""

    people: int
    fill: bool
    newcomers: int


def is_silent(callout: Asked, waves: Waves, now: datetime) -> bool:
    """Whether this person has had the plan's time (30 s since the carrier took the text) and has not answered. Words that
    we could not read stop no timer."""
    return (
        callout.state in (states.ALERTED, states.UNCLEAR)
        and callout.alerted_at is not None
        and callout.alerted_at + timedelta(seconds=waves.silence_s) <= now
    )


def owes_a_replacement(callout: Asked, waves: Waves, now: datetime) -> bool:
    """Whether this callout brings the next soonest person: declined, failed, silent, gone elsewhere, taken off or
    unable to go on to the right address; once per callout."""
    if callout.replaced_at is not None:
        return False
    gone = callout.state in (states.DECLINED, states.FAILED, states.EXPIRED)
    left = callout.state == states.STOOD_DOWN and callout.stood_down_as in (ELSEWHERE, TAKEN_OFF, CANNOT)
    return gone or left or is_silent(callout, waves, now)


def in_play(callouts: Sequence[Asked], waves: Waves, now: datetime) -> int:
    """How many are coming, there, done, or still within their time to answer."""
    return sum(
        callout.state in states.FILLING or (callout.state in states.WAITING and not is_silent(callout, waves, now))
        for callout in callouts
    )


def need(waves: Waves, callouts: Sequence[Asked], now: datetime, *, starting: bool) -> Need:
    """What the incident needs now. `starting`: its first wave, or the first one after asking began again.

    `most_asked` bounds how many different people one incident ever asks; asking someone again adds nobody.
    """
    newcomers = max(0, waves.most_asked - len(callouts))
    if not starting:
        return Need(sum(owes_a_replacement(callout, waves, now) for callout in callouts), False, newcomers)
    if waves.first is None:
        return Need(waves.most_asked, True, newcomers)
    return Need(max(0, waves.first - in_play(callouts, waves, now)), True, newcomers)


def look_for(need_: Need, waves: Waves) -> int:
    """How many people to look for, so that `ask` can tell whether fewer than `all_below` are in reach."""
    return max(need_.people, waves.all_below, waves.first or 0) if need_.fill else need_.people


def sooner(waves: Waves, callouts: Sequence[Asked], found_s: Sequence[int], now: datetime) -> int:
    """Of people found who are `found_s` away, how many belong to the plan's soonest beside those who may still answer. After a
    correction of the place those asked before can be the farther ones; they stay asked, and the nearer ones are asked too."""
    if waves.first is None:
        return 0
    places = max(0, waves.first - sum(callout.state in states.FILLING for callout in callouts))
    waiting = [one for one in callouts if one.state in states.WAITING and not is_silent(one, waves, now)]
    soonest = sorted([(callout.eta_s, False) for callout in waiting] + [(eta_s, True) for eta_s in found_s])[:places]
    return sum(is_new for _, is_new in soonest)


def ask(need_: Need, waves: Waves, found: int, playing: int) -> int:
    """Of `found` eligible people, how many to ask: all of them when a starting wave has fewer than `all_below` in reach."""
    if need_.fill and found + playing < waves.all_below:
        return found
    return min(found, need_.people)
