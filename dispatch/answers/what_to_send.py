"""Words that nothing can come of, answered with what can be sent: once a day, for two machines must not talk for ever."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core import events
from core.events import Event
from dispatch import writing
from dispatch.answers.heard import Heard
from sms import purposes

TOLD_AGAIN_AFTER = timedelta(days=1)


def tell(heard: Heard) -> None:
    """Say what to send, unless they wrote no more than a thank you, or wish to be left alone, or were told lately. Whoever
    writes "off till tomorrow" must not believe it done."""
    if heard.answer.only_courtesy or heard.person.left_alone_at is not None or _was_told_lately(heard):
        return
    settings = heard.services.settings
    events.record(heard.session, "told_what_to_send", responder_id=heard.person.id)
    writing.send_to_contact(
        heard.session,
        settings,
        "WHAT_TO_SEND",
        purposes.FOLLOW_UP,
        heard.contact,
        contact_phone=settings.contact_phone,
        emergency_number=settings.emergency_number,
    )


def _was_told_lately(heard: Heard) -> bool:
    theirs = Event.responder_id == heard.person.id, Event.kind == "told_what_to_send", Event.at > heard.now - TOLD_AGAIN_AFTER
    return heard.session.scalar(select(Event.number).where(*theirs).limit(1)) is not None
