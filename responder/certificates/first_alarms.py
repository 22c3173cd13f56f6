"""Who is to have their first test alarm: whoever an admin's verdict has made a volunteer, once in their life.

A row is written with the verdict on somebody's first certificate, so no stop can lose it, and waits until nothing keeps the
person from being asked any more: their consent, a place, the end of an OFF. Whom a list of people vouches for was a volunteer
before; they text TEST, and no import rings thousands of phones.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core import clock
from responder import standing
from responder.certificates.models import FirstAlarm
from responder.certificates.verifying import UNDO_WITHIN
from responder.models import Responder
from responder.standing import Standing
from sms.models import Contact

ABOUT = "first_alarm"
"""`about_kind` of the test alarm; its `about_id` is the row of the person."""


def due(session: Session, at: standing.At, most: int) -> Sequence[int]:
    """Those who wait for it and would be asked in an emergency, longest waiting first; a verdict that may still be a slip
    makes nobody wait for it."""
    wanted = (
        select(FirstAlarm.responder_id)
        .join(Responder, Responder.id == FirstAlarm.responder_id)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(
            FirstAlarm.sent_at.is_(None),
            FirstAlarm.verified_at <= at.now - UNDO_WITHIN,
            standing.condition(Standing.READY, at),
            Responder.left_alone_at.is_(None),
        )
        .order_by(FirstAlarm.verified_at, FirstAlarm.responder_id)
    )
    return session.scalars(wanted.limit(most)).all()


def claim(session: Session, responder_id: int) -> bool:
    """Note that it is sent, in the transaction that sends it. Whether nobody had noted it before."""
    noted = (
        update(FirstAlarm)
        .where(FirstAlarm.responder_id == responder_id, FirstAlarm.sent_at.is_(None))
        .values(sent_at=clock.now())
        .returning(FirstAlarm.responder_id)
        .execution_options(synchronize_session=False)
    )
    return session.execute(noted).first() is not None
