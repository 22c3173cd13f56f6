"""Forgetting what was texted: the words and the number go, the row stays, because it says that a text left, when and how."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Update, and_, not_, or_, select, update
from sqlalchemy.orm import Session

from core import ids, milestones
from sms.models import CLAIMED, DUE, IN, OUT, UNKNOWN, Message

REACHED = "texts_forgotten_to"
"""The milestone that holds how far this has come: the id of a text, all of one age being next to each other in their order."""
_UNDERWAY = or_(
    and_(Message.direction == OUT, Message.state.in_((DUE, CLAIMED, UNKNOWN))),
    and_(Message.direction == IN, Message.handled_at.is_(None)),
)
_TELLS = or_(Message.body != "", Message.phone != "")


def words_about(session: Session, about_kind: str, about_ids: Collection[str]) -> int:
    """Empty the words of every text and call about these. Returns how many had any."""
    return _emptied(
        session,
        update(Message)
        .where(Message.about_kind == about_kind, Message.about_id.in_(about_ids), Message.body != "", not_(_UNDERWAY))
        .values(body=""),
    )


def older(session: Session, before: datetime, kept: ColumnElement[bool], limit: int) -> int | None:
    """Empty the next `limit` texts written before `before`, save those that are `kept` or under way: whatever keeps a text
    longer sees to it itself later. Returns how many told anything; None when there is none left to look at."""
    batch = list(session.scalars(_next(session, before).limit(limit)))
    if not batch:
        return None
    going = Message.id.in_(batch) & _TELLS & not_(_UNDERWAY) & not_(kept)
    emptied = _emptied(session, update(Message).where(going).values(body="", phone=""))
    milestones.note(session, REACHED, id=batch[-1])
    return emptied


def count_older(session: Session, before: datetime, most: int) -> int:
    """How many texts are older than `before` and not looked at yet, counted to `most`."""
    return len(session.scalars(_next(session, before).limit(most)).all())


def _next(session: Session, before: datetime) -> Select[str]:
    reached = milestones.reached(session).get(REACHED)
    after = str(reached.data["id"]) if reached else ""
    return select(Message.id).where(Message.id > after, Message.id < ids.first_at(before)).order_by(Message.id)


def _emptied(session: Session, statement: Update) -> int:
    told = statement.returning(Message.id).execution_options(synchronize_session=False)
    return len(session.execute(told).scalars().all())
