"""How a person stands, in one word: the first thing that keeps them from ever being asked, or that nothing does.

What depends on the hour (hours, night) is not part of it. Each standing is one condition, written twice: over a person at hand,
and as SQL for finding all who stand so; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, not_, or_

from core import clock
from responder.models import Certification, Place, Responder
from sms.models import Contact

HELPS = ("cpr", "first_aid", "medical")
"""The types that the shipped plans ask for; an identity check alone lets nobody be asked."""


class Standing(StrEnum):
    """In the order in which they are looked at."""

    ERASING = "erasing"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    NO_PLACE = "no_place"
    NO_CERTIFICATE = "no_certificate"
    UNVERIFIED = "unverified"
    LAPSED = "lapsed"
    OFF = "off"
    READY = "ready"


def of(person: Responder, now: datetime) -> Standing:
    """How `person` stands at `now`; reads their contact, places and certifications."""
    return next(standing for standing, holds in _HOLDS.items() if holds(person, now))


def condition(standing: Standing, now: datetime) -> ColumnElement[bool]:
    """The people who stand so at `now`, for a select of Responder joined with Contact."""
    order = list(Standing)
    earlier = [not_(_condition(one, now)) for one in order[: order.index(standing)]]
    return and_(*earlier, _condition(standing, now))


def counts(one: Certification, now: datetime) -> bool:
    """Whether a certification is verified and has not lapsed."""
    return one.verified_at is not None and (one.expires_at is None or one.expires_at >= now)


def has_lapsed(one: Certification, now: datetime) -> bool:
    """Whether it is past its end."""
    return one.expires_at is not None and one.expires_at < now


def _helping(person: Responder) -> list[Certification]:
    return [one for one in person.certifications if one.type in HELPS]


def _is_unverified(person: Responder, now: datetime) -> bool:
    """Nothing counts, and something would if somebody verified it."""
    own = _helping(person)
    return not any(counts(one, now) for one in own) and any(one.verified_at is None and not has_lapsed(one, now) for one in own)


_HOLDS: dict[Standing, Callable[[Responder, datetime], bool]] = {
    Standing.ERASING: lambda person, _: person.erase_requested_at is not None,
    Standing.OPTED_OUT: lambda person, _: person.contact.opted_out_at is not None,
    Standing.NO_CONSENT: lambda person, _: person.consent_at is None,
    Standing.NO_PLACE: lambda person, _: not person.places,
    Standing.NO_CERTIFICATE: lambda person, _: not _helping(person),
    Standing.UNVERIFIED: _is_unverified,
    Standing.LAPSED: lambda person, now: not any(counts(one, now) for one in _helping(person)),
    Standing.OFF: lambda person, now: person.off_until is not None and person.off_until > now,
    Standing.READY: lambda _person, _now: True,
}


def _condition(standing: Standing, now: datetime) -> ColumnElement[bool]:
    theirs = exists().where(Certification.responder_id == Responder.id, Certification.type.in_(HELPS))
    in_time = or_(Certification.expires_at.is_(None), Certification.expires_at >= now)
    good = theirs.where(Certification.verified_at.is_not(None), in_time)
    waiting = theirs.where(Certification.verified_at.is_(None), in_time)
    conditions: dict[Standing, ColumnElement[bool]] = {
        Standing.ERASING: Responder.erase_requested_at.is_not(None),
        Standing.OPTED_OUT: Contact.opted_out_at.is_not(None),
        Standing.NO_CONSENT: Responder.consent_at.is_(None),
        Standing.NO_PLACE: ~exists().where(Place.responder_id == Responder.id),
        Standing.NO_CERTIFICATE: ~theirs,
        Standing.UNVERIFIED: and_(~good, waiting),
        Standing.LAPSED: ~good,
        Standing.OFF: and_(Responder.off_until.is_not(None), Responder.off_until > now),
        Standing.READY: Responder.id.is_not(None),
    }
    return conditions[standing]


def is_off_for_good(person: Responder) -> bool:
    """Whether an OFF holds until the person says ON."""
    return person.off_until is not None and person.off_until >= clock.FOREVER
