"""Keeping with each person how much was asked of them lately: counted from their callouts, beside every emergency.

Choosing only compares moments that stand in its own narrow table. They are written here, one person at a time and never by an
emergency itself: two of those would wait for each other's people. A limit that people set themselves is counted once more among
those who were found, so that it holds to the alert and another takes their place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from core import clock, log
from core.services import Services
from core.settings import Settings
from dispatch import callouts, ledger, states
from dispatch.models import OPEN, Callout, Incident
from responder import index
from responder.care.sparing import WEEK, Asked, Until, until
from responder.models import Responder

OVERLAP = timedelta(minutes=2)
"""A look begins so long before the last one: what was committed late is seen by the next."""
_COUNTS = or_(ledger.REACHED, Callout.state == states.QUEUED)
_PERSON, _CALLOUT, _INCIDENT = Responder.__table__, Callout.__table__, Incident.__table__
# Built once and past the session: every choice asks this, and its tenths of a millisecond count.
_HAVE_HAD_ENOUGH = (
    select(_CALLOUT.c.responder_id)
    .join_from(_PERSON, _CALLOUT, _CALLOUT.c.responder_id == _PERSON.c.id)
    .join(_INCIDENT, _INCIDENT.c.id == _CALLOUT.c.incident_id)
    .where(
        _PERSON.c.id.in_(bindparam("people", expanding=True)),
        _PERSON.c.most_alerts.is_not(None),
        _CALLOUT.c.queued_at > bindparam("since"),
        ~_INCIDENT.c.drill,
        _COUNTS,
    )
    .group_by(_CALLOUT.c.responder_id, _PERSON.c.most_alerts)
    .having(func.count() >= _PERSON.c.most_alerts)
)
_log = log.get("sparing")


class Keeper:
    """Looks after whoever was asked, or came back, since the last look. What it remembers is only where to begin: after a stop
    it looks at the whole week once more."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._since: datetime | None = None

    def look(self) -> int:
        """Bring everybody up to date of whom something has changed. Returns how many that were."""
        services, now = self._services, clock.now()
        with services.read() as session:
            people = _moved_since(session, self._since or now - WEEK)
            reckoned = _reckoned(session, services.settings, people)
        stale = [responder_id for responder_id, one in reckoned.items() if one.found != one.kept]
        for responder_id in stale:
            try:
                with services.write() as session:
                    recount(session, services.settings, responder_id)
            except Exception:
                _log.exception("what was asked of somebody could not be counted", responder_id=responder_id)
            services.database.give_way()
        self._since = now - OVERLAP
        return len(stale)


def recount(session: Session, settings: Settings, responder_id: int) -> None:
    """Count one person's alerts anew and keep what they come to."""
    person = session.get_one(Responder, responder_id, with_for_update={"of": Responder, "key_share": True})
    reckoned = _reckoned(session, settings, [responder_id]).get(responder_id)
    if reckoned is not None:  # erased meanwhile: nothing is kept of them
        person.spared_until, person.full_until = reckoned.found
        index.refresh(session, [responder_id])


def have_had_enough(session: Session, people: Sequence[int]) -> Collection[int]:
    """Of these people, those who have had as many alerts as they wish. It stays so for a caller who chooses while nobody else
    does."""
    if not people:
        return ()
    given = {"people": people, "since": clock.now() - WEEK}
    return session.connection().execute(_HAVE_HAD_ENOUGH, given).scalars().all()


def _moved_since(session: Session, since: datetime) -> Sequence[int]:
    """Whoever has a callout that was made or moved since; those of emergencies that ended a day before are at rest."""
    alive = or_(Incident.state == OPEN, Incident.closed_at > since - callouts.RECENT)
    moved = select(Callout.responder_id).join(Incident, Incident.id == Callout.incident_id).distinct()
    return session.scalars(moved.where(alive, Callout.state_at > since)).all()


class _Reckoned(NamedTuple):
    """What somebody's alerts come to now, and what is kept of it."""

    found: Until
    kept: Until


def _reckoned(session: Session, settings: Settings, people: Sequence[int]) -> Mapping[int, _Reckoned]:
    most, rest = settings.most_alerts_in_7_days, timedelta(hours=settings.rest_hours)
    columns = (Responder.id, Responder.most_alerts, Responder.spared_until, Responder.full_until)
    reckoned: dict[int, _Reckoned] = {}
    for first in range(0, len(people), index.CHUNK):
        chunk = people[first : first + index.CHUNK]
        asked = _asked(session, chunk)
        for person in session.execute(select(*columns).where(Responder.id.in_(chunk), Responder.erased_at.is_(None))):
            found = until(asked.get(person.id, ()), most, rest, person.most_alerts)
            reckoned[person.id] = _Reckoned(found, Until(person.spared_until, person.full_until))
    return reckoned


def _asked(session: Session, people: Sequence[int]) -> Mapping[int, list[Asked]]:
    wanted = (
        select(Callout.responder_id, Callout.queued_at, Callout.on_scene_at, Callout.ended_at, Callout.state)
        .join(Incident, Incident.id == Callout.incident_id)
        .where(Callout.responder_id.in_(people), Callout.queued_at > clock.now() - WEEK, ~Incident.drill, _COUNTS)
        .order_by(Callout.queued_at.desc())
    )
    asked: dict[int, list[Asked]] = defaultdict(list)
    for row in session.execute(wanted):
        there_until = (row.ended_at or row.on_scene_at) if row.on_scene_at else None
        asked[row.responder_id].append(Asked(row.queued_at, there_until, row.state in states.WAITING))
    return asked
