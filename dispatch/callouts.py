"""Moving a callout from state to state, and finding the callouts a decision needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, bindparam, case, func, inspect, select, update
from sqlalchemy.orm import Session, selectinload, undefer
from sqlalchemy.orm.attributes import set_committed_value

from core import clock, events
from core.database import writes_alone
from dispatch import held, states
from dispatch.models import Callout, Incident
from dispatch.writing import ABOUT
from responder.models import Responder
from sms import purposes
from sms.models import Message

RECENT = timedelta(hours=24)
"""How long a letter belongs to one callout, and therefore how long a late answer still finds it."""
MOST_RECENT = 50
"""Of those, what a person is bound by and the newest: there are fewer letters than this."""
# All these are built once: to build them anew for every look and every move took longer than the look or the move.
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_OF_INCIDENTS = (
    select(Callout)
    .where(Callout.incident_id.in_(_IDS))
    .options(undefer(Callout.may_be_rung))
    .order_by(Callout.wave, Callout.eta_s, Callout.id)
    .execution_options(populate_existing=True)
)
_BOUND = Callout.state.in_(states.BOUND)
_NTH = func.row_number().over(partition_by=Callout.responder_id, order_by=(_BOUND.desc(), Callout.queued_at.desc()))
_OF_EACH = (
    select(Callout.id, _NTH.label("nth"))
    .where(Callout.responder_id.in_(bindparam("responders", expanding=True)), (Callout.queued_at > bindparam("since")) | _BOUND)
    .subquery()
)
_RECENT = (
    select(Callout)
    .where(Callout.id.in_(select(_OF_EACH.c.id).where(_OF_EACH.c.nth <= MOST_RECENT)))
    .order_by(Callout.queued_at.desc())
    .execution_options(populate_existing=True)
)
_LOCKED = (
    select(Incident)
    .where(Incident.id.in_(_IDS))
    .order_by(Incident.id)
    .with_for_update(key_share=True, of=Incident)
    .execution_options(populate_existing=True)
)
_THEIR_CALLOUTS_LOCKED = (
    select(Callout.id).where(Callout.incident_id.in_(_IDS)).order_by(Callout.id).with_for_update(key_share=True)
)
# The columns alone: to refresh the whole object would load its person and their phone once more for every move.
_COLUMNS = Callout.__table__.columns
# Past the session, which would first write down whatever is new in it.
_MOVE = (
    update(Callout.__table__)  # type: ignore[arg-type]  # typed as any FromClause
    .where(_COLUMNS.id == bindparam("moved"), _COLUMNS.state.in_(bindparam("before", expanding=True)))
    .returning(*_COLUMNS)
)


def move(session: Session, callout: Callout, name: str, actor: str = "system", **values: Any) -> bool:
    """Make the move `name` of `states.MOVES` if the row still allows it; write `values` with it and an event.

    Returns False, and changes nothing, when another transaction was there first. The object is brought up to date. Raises
    IntegrityError when it would bind the person to a second incident: whoever accepts for somebody holds all their incidents
    (`lock_recent`) and frees them first, so that the unique index on people who are going is only the last guard.
    """
    allowed = states.MOVES[name]
    before = callout.state
    if inspect(callout).modified or inspect(callout).pending:
        session.flush()
    given = {"moved": callout.id, "before": allowed.before, "state": allowed.after, "state_at": clock.now(), **values}
    written = session.connection().execute(_MOVE, given).one_or_none()
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


def add(session: Session, callout: Callout) -> None:
    """Write down that somebody is asked."""
    session.add(callout)
    held.by(session).add(callout)


def of_incident(session: Session, incident_id: str) -> list[Callout]:
    """All callouts of an incident in the order they were asked, without their people (`read_people`). Once it is locked they
    are read once."""
    known = held.by(session)
    if incident_id not in known.incidents:
        return list(session.scalars(_OF_INCIDENTS, {"ids": [incident_id]}))
    read_ahead(session, [incident_id])
    return sorted(known.callouts[incident_id], key=lambda callout: (callout.wave, callout.eta_s, callout.id))


def of_incidents(session: Session, incident_ids: Sequence[str]) -> list[Callout]:
    """All callouts of several incidents with their people, in the order they were asked."""
    return list(session.scalars(_OF_INCIDENTS.options(selectinload(Callout.responder)), {"ids": incident_ids}))


def read_ahead(session: Session, incident_ids: Collection[str]) -> None:
    """Read the callouts of these locked incidents together, unless they were read."""
    known = held.by(session)
    unread = [incident_id for incident_id in incident_ids if incident_id not in known.callouts]
    if unread:
        known.callouts |= {incident_id: [] for incident_id in unread}
        for callout in session.scalars(_OF_INCIDENTS, {"ids": unread}):
            known.callouts[callout.incident_id].append(callout)


def read_people(session: Session, rows: Sequence[Callout]) -> None:
    """Read the people of these callouts together, for whoever writes to several of them."""
    unread = [row for row in rows if "responder" in inspect(row).unloaded]
    if len(unread) > 1:
        wanted = select(Responder).where(Responder.id.in_([row.responder_id for row in unread]))
        with session.no_autoflush:  # nothing that waits to be written makes or moves a person
            people = {person.id: person for person in session.scalars(wanted)}
        for row in unread:
            set_committed_value(row, "responder", people[row.responder_id])


def recent_of_responder(session: Session, responder_id: int) -> list[Callout]:
    """A person's callouts that a text of theirs can be about, newest first: those of the last 24 h, and whatever they are
    still bound by. Once these are locked they are read once."""
    known = held.by(session).recent.get(responder_id)
    if known is None:
        return list(_recent(session, [responder_id]))
    return sorted(known, key=lambda callout: callout.queued_at, reverse=True)


def _recent(session: Session, responder_ids: Collection[int]) -> Sequence[Callout]:
    return session.scalars(_RECENT, {"responders": list(responder_ids), "since": clock.now() - RECENT}).all()


def lock_recent(session: Session, responder_ids: Collection[int]) -> None:
    """Lock the incidents that texts of these people can be about, in one order, before anything is decided: what is read then
    stays true. One more emergency may ask them while we wait for a lock; then it is locked too."""
    known = held.by(session)
    while True:
        recent = _recent(session, responder_ids)
        asked_in = {callout.incident_id for callout in recent}
        was_locked = asked_in <= known.incidents.keys() or writes_alone(session)
        lock_incidents(session, asked_in)
        if was_locked:
            break
    known.recent |= {responder_id: [] for responder_id in responder_ids}
    for callout in recent:
        known.recent[callout.responder_id].append(callout)
    live = {callout.incident_id for callout in recent if callout.state in states.LIVE}
    newest = {callouts[0].incident_id for callouts in known.recent.values() if callouts}
    read_ahead(session, live | newest)


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


def lock_incidents(session: Session, incident_ids: Collection[str]) -> dict[str, Incident]:
    """`lock_incident` for several, in the one order that cannot dead-lock."""
    known = held.by(session).incidents
    unlocked = set(incident_ids) - known.keys()
    if unlocked:
        found = {incident.id: incident for incident in session.scalars(_LOCKED, {"ids": list(unlocked)})}
        # Their callouts too, by id: the carrier's word moves several of them in one transaction, in that order and without the
        # incident's lock. Moved here in another order, each of the two would wait for the other.
        if not writes_alone(session):
            session.execute(_THEIR_CALLOUTS_LOCKED, {"ids": list(found)})
        known |= found
    return {incident_id: known[incident_id] for incident_id in incident_ids if incident_id in known}
