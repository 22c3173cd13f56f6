"""Somebody has proven their phone: a new volunteer, one who joins twice, or a second person at somebody's phone."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.problems import Problem
from core.settings import Settings
from geo.names import plain
from responder import people
from responder.certificates import kinds
from responder.fields import Context
from responder.input import ResponderInput
from responder.joining import consents, shared_numbers
from responder.models import Responder
from responder.people import Manner
from sms.models import Contact


class Became(StrEnum):
    """What became of somebody who joined."""

    NEW = "new"
    KNOWN = "known"
    """The same person again: nothing is overwritten, their own page opens."""
    SHARED = "shared"
    """Another name than the number's holder: they have no own number, and an admin finds a way."""


class Arrived(NamedTuple):
    """Who it is (of a shared number: its holder), and what became of it."""

    person: Responder
    became: Became


def arrive(session: Session, settings: Settings, typed: Mapping[str, Any]) -> Arrived:
    """Write down what was typed by whoever holds the phone. Raises Problem when it cannot be used any more."""
    wanted = ResponderInput.read(typed, Context.of(settings, kinds.keys(session)))
    holder = session.scalar(
        select(Responder)
        .join(Contact, Contact.id == Responder.contact_id)
        .where(Contact.agency_id == 1, Contact.phone == wanted.phone, Responder.erased_at.is_(None))
    )
    if holder is None:
        return Arrived(_added(session, settings, wanted), Became.NEW)
    if plain(holder.name) != plain(wanted.name):
        shared_numbers.keep(session, holder)
        return Arrived(holder, Became.SHARED)
    if holder.consent_at is None:
        consents.agree(session, holder, consents.WEB)
    return Arrived(holder, Became.KNOWN)


def _added(session: Session, settings: Settings, wanted: ResponderInput) -> Responder:
    outcome = people.store(session, settings, [(wanted, Manner("web form", verified=False))])[0]
    if isinstance(outcome, Problem):
        raise outcome
    person = session.get_one(Responder, outcome.responder_id)
    for claim in person.certifications:  # their own word, which waits for a picture: no list's to say more of, or to drop
        claim.sent_by = f"responder:{person.id}"
    consents.agree(session, person, consents.WEB)
    return person
