"""Forgetting what was texted: the words and the number go, the row stays, because it says that a text left, when and how."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Update, and_, delete, exists, not_, or_, select, true, update
from sqlalchemy.orm import Session

from core import ids, milestones
from sms.models import CLAIMED, DUE, IN, OUT, UNKNOWN, Contact, Message

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


def texts_and_numbers(session: Session, ids: Collection[str], nobodys: ColumnElement[bool]) -> list[str]:
    """Empty words and number of these texts, save those under way, and let go of whose number it was where `nobodys` holds of
    the contact. Returns the ids of those emptied."""
    emptied = update(Message).where(Message.id.in_(ids), not_(_UNDERWAY)).values(body="", phone="")
    told = emptied.returning(Message.id).execution_options(synchronize_session=False)
    gone = list(session.scalars(told))
    of_them = select(Message.contact_id).where(Message.id.in_(gone), Message.contact_id.is_not(None))
    _let_go(session, list(session.scalars(select(Contact.id).where(Contact.id.in_(of_them), nobodys))), Message.id.in_(gone))
    return gone


def unused_numbers(before: datetime, nobodys: ColumnElement[bool]) -> Select[int]:
    """The contacts that were made before `before`, have no text since and are `nobodys`. Who has opted out stays: a number that
    is to have no texts must be known."""
    newer = exists().where(Message.contact_id == Contact.id, Message.created_at >= before)
    old = (Contact.created_at < before, Contact.opted_out_at.is_(None), nobodys, ~newer)
    return select(Contact.id).where(*old).order_by(Contact.id)


def forget_numbers(session: Session, contact_ids: Sequence[int]) -> None:
    """Forget these contacts; their texts, emptied before, stay and are nobody's."""
    _let_go(session, contact_ids, true())


def _let_go(session: Session, contact_ids: Sequence[int], of: ColumnElement[bool]) -> None:
    """Have these texts be of none of these contacts any more, and forget each contact that no other text is of."""
    past_the_session = {"synchronize_session": False}
    free = update(Message).where(Message.contact_id.in_(contact_ids), of).values(contact_id=None)
    session.execute(free.execution_options(**past_the_session))
    unused = delete(Contact).where(Contact.id.in_(contact_ids), ~exists().where(Message.contact_id == Contact.id))
    session.execute(unused.execution_options(**past_the_session))


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
