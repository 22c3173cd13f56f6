"""A 1 that is not taken: a kind, true answer without the address."""

from __future__ import annotations

from dispatch import alarms, callouts, coverage, standing_down, waves
from dispatch.answers.heard import Heard
from responder.models import SUSPENDED
from sms import purposes


def tell(heard: Heard) -> None:
    """Somebody who would come is not wanted (any more), and hears why."""
    callout, reason = heard.callout, _reason(heard)
    standing_down.cancel_unsent(heard.session, [callout])
    callouts.move(
        heard.session, callout, "accept_too_late", heard.actor, answered_at=heard.now, stood_down_as=reason, role=None
    )
    _say(heard, reason)


def tell_who_has_left(heard: Heard) -> None:
    """Somebody has been there and left, which no 1 undoes: their part in it is done. While people are wanted there all the same
    a dispatcher reads it; else they hear that they need not go."""
    if heard.callout.incident.asking != coverage.ASKING:
        _say(heard, _reason(heard))
        return
    heard.reply_once("T9")
    alarms.raise_once(
        heard.session,
        alarms.UNCLEAR_WORDS,
        incident_id=heard.callout.incident_id,
        callout_id=heard.callout.id,
        responder_id=heard.person.id,
    )


def is_taken_off(heard: Heard) -> bool:
    """Whether a dispatcher has taken them off, or an admin has suspended them since they were asked: it stays said."""
    return heard.callout.stood_down_as == waves.TAKEN_OFF or heard.person.membership == SUSPENDED


def _reason(heard: Heard) -> str:
    incident = heard.callout.incident
    if is_taken_off(heard):
        return waves.TAKEN_OFF
    if incident.asking in (coverage.ENDED, coverage.HELD):
        return incident.stood_down_as or standing_down.NOT_NEEDED
    return standing_down.COVERED


def _say(heard: Heard, reason: str) -> None:
    key = standing_down.TEXTS.get((reason, "asked"), "T2b")
    heard.reply(key, purposes.SAFETY if reason == standing_down.UNSAFE else purposes.STAND_DOWN)
