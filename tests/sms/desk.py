"""The room above the wire, in tests: it writes down whatever the wire hands up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session

from core import clock as clocks
from core.events import Event
from sms import contacts, outbox, purposes
from sms.models import Contact, Message
from sms.wire import TextHearer, Wire

ABOUT = "callout"


@dataclass
class Desk:
    """Hears everything, holds back what it is told to."""

    wire: Wire
    outcomes: list[tuple[str, str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    opted: list[bool] = field(default_factory=list)
    held_back: dict[str, str] = field(default_factory=dict)
    breaks: int = 0
    breaks_over: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.wire.outcome_handlers[ABOUT] = self.hear_outcome
        self.wire.gates[purposes.FIRST] = self.gate
        self.wire.text_handlers.append(self.take_up)
        self.wire.opt_handlers.append(self.hear_opt)

    def hear_outcome(self, session: Session, message: Message, outcome: str, reason: str) -> None:
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a handler's defect")
        self.outcomes.append((message.about_id or "", outcome, reason))

    def gate(self, session: Session, messages: Sequence[Message]) -> Mapping[str, str]:
        return {one.id: self.held_back[one.about_id or ""] for one in messages if one.about_id in self.held_back}

    def take_up(self, session: Session, contacts: Sequence[Contact]) -> TextHearer:
        return lambda message, contact: self.hear_text(session, message)

    def hear_text(self, session: Session, message: Message) -> bool:
        if self.breaks:
            self.breaks -= 1
            raise RuntimeError("a handler's defect")
        if message.body in self.breaks_over:
            raise RuntimeError("a handler's defect")
        # What is rolled back was not heard.
        event.listen(session, "after_commit", lambda _session: self.texts.append(message.body), once=True)
        return True

    def hear_opt(self, session: Session, contact: Contact, opted_out: bool) -> None:
        self.opted.append(opted_out)

    def put(self, phone: str, about: str = "c1", body: str = "A: go?", **more: Any) -> str:
        """Put a text into the outbox; returns its id."""
        more = {"purpose": purposes.FIRST, "expires_at": clocks.now() + timedelta(minutes=5)} | more
        with self.wire.services.write() as session:
            contact = contacts.ensure(session, phone, "en")
            draft = outbox.Draft(contact=contact, body=body, about_kind=ABOUT, about_id=about, **more)
            return outbox.put(session, [draft])[0].id

    def message(self, message_id: str) -> Message:
        with self.wire.services.read() as session:
            return session.get_one(Message, message_id)

    def contact(self, phone: str) -> Contact:
        with self.wire.services.read() as session:
            return session.scalars(select(Contact).where(Contact.phone == phone)).one()

    def events(self) -> list[str]:
        with self.wire.services.read() as session:
            return list(session.scalars(select(Event.kind).order_by(Event.number)))
