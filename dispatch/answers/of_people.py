"""What a text does to the person who sent it, apart from any callout: availability, opt-outs, calls for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core import events
from dispatch import alarms, plans, states, to_people, writing
from dispatch.answers import caring, joining, of_callouts, what_to_send
from dispatch.answers.grammar import Meaning
from dispatch.answers.heard import Heard
from responder import availability, standing
from responder.models import ACTIVE
from responder.standing import Standing
from sms import purposes


def off(heard: Heard) -> None:
    """OFF, for a time or until ON."""
    until = heard.now + heard.answer.off_for if heard.answer.off_for else None
    availability.set_off(heard.session, heard.person, until)
    if until is None:
        _confirm(heard, "OFF_OPEN")
    else:
        _confirm(heard, "OFF", until=until.astimezone(heard.services.settings.zone_info))


def on(heard: Heard) -> None:
    """ON: to be asked again."""
    availability.set_on(heard.session, heard.person)
    _confirm_on(heard, "ON")


def welcome_back(heard: Heard) -> None:
    """START: the wire has lifted the opt-out already, and a wish to be left alone, if that was all, ends here; say what is true
    again."""
    if heard.person.left_alone_at is not None:
        availability.set_on(heard.session, heard.person)
    _confirm_on(heard, "T13")


def test(heard: Heard) -> None:
    """TEST: a text that sounds as an emergency will, and asks nothing."""
    events.record(heard.session, "test_alarm", heard.actor, responder_id=heard.person.id)
    _confirm(heard, "TEST")


def link(heard: Heard) -> None:
    """LINK: a new link to one's own page."""
    to_people.send_link(heard.services, heard.session, heard.person)


def wishes_to_opt_out(heard: Heard) -> None:
    """ "Stop please": all texts stop but those of the live callout."""
    leave_alone(heard)
    if heard.about is not None and heard.about.state in states.LIVE:
        of_callouts.not_understood(heard)


def leave_alone(heard: Heard) -> None:
    """Ask them for nothing any more, and tell an admin. Until they say ON or START nobody reminds them of anything either."""
    availability.set_off(heard.session, heard.person, None)
    heard.person.left_alone_at = heard.now
    alarms.raise_once(heard.session, alarms.WISHES_TO_OPT_OUT, responder_id=heard.person.id)


def opted_out(heard: Heard) -> None:
    """A carrier's opt-out word with no callout: the admin has the task by now, from the wire (`dispatch.wire_news.on_opt`) or
    from `leave_alone`."""


def ring_me(heard: Heard) -> None:
    """A 0 from someone on no callout: a person rings them. Said again while the alarm stands, it changes nothing."""
    if alarms.raise_once(heard.session, alarms.CALL_FOR_HELP, responder_id=heard.person.id):
        _confirm(heard, "T10", emergency_number=heard.services.settings.emergency_number)


def on_no_callout(heard: Heard) -> None:
    """Words about nothing we know of: kept with the person, and answered with what to send."""
    events.record(heard.session, "words_kept", heard.actor, responder_id=heard.person.id)
    what_to_send.tell(heard)


_NOTHING_COUNTS = (Standing.NO_CERTIFICATE, Standing.UNVERIFIED, Standing.LAPSED)


def _confirm_on(heard: Heard, key: str) -> None:
    """That they are asked again, in text `key`; or, where no ON can bring that about, what can."""
    settings, full_until = heard.services.settings, heard.person.full_until
    at = standing.At.of(settings, heard.now, standing.helping(plans.on(heard.session)))
    if heard.person.membership != ACTIVE:
        _confirm(heard, "ON_INACTIVE", contact_phone=settings.contact_phone)
    elif standing.of(heard.person, at) in _NOTHING_COUNTS:
        _confirm(heard, "ON_UNVERIFIED", contact_phone=settings.contact_phone)
    elif full_until is not None and full_until > heard.now:
        _confirm(heard, "ON_FULL", until=full_until.astimezone(settings.zone_info))
    else:
        _confirm(heard, key)


def _confirm(heard: Heard, key: str, **values: Any) -> None:
    writing.send_to_contact(heard.session, heard.services.settings, key, purposes.FOLLOW_UP, heard.contact, **values)


DEEDS: dict[Meaning, Callable[[Heard], None]] = {
    Meaning.OFF: off,
    Meaning.ON: on,
    Meaning.JOIN: joining.join,
    Meaning.TEST: test,
    Meaning.LINK: link,
    Meaning.START_WORD: welcome_back,
    Meaning.WISHES_TO_OPT_OUT: wishes_to_opt_out,
    Meaning.STOP_WORD: opted_out,
    Meaning.RING_ME: ring_me,
    Meaning.CALL_ME: caring.call_me,
    Meaning.FINE: caring.fine,
    Meaning.SO_SO: caring.so_so,
}
"""RING_ME and STOP_WORD count here only when they are about no callout; so does what is said of oneself (`which`)."""
