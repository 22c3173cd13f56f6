"""Suspended, deactivated, active again: whether somebody is a volunteer at present. Admins alone move it, always for a reason.

It stands above everything that the person says or proves: an ON, a new certificate or a list of people changes nothing of it.
Taking somebody off the emergencies that they are on is the work of the room above (`dispatch.suspending`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, field_problem, not_found
from core.words import fill
from responder import index
from responder.certificates.verifying import is_own
from responder.models import ACTIVE, DEACTIVATED, SUSPENDED, MembershipChange, Responder

LONGEST_REASON = 300
MOST_SHOWN = 50


@dataclass(frozen=True)
class Move:
    """One allowed change: from any of `before` to `after`, and the kind of its event."""

    before: tuple[str, ...]
    after: str
    event: str


SUSPEND, DEACTIVATE, REACTIVATE = "suspend", "deactivate", "reactivate"
MOVES = {
    SUSPEND: Move((ACTIVE, DEACTIVATED), SUSPENDED, "responder_suspended"),
    DEACTIVATE: Move((ACTIVE, SUSPENDED), DEACTIVATED, "responder_deactivated"),
    REACTIVATE: Move((SUSPENDED, DEACTIVATED), ACTIVE, "responder_reactivated"),
}


def reason(text: str) -> str:
    """Why, as it is kept. Raises Problem 422 for nothing, or for more than is kept."""
    plain = " ".join(text.split())
    if not 1 <= len(plain) <= LONGEST_REASON:
        raise field_problem("/because", fill("a reason of 1 to {most} characters", most=LONGEST_REASON))
    return plain


def change(session: Session, person: Responder, name: str, because: str, actor: str) -> bool:
    """Make the move `name` of `MOVES` if the row still allows it, with its event and the reason. Whether it did.

    Raises Problem 422 without a reason, 403 for taking oneself back, 404 for somebody who has been erased.
    """
    because = reason(because)
    if name == REACTIVATE and is_own(person, actor):
        raise Problem(403, "Nobody reactivates themselves: ask another admin")
    if person.erased_at is not None:
        raise not_found("person, or they have been erased")
    allowed = MOVES[name]
    moved = session.execute(
        update(Responder)
        .where(Responder.id == person.id, Responder.membership.in_(allowed.before), Responder.erased_at.is_(None))
        .values(membership=allowed.after)
        .returning(Responder.id)
        .execution_options(synchronize_session=False)
    ).first()
    session.refresh(person, ["membership"])
    if moved is None:
        return False
    index.refresh(session, [person.id])
    _note(session, person.id, allowed, because, actor)
    return True


def history(session: Session, responder_id: int) -> Sequence[MembershipChange]:
    """What became of somebody's membership, newest first."""
    own = select(MembershipChange).where(MembershipChange.responder_id == responder_id)
    return session.scalars(own.order_by(MembershipChange.id.desc()).limit(MOST_SHOWN)).all()


def _note(session: Session, responder_id: int, made: Move, because: str, actor: str) -> None:
    """The event names the row that holds the words, which can be erased; an event cannot."""
    change = MembershipChange(responder_id=responder_id, at=clock.now(), membership=made.after, because=because, by=actor)
    session.add(change)
    session.flush()
    events.record(session, made.event, actor, responder_id=responder_id, change_id=change.id)
