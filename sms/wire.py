"""How the rooms above hear what the wire hears, and how the sender asks them before it sends.

The wire knows no incident. A room above builds one `Wire` per process and registers itself; imports keep going down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sqlalchemy.orm import Session

from core.services import Services
from sms.models import Contact, Message
from sms.speech import Speech

TAKEN = "taken"
FAILED = "failed"
DELIVERED = "delivered"
"""Outcomes of an outgoing text. taken: the carrier answered 201; failed: it refused the text, reported failed or undelivered,
or the text was held back (gate, end of life); delivered: the carrier says so, which proves nothing."""


class TextHearer(Protocol):
    """Hears an incoming text from a known contact. Returns True when it has dealt with it; the next one is then not asked."""

    def __call__(self, message: Message, contact: Contact) -> bool: ...


class TextHandler(Protocol):
    """Takes up texts that came in from `contacts` and are handled in one transaction: locks and reads what they need, in one
    order and for all of them at once. Returns what then hears one after the other."""

    def __call__(self, session: Session, contacts: Sequence[Contact]) -> TextHearer: ...


class StrangerHandler(Protocol):
    """Hears an incoming text from a number that nobody has (`contact` is None), or that no text handler has dealt with. Returns
    True when it has."""

    def __call__(self, session: Session, message: Message, contact: Contact | None) -> bool: ...


class OutcomeHandler(Protocol):
    """Hears what became of a text about one of its own things, in the transaction that stores it."""

    def __call__(self, session: Session, message: Message, outcome: str, reason: str) -> None: ...


class Gate(Protocol):
    """Asked just before texts of its purpose leave. Returns the ids of those that may not, each with the reason."""

    def __call__(self, session: Session, messages: Sequence[Message]) -> Mapping[str, str]: ...


class TroubleHandler(Protocol):
    """Hears what a carrier says is wrong with a contact's number (`sms.error_table.Trouble`); None: texts reach it again."""

    def __call__(self, session: Session, contact: Contact, trouble: str | None) -> None: ...


class CarrierHandler(Protocol):
    """Hears that a carrier failed or came back: the kind of the event, and its facts."""

    def __call__(self, session: Session, kind: str, facts: Mapping[str, str | None]) -> None: ...


class OptHandler(Protocol):
    """Hears that a contact opted out (True) or in again (False)."""

    def __call__(self, session: Session, contact: Contact, opted_out: bool) -> None: ...


class HeldHandler(Protocol):
    """Hears that an automatic answer to a contact was held back, because there have been too many."""

    def __call__(self, session: Session, contact: Contact) -> None: ...


class GivenUpHandler(Protocol):
    """Hears of a text that came in and that the text handlers broke over again and again, for minutes. Nothing came of it."""

    def __call__(self, session: Session, message: Message, contact: Contact) -> None: ...


class VoiceHandler(Protocol):
    """Has the words of the calls about one of its own things, and knows what their keys stand for."""

    def greeting(self, session: Session, call: Message) -> Speech:
        """What the person who picked up hears first; it may be another thing than was right when the call left."""
        ...

    def as_text(self, session: Session, call: Message, key: str) -> str | None:
        """The text that a pressed key stands for; None for one that means nothing in this call."""
        ...

    def reply(self, session: Session, call: Message, key: str) -> Speech:
        """What is said after that text was handled."""
        ...

    def kept(self, session: Session, call: Message) -> Speech:
        """What is said when the text is stored and could not be handled yet."""
        ...

    def trouble(self) -> Speech:
        """What is said when nothing could be read or stored."""
        ...


@dataclass
class Wire:
    """The tables of handlers of one process."""

    services: Services
    text_handlers: list[TextHandler] = field(default_factory=list)
    stranger_handlers: list[StrangerHandler] = field(default_factory=list)
    outcome_handlers: dict[str, OutcomeHandler] = field(default_factory=dict)
    gates: dict[str, Gate] = field(default_factory=dict)
    opt_handlers: list[OptHandler] = field(default_factory=list)
    held_handlers: list[HeldHandler] = field(default_factory=list)
    given_up_handlers: list[GivenUpHandler] = field(default_factory=list)
    trouble_handlers: list[TroubleHandler] = field(default_factory=list)
    carrier_handlers: list[CarrierHandler] = field(default_factory=list)
    voice_handlers: dict[str, VoiceHandler] = field(default_factory=dict)
    """`outcome_handlers` and `voice_handlers` by a message's about_kind, `gates` by its purpose, the others in order."""
