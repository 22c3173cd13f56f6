"""The list of people: searched, narrowed and sorted, a page at a time, with as many queries for one as for 100,000."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload, undefer

from responder import filters, search, standing
from responder.filters import Alerts, AlertsSince, Availability, Certificate, Heard
from responder.models import Responder
from responder.standing import Standing
from sms.models import Contact

PAGE = 50


class Sort(StrEnum):
    """In which order."""

    NAME = "name"
    NEWEST = "newest"
    UNHEARD = "unheard"


_BY: dict[Sort, tuple[InstrumentedAttribute[Any], ...]] = {
    Sort.NAME: (Responder.sort_name, Responder.id),
    Sort.NEWEST: (Responder.id,),
    Sort.UNHEARD: (Responder.said_on_at, Responder.id),
}


@dataclass(frozen=True)
class End:
    """Where a page ended: its last person, and what they were sorted by then (None: by their id alone). Asked of them again
    it may be another: somebody who texts is the last of those not heard of, and would take everybody between with them."""

    id: int
    key: str | datetime | None = None

    @classmethod
    def at(cls, person: Responder, sort: Sort) -> End:
        """The end of a page in the order of `sort` whose last person this is."""
        keys: dict[Sort, str | datetime] = {Sort.NAME: person.sort_name, Sort.UNHEARD: person.said_on_at}
        return cls(person.id, keys.get(sort))

    def __str__(self) -> str:
        key = self.key.isoformat() if isinstance(self.key, datetime) else self.key
        return str(self.id) if key is None else f"{self.id}~{key}"


@dataclass(frozen=True)
class Wanted:
    """What is looked for, and where the page before ended."""

    typed: str = ""
    standing: Standing | None = None
    area: str = ""
    certificate: Certificate | None = None
    availability: Availability | None = None
    heard: Heard | None = None
    alerts: Alerts | None = None
    sort: Sort = Sort.NAME
    after: End | None = None


@dataclass(frozen=True)
class Found:
    """One page, with how often each was asked lately. `next_after` is where the next one begins; None on the last."""

    people: Sequence[Responder]
    next_after: End | None
    alerts: Mapping[int, int]


def find(session: Session, wanted: Wanted, at: standing.At, alerts_since: AlertsSince) -> Found:
    """The page that was asked for, with contact, places and certifications of everybody on it."""
    columns = _BY[wanted.sort]
    statement = _everybody().where(*matching(session, wanted, at, alerts_since))
    if wanted.after is not None:
        last = [wanted.after.id] if wanted.sort is Sort.NEWEST else [wanted.after.key, wanted.after.id]
        here, there = tuple_(*columns), tuple_(*(literal(one, of.type) for one, of in zip(last, columns, strict=True)))
        statement = statement.where(here < there if wanted.sort is Sort.NEWEST else here > there)
    order = [Responder.id.desc()] if wanted.sort is Sort.NEWEST else columns
    rows = session.scalars(statement.order_by(*order).limit(PAGE + 1)).all()
    people, more = rows[:PAGE], len(rows) > PAGE
    alerts = _alerts_of(session, [one.id for one in people], at, alerts_since)
    return Found(people, End.at(people[-1], wanted.sort) if more else None, alerts)


def count(session: Session) -> int:
    """How many people there are."""
    alive = select(func.count()).select_from(Responder).where(Responder.agency_id == 1, Responder.erased_at.is_(None))
    return session.scalar(alive) or 0


def matching(session: Session, wanted: Wanted, at: standing.At, alerts_since: AlertsSince) -> Sequence[ColumnElement[bool]]:
    """The conditions of everybody who is looked for, for a select of Responder joined with Contact."""
    conditions = [Responder.agency_id == 1, Responder.erased_at.is_(None)]
    conditions += [Responder.id.in_(search.having(term, wanted.typed)) for term in search.terms(wanted.typed)]
    if wanted.standing is not None:
        conditions.append(standing.condition(wanted.standing, at))
    if wanted.area:
        conditions.append(filters.area(session, wanted.area))
    if wanted.certificate is not None:
        conditions.append(filters.certificate(wanted.certificate, at.now))
    if wanted.availability is not None:
        conditions.append(filters.availability(wanted.availability, at.now))
    if wanted.heard is not None:
        conditions.append(filters.heard(wanted.heard, at.now))
    if wanted.alerts is not None:
        conditions.append(filters.alerts(wanted.alerts, alerts_since(at.now - filters.ALERTS_WITHIN)))
    return conditions


def _everybody() -> Select[Responder]:
    return (
        select(Responder)
        .join(Responder.contact)
        .options(
            contains_eager(Responder.contact).load_only(Contact.phone, Contact.opted_out_at, Contact.language),
            selectinload(Responder.certifications),
            selectinload(Responder.places),
            undefer(Responder.waits_for_a_call),
        )
    )


def _alerts_of(session: Session, ids: Sequence[int], at: standing.At, alerts_since: AlertsSince) -> dict[int, int]:
    counted = alerts_since(at.now - filters.ALERTS_WITHIN).subquery()
    return dict(session.execute(select(counted.c.responder_id, counted.c.alerts).where(counted.c.responder_id.in_(ids))).all())
