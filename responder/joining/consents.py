"""The ledger of consents: every yes and every no, in the order in which they came. `Responder.consent_at` is its last word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core import clock, events
from responder import index
from responder.joining.models import Consent
from responder.models import Responder

VERSION = "2026-11"
"""Of the terms that people agree to now; the words of each version stand in docs/volunteer.md, under What you agree to."""
TEXT, WEB, NOTED = "text", "web", "noted"
"""How: by a text of their own; on the join form, the phone proven by a code; or somebody else has noted that they did (a form,
the API, a file)."""


def agree(session: Session, person: Responder, how: str = TEXT) -> None:
    """The person agrees, by a text of their own unless it is said how else."""
    person.consent_at = clock.now()
    person.revision += 1
    note(session, person, how, f"responder:{person.id}")
    index.refresh(session, [person.id])
    events.record(session, "consent_given", f"responder:{person.id}", responder_id=person.id, version=VERSION)


def note(session: Session, person: Responder, how: str, by: str) -> None:
    """Add to the ledger what now holds for a person who has a row."""
    given = person.consent_at is not None
    at = person.consent_at if person.consent_at is not None else clock.now()
    session.add(Consent(responder_id=person.id, given=given, version=VERSION, how=how, at=at, by=by))


def taken_back(session: Session, responder_ids: Sequence[int]) -> Mapping[int, datetime]:
    """When each of these people last took a consent back, of those who have ever."""
    last = select(Consent.responder_id, func.max(Consent.at)).where(Consent.responder_id.in_(responder_ids), ~Consent.given)
    return {row[0]: row[1] for row in session.execute(last.group_by(Consent.responder_id))}


def of_person(session: Session, responder_id: int) -> Sequence[Consent]:
    """The ledger of one person, oldest first."""
    return session.scalars(select(Consent).where(Consent.responder_id == responder_id).order_by(Consent.id)).all()
