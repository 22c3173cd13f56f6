"""What the list of people can be narrowed to, each as one condition that an index answers.

Whoever is looked for among 100,000 is found by ids from a small set, never by asking each person in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from core import clock
from geo import cells, district_cells
from responder.certificates.states import EXPIRING_WITHIN
from responder.models import Certification, ReachablePlace, Responder

ALERTS_WITHIN = timedelta(days=30)
MANY_ALERTS = 5
"""So many in 30 days is more than one a week: somebody whom a community can wear out."""

AlertsSince = Callable[[datetime], Select[int, int]]
"""Who was asked since a moment, and how often (`responder_id`, `alerts`); drills are none. The room above knows."""


class Certificate(StrEnum):
    """How any of somebody's certificates stands."""

    WAITING = "waiting"
    ENDING = "ending"
    ENDED = "ended"
    REJECTED = "rejected"
    NONE = "none"


class Availability(StrEnum):
    """What they have said of being asked."""

    ON = "on"
    OFF = "off"
    UNTIL_ON = "until_on"
    NIGHT = "night"


class Heard(StrEnum):
    """When something was last heard of them: an answer, an ON or OFF, a visit to their own page."""

    LAST_30 = "30"
    NOT_30 = "not-30"
    NOT_90 = "not-90"
    NOT_182 = "not-182"


class Alerts(StrEnum):
    """How often they were asked in the last 30 days."""

    NONE = "none"
    SOME = "some"
    MANY = "many"


def certificate(state: Certificate, now: datetime) -> ColumnElement[bool]:
    """Those of whose certificates one stands so. One that was renewed in time neither ends nor has ended."""
    one, waits = Certification, (Certification.verified_at.is_(None), Certification.rejected_at.is_(None))
    if state is Certificate.NONE:
        return ~exists().where(one.responder_id == Responder.id)
    stands: dict[Certificate, ColumnElement[bool]] = {
        Certificate.WAITING: and_(*waits),
        Certificate.ENDING: and_(_last_of_its_kind(), one.expires_at >= now, one.expires_at < now + EXPIRING_WITHIN),
        Certificate.ENDED: and_(_last_of_its_kind(), one.expires_at < now),
        Certificate.REJECTED: one.rejected_at.is_not(None),
    }
    return Responder.id.in_(select(one.responder_id).where(stands[state]))


def _last_of_its_kind() -> ColumnElement[bool]:
    other = aliased(Certification)
    longer = exists().where(
        other.responder_id == Certification.responder_id,
        other.type == Certification.type,
        other.verified_at.is_not(None),
        or_(other.expires_at.is_(None), other.expires_at > Certification.expires_at),
    )
    return and_(Certification.verified_at.is_not(None), ~longer)


def availability(state: Availability, now: datetime) -> ColumnElement[bool]:
    """Those who have said so."""
    off = and_(Responder.off_until.is_not(None), Responder.off_until > now)
    return {
        Availability.ON: or_(Responder.off_until.is_(None), Responder.off_until <= now),
        Availability.OFF: off,
        Availability.UNTIL_ON: Responder.off_until >= clock.FOREVER,
        Availability.NIGHT: Responder.night_alerts.is_(True),
    }[state]


def heard(when: Heard, now: datetime) -> ColumnElement[bool]:
    """Those of whom something was heard within so many days, or was not."""
    since = now - timedelta(days=int(when.removeprefix("not-")))
    # Not the bare column: SQLite would find all of them by its index and sort them, where the order of the list finds a page.
    said_on_at = func.coalesce(Responder.said_on_at, Responder.said_on_at)
    return said_on_at >= since if when is Heard.LAST_30 else said_on_at < since


def alerts(how_often: Alerts, since: Select[int, int]) -> ColumnElement[bool]:
    """Those who were asked so often; `since` is what `AlertsSince` says of the time that counts."""
    counted = since.subquery()
    asked = select(counted.c.responder_id)
    if how_often is Alerts.NONE:
        return Responder.id.not_in(asked)
    return Responder.id.in_(asked.where(counted.c.alerts >= (MANY_ALERTS if how_often is Alerts.MANY else 1)))


def area(session: Session, name: str) -> ColumnElement[bool]:
    """Those who have a place in a part of town, named in any writing; nobody where it is not known."""
    found = district_cells.covering(session, name)
    if found is None:
        return false()
    column = ReachablePlace.cell10 if found.resolution == cells.FINE else ReachablePlace.cell8
    return Responder.id.in_(select(ReachablePlace.responder_id).where(column.in_(found.cells)))
