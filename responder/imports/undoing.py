"""Undoing an import as one batch: whoever it has added is erased, whoever it has changed is what they were; but nobody is
touched who has done something since, or whom somebody has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, null, or_, select, update
from sqlalchemy.orm import Session, aliased, selectinload

from core import events, log
from core.events import Event
from core.services import Services
from responder import erasure, index, search
from responder.imports import jobs, snapshots
from responder.imports.models import ImportedPerson, PeopleImport
from responder.models import Responder
from responder.people import ADDED
from sms.models import IN, Contact, Message

REMOVED, PUT_BACK = "removed", "put_back"
ERASING, ASKED, WROTE, ACTED, CHANGED, NUMBER = "erasing", "asked", "wrote", "acted", "changed", "number"
"""Why somebody stays as they are, the first that holds: they are being erased; they were asked to an emergency; they wrote to
us; something else has happened with them; they were changed; the number that they had is somebody else's."""
MOST_TOLD = 100
BATCH = 25
"""People per transaction: to erase one takes some twenty statements."""

# Looked at, told of, or known from the person's revision: none of it is a deed of theirs.
_NO_DEED = (
    *("responder_added", "responder_changed", "certification_dropped", "responder_put_back"),
    *("responder_opened", "evidence_opened", "certification_reminded"),
)
_log = log.get("import")


class Kept(NamedTuple):
    """Somebody who stays as they are, and why."""

    responder_id: int
    name: str
    kind: str
    reason: str


@dataclass(frozen=True)
class Preview:
    """What undoing would do: how many people would go, how many go back, how many stay, and the first of those by name."""

    removed: int
    put_back: int
    kept: int
    told: Sequence[Kept]


def preview(session: Session, row: PeopleImport) -> Preview:
    """What undoing this import would do now."""
    everybody = _everybody(row).subquery()
    stays = everybody.c.reason.is_not(None)
    groups = session.execute(select(everybody.c.kind, stays, func.count()).group_by(everybody.c.kind, stays))
    counts: Counter[str] = Counter()
    for kind, one_stays, count in groups:
        counts["" if one_stays else _fate(kind)] += count
    told = session.execute(select(everybody).where(stays).order_by(everybody.c.name, everybody.c.id).limit(MOST_TOLD))
    return Preview(counts[REMOVED], counts[PUT_BACK], counts[""], [Kept(*one) for one in told])


def undo(services: Services, row: PeopleImport, progress: Callable[[int, int], None]) -> None:
    """Undo an import, a few people at a time. Whoever has a reason to stay keeps their entry; gone on with after a crash, it
    does nothing twice. Numbers may have gone round, so it is gone through again as long as that frees somebody."""
    undone = _Undone(row)
    with services.read() as session:
        total = undone.count + (session.scalar(select(func.count()).where(ImportedPerson.import_id == row.id)) or 0)
    while _gone_through(services, undone, lambda: progress(undone.count, total)):
        pass
    facts: dict[str, Any] = {"kept": total - undone.count, **undone.counts}
    with services.write() as session:
        events.record(session, "responders_import_undone", undone.actor, **facts)
    _log.info("import undone", import_id=row.id, **facts)


class _Undone:
    """What has been undone of an import so far, and by whom."""

    def __init__(self, row: PeopleImport) -> None:
        self.row = row
        self.actor = row.undone_by or row.created_by
        self.counts = Counter(row.undone)

    @property
    def count(self) -> int:
        return sum(self.counts.values())

    def note(self, session: Session, fates: Counter[str]) -> None:
        """Write down what became of some, in their transaction. Raises Superseded."""
        own = update(PeopleImport).where(*jobs.still_held(self.row)).values(undone=dict(self.counts + fates))
        if session.execute(own.returning(PeopleImport.id)).first() is None:
            raise jobs.Superseded


