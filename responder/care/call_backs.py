"""Whom somebody has to ring: who asked for it, until when, and what came of it. Only admins read what stands here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import not_found
from responder import civil, index
from responder.care.models import CallBack
from responder.models import Responder
from sms.models import Contact

RING_ME, SO_SO = "ring_me", "so_so"
"""Why they are to be rung: they asked for it; or they wrote that they are not so well, and were promised nothing."""
LEAST = timedelta(hours=1)
"""Whoever asks later than this before the end of the civil hours is rung in the morning: nobody could keep another promise."""
NOON = time(12)
LOOK_IN_DAYS = 2
"""How many days an admin has to ring somebody who did not ask for it."""


class Call(NamedTuple):
    """One of them as the page shows it."""

    id: int
    responder_id: int
    name: str
    phone: str
    wish: str
    at: datetime
    due_at: datetime
    holds: bool
    done_at: datetime | None
    done_by: str | None
    note: str | None


class Counts(NamedTuple):
    """How many calls."""

    waiting: int
    overdue: int


def due(wish: str, now: datetime, zone: ZoneInfo) -> datetime:
    """Until when somebody has to ring: today, if there is an hour left in which one may; else by noon tomorrow."""
    here = now.astimezone(zone)
    last = datetime.combine(here.date(), civil.TO, zone)
    if wish == SO_SO:
        return last + timedelta(days=LOOK_IN_DAYS)
    return last if here <= last - LEAST else datetime.combine(here.date() + timedelta(days=1), NOON, zone)


def ask_for(session: Session, person: Responder, wish: str, zone: ZoneInfo) -> datetime | None:
    """Put this person on the list. Returns until when they are rung; None when that changes nothing, for they stand there as
    urgently already. Whoever asked to be rung is asked to no emergency meanwhile."""
    _lock(session, person.id)
    now = clock.now()
    due_at, holds = due(wish, now, zone), wish == RING_ME
    waits = of_person(session, person.id)
    if waits is None:
        session.add(CallBack(responder_id=person.id, wish=wish, at=now, due_at=due_at, holds=holds))
    elif holds and not waits.holds:
        # They were not so well, or asked before and said ON since. A call that was promised sooner stays promised.
        waits.wish, waits.at, waits.due_at, waits.holds = wish, now, min(waits.due_at, due_at), True
    else:
        return None
    events.record(session, "call_back_wished", f"responder:{person.id}", responder_id=person.id)
    if holds:
        index.refresh(session, [person.id])
    return due_at


def release(session: Session, responder_id: int) -> None:
    """They said ON: they are asked again although nobody has rung them yet. The caller brings `responder.index` up to date."""
    waits = (CallBack.responder_id == responder_id, CallBack.done_at.is_(None))
    session.execute(update(CallBack).where(*waits).values(holds=False).execution_options(synchronize_session=False))


def waiting(session: Session, limit: int) -> Sequence[Call]:
    """Those whom nobody has rung, the most overdue first."""
    return _calls(session, CallBack.done_at.is_(None), CallBack.due_at.asc(), limit)


def done_lately(session: Session, limit: int) -> Sequence[Call]:
    """The last that were rung, newest first."""
    return _calls(session, CallBack.done_at.is_not(None), CallBack.done_at.desc(), limit)


def counts(session: Session) -> Counts:
    """How many wait, and how many of them should have been rung by now."""
    late = func.count().filter(CallBack.due_at < clock.now())
    return Counts(*session.execute(select(func.count(), late).where(CallBack.done_at.is_(None))).one())


def of_person(session: Session, responder_id: int) -> CallBack | None:
    """The call that this person waits for."""
    return session.scalar(select(CallBack).where(CallBack.responder_id == responder_id, CallBack.done_at.is_(None)))


def done(session: Session, call_id: int, note: str, actor: str) -> None:
    """Somebody has rung them; said again it changes nothing. Raises Problem 404 when there is no such call."""
    responder_id = session.scalar(select(CallBack.responder_id).where(CallBack.id == call_id))
    if responder_id is None:
        raise not_found("call")
    _lock(session, responder_id)
    rung = session.scalar(
        update(CallBack)
        .where(CallBack.id == call_id, CallBack.done_at.is_(None))
        .values(done_at=clock.now(), done_by=actor, note=note or None, holds=False)
        .returning(CallBack.id)
        .execution_options(synchronize_session=False)
    )
    if rung is not None:
        events.record(session, "call_back_done", actor, responder_id=responder_id)
        index.refresh(session, [responder_id])


def _lock(session: Session, responder_id: int) -> None:
    """The person before their calls, as everything does that changes a person."""
    session.execute(select(Responder.id).where(Responder.id == responder_id).with_for_update(key_share=True))


def _calls(session: Session, which: ColumnElement[bool], order: ColumnElement[Any], limit: int) -> Sequence[Call]:
    columns = (CallBack.wish, CallBack.at, CallBack.due_at, CallBack.holds, CallBack.done_at, CallBack.done_by, CallBack.note)
    wanted = (
        select(CallBack.id, CallBack.responder_id, Responder.name, Contact.phone, *columns)
        .join(Responder, Responder.id == CallBack.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(which, Responder.erased_at.is_(None))
    )
    return [Call(*row) for row in session.execute(wanted.order_by(order, CallBack.id).limit(limit))]
