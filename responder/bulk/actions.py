"""A bulk action from its preview to its end: who is in it is settled when it is looked at, and nobody comes in later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, SQLColumnExpression, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.ids import first_at, new_id
from core.problems import Problem, field_problem, not_found
from core.services import Services
from core.words import fill
from responder import membership
from responder.bulk.deeds import DEEDS, why_not
from responder.bulk.models import BulkAction, BulkPerson
from responder.models import Responder
from sms.models import Contact

LOOKED_AT, WORKING, DONE, UNDOING, UNDONE = "looked_at", "working", "done", "undoing", "undone"
FORGOTTEN = "forgotten"
"""Nobody wants it any more; its people are being deleted."""
AT_WORK = (WORKING, UNDOING)
DONE_TO, TAKEN_BACK, FAILED = "done", "undone", "failed"
"""What became of one person, besides why they were left as they are (`deeds`)."""
STALLED_AFTER = timedelta(seconds=15)
KEPT = timedelta(days=30)
"""How long it can be read, and undone."""
_AT_ONCE = 5000
"""People written down, or deleted, in one transaction: 50 ms on SQLite, for which an emergency waits."""


def begin(
    services: Services, deed: str, because: str, until: datetime | None, who: Sequence[ColumnElement[bool]], actor: str
) -> str:
    """Write down whom `who` finds, to be looked at; returns the id. Raises Problem 422 for a deed that there is not, without
    the reason that it needs, or when nobody is found."""
    if deed not in DEEDS:
        raise field_problem("/deed", fill("one of {expected}", expected=", ".join(DEEDS)))
    because = membership.reason(because) if DEEDS[deed].needs_reason else ""
    now = clock.now()
    action = BulkAction(
        id=new_id(), created_at=now, created_by=actor, deed=deed, because=because, until=until, state=LOOKED_AT, alive_at=now
    )
    action_id = action.id
    with services.write() as session:
        session.add(action)
    if not _write_down(services, action_id, who):
        discard(services, action_id)
        raise nobody()
    return action_id


def nobody() -> Problem:
    """A 422: there is nobody to do it to."""
    return field_problem("/people", "somebody: tick people, or let the search find some")


def old(most: int) -> Select[str]:
    """The actions that are older than `KEPT`, and what a stop left of those that were forgotten, the oldest `most` of them."""
    gone = or_(BulkAction.id < _oldest_kept(), BulkAction.state == FORGOTTEN)
    return select(BulkAction.id).where(gone).order_by(BulkAction.id).limit(most)


def _oldest_kept() -> str:
    return first_at(clock.now() - KEPT)


def delete_some(session: Session, action_id: str) -> int:
    """Delete some of those whom an action was about, and with the last of them the action. Returns how many actions went."""
    some = select(BulkPerson.responder_id).where(BulkPerson.action_id == action_id).limit(_AT_ONCE)
    theirs = delete(BulkPerson).where(BulkPerson.action_id == action_id, BulkPerson.responder_id.in_(some))
    gone = theirs.returning(BulkPerson.responder_id).execution_options(synchronize_session=False)
    if len(session.execute(gone).all()) == _AT_ONCE:
        return 0
    session.execute(delete(BulkAction).where(BulkAction.id == action_id).execution_options(synchronize_session=False))
    return 1


def _write_down(services: Services, action_id: str, who: Sequence[ColumnElement[bool]]) -> int:
    last = people = 0
    while True:
        some = select(Responder.id).join(Contact, Contact.id == Responder.contact_id).where(*who, Responder.id > last)
        with services.write() as session:
            ids = session.scalars(some.order_by(Responder.id).limit(_AT_ONCE)).all()
            if ids:
                session.execute(insert(BulkPerson), [{"action_id": action_id, "responder_id": one} for one in ids])
                people, last = people + len(ids), ids[-1]
            session.execute(update(BulkAction).where(BulkAction.id == action_id).values(people=people))
        if len(ids) < _AT_ONCE:
            return people
        services.database.give_way()


def find(session: Session, action_id: str) -> BulkAction:
    """One of them, or Problem 404."""
    row = session.get(BulkAction, action_id)
    if row is None or row.state == FORGOTTEN or row.id < _oldest_kept():
        raise not_found("list of people, or it is older than a month")
    return row


def latest(session: Session) -> BulkAction | None:
    """The one that was looked at last and then done."""
    done = select(BulkAction).where(BulkAction.state.not_in((LOOKED_AT, FORGOTTEN)))
    return session.scalar(done.order_by(BulkAction.id.desc()).limit(1))


def discard(services: Services, action_id: str) -> None:
    """Forget one that was only looked at."""
    looked_at = update(BulkAction).where(BulkAction.id == action_id, BulkAction.state == LOOKED_AT)
    with services.write() as session:
        is_gone = session.execute(looked_at.values(state=FORGOTTEN).returning(BulkAction.id)).first() is None
    while not is_gone:
        services.database.give_way()
        with services.write() as session:
            is_gone = delete_some(session, action_id) > 0


def move(services: Services, action_id: str, before: str, after: str, actor: str) -> bool:
    """Take it from one state to the next, with an event; False when it is not in the first (any more)."""
    with services.write() as session:
        action = find(session, action_id)
        if after == UNDOING and DEEDS[action.deed].undo is None:
            raise Problem(409, "This cannot be undone")
        own = update(BulkAction).where(BulkAction.id == action_id, BulkAction.state == before)
        said = own.values(state=after, said_by=actor, alive_at=clock.now(), tries=0)
        moved = session.execute(said.returning(BulkAction.people)).first()
        if moved is None:
            return False
        events.record(session, f"bulk_{after}", actor, action_id=action_id, deed=action.deed, people=moved.people)
        return True


def claim_stalled(services: Services, action_id: str) -> bool:
    """Take over one that nobody works on any more; False when somebody does."""
    with services.write() as session:
        mine = update(BulkAction).where(BulkAction.id == action_id, *stalled())
        taken = mine.values(alive_at=clock.now(), tries=BulkAction.tries + 1)
        return session.execute(taken.returning(BulkAction.id)).first() is not None


def stalled() -> Sequence[ColumnElement[bool]]:
    """The conditions of those that should be worked on while nobody does."""
    return (BulkAction.state.in_(AT_WORK), BulkAction.alive_at < clock.now() - STALLED_AFTER)


def is_stalled(row: BulkAction) -> bool:
    """Whether it should be worked on and nobody does: the process that did has ended."""
    return row.state in AT_WORK and row.alive_at < clock.now() - STALLED_AFTER


def expected(session: Session, action: BulkAction) -> Mapping[str, int]:
    """What would become of how many, as things stand now: `done`, or why not."""
    return _counted(session, action, func.coalesce(why_not(action), literal(DONE_TO)))


def became(session: Session, action: BulkAction) -> Mapping[str, int]:
    """What became of how many; those whose turn has not come are left out."""
    return {key: count for key, count in _counted(session, action, BulkPerson.outcome).items() if key is not None}


def _counted(
    session: Session, action: BulkAction, what: SQLColumnExpression[str] | SQLColumnExpression[str | None]
) -> Mapping[str, int]:
    wanted = _people(action).with_only_columns(what, func.count()).group_by(what)
    return Counter(dict(session.execute(wanted).all()))


def named(session: Session, action: BulkAction, limit: int) -> Sequence[Row[int, str, str | None]]:
    """The first people of it by name: row, name and, while it is only looked at, why not, else what became of them. Those who
    are left as they are come first: they are what one looks for."""
    what = why_not(action) if action.state == LOOKED_AT else BulkPerson.outcome
    left = what.is_not(None) if action.state == LOOKED_AT else what.not_in((DONE_TO, TAKEN_BACK))
    wanted = _people(action).with_only_columns(Responder.id, Responder.name, what.label("what"))
    return session.execute(wanted.order_by(left.desc(), Responder.sort_name, Responder.id).limit(limit)).all()


def _people(action: BulkAction):  # type: ignore[no-untyped-def]  # a select of whatever columns its caller names
    return (
        select(Responder.id)
        .join(BulkPerson, BulkPerson.responder_id == Responder.id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(BulkPerson.action_id == action.id)
    )
