"""The deeds that can be done to many: whom each leaves as they are and why, what it does to one person, and how it is undone.

Why not is one condition in SQL, read for the preview of all and again for each when their turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, literal, null, or_
from sqlalchemy.orm import Session

from core import clock
from core.words import _
from geo.names import plain
from responder import availability, membership
from responder.bulk.models import BulkAction
from responder.certificates.verifying import is_own
from responder.models import ACTIVE, SUSPENDED, Responder
from sms.models import Contact

ALREADY, ERASING, OWN, INACTIVE, UNREACHED, NO_CONSENT = "already", "erasing", "own", "inactive", "unreached", "no_consent"
OVER = "over"
CHANGED_SINCE = "changed"
"""Why somebody is left as they are."""
SUSPEND, REACTIVATE, PAUSE, ASK_PROOF = "suspend", "reactivate", "pause", "ask_proof"


@dataclass(frozen=True)
class Above:
    """What the room above does for a deed, because it alone knows emergencies and the words of texts: suspending one person
    (`responder.pages.room.Suspend`), and writing to one that a new certificate is wanted."""

    suspend: Callable[[Session, int, str, str], bool]
    ask_proof: Callable[[Session, Responder], None]


Against = Sequence[tuple[ColumnElement[bool], str]]


@dataclass(frozen=True)
class Deed:
    """`do` makes the change and returns what it was before; `undo` takes it back, or says why not, such as that somebody has
    changed it since: then theirs stands. A deed without an `undo` is done for good."""

    against: Callable[[BulkAction], Against]
    do: Callable[[Above, Session, Responder, BulkAction], str]
    undo: Callable[[Above, Session, Responder, BulkAction, str], str | None] | None = None
    needs_reason: bool = False


def why_not(action: BulkAction) -> ColumnElement[str | None]:
    """The first reason against doing it to a person, or NULL; for a select of Responder joined with Contact."""
    always = (Responder.erase_requested_at.is_not(None) | Responder.erased_at.is_not(None), ERASING)
    return case(always, *DEEDS[action.deed].against(action), else_=null())


def _suspend(above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = person.membership
    above.suspend(session, person.id, action.because, action.actor)
    return before


def _undo_suspension(_above: Above, session: Session, person: Responder, action: BulkAction, before: str) -> str | None:
    if person.membership != SUSPENDED:
        return CHANGED_SINCE
    name = membership.REACTIVATE if before == ACTIVE else membership.DEACTIVATE
    if name == membership.REACTIVATE and is_own(person, action.actor):
        return OWN
    membership.change(session, person, name, _UNDONE, action.actor)
    return None


def _reactivate(_above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = person.membership
    membership.change(session, person, membership.REACTIVATE, action.because, action.actor)
    return before


def _undo_reactivation(above: Above, session: Session, person: Responder, action: BulkAction, before: str) -> str | None:
    if person.membership != ACTIVE:
        return CHANGED_SINCE
    if before == SUSPENDED:  # at once, like any other: they may be on an emergency by now
        above.suspend(session, person.id, _UNDONE, action.actor)
    else:
        membership.change(session, person, membership.DEACTIVATE, _UNDONE, action.actor)
    return None


def _pause(_above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = clock.rfc3339(person.off_until) or ""
    availability.pause(session, person, action.until, action.actor)
    return f"{before} {_since(person)}"


def _undo_pause(_above: Above, session: Session, person: Responder, action: BulkAction, before: str) -> str | None:
    until, _, since = before.partition(" ")
    # The same end alone says little: after a pause until they say ON, their own OFF looks like it.
    if (person.off_until, _since(person)) != (action.until or clock.FOREVER, since):
        return CHANGED_SINCE
    availability.end_pause(session, person, datetime.fromisoformat(until) if until else None, action.actor)
    return None


def _since(person: Responder) -> str:
    return str(clock.epoch_s(person.off_since)) if person.off_since else ""


def _ask_proof(above: Above, session: Session, person: Responder, _action: BulkAction) -> str:
    above.ask_proof(session, person)
    return ""


def _is_own(action: BulkAction) -> ColumnElement[bool]:
    """`certificates.verifying.is_own` in SQL."""
    name = action.actor.removeprefix("user:")
    return or_(Responder.account == name, Responder.sort_name == plain(name))


_UNDONE = _("taken back together with others")
DEEDS: dict[str, Deed] = {
    SUSPEND: Deed(lambda _: [(Responder.membership == SUSPENDED, ALREADY)], _suspend, _undo_suspension, needs_reason=True),
    REACTIVATE: Deed(
        lambda action: [(Responder.membership == ACTIVE, ALREADY), (_is_own(action), OWN)],
        _reactivate,
        _undo_reactivation,
        needs_reason=True,
    ),
    PAUSE: Deed(
        lambda action: [
            (literal(action.until is not None and action.until <= clock.now()), OVER),
            (Responder.off_until >= (action.until or clock.FOREVER), ALREADY),
        ],
        _pause,
        _undo_pause,
    ),
    ASK_PROOF: Deed(
        lambda _: [
            (Responder.membership != ACTIVE, INACTIVE),
            (Contact.opted_out_at.is_not(None) | Responder.left_alone_at.is_not(None), UNREACHED),
            (Responder.consent_at.is_(None), NO_CONSENT),
        ],
        _ask_proof,
    ),
}
