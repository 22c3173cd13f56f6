"""Sending a proof: the person by their link, or an admin for them. It waits for a verdict, and changes nothing that counts."""

from __future__ import annotations

import secrets

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from core import clock, events
from core.problems import Problem, field_problem
from responder import index
from responder.certificates import kinds
from responder.certificates.files import Proof
from responder.certificates.models import Evidence
from responder.models import Certification, Responder

MOST_WAITING = 10
"""Proofs of one person that may wait at the same time: whoever sends more has sent the same ones again."""


def submit(
    session: Session, responder: Responder, type_: str, evidence: Proof | None, *, actor: str | None = None
) -> Certification:
    """Write down that `responder` has sent a proof of kind `type_`, and return what now waits for a verdict: the certificate
    that they named before, where it still lacks its picture, else a new one.

    `evidence` is what `files.cleaned` made of the file, before the transaction; None where the kind needs none. `actor` is the
    person unless somebody does it for them. Raises Problem: 422 for an unknown kind or a missing file, 409 for a person who is
    being erased or has too much waiting.
    """
    kind = kinds.find(session, type_)
    if evidence is None and kind.needs_evidence:
        raise field_problem("/evidence", "a picture or PDF of the certificate")
    _lock(session, responder)
    actor = actor or f"responder:{responder.id}"
    now = clock.now()
    row = _named_before(session, responder, type_) if evidence is not None else None
    if row is None:
        _refuse_too_much(session, responder)
        row = Certification(responder_id=responder.id, type=type_, submitted_at=now, sent_by=actor)
        session.add(row)
        session.flush()
    if evidence is not None:
        session.add(
            Evidence(
                id=secrets.token_hex(16),
                certification_id=row.id,
                media_type=evidence.media_type,
                size_bytes=len(evidence.content),
                sent_at=now,
                content=evidence.content,
            )
        )
    index.refresh(session, [responder.id])
    session.expire(responder, ["certifications"])
    events.record(session, "certification_submitted", actor, responder_id=responder.id, type=type_, certification_id=row.id)
    return row


def _lock(session: Session, responder: Responder) -> None:
    # Locked, so that an erasure or another proof of the same moment waits for this one.
    lock = select(Responder).where(Responder.id == responder.id).with_for_update(key_share=True, of=Responder)
    person = session.scalars(lock.execution_options(populate_existing=True)).one()
    if person.erased_at is not None or person.erase_requested_at is not None:
        raise Problem(409, "This person is being erased; nothing can be sent for them any more")


def _named_before(session: Session, responder: Responder, type_: str) -> Certification | None:
    """What they told us of when they joined, and have sent no picture of yet: a verifier then has one to look at, not two."""
    has_picture = exists().where(Evidence.certification_id == Certification.id)
    theirs = Certification.type == type_, Certification.sent_by.is_not(None)
    named = select(Certification).where(*_waiting(responder), *theirs, ~has_picture)
    return session.scalars(named.order_by(Certification.id).limit(1)).first()


def _waiting(responder: Responder) -> tuple[ColumnElement[bool], ...]:
    return (
        Certification.responder_id == responder.id,
        Certification.verified_at.is_(None),
        Certification.rejected_at.is_(None),
    )


def _refuse_too_much(session: Session, responder: Responder) -> None:
    waiting = select(Certification.id).where(*_waiting(responder))
    if len(session.scalars(waiting.limit(MOST_WAITING)).all()) == MOST_WAITING:
        raise Problem(409, "As many certificates wait to be looked at as may; wait until somebody has done that")
