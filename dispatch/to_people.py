"""Texts to one person that are about no emergency: the link to their own page, whether they agree, the code for joining."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.services import Services
from dispatch import writing
from responder.links import making
from responder.models import Responder
from sms import contacts, purposes
from sms.models import Contact


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


def tell_shared(services: Services, session: Session, holder: Responder) -> None:
    """T17, to a number that another volunteer has already."""
    settings = services.settings
    phone = settings.contact_phone
    writing.send_to_contact(session, settings, "T17", purposes.FOLLOW_UP, holder.contact, contact_phone=phone)


def send_code(services: Services, session: Session, phone: str, language: str, code: str) -> None:
    """The code that proves a phone. A number that we know keeps its own language, whoever typed it into a form."""
    contact = session.scalar(select(Contact).where(Contact.agency_id == 1, Contact.phone == phone))
    if contact is None:
        settings = services.settings
        contact = contacts.ensure(session, phone, language if language in settings.languages else settings.default_language)
    writing.send_to_contact(session, services.settings, "CODE", purposes.FOLLOW_UP, contact, code=code)
