"""People who wish to join from a number that is somebody else's: kept for an admin until one has found a way with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock, events
from responder.joining.models import SharedNumber
from responder.models import Responder
from sms.models import Contact


class Waiting(NamedTuple):
    """Somebody without a number of their own: the row, and whose number they wrote from, and when."""

    id: int
    responder_id: int
    name: str
    phone: str
    at: datetime


def keep(session: Session, holder: Responder) -> bool:
    """Keep that somebody wrote JOIN from this number. Whether that is new: one at a time stands for a number."""
    open_ = select(SharedNumber.id).where(SharedNumber.responder_id == holder.id, SharedNumber.settled_at.is_(None))
    if session.scalar(open_.limit(1)) is not None:
        return False
    session.add(SharedNumber(responder_id=holder.id, at=clock.now()))
    events.record(session, "no_own_number", responder_id=holder.id)
    return True


def waiting(session: Session, limit: int) -> Sequence[Waiting]:
    """Those that nobody has settled, oldest first."""
    wanted = (
        select(SharedNumber.id, SharedNumber.responder_id, Responder.name, Contact.phone, SharedNumber.at)
        .join(Responder, Responder.id == SharedNumber.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(SharedNumber.settled_at.is_(None), Responder.erased_at.is_(None))
    )
    return [Waiting(*row) for row in session.execute(wanted.order_by(SharedNumber.id).limit(limit))]


def settle(session: Session, shared_id: int, actor: str) -> None:
    """An admin has found a way with whoever it was."""
    moved = session.scalar(
        update(SharedNumber)
        .where(SharedNumber.id == shared_id, SharedNumber.settled_at.is_(None))
        .values(settled_at=clock.now(), settled_by=actor)
        .returning(SharedNumber.responder_id)
        .execution_options(synchronize_session=False)
    )
    if moved is not None:
        events.record(session, "no_own_number_settled", actor, responder_id=moved)
