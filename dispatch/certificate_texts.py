"""What people read about their certificates: not accepted, and why; and that one ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from core import clock
from core.services import Services
from dispatch import writing
from dispatch.texts import catalog
from responder.certificates import civil, verifying
from responder.models import Certification, Responder
from sms import outbox, purposes

UNDO_WITHIN = timedelta(minutes=2)
"""A verdict that is taken back so soon was a slip, and nobody hears of it."""


def tell_rejected(services: Services, session: Session, certification_id: int) -> None:
    """T15 to the person, in their language, at a civil hour and not before a slip can be taken back."""
    settings = services.settings
    row = session.get_one(Certification, certification_id)
    contact = session.get_one(Responder, row.responder_id).contact
    body = catalog.render(
        "T15",
        writing.language_for(contact, settings),
        reason=row.rejected_because,
        link=link(),
        contact_phone=settings.contact_phone,
    )
    at = civil.next_civil(clock.now() + UNDO_WITHIN, settings.zone_info)
    draft = outbox.Draft(
        contact=contact,
        body=body,
        purpose=purposes.REMINDER,
        about_kind=verifying.ABOUT,
        about_id=str(certification_id),
        send_at=at,
        expires_at=at + writing.END_OF_LIFE[purposes.REMINDER],
    )
    outbox.put(session, [draft])


def link() -> str | None:
    """The address of a page on which this person sends a new proof; None while there is none, and the text names the phone."""
    return None
