"""Joins the rooms: who hears what the wire hears. Every process that touches the wire builds its `Wire` here."""

from __future__ import annotations

from functools import partial

from core.services import Services
from dispatch import first_alarms, gate, outcomes, wire_news, writing
from dispatch.answers import hearing, joining
from dispatch.on_the_phone import OnThePhone
from responder import availability
from sms import purposes
from sms.wire import Wire


def build_wire(services: Services) -> Wire:
    """The handlers of this installation, in their order."""
    return Wire(
        services,
        text_handlers=[partial(hearing.hearer, services)],
        stranger_handlers=[partial(joining.hear_stranger, services)],
        outcome_handlers={writing.ABOUT: outcomes.hear},
        gates={
            purposes.FIRST: lambda session, messages: gate.first_text(session, messages, settings=services.settings),
            purposes.ADDRESS: gate.address,
            purposes.CORRECTION: gate.address,
            purposes.SAFETY: gate.danger,
            purposes.STAND_DOWN: gate.stand_down,
            purposes.REMINDER: first_alarms.gate,
        },
        voice_handlers={writing.ABOUT: OnThePhone(services)},
        opt_handlers=[availability.on_opt, wire_news.on_opt],
        held_handlers=[hearing.answers_held_back],
        given_up_handlers=[hearing.answer_given_up],
        trouble_handlers=[wire_news.on_trouble],
        carrier_handlers=[wire_news.on_carrier],
    )
