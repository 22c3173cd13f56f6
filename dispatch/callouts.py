"""Moving a callout from state to state, and finding the callouts a decision needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from core import clock, events
from dispatch import states
from dispatch.models import Callout, Incident
from dispatch.writing import ABOUT
from sms import purposes
from sms.models import Message

RECENT = timedelta(hours=24)
"""How long a letter belongs to one callout, and therefore how long a late answer still finds it."""
# The columns alone: to refresh the whole object would load its person and their phone once more for every move.
_COLUMNS = Callout.__table__.columns


def move(session: Session, callout: Callout, name: str, actor: str = "system", **values: Any) -> bool:
    """Make the move `name` of `states.MOVES` if the row still allows it; write `values` with it and an event.

    Returns False, and changes nothing, when another transaction was there first. The object is brought up to date.
    """
    allowed = states.MOVES[name]
    before = callout.state
    statement = (
        update(Callout)
        .where(Callout.id == callout.id, Callout.state.in_(allowed.before))
        .values(state=allowed.after, state_at=clock.now(), **values)
        .returning(*_COLUMNS)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    written = session.execute(statement).one_or_none()
    if written is None:
        session.refresh(callout, _COLUMNS.keys())
        return False
    for column, value in written._mapping.items():
        set_committed_value(callout, column, value)
    events.record(
        session,
        f"callout_{allowed.after}",
        actor,
        incident_id=callout.incident_id,
        callout_id=callout.id,
        responder_id=callout.responder_id,
        move=name,
        before=before,
        role=callout.role,
        eta_s=callout.eta_s,
        stood_down_as=callout.stood_down_as,
    )
    return True


def note_address(session: Session, message_id: str, callout_id: str, due_at: datetime | None, *, look: bool) -> None:
    """Note until when the address in a text has to arrive (None: it has); nothing if a newer text has it by now. `look`: the
    conductor is to act on it at once. No answer reads these columns, so no lock of the incident is needed."""
    stands_red = Callout.address_rung_at.is_not(None)
    session.execute(
        update(Callout)
        .where(Callout.id == callout_id, Callout.address_text == message_id)
        .values(address_due_at=due_at, look_at=clock.now() if look else case((stands_red, clock.now()), else_=Callout.look_at))
        .execution_options(synchronize_session=False)
    )


def accept(session: Session, callout: Callout, actor: str, **values: Any) -> bool:
    """`move` to accepted. False also when the person became bound to another incident in this very moment: the unique
    index on people who are going says so, and the savepoint keeps the rest of the transaction."""
    try:
        with session.begin_nested():
            return move(session, callout, "accept", actor, **values)
    except IntegrityError:
        session.refresh(callout, _COLUMNS.keys())
        return False


def of_incident(session: Session, incident_id: str) -> list[Callout]:
    """All callouts of an incident with their people, in the order they were asked."""
    return of_incidents(session, [incident_id])


def of_incidents(session: Session, incident_ids: Sequence[str]) -> list[Callout]:
    """The same for several incidents at once."""
    statement = (
        select(Callout)
        .where(Callout.incident_id.in_(incident_ids))
        .options(selectinload(Callout.responder))
        .order_by(Callout.wave, Callout.eta_s, Callout.id)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))


def recent_of_responder(session: Session, responder_id: int) -> list[Callout]:
    """A person's callouts that a text of theirs can be about: those of the last 24 h, and whatever they are still bound by."""
    since = clock.now() - RECENT
    statement = (
        select(Callout)
        .where(Callout.responder_id == responder_id, (Callout.queued_at > since) | Callout.state.in_(states.BOUND))
        .order_by(Callout.queued_at.desc())
        .limit(50)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(statement))


def unread(session: Session, recent: Sequence[Callout]) -> list[Callout]:
    """Those of a person's callouts whose text cannot have reached them: no carrier was ever given it."""
    queued = [callout for callout in recent if callout.state == states.QUEUED]
    if not queued or len(recent) == 1:
        return []  # nearly always: there is nothing that they could be taken for
    given = select(Message.about_id).where(
        Message.about_kind == ABOUT,
        Message.about_id.in_([callout.id for callout in queued]),
        Message.purpose == purposes.FIRST,
        Message.attempts > 0,
    )
    sent = set(session.scalars(given))
    return [callout for callout in queued if callout.id not in sent]


def lock_incident(session: Session, incident_id: str) -> Incident | None:
    """Lock an incident's row until the transaction ends, before anything is decided or counted for it (on SQLite the write
    transaction itself is the lock)."""
    return lock_incidents(session, [incident_id]).get(incident_id)


def lock_incidents(session: Session, incident_ids: Sequence[str]) -> dict[str, Incident]:
    """`lock_incident` for several, in the one order that cannot dead-lock."""
    incidents = select(Incident).where(Incident.id.in_(set(incident_ids))).order_by(Incident.id)
    locked = incidents.with_for_update(key_share=True, of=Incident).execution_options(populate_existing=True)
    found = {incident.id: incident for incident in session.scalars(locked)}
    # Their callouts too, by id: the carrier's word moves several of them in one transaction, in that order and without the
    # incident's lock. Moved here in another order, each of the two would wait for the other.
    rows = select(Callout.id).where(Callout.incident_id.in_(found)).order_by(Callout.id)
    session.execute(rows.with_for_update(key_share=True))
    return found
