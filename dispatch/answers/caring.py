"""What people write of themselves when they are on no callout: FINE, SO SO, or that somebody is to ring them."""

from __future__ import annotations

from typing import Any

from dispatch import writing
from dispatch.answers.heard import Heard
from responder.care import call_backs, questions
from sms import purposes


def fine(heard: Heard) -> None:
    """FINE, to our question: no more than a thank you, and the way to us for later. Unasked it is kept and not answered."""
    if questions.answer(heard.session, heard.person, "fine"):
        _reply(heard, "FINE")


def so_so(heard: Heard) -> None:
    """SO SO, to our question: an admin reads it and may ring; what they are told is how to be rung surely."""
    if questions.answer(heard.session, heard.person, call_backs.SO_SO):
        call_backs.ask_for(heard.session, heard.person, call_backs.SO_SO, heard.services.settings.zone_info)
        _reply(heard, "SO_SO", emergency_number=heard.services.settings.emergency_number)


def call_me(heard: Heard) -> None:
    """RING ME, asked or not: a person rings them today, and no emergency reaches them before. Said again it changes nothing."""
    settings = heard.services.settings
    questions.answer(heard.session, heard.person, call_backs.RING_ME)
    due_at = call_backs.ask_for(heard.session, heard.person, call_backs.RING_ME, settings.zone_info)
    if due_at is not None:
        until = due_at.astimezone(settings.zone_info)
        _reply(heard, "CALL_BACK", until=until, emergency_number=settings.emergency_number)


def _reply(heard: Heard, key: str, **values: Any) -> None:
    writing.send_to_contact(heard.session, heard.services.settings, key, purposes.FOLLOW_UP, heard.contact, **values)
