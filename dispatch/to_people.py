"""Texts to one person that are about no emergency: the link to their own page, and whether they agree to be asked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from core.services import Services
from dispatch import writing
from responder.links import making
from responder.models import Responder
from sms import purposes


def send_link(services: Services, session: Session, person: Responder) -> None:
    """A new link to the person's own page, and whom to ring without the internet."""
    settings = services.settings
    writing.send_to_contact(
        session,
        settings,
        "LINK",
        purposes.FOLLOW_UP,
        person.contact,
        link=making.make_link(session, settings, person),
        hours=settings.link_hours,
        contact_phone=settings.contact_phone,
    )


def ask_consent(services: Services, session: Session, person: Responder) -> None:
    """Whether somebody whom others have written down agrees: their JOIN is the consent."""
    settings = services.settings
    phone = settings.contact_phone
    writing.send_to_contact(session, settings, "ASK_CONSENT", purposes.FOLLOW_UP, person.contact, contact_phone=phone)
