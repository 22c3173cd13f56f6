"""How a person stands, in one word: the first thing that keeps them from ever being asked, or that nothing does.

What depends on the hour (hours, night) is not part of it. Each standing is one condition, written twice: over a person at hand,
and as SQL for finding all who stand so; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlalchemy.orm import aliased

from core import clock
from core.settings import Settings
from responder.certificates import states
from responder.models import DEACTIVATED, SUSPENDED, Certification, Place, Responder
from sms.models import Contact

HELPS = ("cpr", "first_aid", "medical")
"""The types that the shipped plans ask for; an identity check alone lets nobody be asked."""


class Standing(StrEnum):
    """In the order in which they are looked at."""

    ERASING = "erasing"
    SUSPENDED = "suspended"
    DEACTIVATED = "deactivated"
    OPTED_OUT = "opted_out"
    NO_CONSENT = "no_consent"
    NO_PLACE = "no_place"
    NO_CERTIFICATE = "no_certificate"
    UNVERIFIED = "unverified"
    LAPSED = "lapsed"
    CALL = "call"
    """Has asked to be rung, and is asked to no emergency before that."""
    OFF = "off"
    FULL = "full"
    """Has had as many alerts as they wish."""
    READY = "ready"


@dataclass(frozen=True)
class At:
    """A moment, and the one that certificates are compared with: earlier by the days of grace."""

    now: datetime
    certified: datetime

    @classmethod
    def of(cls, settings: Settings, now: datetime) -> At:
        """`now` by the settings of an installation."""
        return cls(now, now - settings.certificate_grace)


def of(person: Responder, at: At) -> Standing:
    """How `person` stands `at` a moment; reads their contact, places and certifications, and whether they wait for a call."""
    return next(standing for standing, holds in _HOLDS.items() if holds(person, at))


def condition(standing: Standing, at: At) -> ColumnElement[bool]:
    """The people who stand so `at` a moment, for a select of Responder joined with Contact."""
    order = list(Standing)
    earlier = [not_(_condition(one, at)) for one in order[: order.index(standing)]]
    return and_(*earlier, _condition(standing, at))


def off_because(person: Responder, at: At) -> Standing:
    """Which of the three it is that the narrow table keeps as one moment before which a person is asked nothing."""
    return next((one for one in (Standing.CALL, Standing.OFF, Standing.FULL) if _HOLDS[one](person, at)), Standing.OFF)


def _helping(person: Responder) -> list[Certification]:
    return [one for one in person.certifications if one.type in HELPS and one.rejected_at is None]


def _is_good(person: Responder, at: At) -> bool:
    """Whether any certificate counts."""
    return any(end is None or end >= at.certified for end in states.counted_until(_helping(person)).values())


def _is_unverified(person: Responder, at: At) -> bool:
    """Nothing counts, and something would if somebody verified it."""
    in_time = (one.expires_at is None or one.expires_at >= at.certified for one in _helping(person) if states.is_waiting(one))
    return not _is_good(person, at) and any(in_time)


_HOLDS: dict[Standing, Callable[[Responder, At], bool]] = {
    Standing.ERASING: lambda person, _: person.erase_requested_at is not None,
    Standing.SUSPENDED: lambda person, _: person.membership == SUSPENDED,
    Standing.DEACTIVATED: lambda person, _: person.membership == DEACTIVATED,
    Standing.OPTED_OUT: lambda person, _: person.contact.opted_out_at is not None,
    Standing.NO_CONSENT: lambda person, _: person.consent_at is None,
    Standing.NO_PLACE: lambda person, _: not person.places,
    Standing.NO_CERTIFICATE: lambda person, _: not _helping(person),
    Standing.UNVERIFIED: _is_unverified,
    Standing.LAPSED: lambda person, at: not _is_good(person, at),
    Standing.CALL: lambda person, _: person.waits_for_a_call,
    Standing.OFF: lambda person, at: person.off_until is not None and person.off_until > at.now,
    Standing.FULL: lambda person, at: person.full_until is not None and person.full_until > at.now,
    Standing.READY: lambda _person, _at: True,
}


def _condition(standing: Standing, at: At) -> ColumnElement[bool]:
    theirs = exists().where(
        Certification.responder_id == Responder.id, Certification.type.in_(HELPS), Certification.rejected_at.is_(None)
    )
    in_time = or_(Certification.expires_at.is_(None), Certification.expires_at >= at.certified)
    good = theirs.where(Certification.verified_at.is_not(None), or_(in_time, _is_kept(at)))
    waiting = theirs.where(Certification.verified_at.is_(None), in_time)
    conditions: dict[Standing, ColumnElement[bool]] = {
        Standing.ERASING: Responder.erase_requested_at.is_not(None),
        Standing.SUSPENDED: Responder.membership == SUSPENDED,
        Standing.DEACTIVATED: Responder.membership == DEACTIVATED,
        Standing.OPTED_OUT: Contact.opted_out_at.is_not(None),
        Standing.NO_CONSENT: Responder.consent_at.is_(None),
        Standing.NO_PLACE: ~exists().where(Place.responder_id == Responder.id),
        Standing.NO_CERTIFICATE: ~theirs,
        Standing.UNVERIFIED: and_(~good, waiting),
        Standing.LAPSED: ~good,
        Standing.CALL: Responder.waits_for_a_call.expression,
        Standing.OFF: and_(Responder.off_until.is_not(None), Responder.off_until > at.now),
        Standing.FULL: and_(Responder.full_until.is_not(None), Responder.full_until > at.now),
        Standing.READY: Responder.id.is_not(None),
    }
    return conditions[standing]


def _is_kept(at: At) -> ColumnElement[bool]:
    """Whether a new proof that waits, sent before the end, keeps a certification for a while: `states.counted_until` in SQL."""
    sent = aliased(Certification)
    waits = exists().where(
        sent.responder_id == Certification.responder_id,
        sent.type == Certification.type,
        sent.verified_at.is_(None),
        sent.rejected_at.is_(None),
        sent.submitted_at <= Certification.expires_at,
    )
    return and_(Certification.expires_at >= at.certified - states.WAITS, waits)


def is_off_for_good(person: Responder) -> bool:
    """Whether an OFF holds until the person says ON."""
    return person.off_until is not None and person.off_until >= clock.FOREVER
