"""What waits for a verdict: whose certificate lapses first comes first, then whoever sent theirs first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, aliased

from responder.certificates.models import Evidence
from responder.models import Certification, Responder

MOST_SKIPPED = 200
MOST_COUNTED = 1000
"""Beyond this a number says no more than that there is work for days, and is not worth counting on every page."""
_WAITS = (
    Certification.verified_at.is_(None),
    Certification.rejected_at.is_(None),
    # Not a join: what waits is few and has an index, and the people are looked up for those alone.
    exists().where(
        Responder.id == Certification.responder_id,
        Responder.agency_id == 1,
        Responder.erased_at.is_(None),
        Responder.erase_requested_at.is_(None),
    ),
)


@dataclass(frozen=True)
class Waiting:
    """One proof and what a verifier needs to know: `lapses_at` is when what they have now ends, None when they have nothing
    that does."""

    proof: Certification
    person: Responder
    evidence: Evidence | None
    lapses_at: datetime | None


def count(session: Session) -> int:
    """How many wait, counted to `MOST_COUNTED`."""
    waiting = select(Certification.id).where(*_WAITS).limit(MOST_COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(waiting)) or 0


def first(session: Session, skipped: Collection[int] = ()) -> Waiting | None:
    """The one to look at next, without those `skipped`; None when nothing waits any more."""
    return _found(session, _waiting().where(Certification.id.not_in(list(skipped))))


def one(session: Session, certification_id: int) -> Waiting | None:
    """A certain one, while it waits."""
    return _found(session, _waiting().where(Certification.id == certification_id))


def _waiting() -> Select[int, datetime | None]:
    # Asked about each of the few that wait, and never of everybody's.
    own = aliased(Certification)
    lapses_at = (
        select(func.max(own.expires_at))
        .where(own.responder_id == Certification.responder_id, own.type == Certification.type, own.verified_at.is_not(None))
        .scalar_subquery()
        .label("lapses_at")
    )
    waiting = select(Certification.id, lapses_at).where(*_WAITS)
    return waiting.order_by(lapses_at.is_(None), lapses_at, Certification.id)


def _found(session: Session, statement: Select[int, datetime | None]) -> Waiting | None:
    row = session.execute(statement.limit(1)).first()
    if row is None:
        return None
    proof = session.get_one(Certification, row.id)
    person = session.get_one(Responder, proof.responder_id)
    kept = session.scalar(select(Evidence).where(Evidence.certification_id == proof.id))
    return Waiting(proof, person, kept, row.lapses_at)
