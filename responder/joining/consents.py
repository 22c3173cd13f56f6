"""The ledger of consents: every yes and every no, in the order in which they came. `Responder.consent_at` is its last word."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
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


def of_person(session: Session, responder_id: int) -> Sequence[Consent]:
    """The ledger of one person, oldest first."""
    return session.scalars(select(Consent).where(Consent.responder_id == responder_id).order_by(Consent.id)).all()
