"""Erasing a person: everything that tells who they were goes; the empty row stays, because past callouts count it."""

from __future__ import annotations

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import not_found
from responder import index, people, search
from responder.care.models import CallBack, CareQuestion
from responder.certificates.models import FirstAlarm
from responder.fields import ERASED_PREFIX
from responder.imports import ledger
from responder.joining import consents, proving
from responder.joining.models import SharedNumber
from responder.links import making
from responder.models import FOOT, Certification, MembershipChange, Place, Responder
from sms import contacts
from sms.models import CANCELLED, CLAIMED, DUE, UNKNOWN, Message


def lock(session: Session, external_id: str) -> Responder:
    """Whoever is to be erased, locked in the order of an answer, the number before the person: nobody asks them before the
    commit, and no text of theirs waits for us while we wait for it. Raises Problem 404 when there is none."""
    number = select(Responder.contact_id).where(
        Responder.agency_id == 1, Responder.external_id == external_id, Responder.erased_at.is_(None)
    )
    contacts.lock(session, number.scalar_subquery())
    responder = people.find(session, external_id, lock=True)
    if responder is None:
        raise not_found("responder")
    return responder


def erase(session: Session, external_id: str, actor: str) -> None:
    """Erase a person now, wherever they are. Raises Problem 404 when there is none.

    Name, phone, places, certifications and the words of every text from and to them go. What counts stays without them:
    callouts with their times, and events, which hold only the number of the row.
    """
    _erase(session, lock(session, external_id), actor)


def request(session: Session, external_id: str, actor: str) -> None:
    """Ask that a person be erased as soon as they are on no callout. Raises Problem 404 when there is none."""
    responder = lock(session, external_id)
    if responder.erase_requested_at is None:
        responder.erase_requested_at = clock.now()
        events.record(session, "responder_erasure_requested", actor, responder_id=responder.id)


def erase_if_requested(session: Session, responder_id: int) -> bool:
    """Erase a person for whom that was asked while they were on a callout; call it when the callout ends. Whether it was."""
    contacts.lock(session, select(Responder.contact_id).where(Responder.id == responder_id).scalar_subquery())
    responder = session.get(Responder, responder_id, with_for_update={"of": Responder}, populate_existing=True)
    if responder is None or responder.erase_requested_at is None or responder.erased_at is not None:
        return False
    _erase(session, responder, "system")
    return True


def _erase(session: Session, responder: Responder, actor: str) -> None:
    _erase_messages(session, responder)
    session.execute(delete(Place).where(Place.responder_id == responder.id))
    for kept in (MembershipChange, SharedNumber, CallBack, CareQuestion, FirstAlarm):
        session.execute(delete(kept).where(kept.responder_id == responder.id))
    session.execute(delete(Certification).where(Certification.responder_id == responder.id))
    making.forget(session, responder.id)
    ledger.forget(session, responder.id)
    proving.forget(session, responder.contact.phone)
    if responder.consent_at is not None:
        responder.consent_at = None
        consents.note(session, responder, consents.NOTED, actor)
    _empty(responder)
    session.flush()
    session.expire(responder, ["places", "certifications"])
    index.refresh(session, [responder.id])
    search.refresh(session, [responder])
    events.record(session, "responder_erased", actor, responder_id=responder.id)


def _erase_messages(session: Session, responder: Responder) -> None:
    theirs = or_(Message.contact_id == responder.contact_id, Message.phone == responder.contact.phone)
    unsent = Message.state.in_((DUE, CLAIMED, UNKNOWN))
    session.execute(update(Message).where(theirs, unsent).values(state=CANCELLED))
    session.execute(update(Message).where(theirs).values(body="", phone=""))


def _empty(responder: Responder) -> None:
    now = clock.now()
    responder.erased_at = now
    responder.external_id = f"{ERASED_PREFIX}{responder.id}"
    responder.name = ""
    responder.transport = FOOT
    responder.night_alerts = responder.calls = False
    responder.consent_at = responder.off_until = responder.account = None
    responder.most_alerts = responder.full_until = responder.spared_until = None
    responder.off_since = responder.off_asked_at = responder.asked_on_at = responder.left_alone_at = None
    responder.contact.trouble = responder.contact.trouble_since = None
    responder.contact.phone = f"{ERASED_PREFIX}{responder.contact_id}"
    # Nothing may ever be sent to what stands in the place of a number.
    responder.contact.opted_out_at = responder.contact.opted_out_at or now