def _gone_through(services: Services, undone: _Undone, tell: Callable[[], None]) -> bool:
    """Go through all who are left, once; whether that undid anything."""
    before, last = undone.count, 0
    left = select(ImportedPerson).where(ImportedPerson.import_id == undone.row.id).order_by(ImportedPerson.responder_id)
    while True:
        with services.write() as session:
            batch = session.scalars(left.where(ImportedPerson.responder_id > last).limit(BATCH)).all()
            if not batch:
                return undone.count > before
            last = batch[-1].responder_id
            fates = _undo_some(session, undone, batch)
            undone.note(session, fates)
        undone.counts += fates
        tell()


def _undo_some(session: Session, undone: _Undone, batch: Sequence[ImportedPerson]) -> Counter[str]:
    people = _locked(session, [entry.responder_id for entry in batch])
    free = _everybody(undone.row).where(Responder.id.in_(people), _reason(undone.row).is_(None))
    may_go = set(session.scalars(free.with_only_columns(Responder.id)))
    fates: Counter[str] = Counter()
    back: list[Responder] = []
    for entry in batch:
        if entry.responder_id in may_go and _undo_one(session, people[entry.responder_id], entry, undone.actor):
            fates[_fate(entry.kind)] += 1
            back += [people[entry.responder_id]] if entry.before is not None else []
    session.flush()
    index.refresh(session, [person.id for person in back])
    search.refresh(session, back)
    return fates


def _undo_one(session: Session, person: Responder, entry: ImportedPerson, actor: str) -> bool:
    if entry.before is None:
        erasure.erase(session, person.external_id, actor)  # which forgets the entry
        return True
    try:
        snapshots.put_back(session, person, entry.before, actor)
    except snapshots.NumberTaken:
        return False
    session.delete(entry)
    return True


def _locked(session: Session, ids: Sequence[int]) -> dict[int, Responder]:
    """These people, in the order of an answer: numbers before persons."""
    own = select(Responder.contact_id).where(Responder.id.in_(ids))
    session.execute(select(Contact.id).where(Contact.id.in_(own)).order_by(Contact.id).with_for_update(key_share=True))
    wanted = (
        select(Responder)
        .where(Responder.id.in_(ids), Responder.erased_at.is_(None))
        .options(selectinload(Responder.certifications), selectinload(Responder.places))
        .order_by(Responder.id)
        .with_for_update(key_share=True, of=Responder)
    )
    return {person.id: person for person in session.scalars(wanted)}


def _fate(kind: str) -> str:
    return REMOVED if kind == ADDED else PUT_BACK


def _everybody(row: PeopleImport) -> Select[int, str, str, str | None]:
    """Everybody whom an import has left something to undo of: id, name, what it made of them, and why they stay."""
    return (
        select(Responder.id, Responder.name, ImportedPerson.kind, _reason(row).label("reason"))
        .join(Responder, Responder.id == ImportedPerson.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(ImportedPerson.import_id == row.id, Responder.erased_at.is_(None))
    )


def _reason(row: PeopleImport) -> ColumnElement[str | None]:
    other = aliased(Contact)
    since = exists().where(Event.responder_id == Responder.id, Event.number > row.events_before)
    wrote = exists().where(Message.contact_id == Responder.contact_id, Message.direction == IN)
    given_an_account = and_(ImportedPerson.kind == ADDED, Responder.account.is_not(None))  # no file gives one
    taken = exists().where(other.phone == ImportedPerson.phone_before, other.agency_id == Contact.agency_id)
    return case(
        (Responder.erase_requested_at.is_not(None), literal(ERASING)),
        (since.where(Event.callout_id.is_not(None)), literal(ASKED)),
        (wrote, literal(WROTE)),
        (since.where(Event.incident_id.is_(None), Event.kind.not_in(_NO_DEED)), literal(ACTED)),
        (or_(Responder.revision != ImportedPerson.revision, given_an_account), literal(CHANGED)),
        (taken, literal(NUMBER)),
        else_=null(),
    )
