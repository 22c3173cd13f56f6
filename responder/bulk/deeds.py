"""The deeds that can be done to many: whom each leaves as they are and why, what it does to one person, and how it is undone.

Why not is one condition in SQL, read for the preview of all and again for each when their turn comes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, null, or_
from sqlalchemy.orm import Session

from core import clock
from geo.names import plain
from responder import availability, membership
from responder.bulk.models import BulkAction
from responder.models import ACTIVE, SUSPENDED, Responder
from sms.models import Contact

ALREADY, ERASING, OWN, INACTIVE, UNREACHED, NO_CONSENT = "already", "erasing", "own", "inactive", "unreached", "no_consent"
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
    """`do` makes the change and returns what it was before; `undo` takes it back, and says False where somebody has changed it
    since: then theirs stands. A deed without an `undo` is done for good."""

    against: Callable[[BulkAction], Against]
    do: Callable[[Above, Session, Responder, BulkAction], str]
    undo: Callable[[Session, Responder, BulkAction, str], bool] | None = None
    needs_reason: bool = False


def why_not(action: BulkAction) -> ColumnElement[str | None]:
    """The first reason against doing it to a person, or NULL; for a select of Responder joined with Contact."""
    always = (Responder.erase_requested_at.is_not(None) | Responder.erased_at.is_not(None), ERASING)
    return case(always, *DEEDS[action.deed].against(action), else_=null())


def _suspend(above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = person.membership
    above.suspend(session, person.id, action.because, action.created_by)
    return before


def _undo_suspension(session: Session, person: Responder, action: BulkAction, before: str) -> bool:
    if person.membership != SUSPENDED:
        return False
    name = membership.REACTIVATE if before == ACTIVE else membership.DEACTIVATE
    return membership.change(session, person, name, _UNDONE, action.created_by)


def _reactivate(_above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = person.membership
    membership.change(session, person, membership.REACTIVATE, action.because, action.created_by)
    return before


def _undo_reactivation(session: Session, person: Responder, action: BulkAction, before: str) -> bool:
    if person.membership != ACTIVE:
        return False
    name = membership.SUSPEND if before == SUSPENDED else membership.DEACTIVATE
    return membership.change(session, person, name, _UNDONE, action.created_by)


def _pause(_above: Above, session: Session, person: Responder, action: BulkAction) -> str:
    before = clock.rfc3339(person.off_until) or ""
    availability.set_off(session, person, action.until, action.created_by)
    return before


def _undo_pause(session: Session, person: Responder, action: BulkAction, before: str) -> bool:
    if person.off_until != (action.until or clock.FOREVER):
        return False
    until = datetime.fromisoformat(before) if before else None
    if until is None or until <= clock.now():
        availability.set_on(session, person, action.created_by)
    else:
        availability.set_off(session, person, None if until >= clock.FOREVER else until, action.created_by)
    return True


def _ask_proof(above: Above, session: Session, person: Responder, _action: BulkAction) -> str:
    above.ask_proof(session, person)
    return ""


def _is_own(action: BulkAction) -> ColumnElement[bool]:
    """`certificates.verifying.is_own` in SQL."""
    name = action.created_by.removeprefix("user:")
    return or_(Responder.account == name, Responder.sort_name == plain(name))


_UNDONE = "taken back together with others"
DEEDS: dict[str, Deed] = {
    SUSPEND: Deed(lambda _: [(Responder.membership == SUSPENDED, ALREADY)], _suspend, _undo_suspension, needs_reason=True),
    REACTIVATE: Deed(
        lambda action: [(Responder.membership == ACTIVE, ALREADY), (_is_own(action), OWN)],
        _reactivate,
        _undo_reactivation,
        needs_reason=True,
    ),
    PAUSE: Deed(lambda action: [(Responder.off_until >= (action.until or clock.FOREVER), ALREADY)], _pause, _undo_pause),
    ASK_PROOF: Deed(
        lambda _: [
            (Responder.membership != ACTIVE, INACTIVE),
            (Contact.opted_out_at.is_not(None) | Responder.left_alone_at.is_not(None), UNREACHED),
            (Responder.consent_at.is_(None), NO_CONSENT),
        ],
        _ask_proof,
    ),
}
