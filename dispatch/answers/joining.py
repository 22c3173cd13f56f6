"""JOIN by text: from a stranger, from somebody an admin has written down, and from a number that is a volunteer's already."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events
from core.services import Services
from dispatch import writing
from dispatch.answers.grammar import Meaning, parse
from dispatch.answers.heard import Heard
from responder.joining import consents, shared_numbers
from sms import contacts, purposes
from sms.models import OUT, Contact, Message

AGAIN_AFTER = timedelta(days=1)
"""A number of nobody we know is answered once a day, whoever plays with it."""


def hear_stranger(services: Services, session: Session, message: Message, contact: Contact | None) -> bool:
    """Answer a JOIN from a number that is no volunteer's (T16). False for everything else, which is stored and not answered."""
    if parse(message.body).meaning is not Meaning.JOIN:
        return False
    contact = contact or contacts.ensure(session, message.phone, services.settings.default_language)
    message.contact_id = contact.id
    if _answered_lately(session, contact):
        return True
    events.record(session, "join_asked", "carrier", message_id=message.id)
    _tell(services, session, "T16", contact, link=f"{services.settings.public_url}/join")
    return True


def join(heard: Heard) -> None:
    """JOIN from a number we know: whoever was written down agrees by it; else it is a second person at this phone (T17)."""
    if heard.person.consent_at is None:
        consents.agree(heard.session, heard.person)
        _tell(heard.services, heard.session, "AGREED", heard.contact)
    elif shared_numbers.keep(heard.session, heard.person):
        _tell(heard.services, heard.session, "T17", heard.contact)


def _answered_lately(session: Session, contact: Contact) -> bool:
    lately = (Message.direction == OUT, Message.created_at > clock.now() - AGAIN_AFTER)
    return session.scalar(select(Message.id).where(Message.contact_id == contact.id, *lately).limit(1)) is not None


def _tell(services: Services, session: Session, key: str, contact: Contact, link: str | None = None) -> None:
    settings = services.settings
    phone = settings.contact_phone
    writing.send_to_contact(session, settings, key, purposes.FOLLOW_UP, contact, link=link, contact_phone=phone)
