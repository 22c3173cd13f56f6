"""How a person stands, in one word: the first thing that keeps them from ever being asked, or that nothing does.

What depends on the hour (hours, night) is not part of it. Each standing is one condition, written twice: over a person at hand,
and as SQL for finding all who stand so; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, exists, not_, or_
from sqlalchemy.orm import aliased

from core import clock
from core.later import later
from core.settings import Settings
from responder.certificates import states
from responder.models import DEACTIVATED, SUSPENDED, Certification, Place, Responder
from sms.models import Contact

HELPS = ("cpr", "first_aid", "medical")
"""The types that the shipped plans ask for; an identity check alone lets nobody be asked."""


class Needs(Protocol):
    """What is read of a kind of emergency: the certificates that it asks for."""

    @property
    def all_of(self) -> tuple[str, ...]: ...
    @property
    def any_of(self) -> tuple[str, ...]: ...
    @property
    def for_role(self) -> Mapping[Any, tuple[str, ...]]: ...


def helping(plans: Iterable[Needs]) -> tuple[str, ...]:
    """The kinds of certificate one of which lets somebody be asked by one of `plans`; () means that any does."""
    found: dict[str, None] = {}
    for plan in plans:
        kinds = plan.any_of or plan.all_of
        if not kinds:
            return ()
        found |= dict.fromkeys((*kinds, *(kind for opened in plan.for_role.values() for kind in opened)))
    return tuple(found)


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
    """A moment, the one that certificates are compared with (earlier by the days of grace), and the kinds one of which lets
    somebody be asked (`helping`)."""

    now: datetime
    certified: datetime
    helping: tuple[str, ...] = HELPS

    @classmethod
    def of(cls, settings: Settings, now: datetime, helping: tuple[str, ...] = HELPS) -> At:
        """`now` by the settings of an installation."""
        return cls(now, now - settings.certificate_grace, helping)

    @property
    def grace(self) -> timedelta:
        """How long certificates count beyond their end."""
        return self.now - self.certified


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


def _helping(person: Responder, at: At) -> list[Certification]:
    return [one for one in person.certifications if one.rejected_at is None and (not at.helping or one.type in at.helping)]


def _is_good(person: Responder, at: At) -> bool:
    """Whether any certificate counts."""
    untils = (one.until(at.grace) for one in states.counted(_helping(person, at)).values())
    return any(until is None or until >= at.certified for until in untils)


def _is_unverified(person: Responder, at: At) -> bool:
    """Nothing counts, and something would if somebody verified it."""
    in_time = (
        one.expires_at is None or one.expires_at >= at.certified for one in _helping(person, at) if states.is_waiting(one)
    )
    return not _is_good(person, at) and any(in_time)


_HOLDS: dict[Standing, Callable[[Responder, At], bool]] = {
    Standing.ERASING: lambda person, _: person.erase_requested_at is not None,
    Standing.SUSPENDED: lambda person, _: person.membership == SUSPENDED,
    Standing.DEACTIVATED: lambda person, _: person.membership == DEACTIVATED,
    Standing.OPTED_OUT: lambda person, _: person.contact.opted_out_at is not None,
    Standing.NO_CONSENT: lambda person, _: person.consent_at is None,
    Standing.NO_PLACE: lambda person, _: not person.places,
    Standing.NO_CERTIFICATE: lambda person, at: not _helping(person, at),
    Standing.UNVERIFIED: _is_unverified,
    Standing.LAPSED: lambda person, at: not _is_good(person, at),
    Standing.CALL: lambda person, _: person.waits_for_a_call,
    Standing.OFF: lambda person, at: person.off_until is not None and person.off_until > at.now,
    Standing.FULL: lambda person, at: person.full_until is not None and person.full_until > at.now,
    Standing.READY: lambda _person, _at: True,
}


def _condition(standing: Standing, at: At) -> ColumnElement[bool]:
    theirs = exists().where(Certification.responder_id == Responder.id, Certification.rejected_at.is_(None))
    if at.helping:
        theirs = theirs.where(Certification.type.in_(at.helping))
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
    """Whether a new proof that waits, sent before the lapse, keeps a certification for a while: `Counted.until` in SQL."""
    sent = aliased(Certification)
    waits = exists().where(
        sent.responder_id == Certification.responder_id,
        sent.type == Certification.type,
        sent.verified_at.is_(None),
        sent.rejected_at.is_(None),
        sent.submitted_at <= later(Certification.expires_at, at.grace),
    )
    return and_(Certification.expires_at >= at.certified - states.WAITS, waits)


def is_off_for_good(person: Responder) -> bool:
    """Whether an OFF holds until the person says ON."""
    return person.off_until is not None and person.off_until >= clock.FOREVER
