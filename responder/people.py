"""Adding and changing people: the one way in, for the API, the CSV import and the demo town."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session, selectinload

from core import clock, events
from core.problems import Problem, field_problem
from core.services import Services
from core.settings import Settings
from core.words import fill
from geo.geocoding import Geocoder
from responder import availability, index, search
from responder.input import ResponderInput, locate
from responder.joining import consents
from responder.models import Responder
from responder.parts import Manner, replace_certifications, replace_places
from sms.models import Contact, Message

__all__ = ["ADDED", "CHANGED", "UNCHANGED", "Manner", "Outcome", "find", "find_all", "store", "upsert", "written"]

ADDED, CHANGED, UNCHANGED = "added", "changed", "unchanged"
Result = TypeVar("Result")
_TRIES = 3
_PLAIN_FIELDS = ("name", "consent_at", "night_alerts", "calls", "transport")


@dataclass(frozen=True)
class Outcome:
    """What became of one person: added, changed or unchanged."""

    responder_id: int
    kind: str


def upsert(services: Services, geocoder: Geocoder, person: ResponderInput, manner: Manner) -> Outcome:
    """Write one person down, with places looked up before the transaction begins. Raises Problem; then nothing is written.

    Certifications and places are replaced whole; a field left out stays as it is.
    """
    located = locate(person, geocoder)

    def work(session: Session) -> Outcome:
        outcome = store(session, services.settings, [(located, manner)])[0]
        if isinstance(outcome, Problem):
            raise outcome
        return outcome

    return written(services, work)


def written(services: Services, work: Callable[[Session], Result]) -> Result:
    """What `work` returns out of a write transaction of its own, tried again when somebody else wrote the same person or the
    same phone at the same moment: the next look sees what they wrote."""
    for _ in range(_TRIES - 1):
        with suppress(IntegrityError, OperationalError), services.write() as session:
            return work(session)
    with services.write() as session:
        return work(session)


def store(session: Session, settings: Settings, people: Sequence[tuple[ResponderInput, Manner]]) -> list[Outcome | Problem]:
    """Write down people whose places have coordinates, in this transaction; the answer has the order of `people`.

    Whoever cannot be written down gets a Problem instead, and nothing of them is written.
    """
    writer = _Writer(session, settings, [person for person, _ in people])
    outcomes = [writer.write(person, manner) for person, manner in people]
    session.flush()
    results = [one if isinstance(one, Problem) else Outcome(one.responder.id, one.kind) for one in outcomes]
    changed = [one.responder for one in outcomes if not isinstance(one, Problem) and one.kind != UNCHANGED]
    index.refresh(session, [responder.id for responder in changed])
    search.refresh(session, changed)
    for one in outcomes:
        if not isinstance(one, Problem):
            one.record(session)
    return results


def find(session: Session, external_id: str, *, lock: bool = False) -> Responder | None:
    """The person of an external id, with everything that belongs to them; None when unknown or erased."""
    return find_all(session, [external_id], lock=lock).get(external_id)


def find_all(session: Session, external_ids: Sequence[str], *, lock: bool) -> dict[str, Responder]:
    """Those of these external ids who are there, with everything that belongs to them."""
    # By their rows, found first: for the sake of the order SQLite would otherwise go through all people of the agency.
    there = select(Responder.id).where(Responder.agency_id == 1, Responder.external_id.in_(external_ids))
    wanted = (
        select(Responder)
        .where(Responder.id.in_(there), Responder.erased_at.is_(None))
        .options(selectinload(Responder.certifications), selectinload(Responder.places))
        # In one order for everybody who locks several, so that two of them never wait for each other.
        .order_by(Responder.id)
    )
    if lock:
        # Not the full lock: that one would keep an emergency from writing a callout of theirs.
        wanted = wanted.with_for_update(key_share=True, of=Responder)
    return {person.external_id: person for person in session.scalars(wanted)}


@dataclass(frozen=True)
class _Written:
    """A person as written, not yet flushed; `fields` are the names of those that changed, `verified_gone` tells the verified
    certifications that went."""

    responder: Responder
    added: bool
    fields: list[str]
    actor: str
    verified_gone: list[dict[str, Any]]

    @property
    def kind(self) -> str:
        return ADDED if self.added else CHANGED if self.fields else UNCHANGED

    def record(self, session: Session) -> None:
        """An event for whoever was added or changed, with the names of the fields and never what is in them."""
        if "consent_at" in self.fields or (self.added and self.responder.consent_at is not None):
            consents.note(session, self.responder, consents.NOTED, self.actor)
        if self.added:
            events.record(session, "responder_added", self.actor, responder_id=self.responder.id)
        elif self.fields:
            events.record(session, "responder_changed", self.actor, responder_id=self.responder.id, fields=self.fields)
        for facts in self.verified_gone:
            events.record(session, "certification_dropped", self.actor, responder_id=self.responder.id, **facts)


class _Writer:
    """Writes a batch of people into one transaction; what it needs to know of the database it asks once for all of them."""

    def __init__(self, session: Session, settings: Settings, people: Sequence[ResponderInput]) -> None:
        self._session = session
        self._settings = settings
        self._known = find_all(session, [person.external_id for person in people], lock=True)
        self._phones = _phones(session, [person.phone for person in people])
        without = [responder.id for responder in self._known.values() if responder.consent_at is None]
        self._taken_back = consents.taken_back(session, without) if without else {}

    def write(self, person: ResponderInput, manner: Manner) -> _Written | Problem:
        """Write one person, or say why not, in which case nothing was touched."""
        responder = self._known.get(person.external_id)
        if responder is not None and responder.erase_requested_at is not None:
            return Problem(409, "This person is being erased; that is done when the callout they are on ends")
        _, owner = self._phones.get(person.phone, (None, None))
        if owner is not None and owner != person.external_id:
            return field_problem(
                "/phone", fill("a number of their own: this one belongs to the responder {owner}", owner=owner)
            )
        if responder is not None and manner.is_a_list and self._was_taken_back(responder, person.consent_at):
            return field_problem("/consent_at", "a consent since they took theirs back; this one is older")
        added = responder is None
        if responder is None:
            responder = self._new(person, manner)
        proofs = replace_certifications(responder, person.certifications, self._settings.zone_info, manner)
        fields = self._apply(responder, person, proofs.changed, manner)
        return _Written(responder, added, fields, manner.actor, proofs.verified_gone)

    def _was_taken_back(self, responder: Responder, consent_at: datetime | None) -> bool:
        """Whether this is a consent that they had given before they took it back."""
        since = self._taken_back.get(responder.id)
        return since is not None and consent_at is not None and consent_at <= since

    def _new(self, person: ResponderInput, manner: Manner) -> Responder:
        contact, _ = self._phones.get(person.phone, (None, None))
        if contact is None:
            language = person.language or self._settings.default_language
            contact = Contact(phone=person.phone, language=language, demo=manner.demo, created_at=clock.now())
        self._phones[person.phone] = (contact, person.external_id)
        responder = Responder(
            external_id=person.external_id,
            name=person.name,
            contact=contact,
            consent_at=person.consent_at,
            created_at=clock.now(),
        )
        self._session.add(responder)
        self._known[person.external_id] = responder
        return responder

    def _apply(self, responder: Responder, person: ResponderInput, certifications_changed: bool, manner: Manner) -> list[str]:
        """Bring the rest of `responder` up to what is said of the person; the names of all fields that changed."""
        changed = [name for name in _PLAIN_FIELDS if _set(responder, name, getattr(person, name))]
        if responder.consent_at is not None and person.consent_at is None:
            responder.consent_at = None
            changed.append("consent_at")
        if responder.contact.phone != person.phone:
            self._take_phone(responder, person)
            changed.append("phone")
        if _set(responder.contact, "language", person.language):
            changed.append("language")
        if replace_places(responder, person.places, manner.keep_places):
            changed.append("places")
        if certifications_changed:
            changed.append("certifications")
        if person.available is not None and person.available != availability.is_available(responder, clock.now()):
            if person.available:
                availability.end_off(responder)
            else:
                availability.begin_off(responder, None)
            changed.append("available")
        if changed and responder.id is not None:
            responder.revision += 1
        return changed

    def _take_phone(self, responder: Responder, person: ResponderInput) -> None:
        """Give a contact another number. Whoever wrote to us from it before was the same person."""
        contact = responder.contact
        stranger, _ = self._phones.pop(person.phone, (None, None))
        if stranger is not None:
            self._session.execute(update(Message).where(Message.contact_id == stranger.id).values(contact_id=contact.id))
            contact.opted_out_at = contact.opted_out_at or stranger.opted_out_at
            self._session.delete(stranger)
            self._session.flush()
        self._phones.pop(contact.phone, None)
        self._phones[person.phone] = (contact, person.external_id)
        contact.phone = person.phone
        # Now, because another person of this batch may take the number that just became free.
        self._session.flush()


def _phones(session: Session, phones: Sequence[str]) -> dict[str, tuple[Contact, str | None]]:
    """The contacts already there, each with the external id of the responder it belongs to."""
    wanted = (
        select(Contact, Responder.external_id)
        .outerjoin(Responder, Responder.contact_id == Contact.id)
        .where(Contact.agency_id == 1, Contact.phone.in_(phones))
    )
    return {contact.phone: (contact, owner) for contact, owner in session.execute(wanted)}


def _set(row: Any, name: str, value: object) -> bool:
    """Set an attribute that was said and differs; whether it was."""
    if value is None or getattr(row, name) == value:
        return False
    setattr(row, name, value)
    return True
