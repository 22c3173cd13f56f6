"""Suspending somebody at once: in one transaction they are suspended and off every emergency that they are on.

They read what anybody reads whom a dispatcher takes off, and never that they are suspended or why: that is for a person to say.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.problems import not_found
from core.settings import Settings
from dispatch import callouts, states, taking_off
from dispatch.models import Callout
from responder import membership
from responder.models import Responder
from sms import contacts


def suspend(session: Session, settings: Settings, responder_id: int, because: str, actor: str) -> bool:
    """Suspend this person in the caller's transaction, which has written nothing yet. False when they were suspended already.

    Raises Problem 404 for nobody, 422 without a reason.
    """
    # In the order of an answer: the number, the emergencies, the person. An answer of theirs is before this or after it.
    contacts.lock(session, select(Responder.contact_id).where(Responder.id == responder_id).scalar_subquery())
    incidents = callouts.lock_incidents(session, _live_incidents(session, responder_id))
    person = session.get(Responder, responder_id)
    if person is None:
        raise not_found("person, or they have been erased")
    if not membership.change(session, person, membership.SUSPEND, because, actor):
        return False
    for incident in incidents.values():
        mine = [row for row in callouts.of_incident(session, incident.id) if row.responder_id == responder_id]
        for row in mine:
            if row.state in states.LIVE:
                taking_off.take_off(session, settings, incident, row, actor)
    return True


def _live_incidents(session: Session, responder_id: int) -> list[str]:
    live = select(Callout.incident_id).where(Callout.responder_id == responder_id, Callout.state.in_(states.LIVE))
    return sorted(session.scalars(live))
