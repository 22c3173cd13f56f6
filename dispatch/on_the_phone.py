"""A volunteer on the phone: what they hear, and what the keys they press stand for. Registered with the wire."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from core.services import Services
from dispatch import coverage, gate, plans, speaking, standing_down, states, waves, writing
from dispatch.models import OPEN, Callout
from dispatch.texts import spoken
from sms import purposes
from sms.models import Message
from sms.speech import Speech


class OnThePhone:
    """The voice handler of calls about callouts. What was right when a call left may be wrong when it is picked up, so every
    word is chosen anew."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def greeting(self, session: Session, call: Message) -> Speech:
        """The question, the address or the warning that the call is for, as far as it still holds."""
        callout, settings = self._callout(session, call), self._services.settings
        if call.purpose == purposes.SAFETY:
            in_danger = callout.unsafe_since is not None
            return speaking.danger_words(settings, callout) if in_danger else speaking.say(settings, callout, "AWAY")
        if callout.state in states.BOUND and callout.incident.state == OPEN:
            answered_by_text = call.purpose == purposes.FIRST
            return self._accepted(callout) if answered_by_text else speaking.address_words(settings, callout, call.purpose)
        if call.purpose == purposes.FIRST and not gate.first_text(session, [call], settings=settings):
            key = plans.of(callout.incident.plan).first_text_for(callout.only_role)
            return speaking.first_words(settings, callout, key)
        return self._not_needed(callout)

    def as_text(self, session: Session, call: Message, key: str) -> str | None:
        """The digit with the letter of this emergency, so that it is about no other one."""
        return self._callout(session, call).letter + key if key in speaking.KEYS.get(call.purpose, "") else None

    def reply(self, session: Session, call: Message, key: str) -> Speech:
        """What became of the key: after a 1 that was taken, the address."""
        callout, settings = self._callout(session, call), self._services.settings
        if key == "0":
            return speaking.say(settings, callout, "RING_ME")
        if key == "4":
            return speaking.say(settings, callout, "AWAY")
        if key == "2":
            return speaking.say(settings, callout, "CANNOT")
        if callout.state not in states.BOUND or callout.incident.state != OPEN:
            return self._not_needed(callout)
        if call.purpose == purposes.FIRST:
            return self._accepted(callout)
        return speaking.say(settings, callout, "HEARD")

    def kept(self, session: Session, call: Message) -> Speech:
        """Their answer is stored; what follows from it comes as a text."""
        return speaking.say(self._services.settings, self._callout(session, call), "KEPT")

    def trouble(self) -> Speech:
        """Nothing could be read, so nobody knows their language."""
        language = self._services.settings.default_language
        return Speech(spoken.render("TROUBLE", language), language)

    def _accepted(self, callout: Callout) -> Speech:
        settings = self._services.settings
        return speaking.say(settings, callout, "ACCEPTED", directions=speaking.directions(settings, callout))

    def _not_needed(self, callout: Callout) -> Speech:
        """A kind, true word for somebody who need not go (any more)."""
        settings, incident = self._services.settings, callout.incident
        if callout.state == states.DECLINED:
            return speaking.say(settings, callout, "CANNOT")
        if standing_down.UNSAFE in (incident.stood_down_as, callout.stood_down_as):
            return speaking.say(settings, callout, "KEEP_AWAY")
        covered = incident.state == OPEN and incident.asking == coverage.FILLED and callout.stood_down_as != waves.TAKEN_OFF
        return replace(speaking.say(settings, callout, "T2" if covered else "T2b"), times=1)

    @staticmethod
    def _callout(session: Session, call: Message) -> Callout:
        assert call.about_kind == writing.ABOUT, "registered for calls about callouts alone"
        return session.get_one(Callout, call.about_id)
