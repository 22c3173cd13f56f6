"""The list of people: searched, filtered, a page at a time in the order of their names, with as many queries for one as for
100,000."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, contains_eager, selectinload

from responder import search, standing
from responder.models import Responder
from responder.standing import Standing
from sms.models import Contact

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What is looked for: words typed, a standing, and the id of the last person of the page before."""

    typed: str = ""
    standing: Standing | None = None
    after: int | None = None


@dataclass(frozen=True)
class Found:
    """One page. `next_after` is where the next one begins; None on the last."""

    people: Sequence[Responder]
    next_after: int | None


def find(session: Session, wanted: Wanted, at: standing.At) -> Found:
    """The page that was asked for, with contact, places and certifications of everybody on it."""
    statement = _everybody().where(*_matching(wanted, at))
    if wanted.after is not None:
        last = select(Responder.sort_name, Responder.id).where(Responder.id == wanted.after)
        statement = statement.where(tuple_(Responder.sort_name, Responder.id) > last.scalar_subquery())
    rows = session.scalars(statement.order_by(Responder.sort_name, Responder.id).limit(PAGE + 1)).all()
    more = len(rows) > PAGE
    return Found(rows[:PAGE], rows[PAGE - 1].id if more else None)


def count(session: Session) -> int:
    """How many people there are."""
    alive = select(func.count()).select_from(Responder).where(Responder.agency_id == 1, Responder.erased_at.is_(None))
    return session.scalar(alive) or 0


def _everybody() -> Select[Responder]:
    return (
        select(Responder)
        .join(Responder.contact)
        .where(Responder.agency_id == 1, Responder.erased_at.is_(None))
        .options(
            contains_eager(Responder.contact).load_only(Contact.phone, Contact.opted_out_at, Contact.language),
            selectinload(Responder.certifications),
            selectinload(Responder.places),
        )
    )


def _matching(wanted: Wanted, at: standing.At) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [Responder.id.in_(search.having(term)) for term in search.terms(wanted.typed)]
    if wanted.standing is not None:
        conditions.append(standing.condition(wanted.standing, at))
    return conditions
