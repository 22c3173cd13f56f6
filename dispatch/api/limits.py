"""How many incidents one API key may open: a program gone wild must not text a whole town."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import and_, delete, func, or_, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core import clock, log
from core.database import advisory_lock
from core.ids import new_id
from core.problems import Problem
from core.services import Services
from core.words import fill
from dispatch import alarms
from dispatch.api.models import Opening
from dispatch.models import Alarm

PER_MINUTE = 300
"""The contract's number."""
FLOOD = "api_key_flood"
_MINUTE = timedelta(seconds=60)
_ONE_FLOOD = timedelta(minutes=10)
"""Refusals within this time of the alarm belong to the same flood, even when somebody has acknowledged it meanwhile."""
_OPENINGS_LOCK = 4008
_FULL = "full"
_log = log.get("api")


def take_place(services: Services, actor: str) -> str:
    """Reserve one opening for `actor` and return its id; Problem 429 with Retry-After and an alarm when there is none."""
    place = _FULL
    with services.read() as session:
        # Looked at first without a lock: a flood that is being refused must not queue up before real emergencies.
        full = _taken(session, actor) >= PER_MINUTE and _alarm_stands(session, actor)
    if not full:
        with services.write() as session:
            place = _reserve(session, actor)
    if place == _FULL:
        raise _too_many(services, actor)
    return place


def give_back(services: Services, place: str) -> None:
    """Return a reserved opening that opened nothing. A failure here costs the key one opening for a minute and no answer."""
    try:
        with services.write() as session:
            session.execute(delete(Opening).where(Opening.id == place))
    except (SQLAlchemyError, TimeoutError) as error:
        _log.warning("could not give back an opening", error=type(error).__name__)


def _reserve(session: Session, actor: str) -> str:
    advisory_lock(session, _OPENINGS_LOCK)
    if _taken(session, actor) >= PER_MINUTE:
        if not _alarm_stands(session, actor):
            alarms.raise_alarm(session, FLOOD, actor=actor, limit_per_minute=PER_MINUTE)
        return _FULL
    session.execute(delete(Opening).where(Opening.actor == actor, Opening.at <= clock.now() - _MINUTE))
    opening = Opening(id=new_id(), actor=actor, at=clock.now())
    session.add(opening)
    return opening.id


def _taken(session: Session, actor: str) -> int:
    recent = and_(Opening.actor == actor, Opening.at > clock.now() - _MINUTE)
    return session.scalar(select(func.count()).select_from(Opening).where(recent)) or 0


def _alarm_stands(session: Session, actor: str) -> bool:
    same_flood = or_(Alarm.acknowledged_at.is_(None), Alarm.raised_at > clock.now() - _ONE_FLOOD)
    mine = Alarm.data["actor"].as_string() == actor
    return session.scalar(select(Alarm.id).where(Alarm.kind == FLOOD, mine, same_flood).limit(1)) is not None


def _too_many(services: Services, actor: str) -> Problem:
    with services.read() as session:
        oldest = session.scalar(select(func.min(Opening.at)).where(Opening.actor == actor, Opening.at > clock.now() - _MINUTE))
    wait_s = 1 if oldest is None else max(1, clock.epoch_s(oldest + _MINUTE) - clock.epoch_s(clock.now()) + 1)
    title = fill("This key has opened {most} incidents within a minute; a dispatcher has been told", most=PER_MINUTE)
    return Problem(429, title, retry_after_s=wait_s)
