"""Asking people whether they are still there, at an hour at which a phone may ring: T18 after a week of OFF, STILL_ON
after half a year without a sign, and after two weeks without an answer the pause."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from core import clock, log
from core.services import Services
from core.settings import Settings
from dispatch import writing
from responder import civil, still_there
from responder.models import Responder
from sms import purposes

AT_ONCE = 100
"""Of each kind at one look, a look a minute: whoever came in one import is not asked in one minute. What an emergency has to
say goes before all of them."""
_log = log.get("still there")


def ask_due(services: Services) -> int:
    """Ask whoever is to be asked now, each once. Returns how many texts that were.

    One who cannot be asked is logged with their row and keeps no other waiting.
    """
    now, settings = clock.now(), services.settings
    if not civil.is_civil(now, settings.zone_info):
        return 0
    asked = 0
    # The silent first: whoever is paused now is not to be asked anything else.
    for look, deed in ((still_there.silent, _pause), (still_there.unheard_of, _ask_on), (still_there.long_off, _ask_about_off)):
        with services.read() as session:  # most looks find nobody, and a look must not take the turn to write
            found = [person.id for person in look(session, now, AT_ONCE)]
        for responder_id in found:
            try:
                with services.write() as session:
                    people = look(session, now, 1, responder_id)
                    for person in people:
                        deed(session, settings, person)
                asked += len(people)
            except Exception:
                _log.exception("somebody could not be asked whether they are still there", responder_id=responder_id)
            services.database.give_way()
    return asked


def _pause(session: Session, settings: Settings, person: Responder) -> None:
    if not still_there.has_got_the_question(session, person):
        _ask_on(session, settings, person)
        return
    still_there.pause(session, person)
    _send(session, settings, "PAUSED", person, contact_phone=settings.contact_phone)


def _ask_on(session: Session, settings: Settings, person: Responder) -> None:
    person.asked_on_at = clock.now()
    days = still_there.ANSWER_WITHIN.days
    about = (still_there.ABOUT, str(person.id))
    _send(session, settings, "STILL_ON", person, about=about, days=days, contact_phone=settings.contact_phone)


def _ask_about_off(session: Session, settings: Settings, person: Responder) -> None:
    person.off_asked_at = clock.now()
    assert person.off_since is not None, "only people whose OFF has lasted are asked about it"
    _send(session, settings, "T18", person, days=(clock.now() - person.off_since).days)


def _send(session: Session, settings: Settings, key: str, person: Responder, **values: Any) -> None:
    until = civil.until(clock.now(), settings.zone_info)
    writing.send_to_contact(session, settings, key, purposes.REMINDER, person.contact, expires_at=until, **values)
