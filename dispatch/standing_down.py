"""Telling people that they are not needed, by the table of texts: who gets which text for which reason."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from dispatch import alarms, callouts, states, waves, writing
from dispatch.models import Callout
from sms import outbox, purposes

COVERED, AMBULANCE_ON_SCENE, NOT_NEEDED, UNSAFE = "covered", "ambulance_on_scene", "not_needed", "unsafe"
REASONS = (COVERED, AMBULANCE_ON_SCENE, NOT_NEEDED, UNSAFE)

TOO_FAR = "too_far"

TEXTS: dict[tuple[str, str], str] = {
    (COVERED, "asked"): "T2",
    (AMBULANCE_ON_SCENE, "asked"): "T2b",
    (AMBULANCE_ON_SCENE, "coming"): "T3",
    (AMBULANCE_ON_SCENE, "on_scene"): "T4",
    (NOT_NEEDED, "asked"): "T2b",
    (NOT_NEEDED, "coming"): "T3b",
    (NOT_NEEDED, "on_scene"): "T4b",
    (waves.TAKEN_OFF, "asked"): "T2c",
    (waves.TAKEN_OFF, "coming"): "T3c",
    (waves.TAKEN_OFF, "on_scene"): "T4c",
    (UNSAFE, "asked"): "T5",
    (UNSAFE, "coming"): "T5",
    (UNSAFE, "on_scene"): "T5",
}
"""Which text for which reason to whom. Whoever is in no row hears nothing: after `covered` those coming simply come.
Whom a dispatcher takes off is not told that the emergency is over: it is not."""


def group(state: str) -> str | None:
    """Which of the three groups a callout's state belongs to, if any."""
    if state in states.ASKED:
        return "asked"
    return {states.ACCEPTED: "coming", states.ON_SCENE: "on_scene"}.get(state)


def tell(
    session: Session,
    settings: Settings,
    rows: Sequence[Callout],
    reason: str,
    actor: str,
    *,
    asked_move: str = "stand_down",
) -> None:
    """Tell everyone of `rows` whom `reason` concerns, and move their callouts. `asked_move` is what becomes of those who had
    not answered: stood down, or expired when the incident closes."""
    never_left = cancel_unsent(session, rows)
    callouts.read_people(session, [row for row in rows if group(row.state)])
    for row in rows:
        who = group(row.state)
        key = TEXTS.get((reason, who or ""))
        if who is None or key is None:
            continue
        name = _move_of(row, who, asked_move)
        if who == "asked" and name is None:
            row.stood_down_as = reason  # already expired; they hear it as the others do, and are asked again as they are
        if (name is None or callouts.move(session, row, name, actor, stood_down_as=reason)) and row.id not in never_left:
            _send(session, settings, row, key, reason, was_going=who != "asked")


def _move_of(row: Callout, who: str, asked_move: str) -> str | None:
    """The move a callout makes when its person is told; None where the state stays (on scene until their 4)."""
    if who == "on_scene" or (who == "asked" and asked_move == "expire" and row.state == states.EXPIRED):
        return None
    return asked_move if who == "asked" else "stand_down"


def cancel_unsent(session: Session, rows: Sequence[Callout]) -> set[str]:
    """A first text that has not left need not leave; whoever never got it is told nothing."""
    queued = [row.id for row in rows if row.state == states.QUEUED]
    return outbox.cancel(session, writing.ABOUT, queued, [purposes.FIRST]) if queued else set()


def _send(session: Session, settings: Settings, row: Callout, key: str, reason: str, *, was_going: bool) -> None:
    unsafe = reason == UNSAFE
    writing.send(session, settings, key, purposes.SAFETY if unsafe else purposes.STAND_DOWN, row)
    if unsafe and was_going:
        row.unsafe_since, row.unsafe_told = clock.now(), 1
        alarms.raise_once(session, alarms.UNSAFE_NOT_AWAY, incident_id=row.incident_id, callout_id=row.id)
