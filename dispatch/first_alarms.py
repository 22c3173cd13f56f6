"""The first texts to a new volunteer, at an hour at which a phone may ring: the numbers to save, then how an alarm sounds."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from core import clock, events, log
from core.services import Services
from core.settings import Settings
from dispatch import plans, states, writing
from dispatch.models import Callout
from dispatch.texts import catalog
from responder import civil, standing
from responder.certificates import first_alarms
from responder.links.making import make_link
from responder.models import Responder
from sms import outbox, purposes

ALARM_AFTER = timedelta(minutes=5)
"""Long enough to save our numbers and to let them through: whoever has done so hears at once whether it works."""
AT_ONCE = 50
"""At one look, a look a minute, as with reminders."""
_log = log.get("first alarms")


def send_due(services: Services) -> int:
    """Welcome whoever can be asked from now on. Returns how many that were.

    One who cannot be told is logged with their row and keeps no other waiting.
    """
    settings, now = services.settings, clock.now()
    if not civil.is_civil(now, settings.zone_info):
        return 0
    with services.read() as session:  # most looks find nobody, and a look must not take the turn to write
        at = standing.At.of(settings, now, standing.helping(plans.on(session)))
        found = first_alarms.due(session, at, AT_ONCE)
    sent = 0
    for responder_id in found:
        try:
            with services.write() as session:
                sent += _welcome(session, settings, responder_id)
        except Exception:
            _log.exception("a new volunteer could not be welcomed", responder_id=responder_id)
        services.database.give_way()
    return sent


def _welcome(session: Session, settings: Settings, responder_id: int) -> bool:
    if _is_on_a_callout(session, responder_id) or not first_alarms.claim(session, responder_id):
        return False
    person, now = session.get_one(Responder, responder_id), clock.now()
    language = writing.language_for(person.contact, settings)
    link = make_link(session, settings, person)
    welcome = catalog.render("WELCOME", language, link=link, contact_phone=settings.contact_phone)
    alarm = catalog.render("TEST", language)
    drafts = [
        outbox.Draft(
            contact=person.contact,
            body=body,
            purpose=purposes.REMINDER,
            about_kind=None,
            about_id=None,
            send_at=at,
            expires_at=civil.until(at, settings.zone_info),
        )
        for body, at in ((welcome, now), (alarm, now + ALARM_AFTER))
    ]
    outbox.put(session, drafts)
    events.record(session, "first_alarm", responder_id=responder_id)
    return True


def _is_on_a_callout(session: Session, responder_id: int) -> bool:
    """Whether they are asked or out there at this moment: then nothing that looks like an alarm may reach them."""
    live = select(Callout.id).where(Callout.responder_id == responder_id, Callout.state.in_(states.LIVE))
    return session.scalar(live.limit(1)) is not None
