"""What every page of the people stands on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload, undefer

from core.problems import not_found
from core.services import Services
from geo.geocoding import Geocoder
from responder import standing
from responder.api import IsBound
from responder.bulk import deeds
from responder.care.ledger import LedgerOf
from responder.coverage.needs import Needs
from responder.filters import AlertsSince
from responder.models import Responder

READS = "role:admin|auditor"
WRITES = "role:admin"
PERSON = "/people/<int(max=2147483647):responder_id>"


@dataclass(frozen=True)
class Asking:
    """A kind of emergency as far as it concerns who is asked: its key and its name in words, the certifications it needs, those
    that open one role alone, and its roles."""

    key: str
    name: str
    all_of: tuple[str, ...]
    any_of: tuple[str, ...]
    for_role: Mapping[str, tuple[str, ...]]
    roles: tuple[str, ...]

    @property
    def needs(self) -> Needs:
        """Those certifications as cover is counted for them."""
        return Needs.of(self.all_of, self.any_of)


PlansOn = Callable[[Session], Sequence[Asking]]
"""The kinds of emergency that are on."""

SetOpens = Callable[[Session, str, Mapping[str, Collection[str]], str], None]
"""Lets a kind of certificate open these roles, by key of the kind of emergency; by an actor. Problem 422 if that cannot be."""

TellRejected = Callable[[Session, int], None]
"""Writes to the person of a certification that it could not be accepted, and why: the room above knows the words."""


Suspend = Callable[[Session, int, str, str], bool]
"""Suspends the person of a row, for a reason, by an actor, and takes them off the emergencies they are on; whether it did."""

AskProof = Callable[[Session, Responder], None]
"""Writes to a person that a new certificate is wanted of them, with a link to send it."""


@dataclass(frozen=True)
class Above:
    """What is asked of the room above, which alone knows emergencies and has the words of texts."""

    is_bound: IsBound
    plans_on: PlansOn
    set_opens: SetOpens
    tell_rejected: TellRejected
    suspend: Suspend
    alerts_since: AlertsSince
    ask_proof: AskProof
    ledger_of: LedgerOf

    @property
    def of_deeds(self) -> deeds.Above:
        """What of it is asked where something is done to many."""
        return deeds.Above(self.suspend, self.ask_proof)


@dataclass(frozen=True)
class Room:
    """The tools of the views."""

    services: Services
    geocoder: Geocoder
    above: Above

    def standing_at(self, session: Session, now: datetime) -> standing.At:
        """What people's standing is judged by: a moment, and what the plans that are on ask for."""
        return standing.At.of(self.services.settings, now, standing.helping(self.above.plans_on(session)))


def may_change() -> bool:
    """Whether whoever asks is an admin; pages show an auditor no buttons."""
    return bool(g.user.role == "admin")


def load(session: Session, responder_id: int) -> Responder:
    """The person of a row with everything that belongs to them; Problem 404 when there is none, or not any more."""
    wanted = (
        select(Responder)
        .where(Responder.id == responder_id, Responder.erased_at.is_(None))
        .options(selectinload(Responder.certifications), selectinload(Responder.places), undefer(Responder.waits_for_a_call))
    )
    found: Any = session.scalar(wanted)
    if not isinstance(found, Responder):
        raise not_found("person, or they have been erased")
    return found
