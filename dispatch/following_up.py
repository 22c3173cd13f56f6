"""Looking after those who said they go: late arrivals, long stays, and people told to get away who have not said they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from dispatch import alarms, callouts, coverage, ringing, states, writing
from dispatch.models import OPEN, Callout, Incident
from sms import purposes

LATE = timedelta(minutes=5)
"""T11: this long past their own ETA."""
LONG_ON_SCENE = timedelta(minutes=20)
"""T12: this long on scene."""
UNSAFE_EVERY = timedelta(seconds=60)
UNSAFE_TIMES = 5
LEFT_AFTER_CLOSE = timedelta(minutes=60)
"""Whoever was on scene when the incident closed and never texted 4 counts as finished after this, or they would be asked
for no other emergency."""


def follow_up(session: Session, settings: Settings, incident: Incident, rows: Sequence[Callout]) -> None:
    """Send what is due now to those who are out there."""
    now = clock.now()
    for row in rows:
        if row.unsafe_since is not None:
            _repeat_unsafe(session, settings, row, now)
        elif incident.state == OPEN:
            _ask_how_it_goes(session, settings, row, now)
        elif row.state == states.ON_SCENE and incident.closed_at and incident.closed_at + LEFT_AFTER_CLOSE <= now:
            callouts.move(session, row, "finish", ended_at=now)


def deadlines(incident: Incident, rows: Sequence[Callout]) -> Iterator[datetime]:
    """The moments at which `follow_up` will have something to do."""
    for row in rows:
        if row.unsafe_since is not None:
            if row.unsafe_told <= UNSAFE_TIMES:
                yield row.unsafe_since + UNSAFE_EVERY * row.unsafe_told
        elif incident.state == OPEN and coverage.is_coming(row):
            if row.asked_where_at is None:
                yield coverage.arrives_at(row) + LATE
        elif incident.state == OPEN and row.state == states.ON_SCENE:
            if row.checked_at is None and row.on_scene_at:
                yield row.on_scene_at + LONG_ON_SCENE
        elif row.state == states.ON_SCENE and incident.closed_at:
            yield incident.closed_at + LEFT_AFTER_CLOSE


def _ask_how_it_goes(session: Session, settings: Settings, row: Callout, now: datetime) -> None:
    if coverage.is_coming(row):
        if row.asked_where_at is None and coverage.arrives_at(row) + LATE <= now:
            row.asked_where_at = now
            writing.send(session, settings, "T11", purposes.FOLLOW_UP, row)
    elif row.state == states.ON_SCENE and row.checked_at is None and row.on_scene_at and row.on_scene_at + LONG_ON_SCENE <= now:
        row.checked_at = now
        writing.send(session, settings, "T12", purposes.FOLLOW_UP, row)


def _repeat_unsafe(session: Session, settings: Settings, row: Callout, now: datetime) -> None:
    """They are rung every 60 s, five times, while they stand red: until their 4, or until a dispatcher clears it. Without a
    voice T5 is sent again instead."""
    assert row.unsafe_since is not None, "only called for someone told to get away"
    if row.unsafe_told <= UNSAFE_TIMES and row.unsafe_since + UNSAFE_EVERY * row.unsafe_told <= now:
        # After a stop the next call is a minute after this one, and none of the five is left out.
        row.unsafe_since, row.unsafe_told = now - UNSAFE_EVERY * row.unsafe_told, row.unsafe_told + 1
        if ringing.is_on(settings):
            ringing.ring_out_of_danger(session, settings, row, UNSAFE_EVERY)
        else:
            writing.send(session, settings, "T5", purposes.SAFETY, row)


def is_away(session: Session, row: Callout, actor: str) -> None:
    """A 4, or a dispatcher, says that this person is out of danger: nothing stands red for them any more."""
    row.unsafe_since = None
    alarms.clear(session, alarms.UNSAFE_NOT_AWAY, incident_id=row.incident_id, callout_id=row.id, actor=actor)
