"""Roles, who is still wanted, and when an incident is covered: pure decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from dispatch import states

NEARER_BY_S = 60
"""After all roles are filled, whoever would be there more than this sooner than each of those coming is still taken: turning
the nearest away because farther ones were quicker to type costs lives (own simulation, 2026-11-22)."""

ASKING, FILLED, ENDED, HELD = "asking", "filled", "ended", "held"
"""Why an incident asks or does not: it asks; its roles are filled (or a dispatcher said so); a stand-down or the close
ended it; a hazard that the plan excludes waits for a dispatcher's go."""


class Comer(Protocol):
    """What the decisions read of a callout."""

    @property
    def state(self) -> str: ...
    @property
    def role(self) -> str | None: ...
    @property
    def at_old_address(self) -> bool: ...
    @property
    def set_out_at(self) -> datetime | None: ...
    @property
    def eta_s(self) -> int: ...


def unfilled(roles: Sequence[str], callouts: Sequence[Comer]) -> list[str]:
    """The plan's roles that nobody accepted, on scene or finished holds, in the plan's order."""
    held = Counter(callout.role for callout in callouts if callout.state in states.FILLING)
    left = []
    for role in roles:
        if held[role]:
            held[role] -= 1
        else:
            left.append(role)
    return left


def next_role(roles: Sequence[str], callouts: Sequence[Comer], only: str | None = None) -> str | None:
    """The role of the next one who accepts: the first unfilled, else straight to the patient. Whoever may have `only` one role
    gets that one, or None when it is held."""
    left = unfilled(roles, callouts)
    if only is not None:
        return only if only in left else None
    return left[0] if left else "direct"


def may_be_asked(asking: str, extra: bool) -> bool:
    """Whether somebody's first text may leave: while asking goes on; an `extra` one's also when all roles are filled."""
    return asking == ASKING or (extra and asking == FILLED)


def is_wanted(asking: str, callouts: Sequence[Comer], eta_s: int, now: datetime) -> bool:
    """Whether a 1 that comes now, from someone `eta_s` away, is taken."""
    if asking == ASKING:
        return True
    if asking != FILLED or any(is_there(callout) for callout in callouts):
        return False
    return all(now + timedelta(seconds=eta_s + NEARER_BY_S) < arrives_at(callout) for callout in callouts if is_coming(callout))


def is_there(callout: Comer) -> bool:
    """Whether they are on scene, and not at an address that was corrected since."""
    return callout.state == states.ON_SCENE and not callout.at_old_address


def is_coming(callout: Comer) -> bool:
    """Whether they are on their way, be it from an address that turned out to be wrong."""
    return callout.state == states.ACCEPTED or callout.at_old_address


def arrives_at(callout: Comer) -> datetime:
    """When someone who is coming said, or is reckoned, to be there."""
    assert callout.set_out_at is not None, "whoever is coming has answered"
    return callout.set_out_at + timedelta(seconds=callout.eta_s)
