"""What the database says after the storm, in the few columns that the checks compare with the carrier's record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Row, func, select

from core.events import Event
from core.services import Services
from dispatch.models import Callout, Incident
from responder.models import Responder
from sms.models import CANCELLED, CLAIMED, DUE, IN, OUT, SMS, UNKNOWN, Contact, Message

Value = TypeVar("Value")
UNSETTLED = (DUE, CLAIMED, UNKNOWN)


@dataclass(frozen=True)
class Told:
    """A callout as it stands: whose emergency it is, whose phone, and the state."""

    external_id: str
    phone: str
    letter: str
    state: str
    queued_at: datetime


@dataclass(frozen=True)
class Ledger:
    """Callouts by id; the callout of each first text that was not taken back, and what became of that text, by the text's id;
    the callouts whose text was taken back, their emergency being closed before it left.

    By the carrier's id for each incoming text: when it was handled, which callout it was taken to be about, and how often
    it was heard. Then the texts whose fate was ever unknown, and those that are not settled.
    """

    callouts: dict[str, Told]
    first_texts: dict[str, str]
    fates: dict[str, str]
    taken_back: frozenset[str]
    handled_at: dict[str, datetime | None]
    about: dict[str, str]
    times_heard: Counter[str]
    once_unknown: frozenset[str]
    unsettled: tuple[str, ...]


def read(services: Services) -> Ledger:
    """Read it all, in one transaction."""
    with services.read() as session:
        told = (
            select(Callout.id, Incident.external_id, Contact.phone, Callout.letter, Callout.state, Callout.queued_at)
            .join(Incident, Incident.id == Callout.incident_id)
            .join(Responder, Responder.id == Callout.responder_id)
            .join(Contact, Contact.id == Responder.contact_id)
        )
        first = select(Message.id, Message.about_id).where(Message.purpose == "first", Message.channel == SMS)
        fates = first.with_only_columns(Message.id, Message.state, Message.error_code, Message.carrier_id)
        heard = (
            select(Message.carrier_id, func.count())
            .join(Event, Event.message_id == Message.id)
            .where(Event.kind == "text_heard")
            .group_by(Message.carrier_id)
        )
        received = select(Message.carrier_id, Message.handled_at).where(Message.direction == IN)
        about = received.with_only_columns(Message.carrier_id, Message.about_id).where(Message.about_kind == "callout")
        waiting = (Message.direction == OUT, Message.channel == SMS, Message.state.in_(UNSETTLED))
        unknown = select(Event.message_id).where(Event.kind == "text_unknown")
        return Ledger(
            callouts={one.id: Told(one.external_id or "", *one[2:]) for one in session.execute(told)},
            first_texts=_known(session.execute(first.where(Message.state != CANCELLED))),
            fates={message_id: " ".join(filter(None, fate)) for message_id, *fate in session.execute(fates)},
            taken_back=frozenset(_known(session.execute(first.where(Message.state == CANCELLED))).values()),
            handled_at={text: at for text, at in session.execute(received) if text is not None},
            about=_known(session.execute(about)),
            times_heard=Counter(_known(session.execute(heard))),
            once_unknown=frozenset(one for one in session.scalars(unknown) if one is not None),
            unsettled=tuple(session.scalars(select(Message.id).where(*waiting))),
        )


def unsettled(services: Services, before: datetime | None = None) -> int:
    """How many outgoing texts are waiting, claimed or of unknown fate; `before`: of those written until then. Calls are none of
    them: one starts a second, and many wait for their turn."""
    wanted = [Message.direction == OUT, Message.channel == SMS, Message.state.in_(UNSETTLED)]
    if before is not None:
        wanted.append(Message.created_at <= before)
    with services.read() as session:
        return session.scalar(select(func.count()).select_from(Message).where(*wanted)) or 0


def still_unsettled(services: Services, message_ids: Sequence[str]) -> list[str]:
    """Those of these texts that are waiting, claimed or of unknown fate to this day."""
    with services.read() as session:
        waiting = select(Message.id).where(Message.id.in_(message_ids), Message.state.in_(UNSETTLED))
        return list(session.scalars(waiting.order_by(Message.id)))


def handled(services: Services) -> set[str]:
    """The carrier's ids of the incoming texts that were handled."""
    with services.read() as session:
        done = select(Message.carrier_id).where(Message.direction == IN, Message.handled_at.is_not(None))
        return {carrier_id for carrier_id in session.scalars(done) if carrier_id is not None}


def _known(pairs: Iterable[Row[str | None, Value | None]]) -> dict[str, Value]:
    """The pairs of which both are there, as all are: the columns are of all messages, and may be empty in others."""
    return {key: value for key, value in pairs if key is not None and value is not None}
