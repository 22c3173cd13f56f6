"""The work of a bulk action: one person, one short transaction; an emergency waits for none of it, and a process that dies in
the middle leaves a list on which everybody whose turn has come is marked."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events, log
from core.services import Services
from responder.bulk import actions, deeds
from responder.bulk.deeds import DEEDS, Above, why_not
from responder.bulk.models import BulkAction, BulkPerson
from responder.models import Responder
from sms.models import Contact

_SAY_EVERY_S = 1.0
_AT_ONCE = 200
_log = log.get("bulk")


def start(services: Services, above: Above, action_id: str) -> threading.Thread:
    """Go on with it, whichever its state says, in a thread; returns at once."""
    thread = threading.Thread(target=_work, args=(services, above, action_id), name="bulk-action", daemon=True)
    thread.start()
    return thread


def _work(services: Services, above: Above, action_id: str) -> None:
    try:
        run(services, above, action_id)
    except Exception:  # such as a database that is away: it is taken over like one whose process has ended
        _log.exception("what is done to many broke off", action_id=action_id)


def run(services: Services, above: Above, action_id: str) -> None:
    """Do it to everybody whose turn has not come. One for whom it breaks is marked, and keeps nobody else waiting."""
    with services.read() as session:
        state = actions.find(session, action_id).state
    undoing = state == actions.UNDOING
    said_s, last = clock.monotonic_s(), 0
    while waiting := _waiting(services, action_id, undoing, last):
        for responder_id in waiting:
            _one(services, above, action_id, responder_id, undoing)
            services.database.give_way()
            if clock.monotonic_s() - said_s >= _SAY_EVERY_S:
                said_s = clock.monotonic_s()
                _note(services, action_id)
        last = waiting[-1]
    _end(services, action_id, state, actions.UNDONE if undoing else actions.DONE)


def _waiting(services: Services, action_id: str, undoing: bool, last: int) -> list[int]:
    turn = BulkPerson.outcome == actions.DONE_TO if undoing else BulkPerson.outcome.is_(None)
    wanted = select(BulkPerson.responder_id).where(BulkPerson.action_id == action_id, turn, BulkPerson.responder_id > last)
    with services.read() as session:
        return list(session.scalars(wanted.order_by(BulkPerson.responder_id).limit(_AT_ONCE)))


def _one(services: Services, above: Above, action_id: str, responder_id: int, undoing: bool) -> None:
    deed: Callable[[Session, Above, BulkAction, BulkPerson, Responder], None] = _undo if undoing else _do
    try:
        with services.write() as session:
            # Whoever else works on this list, after a stall that was none, waits here and then sees that the turn is over.
            own = select(BulkPerson).where(BulkPerson.action_id == action_id, BulkPerson.responder_id == responder_id)
            mine = session.scalars(own.with_for_update()).one()
            if mine.outcome == (actions.DONE_TO if undoing else None):
                deed(session, above, actions.find(session, action_id), mine, session.get_one(Responder, responder_id))
    except Exception as error:
        _log.exception("it could not be done to somebody", action_id=action_id, responder_id=responder_id)
        with services.write() as session:
            failed = update(BulkPerson).where(BulkPerson.action_id == action_id, BulkPerson.responder_id == responder_id)
            session.execute(failed.values(outcome=actions.FAILED))
            facts = {"action_id": action_id, "error": type(error).__name__}
            events.record(session, "bulk_failed", responder_id=responder_id, **facts)


def _do(session: Session, above: Above, action: BulkAction, mine: BulkPerson, person: Responder) -> None:
    against = session.scalar(select(why_not(action)).select_from(Responder).join(Contact).where(Responder.id == person.id))
    if against is not None:
        mine.outcome = against
        return
    mine.before = DEEDS[action.deed].do(above, session, person, action)
    mine.outcome = actions.DONE_TO


def _undo(session: Session, above: Above, action: BulkAction, mine: BulkPerson, person: Responder) -> None:
    undo = DEEDS[action.deed].undo
    assert undo is not None, "what cannot be undone never comes here"
    is_gone = person.erased_at is not None
    against = deeds.CHANGED_SINCE if is_gone else undo(above, session, person, action, mine.before or "")
    mine.outcome = against or actions.TAKEN_BACK


def _note(services: Services, action_id: str) -> None:
    with services.write() as session:
        session.execute(update(BulkAction).where(BulkAction.id == action_id).values(alive_at=clock.now()))


def _end(services: Services, action_id: str, before: str, after: str) -> None:
    with services.write() as session:
        own = update(BulkAction).where(BulkAction.id == action_id, BulkAction.state == before)
        session.execute(own.values(state=after, ended_at=clock.now()))
