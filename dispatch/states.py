"""The callout's state machine, as data. Whatever is not in `MOVES` cannot happen; `dispatch.callouts.move` enforces it in SQL.

A person's answer beats what the carrier says: an answer may come before we know that the text was taken, and no report of
the carrier moves a callout that has been answered. `taken_late` is for a text that nobody could say anything of for so long
that somebody else was asked instead, and that left all the same.
"""

from __future__ import annotations

from dataclasses import dataclass

QUEUED = "queued"
ALERTED = "alerted"
UNCLEAR = "unclear"
FAILED = "failed"
EXPIRED = "expired"
ACCEPTED = "accepted"
DECLINED = "declined"
ON_SCENE = "on_scene"
FINISHED = "finished"
STOOD_DOWN = "stood_down"

STATES = (QUEUED, ALERTED, UNCLEAR, FAILED, EXPIRED, ACCEPTED, DECLINED, ON_SCENE, FINISHED, STOOD_DOWN)

WAITING = (QUEUED, ALERTED, UNCLEAR)
"""Asked, and an answer may still come in time."""
COMING = (ACCEPTED,)
BOUND = (ACCEPTED, ON_SCENE)
"""Going to, or at, this incident: such a person is asked for no other."""
LIVE = (*WAITING, *BOUND)
FILLING = (ACCEPTED, ON_SCENE, FINISHED)
"""Counts as filling a role."""
ASKED = (*WAITING, EXPIRED)
"""Whoever may have our first text in hand and has not answered it: told when they are not needed any more."""


@dataclass(frozen=True)
class Move:
    """One allowed change: from any of `before` to `after`."""

    before: tuple[str, ...]
    after: str


MOVES = {
    "taken": Move((QUEUED,), ALERTED),
    "taken_late": Move((FAILED,), ALERTED),
    "not_understood": Move((QUEUED, ALERTED), UNCLEAR),
    "accept": Move((QUEUED, ALERTED, UNCLEAR, DECLINED, FAILED, EXPIRED, STOOD_DOWN), ACCEPTED),
    "accept_too_late": Move((QUEUED, ALERTED, UNCLEAR, DECLINED, FAILED, EXPIRED, STOOD_DOWN), STOOD_DOWN),
    "decline": Move((QUEUED, ALERTED, UNCLEAR, FAILED, EXPIRED, STOOD_DOWN, ACCEPTED), DECLINED),
    "arrive": Move((ACCEPTED,), ON_SCENE),
    "finish": Move((ACCEPTED, ON_SCENE), FINISHED),
    "fail": Move((QUEUED, ALERTED), FAILED),
    "expire": Move((QUEUED, ALERTED, UNCLEAR), EXPIRED),
    "stand_down": Move((QUEUED, ALERTED, UNCLEAR, EXPIRED, ACCEPTED, ON_SCENE), STOOD_DOWN),
    "ask_again": Move((DECLINED, FAILED, EXPIRED, STOOD_DOWN), QUEUED),
}
