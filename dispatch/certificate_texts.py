"""What people read about their certificates: not accepted, and why; and that one ends or has ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core import clock, events, log
from core.services import Services
from core.settings import Settings
from dispatch import writing
from dispatch.texts import catalog, words
from responder import civil
from responder.certificates import kinds, reminders, verifying
from responder.links.making import make_link
from responder.models import Certification, Responder
from sms import outbox

MOST_AT_ONCE = 50
"""Reminders of one step a minute: 3,000 an hour, which no carrier's bulk rate is too slow for, and emergencies pass them."""
_log = log.get("certificates")


def tell_rejected(services: Services, session: Session, certification_id: int) -> None:
    """T15 to the person, in their language, at a civil hour and not before a slip can be taken back."""
    settings = services.settings
    row = session.get_one(Certification, certification_id)
    at = civil.next_civil(clock.now() + verifying.UNDO_WITHIN, settings.zone_info)
    _put(session, settings, row, "T15", at, reason=row.rejected_because)


def ask_new(services: Services, session: Session, person: Responder) -> None:
    """Ask this person for a certificate that is newer than ours, at a civil hour."""
    settings = services.settings
    at = civil.next_civil(clock.now(), settings.zone_info)
    link = make_link(session, settings, person, at)
    language = writing.language_for(person.contact, settings)
    body = catalog.render("NEW_PROOF", language, link=link, contact_phone=settings.contact_phone)
    outbox.put(session, [writing.reminder(settings, person.contact, body, at)])
    events.record(session, "certificate_asked", responder_id=person.id)


def remind_due(services: Services) -> int:
    """Send the reminders that are due, at civil hours only. Returns how many.

    One that cannot be sent is logged with its id and keeps no other waiting.
    """
    settings, now = services.settings, clock.now()
    if not civil.is_civil(now, settings.zone_info):
        return 0
    sent = 0
    for window in reminders.windows(now, settings.zone_info, settings.certificate_grace_days):
        with services.read() as session:
            waiting = reminders.due(session, window, MOST_AT_ONCE, settings.certificate_grace)
        for certification_id in waiting:
            try:
                with services.write() as session:
                    sent += _remind(session, settings, certification_id, window.step, now)
            except Exception:
                _log.exception("a reminder could not be sent", certification_id=certification_id)
            services.database.give_way()
    return sent


def _remind(session: Session, settings: Settings, certification_id: int, step: int, now: datetime) -> bool:
    row = session.get(Certification, certification_id)
    if row is None or row.expires_at is None or not reminders.note(session, certification_id, step):
        return False
    zone = settings.zone_info
    ends = row.expires_at.astimezone(zone).date()
    is_tomorrow = ends == now.astimezone(zone).date() + timedelta(days=1)
    key = "T14c" if step == reminders.LAPSED else "T14" if is_tomorrow else "T14b"
    _put(session, settings, row, key, now, date=ends)
    facts: dict[str, Any] = {"type": row.type, "certification_id": certification_id, "days_before": step}
    events.record(session, "certification_reminded", responder_id=row.responder_id, **facts)
    return True


def _put(session: Session, settings: Settings, row: Certification, key: str, at: datetime, **facts: Any) -> None:
    person = session.get_one(Responder, row.responder_id)
    contact = person.contact
    language = writing.language_for(contact, settings)
    body = catalog.render(
        key,
        language,
        certificate=_called(session, row.type, language),
        link=make_link(session, settings, person, at),
        contact_phone=settings.contact_phone,
        **facts,
    )
    outbox.put(session, [writing.reminder(settings, contact, body, at, about=(verifying.ABOUT, str(row.id)))])


def _called(session: Session, type_: str, language: str) -> str:
    """The word for a kind inside a sentence: the texts' own where they have one, else what the agency calls it."""
    own = kinds.known(session).get(type_)
    return type_ if type_ in words.language(language).certificates or own is None else own.called(language)
