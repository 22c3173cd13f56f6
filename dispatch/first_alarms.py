"""The first texts to a new volunteer, at an hour at which a phone may ring: the numbers to save, then how an alarm sounds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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
from sms import outbox
from sms.models import Message

ALARM_AFTER = timedelta(minutes=5)
"""Long enough to save our numbers and to let them through: whoever has done so hears at once whether it works."""
ON_A_CALLOUT = "on_a_callout"
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
    if _on_callouts(session, [responder_id]) or not first_alarms.claim(session, responder_id):
        return False
    person, now = session.get_one(Responder, responder_id), clock.now()
    language = writing.language_for(person.contact, settings)
    link = make_link(session, settings, person)
    welcome = catalog.render("WELCOME", language, link=link, contact_phone=settings.contact_phone)
    alarm = catalog.render("TEST", language)
    drafts = [
        writing.reminder(settings, person.contact, welcome, now),
        writing.reminder(settings, person.contact, alarm, now + ALARM_AFTER, about=(first_alarms.ABOUT, str(responder_id))),
    ]
    outbox.put(session, drafts)
    events.record(session, "first_alarm", responder_id=responder_id)
    return True


def gate(session: Session, messages: Sequence[Message]) -> Mapping[str, str]:
    """Of these reminders, the ids of the test alarms to people who were asked to an emergency since they were welcomed, and are
    busy with it: they have heard a real one."""
    alarms = {message.id: int(message.about_id or 0) for message in messages if message.about_kind == first_alarms.ABOUT}
    busy = _on_callouts(session, alarms.values())
    return {message_id: ON_A_CALLOUT for message_id, responder_id in alarms.items() if responder_id in busy}


def _on_callouts(session: Session, responder_ids: Collection[int]) -> set[int]:
    """Who of these is asked or out there at this moment: then nothing that looks like an alarm may reach them."""
    live = select(Callout.responder_id).where(Callout.responder_id.in_(responder_ids), Callout.state.in_(states.LIVE))
    return set(session.scalars(live))
