"""Putting an emergency into words: from an incident and a callout to a text in the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import clock
from core.settings import Settings
from dispatch.models import Callout, Incident
from dispatch.texts import catalog
from responder import civil
from sms import outbox, purposes
from sms.models import Contact, Message

ABOUT = "callout"
"""`about_kind` of every text that belongs to a callout."""

ADDRESS_WITHIN = timedelta(seconds=20)
"""An address that is not known to have arrived so long after the carrier took it, or after it was written, is told by voice."""

END_OF_LIFE = {
    purposes.SAFETY: timedelta(hours=1),
    purposes.CORRECTION: timedelta(hours=1),
    purposes.ADDRESS: timedelta(minutes=30),
    purposes.STAND_DOWN: timedelta(hours=1),
    purposes.FOLLOW_UP: timedelta(minutes=10),
    purposes.OPERATOR: timedelta(minutes=15),
    purposes.REMINDER: timedelta(hours=12),
}
"""A text that arrives later than this is worse than none. A first text ends with its callout instead."""


def send(session: Session, settings: Settings, key: str, purpose: str, callout: Callout, **values: Any) -> Message:
    """Write text `key` about `callout` into the outbox, in the person's language, and return its row."""
    until = clock.now() + END_OF_LIFE[purpose]
    return outbox.put(session, [_draft(settings, key, purpose, callout, until, values)])[0]


def send_to_contact(
    session: Session,
    settings: Settings,
    key: str,
    purpose: str,
    contact: Contact,
    *,
    drill: bool = False,
    about: tuple[str, str] | None = None,
    expires_at: datetime | None = None,
    **values: Any,
) -> Message:
    """Write a text that is about no single callout (an OFF confirmed, a welcome back, which emergency is meant). `about` is the
    kind and id of what it is about, to find it by; `expires_at` is None for what its purpose says."""
    about_kind, about_id = about or (None, None)
    draft = outbox.Draft(
        contact=contact,
        body=catalog.render(key, language_for(contact, settings), drill=drill, **values),
        purpose=purpose,
        about_kind=about_kind,
        about_id=about_id,
        expires_at=expires_at or clock.now() + END_OF_LIFE[purpose],
    )
    return outbox.put(session, [draft])[0]


def reminder(
    settings: Settings, contact: Contact, body: str, at: datetime, about: tuple[str, str] | None = None
) -> outbox.Draft:
    """A text that leaves at `at`, a civil hour, and is worth nothing when the civil hours of that day are over."""
    about_kind, about_id = about or (None, None)
    return outbox.Draft(
        contact=contact,
        body=body,
        purpose=purposes.REMINDER,
        about_kind=about_kind,
        about_id=about_id,
        send_at=at,
        expires_at=civil.until(at, settings.zone_info),
    )


def first_text(settings: Settings, callout: Callout, key: str, rank: int) -> outbox.Draft:
    """T1, ready to leave. It is worth nothing after its callout."""
    incident, contact = callout.incident, callout.responder.contact
    body = first_words(
        settings,
        key,
        language_for(contact, settings),
        letter=callout.letter,
        type_=incident.type,
        distance_m=callout.distance_m,
        district=incident.district,
        drill=incident.drill,
    )
    return _about(callout, body, purposes.FIRST, rank, callout.expires_at)


def first_words(
    settings: Settings,
    key: str,
    language: str,
    *,
    letter: str,
    type_: str,
    distance_m: int,
    district: str | None,
    drill: bool,
) -> str:
    """The words of T1: what, how far, which part of town; no address, nothing of the patient."""
    return catalog.render(
        key,
        language,
        drill=drill,
        letter=letter,
        emergency_number=settings.emergency_number,
        type=type_,
        distance_m=distance_m,
        district=district,
    )


def _draft(
    settings: Settings, key: str, purpose: str, callout: Callout, until: datetime, values: Mapping[str, Any]
) -> outbox.Draft:
    body = catalog.render(
        key,
        language_for(callout.responder.contact, settings),
        drill=callout.incident.drill,
        letter=callout.letter,
        emergency_number=settings.emergency_number,
        **values,
    )
    return _about(callout, body, purpose, 0, until)


def _about(callout: Callout, body: str, purpose: str, rank: int, until: datetime) -> outbox.Draft:
    return outbox.Draft(
        contact=callout.responder.contact,
        body=body,
        purpose=purpose,
        about_kind=ABOUT,
        about_id=callout.id,
        rank=rank,
        expires_at=until,
    )


def language_for(contact: Contact, settings: Settings) -> str:
    """The person's language; DEFAULT_LANGUAGE while theirs is still a draft that may not reach real phones."""
    if contact.language not in settings.languages:
        return settings.default_language
    if settings.drafts_may_be_sent or contact.language in catalog.approved_languages():
        return contact.language
    return settings.default_language


def send_address(session: Session, settings: Settings, callout: Callout) -> Message:
    """T1b: where to go, how to get in, what to do there."""
    incident = callout.incident
    message = send(
        session,
        settings,
        "T1b",
        purposes.ADDRESS,
        callout,
        type=incident.type,
        address=where(incident),
        notes=incident.access_notes,
        role=callout.role or "direct",
        door_code=incident.door_code,
        hazards=incident.hazards,
    )
    watch_address(callout, message)
    return message


def watch_address(callout: Callout, message: Message) -> None:
    """See to it that the address in `message` arrives: until it has, no older one counts."""
    callout.address_text, callout.address_due_at = message.id, clock.now() + ADDRESS_WITHIN


def where(incident: Incident) -> str:
    """The address, or the coordinates as every maps app reads them."""
    return incident.address or f"{incident.lat:.5f},{incident.lon:.5f}"
