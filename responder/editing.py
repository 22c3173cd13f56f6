"""Changing one person by hand: added only where nobody is yet, changed only as they were when the form was opened."""

from __future__ import annotations

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.problems import Problem, field_problem, not_found
from core.services import Services
from geo.geocoding import Geocoder
from responder import people
from responder.input import ResponderInput, locate
from responder.models import Responder
from responder.people import Manner, Outcome
from sms import contacts


class ChangedMeanwhile(Exception):
    """Somebody else has changed this person since the form was opened. Nothing was written."""


def new_external_id() -> str:
    """An id for somebody who has none elsewhere."""
    return f"web-{secrets.token_hex(4)}"


def add(services: Services, geocoder: Geocoder, person: ResponderInput, actor: str) -> int:
    """Write a new person down and return their row; new certifications wait to be verified. Raises Problem when the id or the
    phone belongs to somebody, or a place cannot be found; nothing is written then."""
    located = locate(person, geocoder)

    def work(session: Session) -> int:
        if people.find(session, located.external_id) is not None:
            raise field_problem("/external_id", "an id that nobody has yet; this one is taken")
        return _stored(session, services, located, actor).responder_id

    return people.written(services, work)


def change(
    services: Services, geocoder: Geocoder, responder_id: int, revision: int, person: ResponderInput, actor: str
) -> Outcome:
    """Change a person who is still at `revision`. Raises ChangedMeanwhile or Problem; nothing is written then."""
    located = locate(person, geocoder)

    def work(session: Session) -> Outcome:
        contacts.lock(session, select(Responder.contact_id).where(Responder.id == responder_id).scalar_subquery())
        lock = select(Responder.revision).where(Responder.id == responder_id, Responder.erased_at.is_(None))
        now_at = session.scalar(lock.with_for_update(key_share=True))
        if now_at is None:
            raise not_found("person, or they have been erased")
        if now_at != revision:
            raise ChangedMeanwhile
        return _stored(session, services, located, actor)

    return people.written(services, work)


def _stored(session: Session, services: Services, person: ResponderInput, actor: str) -> Outcome:
    outcome = people.store(session, services.settings, [(person, Manner(actor, verified=False, by_hand=True))])[0]
    if isinstance(outcome, Problem):
        raise outcome
    return outcome
