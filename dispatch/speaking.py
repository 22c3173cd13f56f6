"""Putting an emergency into spoken words: from a callout to what its calls say."""

from __future__ import annotations

from core.settings import Settings
from dispatch import writing
from dispatch.models import Callout, Incident
from dispatch.texts import spoken, words
from sms import purposes
from sms.speech import Speech

KEYS = {
    purposes.FIRST: "120",
    purposes.ADDRESS: "1230",
    purposes.CORRECTION: "1230",
    purposes.SAFETY: "40",
}
"""Which keys a call of each purpose takes; they mean what the same digits mean in a text."""


def first_words(settings: Settings, callout: Callout, first_text: str) -> Speech:
    """What T1 says: what, how far, which part of town; no address, nothing of the patient."""
    incident = callout.incident
    return say(
        settings,
        callout,
        first_text if first_text in words.language("en").spoken else "T1",
        KEYS[purposes.FIRST],
        type=incident.type,
        distance_m=callout.distance_m,
        district=incident.district,
    )


def address_words(settings: Settings, callout: Callout, purpose: str) -> Speech:
    """Where to go, for someone whom the text with it has not reached."""
    key = "MOVED_CALL" if purpose == purposes.CORRECTION else "ADDRESS_CALL"
    return say(settings, callout, key, KEYS[purpose], directions=directions(settings, callout))


def danger_words(settings: Settings, callout: Callout) -> Speech:
    """Get away: T5."""
    return say(settings, callout, "T5", KEYS[purposes.SAFETY])


def directions(settings: Settings, callout: Callout) -> str:
    """What T1b says: where to go, how to get in, what to do there."""
    incident = callout.incident
    language = writing.language_for(callout.responder.contact, settings)
    return spoken.render(
        "ADDRESS",
        language,
        type=incident.type,
        address=_where(incident, language),
        notes=incident.access_notes,
        role=callout.role or "direct",
        door_code=incident.door_code,
        hazards=incident.hazards,
    )


def say(settings: Settings, callout: Callout, key: str, keys: str = "", **facts: object) -> Speech:
    """The words `key` for the person of `callout`."""
    language = writing.language_for(callout.responder.contact, settings)
    body = spoken.render(
        key,
        language,
        drill=callout.incident.drill,
        organisation=settings.organisation,
        emergency_number=settings.emergency_number,
        **facts,
    )
    return Speech(body, language, keys)


def _where(incident: Incident, language: str) -> str:
    return spoken.address(incident.address) if incident.address else spoken.coordinates(incident.lat, incident.lon, language)
